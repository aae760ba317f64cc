"""Evidence folders by DuckDB: they open like a pilot, hold no rows and no ids, and are whole or not there."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys

import pytest

import recsys_roi
from recsys_roi.cli import main
from recsys_roi.errors import InputError, PilotError
from recsys_roi.evidence.folder import is_evidence, keep_evidence, lines_by_reason, open_evidence
from recsys_roi.logs.contracts import Reason
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.manifest import read_manifest
from recsys_roi.logs.pilot import Pilot, pilot_folder, pilot_names
from recsys_roi.logs.rejects import Reject
from tests.logs.lines import exposure, outcome
from tests.real_logs import OPEN_BANDIT, logs

CLOCK = ("--made-at", "2026-11-24T00:00:00Z")
ARMS = ("--control", "random", "--candidate", "bts")


@pytest.fixture(scope="module")
def bad_logs(tmp_path_factory):
    """Open Bandit's logs, the outcomes with five bad lines of which one has two errors of one reason."""
    folder = tmp_path_factory.mktemp("logs")
    for path in logs(OPEN_BANDIT):
        shutil.copy(path, folder)
    bad = [{**outcome(n), "event_type": "glance"} for n in range(2)]
    bad += [{**outcome(3), "colour": "red"}, {**outcome(4), "colour": "red", "shape": "round"}]
    text = "".join(json.dumps(line) + "\n" for line in bad) + "{broken\n"
    (folder / "more outcomes.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def evidence(bad_logs):
    """The folder that the command line writes of them; no line more than the limit is bad."""
    folder = bad_logs.parent / "evidence of them"
    assert main(["evidence", str(bad_logs), "--to", str(folder)]) == 0
    return folder


def reviewed(capsys, *arguments):
    capsys.readouterr()
    status = main(["review", *map(str, arguments), *ARMS, *CLOCK, "--format", "json"])
    return status, json.loads(capsys.readouterr().out)


def test_the_review_is_that_of_the_logs(evidence, bad_logs, capsys):
    assert reviewed(capsys, evidence) == reviewed(capsys, bad_logs)


def test_every_command_and_the_api_open_it(evidence, bad_logs, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("RECSYS_ROI_HOME", str(tmp_path))
    _, plain = reviewed(capsys, bad_logs)
    assert main(["check", str(evidence), *ARMS]) == main(["check", str(evidence), *ARMS, *CLOCK])
    assert "Lines follow the contract" in capsys.readouterr().out
    assert main(["export", str(evidence), *ARMS, *CLOCK, "--to", str(tmp_path / "out.json")]) == 0
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8")) == plain
    assert main(["ingest", "--pilot", "Kept", str(evidence)]) == 0
    assert pilot_names(tmp_path) == ("Kept",)
    _, kept = reviewed(capsys, "--pilot", "Kept")
    assert "added" in {entry["action"] for entry in kept["record"]["audit"]}
    assert kept | {"record": plain["record"]} == plain
    with recsys_roi.open_logs(evidence) as opened:
        assert opened.review(control="random", candidate="bts").kpis
        assert len(opened.rejects()) == 6
    assert recsys_roi.ingest("By API", evidence).name == "By API"


def test_the_manifest_says_what_was_counted_by_what(evidence, bad_logs):
    manifest = read_manifest(evidence)
    counted = manifest.counted
    assert (counted.version, counted.engine) == ("evidence.v1", "duckdb")
    assert counted.engine_version.startswith("2.")
    assert {entry.path for entry in counted.inputs} == {str(path) for path in bad_logs.iterdir()}
    (bad,) = [entry for entry in counted.inputs if entry.rejected]
    assert bad.rejected == {Reason.NOT_JSON: 1, Reason.UNKNOWN_EVENT_TYPE: 2, Reason.UNKNOWN_KEY: 2}
    assert sum(file.lines for file in manifest.files) == 40_085
    assert counted.rows["requests"] == 20_000
    assert counted.window["exposure.v1"].first < counted.window["exposure.v1"].last


def test_reasons_are_counted_by_line():
    def reject(line, reason):
        return Reject(file="a", line=line, field="", reason=reason, value="")

    found = [reject(3, Reason.UNKNOWN_KEY), reject(3, Reason.UNKNOWN_KEY), reject(3, Reason.WRONG_TYPE)]
    found += [reject(9, Reason.UNKNOWN_KEY)]
    assert lines_by_reason(found) == {Reason.UNKNOWN_KEY: 2, Reason.WRONG_TYPE: 1}
    assert lines_by_reason([]) == {}


def test_no_id_of_a_person_or_request_is_in_it(evidence):
    known = (b"obd-all-", b"user_id", b"request_id")
    for part in evidence.rglob("*.parquet"):
        assert not any(word in part.read_bytes() for word in known[1:]), part.name


def test_it_takes_no_more_logs_and_is_not_overwritten(evidence, tmp_path):
    pilot = open_evidence(evidence)
    (tmp_path / "more.jsonl").write_text(json.dumps(exposure(1)) + "\n", encoding="utf-8")
    with pytest.raises(PilotError, match="holds counts and no rows, so no log can be added"):
        ingest_files(pilot, [tmp_path / "more.jsonl"])
    with pytest.raises(PilotError, match="holds counts and no rows"):
        pilot.remove_file(pilot.files[0].hash)
    with pytest.raises(PilotError, match="holds counts and no rows"):
        pilot.connect()
    assert pilot.cut_off() == ()
    keep_evidence(evidence, pilot_folder(tmp_path, "Once"))
    with pytest.raises(InputError, match="The pilot Once holds logs already"):
        keep_evidence(evidence, pilot_folder(tmp_path, "Once"))


def test_an_empty_pilot_made_to_plan_with_takes_it(evidence, tmp_path):
    Pilot.create_or_open(pilot_folder(tmp_path, "Planned"))
    assert keep_evidence(evidence, pilot_folder(tmp_path, "Planned")).counted is not None


def test_a_folder_that_is_there_is_never_written_into(evidence, capsys):
    before = sorted(evidence.rglob("*"))
    assert main(["evidence", *map(str, logs(OPEN_BANDIT)), "--to", str(evidence)]) == 1
    assert "exists already. Evidence is written once" in capsys.readouterr().err
    assert sorted(evidence.rglob("*")) == before


def test_damage_and_links_are_said(evidence, tmp_path, capsys):
    broken = tmp_path / "broken"
    shutil.copytree(evidence, broken)
    (table,) = broken.rglob("requests.parquet")
    table.unlink()
    table.symlink_to(next(evidence.rglob("requests.parquet")))
    with pytest.raises(PilotError, match="is missing or is a link"):
        keep_evidence(broken, pilot_folder(tmp_path, "Linked"))
    assert pilot_names(tmp_path) == ()
    table.unlink()
    assert main(["review", str(broken), *ARMS]) == 1
    assert "damaged" in capsys.readouterr().err
    shutil.rmtree(broken / "counts")
    assert main(["review", str(broken), *ARMS]) == 1
    assert "is damaged, or was counted by another version" in capsys.readouterr().err


def test_it_stands_alone(evidence, capsys):
    assert main(["review", str(evidence), str(logs(OPEN_BANDIT)[0])]) == 1
    assert "stands alone, without other files" in capsys.readouterr().err
    assert main(["review", str(evidence), "--map", "ts=when"]) == 1
    assert "has been read already" in capsys.readouterr().err


KILLED = """
import os, signal, sys
from recsys_roi.cli import main
touches = 0
def watch(event, _):
    global touches
    if event in ("open", "os.rename", "os.mkdir", "os.rmdir", "os.remove"):
        touches += 1
        if touches == int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
main(["evidence", *sys.argv[3:], "--to", sys.argv[2]])
print(touches, file=sys.stderr)
"""


def test_a_killed_run_leaves_nothing_that_opens(tmp_path):
    def run(kill_at, to):
        command = [sys.executable, "-c", KILLED, str(kill_at), str(to), *map(str, logs(OPEN_BANDIT))]
        return subprocess.run(command, capture_output=True, check=False, text=True)

    ended = run(0, tmp_path / "whole")
    assert is_evidence(tmp_path / "whole")
    touches = int(ended.stderr.split()[-1])
    opens = []
    for moment in (0.3, 0.6, 0.8, 0.9, 0.97, 1.0):
        to = tmp_path / f"killed at {moment}"
        killed = run(max(1, int(touches * moment)), to)
        assert killed.returncode == -signal.SIGKILL
        opens.append(to.exists())
        if to.exists():
            assert open_evidence(to).counted.rows["requests"] == 20_000
    assert opens[0] is False
    assert run(0, tmp_path / "after").returncode == 0
    assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith(".")]
