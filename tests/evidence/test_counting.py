"""Counts belong to one set of files, whatever becomes of the pilot while they are made."""

from __future__ import annotations

import json
import resource

import pytest

from recsys_roi.errors import PilotError
from recsys_roi.evidence import counting
from recsys_roi.evidence.counting import counted
from recsys_roi.evidence.view import View
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot
from tests.evidence.rows import stamp

VIEW = View(slice_keys=())


def day(number):
    """A day of exposures and assignments, a user a request, with one line that is no JSON."""
    users = [f"{number}-{user}" for user in range(20)]
    shared = [{"request_id": f"r{user}", "user_id": user, "ts": stamp(24 * number)} for user in users]
    exposures = [{**row, "items": [{"item_id": "i", "rank": 1}]} for row in shared]
    assignments = [
        {**row, "experiment_id": "e", "variant": "ab"[place % 2]} for place, row in enumerate(shared)
    ]
    return exposures, assignments


@pytest.fixture
def files(tmp_path):
    """files[number]: the two logs of that day."""
    written = {}
    for number in range(3):
        exposures, assignments = day(number)
        paths = (tmp_path / f"exposures-{number}.jsonl", tmp_path / f"assignments-{number}.jsonl")
        for path, rows in zip(paths, (exposures, assignments), strict=True):
            path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{broken\n", encoding="utf-8")
        written[number] = paths
    return written


@pytest.fixture
def pilot(tmp_path, files):
    made = Pilot.create_or_open(tmp_path / "pilot")
    ingest_files(made, [*files[0], *files[1]])
    return made


def meanwhile(monkeypatch, change, step="scan_personal_data"):
    """The first time that counting comes to `step`, somebody else changes the pilot."""
    real, changes = getattr(counting, step), [change]

    def with_change(*arguments):
        if changes:
            changes.pop()()
        return real(*arguments)

    monkeypatch.setattr(counting, step, with_change)


def counts_kept(pilot):
    return sorted(entry.name for entry in (pilot.folder / counting.COUNTS).iterdir())


def never_given(tmp_path, *paths):
    other = Pilot.create_or_open(tmp_path / "other")
    ingest_files(other, paths)
    return evidence_of(other, VIEW)


@pytest.mark.parametrize("step", ["scan_personal_data", "load_rejects", "_put_in_place", "_has_all"])
def test_a_file_that_is_removed_while_it_counts(pilot, files, tmp_path, monkeypatch, step):
    first, _, _, last = pilot.files

    def remove():
        pilot.remove_file(first.hash)
        pilot.remove_file(last.hash)

    meanwhile(monkeypatch, remove, step)
    found = evidence_of(pilot, VIEW)
    assert found == never_given(tmp_path, files[0][1], files[1][0])
    assert [file.hash for file in found.files] == [file.hash for file in pilot.files]
    assert counts_kept(pilot) == [counted(pilot)[0].folder.name]


def test_a_file_that_is_removed_and_read_in_another_way_is_another(pilot, files, tmp_path, monkeypatch):
    other = tmp_path / "other-names.csv"
    other.write_text("request_id,user_id,ts,arm,experiment_id,old\nr0-0,0-0,2026-03-02T00:00:00Z,x,e,y\n")
    names = [{"variant": "arm"}, {"variant": "old"}]
    ((added),) = ingest_files(pilot, [other], mapping=names[0])

    def read_again():
        pilot.remove_file(added.file.hash)
        ingest_files(pilot, [other], mapping=names[1])

    meanwhile(monkeypatch, read_again)
    _, held = counted(pilot)
    assert held.files == pilot.files
    assert [dict(file.mapping) for file in held.files][-1] == names[1]
    assert len(counts_kept(pilot)) == 1


def test_a_file_that_is_added_while_it_counts_is_left_to_the_next_time(pilot, files, tmp_path, monkeypatch):
    before = pilot.snapshot()
    meanwhile(monkeypatch, lambda: ingest_files(pilot, files[2]))
    found = evidence_of(pilot, VIEW)
    assert found == never_given(tmp_path, *files[0], *files[1])
    assert (found.fingerprint, len(found.files)) == (before.fingerprint, 4)
    assert evidence_of(pilot, VIEW).fingerprint == pilot.fingerprint
    assert len(counts_kept(pilot)) == 2


def test_a_pilot_that_is_deleted_while_it_counts_does_not_come_back(pilot, files, monkeypatch):
    meanwhile(monkeypatch, pilot.delete)
    with pytest.raises(PilotError, match="The pilot pilot is no longer there"):
        counted(pilot)
    assert not pilot.folder.exists()
    again = Pilot.create_or_open(pilot.folder)
    assert ingest_files(again, [files[0][0]])[0].added


def test_counting_without_room_is_a_sentence_and_is_done_when_there_is_room(pilot):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(
            PilotError, match=r"The logs of the pilot pilot could not be counted: no file in .* that large\."
        ):
            evidence_of(pilot, VIEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert counts_kept(pilot) == []
    assert evidence_of(pilot, VIEW).fingerprint == pilot.fingerprint


def test_what_a_killed_count_left_behind_goes_with_the_next_writing(pilot):
    for name in (".new-999999999-0a0b", ".new-1-0a0b"):
        (pilot.folder / counting.COUNTS / name).mkdir(parents=True)
    counted(pilot)
    with pilot.writing():
        pass
    assert [name for name in counts_kept(pilot) if name.startswith(".")] == [".new-1-0a0b"]
