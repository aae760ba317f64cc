"""Evidence of days merged is that of all files counted at once, however the files were split."""

from __future__ import annotations

import gzip
import json
import shutil
import stat
import tempfile
from itertools import groupby
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys_roi.cli import main
from recsys_roi.demo import write_demo
from recsys_roi.errors import PilotError
from recsys_roi.evidence import merging
from recsys_roi.evidence.counting import TABLES, counts_of
from recsys_roi.evidence.folder import keep_evidence, open_evidence
from recsys_roi.evidence.kept_rows import ROWS
from recsys_roi.evidence.retaining import rows_left
from recsys_roi.logs.manifest import read_manifest
from recsys_roi.logs.pilot import pilot_folder

CLOCK = ("--made-at", "2026-11-24T00:00:00Z")
KINDS = ("exposures", "outcomes", "assignments")
FAULTS = ("duplicate_requests", "two_arm_users", "low_join", "schema_drift")
PIECES = 4


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A demo in four spans of days a log, some with bad lines; users are in several."""
    folder = tmp_path_factory.mktemp("logs")
    write_demo(folder / "whole", requests=1600, seed=7, lift=0.05, faults=FAULTS, pre_days=3)
    made = []
    for kind in KINDS:
        lines = (folder / "whole" / f"{kind}.jsonl").read_bytes().splitlines(keepends=True)
        days = [
            list(day) for _, day in groupby(sorted(lines, key=moment), key=lambda line: moment(line)[:10])
        ]
        for number in range(PIECES):
            span = days[len(days) * number // PIECES : len(days) * (number + 1) // PIECES]
            file = folder / f"{kind}-{number}.jsonl"
            bad = b'{"request_id": "x", "colour": "red"}\n' if number % 2 else b""
            file.write_bytes(b"".join(line for day in span for line in day) + bad)
            made.append(file)
    return made


def moment(line):
    return json.loads(line).get("ts", "")


def evidence(*arguments):
    return main(["evidence", *map(str, arguments)])


def reviewed(folder, capsys):
    capsys.readouterr()
    status = main(["review", str(folder), *CLOCK, "--format", "json"])
    return status, json.loads(capsys.readouterr().out)


def counts(folder):
    """Every table of counts, each row in its place; numbers to the last digit."""
    with counts_of(open_evidence(folder)).connect() as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in TABLES
        }


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_however_files_are_split_the_merged_evidence_is_that_of_all_at_once(files, capsys, data):
    order = data.draw(st.permutations(files), label="order")
    cuts = data.draw(st.sets(st.integers(1, len(files) - 1), min_size=1, max_size=3), label="cuts")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        days = []
        for number, (low, high) in enumerate(
            zip([0, *sorted(cuts)], [*sorted(cuts), len(files)], strict=True)
        ):
            days.append(folder / f"day {number}")
            evidence(*order[low:high], "--with-rows", "--to", days[-1])
        evidence("--merge", *days, "--to", folder / "merged")
        evidence(*order, "--to", folder / "at once")
        assert counts(folder / "merged") == counts(folder / "at once")
        assert reviewed(folder / "merged", capsys) == reviewed(folder / "at once", capsys)
        merged, at_once = (open_evidence(folder / which) for which in ("merged", "at once"))
        assert list(merged.rejects()) == list(at_once.rejects()) != []
        same = {"made_at": merged.counted.made_at}
        assert merged.counted == at_once.counted.model_copy(update=same)


@pytest.fixture(scope="module")
def days(files):
    """The four spans of days, each a folder with rows."""
    made = []
    for number in range(PIECES):
        made.append(files[0].parent / f"day {number}")
        evidence(*files[number::PIECES], "--with-rows", "--to", made[-1])
    return made


def test_what_was_merged_with_its_rows_can_be_merged_again(files, days, tmp_path, capsys):
    evidence("--merge", *days[:2], "--with-rows", "--to", tmp_path / "first")
    evidence("--merge", tmp_path / "first", *days[2:], "--to", tmp_path / "all")
    evidence("--merge", *days, "--to", tmp_path / "flat")
    assert reviewed(tmp_path / "all", capsys) == reviewed(tmp_path / "flat", capsys)
    assert not (tmp_path / "all" / ROWS).exists()


def test_views_are_taken_from_what_is_merged(days, tmp_path, capsys):
    evidence("--merge", *days, "--view", "return_days=3", "--to", tmp_path / "views")
    evidence("--merge", *days, "--to", tmp_path / "counts")
    capsys.readouterr()
    main(["review", str(tmp_path / "counts"), "--set", "return_days=3", *CLOCK, "--format", "json"])
    of_counts = json.loads(capsys.readouterr().out)
    assert reviewed(tmp_path / "views", capsys)[1] == of_counts
    assert {path.name for path in (tmp_path / "views").iterdir()} == {"manifest.json", "views"}


def test_documents_that_came_with_several_days_are_kept_once(files, tmp_path, capsys):
    document = {
        "schema_version": "manifest.v1",
        "tenant": "acme",
        "surface": "home",
        "current": {"popularity": {"version": "7"}},
        "updated_at": "2026-03-01T00:00:00Z",
    }
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(document), encoding="utf-8")
    for number in range(2):
        evidence(*files[number::PIECES], manifest, "--with-rows", "--to", tmp_path / f"day {number}")
    evidence("--merge", tmp_path / "day 0", tmp_path / "day 1", "--to", tmp_path / "merged")
    assert len(read_manifest(tmp_path / "day 0").manifests) == 1
    assert read_manifest(tmp_path / "merged").manifests == read_manifest(tmp_path / "day 0").manifests


def test_the_rows_are_private_and_said(files, tmp_path, capsys):
    evidence(*files[::PIECES], "--with-rows", "--to", tmp_path / "day")
    said = capsys.readouterr().out
    assert "Its rows hold user ids as plain text: keep the folder as you keep logs." in said
    assert "What is done in a pilot does not reach it; recsys-roi forget --evidence" in said
    assert stat.S_IMODE((tmp_path / "day").stat().st_mode) & 0o077 == 0
    assert rows_left(open_evidence(tmp_path / "day")) == ()


def test_a_pilot_of_the_app_and_views_have_no_rows(days, tmp_path, capsys):
    kept = keep_evidence(days[0], pilot_folder(tmp_path, "Kept"))
    assert kept.counted.kept_rows is None
    assert not (kept.folder / ROWS).exists()
    evidence("--merge", days[0], days[1], "--with-rows", "--to", tmp_path / "merged")
    evidence(tmp_path / "merged", "--view", "", "--to", tmp_path / "views")
    assert read_manifest(tmp_path / "views").counted.kept_rows is None
    assert not (tmp_path / "views" / ROWS).exists()


def test_hashed_ids_join_where_the_salt_is_the_same(files, days, tmp_path, capsys):
    salt = tmp_path / "salt"
    hashed = []
    for number in range(PIECES):
        hashed.append(tmp_path / f"day {number}")
        evidence(*files[number::PIECES], "--with-rows", "--hash-ids", salt, "--to", hashed[-1])
    assert stat.S_IMODE(salt.stat().st_mode) == 0o600
    users = {
        user for part in (hashed[0] / ROWS).iterdir() for user in pq.read_table(part)["user_id"].to_pylist()
    }
    assert {len(user) for user in users} == {64}
    held = b"".join(part.read_bytes() for part in hashed[0].rglob("*") if part.is_file())
    assert salt.read_bytes() not in held
    evidence("--merge", *hashed, "--to", tmp_path / "hashed")
    evidence("--merge", *days, "--to", tmp_path / "plain")
    assert open_evidence(tmp_path / "hashed").counted.rows["requests"] > 1000
    for table in ("join_facts", "arm_facts", "experiment_facts", "arm_users_by_day", "silences"):
        assert counts(tmp_path / "hashed")[table] == counts(tmp_path / "plain")[table]


def test_ids_that_do_not_join_are_refused(files, days, tmp_path, capsys):
    for name in ("one", "other"):
        evidence(
            *files[1::PIECES], "--with-rows", "--hash-ids", tmp_path / f"{name}.salt", "--to", tmp_path / name
        )
    assert refused(capsys, days[0], tmp_path / "one").count("plain ids there, hashed ids here") == 1
    assert "hashed ids there, hashed ids here, with another salt" in refused(
        capsys, tmp_path / "one", tmp_path / "other"
    )


def refused(capsys, *folders):
    """What is said where folders are not merged, which leaves nothing."""
    capsys.readouterr()
    to = folders[0].parent / "refused"
    assert evidence("--merge", *folders, "--to", to) == 1
    assert not to.exists()
    assert not [entry for entry in to.parent.iterdir() if entry.name.startswith(".evidence")]
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def altered(folder, to, change):
    """A copy whose manifest says something else."""
    shutil.copytree(folder, to)
    text = json.loads((to / "manifest.json").read_text(encoding="utf-8"))
    change(text["counted"])
    (to / "manifest.json").write_text(json.dumps(text), encoding="utf-8")
    return to


def test_folders_that_cannot_be_merged_are_refused_with_what_to_do(files, days, tmp_path, capsys):
    evidence(*files[::PIECES], "--to", tmp_path / "counts")
    evidence(tmp_path / "counts", "--view", "", "--to", tmp_path / "views")
    again = "Count its logs again with: recsys-roi evidence FILE --with-rows --to DIR"
    assert "counts holds counts and no rows. Users come back" in refused(capsys, tmp_path / "counts")
    said = refused(capsys, days[0], tmp_path / "views")
    assert "views holds declared views and no rows" in said
    assert again in said
    assert "is no evidence folder, or is damaged. Write one" in refused(capsys, files[0].parent / "whole")
    older = altered(days[1], tmp_path / "older", lambda said: said["kept_rows"].update(layout="rows-0"))
    assert "another version (0.1.0, rows-0; this one reads rows-1)" in refused(capsys, days[0], older)
    spark = altered(days[1], tmp_path / "spark", lambda said: said["kept_rows"].update(read_by="spark"))
    assert "was read by duckdb and" in refused(capsys, days[0], spark)


def test_a_file_in_two_folders_is_refused_even_when_it_is_packed_in_another_way(
    files, days, tmp_path, capsys
):
    packed = tmp_path / "exposures.jsonl.gz"
    packed.write_bytes(gzip.compress(files[0].read_bytes()))
    evidence(packed, "--with-rows", "--to", tmp_path / "packed")
    said = refused(capsys, days[0], tmp_path / "packed")
    assert "both hold the file exposures.jsonl.gz, which would count twice. Leave one of them out" in said
    assert "both hold the file" in refused(capsys, days[0], days[0])


@pytest.mark.parametrize("damage", ["gone", "link", "other rows", "no rejects"])
def test_damaged_rows_are_said(days, tmp_path, capsys, damage):
    broken = tmp_path / "broken"
    shutil.copytree(days[1], broken)
    rows = sorted((broken / ROWS).glob("*.parquet"))
    if damage == "no rejects":
        next(iter(broken.glob("*.rejects.jsonl"))).unlink()
    else:
        rows[0].unlink()
    if damage == "link":
        rows[0].symlink_to(next(iter((days[1] / ROWS).glob("*.parquet"))))
    if damage == "other rows":
        shutil.copy(rows[1], rows[0])
    assert "damaged" in refused(capsys, days[0], broken)


def test_a_merge_that_fails_midway_leaves_nothing(days, tmp_path, capsys, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(merging, "fill_folder", full)
    assert evidence("--merge", *days[:2], "--to", tmp_path / "to") == 1
    assert "No space left on device" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--with-rows", "--view", ""], "Declared views are kept without any row"),
        (["--hash-ids", "salt"], "--hash-ids is for the rows that --with-rows keeps of logs"),
        (["--merge", "--with-rows", "--hash-ids", "salt"], "--hash-ids is for the rows"),
        (["--merge", "--map", "ts=when"], "--map and --contract are for logs"),
        ([], "Several evidence folders are no logs. Where they hold rows, make one of them first"),
    ],
)
def test_what_is_not_for_one_another_is_said(days, tmp_path, capsys, given, said):
    assert evidence(*days[:2], *given, "--to", tmp_path / "to") == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "to").exists()


def test_a_salt_that_is_none_is_refused(files, tmp_path, capsys):
    (tmp_path / "salt").write_text("pepper", encoding="utf-8")
    assert evidence(files[0], "--with-rows", "--hash-ids", tmp_path / "salt", "--to", tmp_path / "to") == 1
    assert "holds no salt. Name a file that is not there yet" in capsys.readouterr().err


def test_rows_of_a_pilot_are_not_asked_for_a_manifest(days):
    with pytest.raises(PilotError, match="is a pilot, not an evidence folder"):
        merging.check_mergeable([("it", read_manifest(days[0]).model_copy(update={"counted": None}))])
