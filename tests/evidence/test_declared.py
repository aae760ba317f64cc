"""Declared views: a small folder that gives exactly them, says what it does not hold, and names nobody."""

from __future__ import annotations

import json
import shutil

import pytest
from blake3 import blake3
from pydantic import TypeAdapter

import recsys_roi
from recsys_roi.cli import main
from recsys_roi.demo import write_demo
from recsys_roi.doctor.pilots import pilot as examined
from recsys_roi.errors import NotCountedError, PilotError
from recsys_roi.evidence.counting import counts_of
from recsys_roi.evidence.folder import is_evidence, open_evidence
from recsys_roi.evidence.kept_views import FOLDER, VIEWS_LAYOUT
from recsys_roi.evidence.selection import Known
from recsys_roi.evidence.view import Evidence, View
from recsys_roi.logs.manifest import read_manifest

CLOCK = ("--made-at", "2026-11-24T00:00:00Z")
FIRST = {"return_days": 3, "slice_keys": ["device", "segment"], "click_window_hours": 12}
SECOND = {"end": "2026-03-12T00:00:00Z", "mature_only": True, "covariate": "none"}
LOGS = ("exposures", "outcomes", "assignments")


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    write_demo(folder, requests=3000, seed=5, lift=0.05, faults=("schema_drift", "personal_data"), pre_days=4)
    return folder


@pytest.fixture(scope="module")
def counts(logs):
    to = logs.parent / "counts"
    main(["evidence", *(str(logs / f"{name}.jsonl") for name in LOGS), "--to", str(to)])
    return to


@pytest.fixture(scope="module")
def views(logs):
    """Three declared views, from the logs."""
    file = logs.parent / "views.json"
    file.write_text(json.dumps([FIRST, SECOND]), encoding="utf-8")
    to = logs.parent / "views"
    given = [str(logs / f"{name}.jsonl") for name in LOGS]
    main(["evidence", *given, "--views", str(file), "--view", "", "--to", str(to)])
    return to


def reviewed(capsys, *arguments):
    capsys.readouterr()
    status = main(["review", *map(str, arguments), *CLOCK, "--format", "json"])
    said = capsys.readouterr()
    return status, json.loads(said.out) if said.out else said.err


def pairs(settings):
    """Settings as the command line takes them."""
    for name, value in settings.items():
        shown = ",".join(value) if isinstance(value, list) else str(value).lower()
        yield from ("--set", f"{name}={value if name == 'end' else shown}")


@pytest.mark.parametrize(("number", "settings"), [(1, FIRST), (2, SECOND), (3, {})])
def test_a_declared_view_is_the_review_of_the_counts(views, counts, capsys, number, settings):
    assert reviewed(capsys, views, "--view", number) == reviewed(capsys, counts, *pairs(settings))


def test_the_first_is_what_is_shown_unasked(views, counts, capsys):
    found = reviewed(capsys, views)
    assert found == reviewed(capsys, counts, *pairs(FIRST))
    assert found[1]["inputs"]["scenario"]["click_window_hours"] == 12


def test_names_that_mean_the_same_are_the_same_view(views, counts, capsys):
    named = ("--control", "control", "--candidate", "candidate", "--surface", "home")
    found = reviewed(capsys, views, *named)
    assert found == reviewed(capsys, counts, *named, *pairs(FIRST))
    assert found[1]["experiment"]["notes"] != reviewed(capsys, views)[1]["experiment"]["notes"]


def test_money_and_margins_can_be_set_at_any_time(views, counts, capsys):
    set_later = ("--set", "margin=0.2", "--set", "alpha=0.1", "--kpi", "ctr")
    assert reviewed(capsys, views, *set_later) == reviewed(capsys, counts, *set_later, *pairs(FIRST))


@pytest.mark.parametrize(
    "asked",
    [{"return_days": 4}, {"slice_keys": ["device"]}, {"end": "2026-03-11T00:00:00Z"}, {"revenue_cap": 9.5}],
)
def test_what_was_not_declared_says_so(views, capsys, asked):
    status, said = reviewed(capsys, views, *pairs(asked))
    assert status == 1
    assert said.startswith("recsys-roi: Not counted: this evidence holds declared views only, and ")
    (name,) = asked
    assert f"{name} = " in said
    assert "; (2) end = 2026-03-12T00:00:00Z, mature_only = true, covariate = none; (3) what" in said
    assert "recsys-roi evidence FILE --view '" in said
    assert said.count("\n") == 1


def test_the_command_that_it_names_counts_the_view(views, counts, capsys, tmp_path):
    _, said = reviewed(capsys, views, *pairs({"return_days": 4}))
    declared = said.split("--view '")[1].split("' --to")[0]
    main(["evidence", str(counts), "--view", declared, "--to", str(tmp_path / "more")])
    wanted = pairs({**FIRST, "return_days": 4})
    assert reviewed(capsys, tmp_path / "more") == reviewed(capsys, counts, *wanted)


def test_no_id_of_a_person_or_request_is_in_it(views, logs):
    ids = set()
    for name in LOGS:
        for line in (logs / f"{name}.jsonl").read_bytes().splitlines():
            row = json.loads(line)
            ids |= {row.get("user_id"), row.get("request_id")}
    ids = {one.encode() for one in ids if isinstance(one, str) and one}
    assert len(ids) > 3000
    held = b"".join(part.read_bytes() for part in views.rglob("*") if part.is_file())
    assert not [one for one in ids if one in held]
    assert str(logs).encode() not in held  # nor where somebody's logs are


