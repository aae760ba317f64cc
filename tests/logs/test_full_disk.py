"""A disk without room, at every write of an ingest: a sentence of ours, and the pilot as it was."""

import errno
import gzip
import os
import random
import resource
import tempfile
from contextlib import contextmanager

import duckdb
import pytest

from recsys_roi.errors import LogError, PilotError
from recsys_roi.logs import manifest as manifests
from recsys_roi.logs.ingest import ingest_files, validate_files
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.room import cause, no_room
from tests.logs import shapes
from tests.logs.lines import EXPOSURE, OUTCOME, exposure, line_of

RECORDS = 3000
LIMITS = (300, 5_000, 30_000, 100_000)  # bytes that one file may have
TOO_LARGE = "no file in .* may become that large. Allow larger files there, then try again"
FULL = "no room is left on the disk of .*. Make room there, then try again"


@contextmanager
def no_file_larger_than(size):
    """A real limit of the system: a write beyond it fails, in DuckDB and Arrow too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def pilot(tmp_path, write):
    made = Pilot.create_or_open(tmp_path / "pilot")
    ingest_files(made, [write("before.jsonl", [line_of(OUTCOME, number) for number in range(5)])])
    return made


@pytest.fixture(scope="module")
def logs():
    """The same exposures in each format; ids that do not pack well, so that what is kept is large too."""
    chance = random.Random(1)  # noqa: S311 - ids, not secrets
    records = [
        exposure(number, request_id=f"{chance.getrandbits(128):032x}", user_id=f"{chance.getrandbits(128):x}")
        for number in range(RECORDS)
    ]
    lines = shapes.json_lines(records)
    return {
        "good.jsonl": lines,
        "with-a-bad-line.jsonl": lines + b"broken\n",
        "all-bad.jsonl": b"{no JSON, only words and words\n" * RECORDS,
        "packed.jsonl.gz": gzip.compress(lines, mtime=1),
        "items.csv": shapes.csv_of(records),
        "cells.csv": shapes.csv_with_json_cells(records),
        "lists.parquet": shapes.parquet_of(records),
        "items.parquet": shapes.parquet_of(records, items="rows"),
    }


NAMES = (
    *("good.jsonl", "with-a-bad-line.jsonl", "all-bad.jsonl", "packed.jsonl.gz"),
    *("items.csv", "cells.csv", "lists.parquet", "items.parquet"),
)


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("name", NAMES)
def test_a_real_limit_leaves_the_pilot_as_it_was(pilot, tmp_path, logs, name, limit):
    given = tmp_path / "given" / name
    given.write_bytes(logs[name])
    before = contents(pilot.folder)
    with no_file_larger_than(limit), pytest.raises(LogError) as caught:
        ingest_files(pilot, [given], EXPOSURE)
    assert caught.match(f"^{name}: could not be stored, so nothing of it was kept: {TOO_LARGE}")
    assert contents(pilot.folder) == before
    (result,) = ingest_files(pilot, [given], EXPOSURE)
    assert result.added
    assert result.file.rejected == {"with-a-bad-line.jsonl": 1, "all-bad.jsonl": RECORDS}.get(name, 0)
    assert result.file.records == (0 if name == "all-bad.jsonl" else RECORDS)


@pytest.mark.parametrize("name", ["packed.jsonl.gz", "all-bad.jsonl", "items.csv", "items.parquet"])
def test_checking_without_room_is_a_sentence_and_leaves_nothing(tmp_path, logs, monkeypatch, name):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    (tmp_path / name).write_bytes(logs[name])
    with (
        no_file_larger_than(5_000),
        pytest.raises(LogError, match=f"{name}: could not be checked: {TOO_LARGE}"),
    ):
        validate_files([tmp_path / name], EXPOSURE)
    assert list(scratch.iterdir()) == []


def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_without_room_for_anything(pilot, write, monkeypatch):
    """Where not even a folder can be made, nothing is lost and every way says so."""
    given = write("more.jsonl", [line_of(OUTCOME, 9)])
    before = pilot.files
    monkeypatch.setattr("pathlib.Path.mkdir", full)
    with pytest.raises(PilotError, match=f"The pilot pilot cannot be written: {FULL}"):
        ingest_files(pilot, [given])
    with pytest.raises(LogError, match=f"could not be checked: {FULL}"):
        validate_files([given])
    with pytest.raises(PilotError, match=f"The pilot cannot be made in .*: {FULL}"):
        Pilot.create_or_open(pilot.folder.with_name("other"))
    assert pilot.cut_off() == ()
    monkeypatch.undo()
    assert pilot.files == before


def test_a_file_that_cannot_be_removed_for_want_of_room_stays(pilot, monkeypatch):
    before = contents(pilot.folder)
    monkeypatch.setattr(manifests, "sync", full)
    with pytest.raises(PilotError, match=f"The pilot pilot cannot be written: {FULL}"):
        pilot.remove_file(pilot.files[0].hash)
    monkeypatch.undo()
    assert [file.name for file in pilot.files] == ["before.jsonl"]
    assert before.items() <= contents(pilot.folder).items()


def test_what_duckdb_says_of_a_full_disk_is_understood(tmp_path):
    with duckdb.connect() as connection, pytest.raises(duckdb.Error) as caught:
        connection.execute("COPY (SELECT range FROM range(100000)) TO '/dev/full' (USE_TMP_FILE false)")
    assert (
        no_room(caught.value, tmp_path)
        == f"no room is left on the disk of {tmp_path}. Make room there, then try again"
    )


def test_working_files_of_duckdb_without_room(tmp_path):
    """Its own words, from a disk of 24 MB that a sort had filled."""
    said = (
        "Out of Memory Error: failed to offload data block of size 256.0 KiB (21.4 MiB/21.5 MiB used).\n"
        "This limit was set by the 'max_temp_directory_size' setting."
    )
    assert cause(duckdb.OutOfMemoryException(said), tmp_path).startswith("no room is left on the disk of ")


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (duckdb.InvalidInputException("Invalid Input Error: one.\ntwo"), "Invalid Input Error: one"),
        (duckdb.OutOfMemoryException("Out of Memory Error: more"), "Out of Memory Error: more"),
        (
            duckdb.IOException("IO Error: Could not read x: Input/output error"),
            "IO Error: Could not read x: Input/output error",
        ),
    ],
)
def test_other_causes_are_told_as_they_are(tmp_path, problem, said):
    assert no_room(problem, tmp_path) is None
    assert cause(problem, tmp_path) == said
