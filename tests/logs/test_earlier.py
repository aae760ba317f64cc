"""A pilot without some of its files is the pilot that was never given them."""

import os

import pytest

from recsys_roi.errors import PilotError
from recsys_roi.logs.earlier import without
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.snapshot import rows_path
from tests.logs.lines import EXPOSURE, OUTCOME


@pytest.fixture
def pilot(tmp_path, write, line):
    """Two days of exposures with a bad line in each, and the outcomes."""
    first = write("first.jsonl", [line(EXPOSURE, 1), b"{broken"])
    second = write("second.jsonl", [line(EXPOSURE, 2), b"{broken", line(EXPOSURE, 3)])
    outcomes = write("outcomes.jsonl", [line(OUTCOME, 1)])
    made = Pilot.create_or_open(tmp_path / "pilot")
    ingest_files(made, [first, second, outcomes])
    return made


def rows(pilot):
    with pilot.connect() as connection:
        return connection.execute("SELECT * FROM exposures ORDER BY ALL").fetchall()


@pytest.mark.parametrize("same_disk", [True, False])
def test_it_is_the_pilot_of_the_other_files(pilot, tmp_path, monkeypatch, same_disk):
    if not same_disk:

        def no_link(*_):
            raise OSError(18, "Invalid cross-device link")

        monkeypatch.setattr(os, "link", no_link)
    never_given = Pilot.create_or_open(tmp_path / "other")
    ingest_files(never_given, [tmp_path / "given" / name for name in ("first.jsonl", "outcomes.jsonl")])
    with without(pilot, {pilot.files[1].hash}) as before:
        assert before.files == never_given.files
        assert before.fingerprint == never_given.fingerprint
        assert rows(before) == rows(never_given)
        assert list(before.rejects()) == list(never_given.rejects())
        folder = before.folder
    assert not folder.exists()


def test_the_pilot_itself_stays_as_it_is(pilot):
    files, given = pilot.files, rows(pilot)
    with without(pilot, {pilot.files[0].hash}):
        pass
    assert (pilot.files, rows(pilot)) == (files, given)


def test_a_pilot_that_is_changed_meanwhile_is_said(pilot):
    rows_path(pilot.folder, pilot.files[0]).unlink()
    with pytest.raises(PilotError, match="was changed meanwhile"), without(pilot, set()):
        pass