def test_it_is_small_and_holds_nothing_else(views, counts):
    names = {str(part.relative_to(views)) for part in views.rglob("*") if part.is_file()}
    assert names == {"manifest.json", *(f"{FOLDER}/{name}.json" for name in ("names", 1, 2, 3))}
    assert sum(part.stat().st_size for part in views.rglob("*.json")) < 400_000
    rejected = {entry.hash: entry.rejected for entry in read_manifest(counts).counted.inputs}
    assert {entry.hash: entry.rejected for entry in read_manifest(views).counted.inputs} == rejected


def test_counts_and_rejected_lines_are_not_in_it(views):
    pilot = open_evidence(views)
    with pytest.raises(PilotError, match="holds the sums of declared views only, and no counts"):
        counts_of(pilot)
    with pytest.raises(PilotError, match="The rejected lines of views are not here"):
        list(pilot.rejects())
    with pytest.raises(PilotError, match="holds counts and no rows"):
        pilot.connect()


def test_the_api_opens_it(views, counts):
    with recsys_roi.open_logs(views) as declared, recsys_roi.open_logs(counts) as counted:
        assert declared.names == counted.names
        assert declared.evidence() == counted.evidence(**FIRST)
        assert declared.review().inputs.scenario["return_days"] == 3
        with pytest.raises(NotCountedError, match="Not counted"):
            declared.evidence(return_days=9)


def test_it_is_kept_as_a_pilot_and_examined(views, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("RECSYS_ROI_HOME", str(tmp_path))
    main(["ingest", "--pilot", "Handed round", str(views)])
    (status, kept), (same, given) = reviewed(capsys, "--pilot", "Handed round"), reviewed(capsys, views)
    assert "added" in {entry["action"] for entry in kept.pop("record")["audit"]}
    assert given.pop("record")["audit"] == []
    assert (status, kept) == (same, given)
    found = list(examined(tmp_path, "Handed round", sign_in=False))
    assert [one for one in found if one.status != "ok"] == []
    (tmp_path / "pilots" / "Handed round" / FOLDER / "2.json").unlink()
    assert any(one.status == "fail" for one in examined(tmp_path, "Handed round", sign_in=False))


@pytest.mark.parametrize("change", ["gone", "changed"])
def test_damage_is_said(views, tmp_path, capsys, change):
    broken = tmp_path / "broken"
    shutil.copytree(views, broken)
    file = broken / FOLDER / "1.json"
    if change == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes().replace(b'"days":14', b'"days":15'))
    assert is_evidence(broken)
    status, said = reviewed(capsys, broken)
    assert status == 1
    assert "The evidence broken is damaged: views/1.json is missing or was changed" in said


def test_evidence_of_another_version_is_refused(views, tmp_path, capsys):
    older = tmp_path / "older"
    shutil.copytree(views, older)
    text = (older / "manifest.json").read_text(encoding="utf-8")
    (older / "manifest.json").write_text(text.replace(f'"{VIEWS_LAYOUT}"', '"views-0"'), encoding="utf-8")
    status, said = reviewed(capsys, older)
    assert status == 1
    assert "were counted by another version" in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--view", "margin=0.4"], "margin selects nothing that is counted, and can be set at any time"),
        (["--view", "surface=attic"], "View 1 (surface = attic): Unknown surface 'attic'. Known: home."),
        (["--view", "", "--view", "surface=home"], "Views 1 and 2 are the same. Declare each once."),
        (["--view", "surface='home"], "cannot be read: No closing quotation"),
        (["--views", "EMPTY"], "must be a list of objects of settings"),
        ([], "is counted already. Declare the views to take from it (--view)."),
    ],
)
def test_what_cannot_be_declared_is_said(counts, tmp_path, capsys, given, said):
    (tmp_path / "empty.json").write_text("[]", encoding="utf-8")
    named = [str(tmp_path / "empty.json") if one == "EMPTY" else one for one in given]
    assert main(["evidence", str(counts), *named, "--to", str(tmp_path / "to")]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "to").exists()


def test_views_are_taken_from_counts_only(views, counts, tmp_path, capsys):
    assert main(["evidence", str(views), "--view", "", "--to", str(tmp_path / "to")]) == 1
    assert "holds no counts, so no view can be taken from it" in capsys.readouterr().err
    assert reviewed(capsys, views, "--view", 4)[1].startswith("recsys-roi: There is no declared view 4.")
    assert "--view is for a folder of declared views" in reviewed(capsys, counts, "--view", 1)[1]


def test_the_layout_is_raised_with_what_is_kept():
    """A field more or less in Evidence or View ends here: raise VIEWS_LAYOUT, then write the new hash."""
    schemas = [undescribed(TypeAdapter(kind).json_schema()) for kind in (Evidence, View, Known)]
    text = json.dumps(schemas, sort_keys=True)
    assert (VIEWS_LAYOUT, blake3(text.encode()).hexdigest()[:16]) == ("views-3", "aee65eab0cafc2a7")


def undescribed(schema):
    """A JSON schema without what is there for people."""
    if isinstance(schema, dict):
        return {
            key: undescribed(value) for key, value in schema.items() if key not in ("description", "title")
        }
    return [undescribed(value) for value in schema] if isinstance(schema, list) else schema
