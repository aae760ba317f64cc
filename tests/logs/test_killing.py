"""kill -9 in the middle of an ingest: the pilot is as before the file or has it whole, and says which."""

import signal
import subprocess
import sys

import pytest

from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import CutOff, Pilot
from tests.logs import shapes
from tests.logs.lines import exposure, outcome

BEFORE, NEW = 20, 3000


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    old = [outcome(number) for number in range(BEFORE)]
    new = [exposure(number) for number in range(NEW)]
    (folder / "old.jsonl").write_bytes(shapes.json_lines(old))
    (folder / "new.jsonl").write_bytes(shapes.json_lines(new) + b"broken\n")
    (folder / "new.csv").write_bytes(shapes.csv_of(new) + b"broken\n")
    return folder


def run(pilot, kill_at, file):
    command = [sys.executable, "-m", "tests.logs.killed_ingest", pilot, str(kill_at), file]
    return subprocess.run(command, capture_output=True, check=False)


@pytest.mark.parametrize(("name", "moments"), [("new.jsonl", 8), ("new.csv", 5)])
def test_killed_at_moments_spread_over_the_ingest(tmp_path, files, name, moments):
    ended = run(tmp_path / "whole", 0, files / name)
    assert ended.returncode == 0, ended.stderr
    touches = int(ended.stdout)
    pilot = Pilot.create_or_open(tmp_path / "pilot")
    ingest_files(pilot, [files / "old.jsonl"])
    before = pilot.files
    kept = []
    for moment in range(1, moments + 1):
        killed = run(pilot.folder, max(1, touches * moment // moments), files / name)
        assert killed.returncode == -signal.SIGKILL
        found = Pilot(pilot.folder)
        kept.append(len(found.files) == 2)
        assert found.files[:1] == before
        with found.connect() as connection:
            counted = connection.sql(
                "SELECT (SELECT count(*) FROM outcomes), (SELECT count(*) FROM exposures)"
            ).fetchall()
        assert counted == [(BEFORE, NEW if kept[-1] else 0)]
        told = found.cut_off()
        assert told in ((), (CutOff(name=name, kept=kept[-1]),))
        assert found.cut_off() == ()
        left = {entry.name for entry in found.folder.iterdir()}
        assert len(left) == 2 + 2 * len(found.files)  # the manifest, the lock, and two for each file
        if kept[-1]:
            found.remove_file(found.files[1].hash)
    assert True in kept
    assert False in kept
    (result,) = ingest_files(pilot, [files / name])
    assert result.added


def test_a_killed_ingest_is_told_also_after_another_one(tmp_path, files):
    ended = run(tmp_path / "whole", 0, files / "new.jsonl")
    pilot = Pilot.create_or_open(tmp_path / "pilot")
    run(pilot.folder, int(ended.stdout) // 2, files / "new.jsonl")
    ingest_files(pilot, [files / "old.jsonl"])
    assert pilot.cut_off() == (CutOff(name="new.jsonl", kept=False),)
    with pilot.writing():
        assert Pilot(pilot.folder).cut_off() == ()


def test_nothing_is_told_of_an_ingest_that_failed_or_ended(tmp_path, files):
    pilot = Pilot.create_or_open(tmp_path / "pilot")
    ingest_files(pilot, [files / "old.jsonl"])
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(Exception, match="is empty"):
        ingest_files(pilot, [tmp_path / "empty"])
    assert pilot.cut_off() == ()
