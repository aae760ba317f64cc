"""Files into a pilot: each wholly or not at all, each content once."""

import gzip
import io
import os
import tempfile
import threading

import duckdb
import pytest

from recsys_roi.errors import LogError, PilotError
from recsys_roi.logs import loading, tables
from recsys_roi.logs import pilot as pilots
from recsys_roi.logs.ingest import ingest_files, validate_files
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.progress import StoppedError
from tests.logs import shapes
from tests.logs.lines import ASSIGNMENT, EXPOSURE, OUTCOME, exposure, line_of

OUTCOMES = b"".join(line_of(OUTCOME, number) + b"\n" for number in range(5))
EXPOSURES = b"".join(line_of(EXPOSURE, number) + b"\n" for number in range(5))


@pytest.fixture
def pilot(tmp_path):
    return Pilot.create_or_open(tmp_path / "pilot")


@pytest.fixture
def give(tmp_path):
    def given(name: str, data: bytes):
        (tmp_path / "given").mkdir(exist_ok=True)
        (tmp_path / "given" / name).write_bytes(data)
        return tmp_path / "given" / name

    return given


@pytest.fixture(autouse=True)
def nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    yield
    assert list(scratch.iterdir()) == []


def count(pilot, table="outcomes"):
    with pilot.connect() as connection:
        return connection.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0]


def contents(folder):
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != ".lock"
    }


def test_what_the_pilot_knows_of_a_file(pilot, give):
    bad = line_of(OUTCOME, 9, value="x") + b"\n" + line_of(OUTCOME, 8, event_type="dwell", value=None)
    (result,) = ingest_files(pilot, [give("o.jsonl", OUTCOMES + bad)])
    assert result.added
    assert pilot.files == (result.file,)
    file = result.file
    assert (file.name, file.kind, file.lines, file.accepted, file.rejected) == ("o.jsonl", OUTCOME, 7, 6, 1)
    assert (file.extended, file.null_for_absent, file.notes) == (1, 1, ())
    assert [(r.file, r.line, r.field, r.value) for r in pilot.rejects()] == [("o.jsonl", 6, "value", "x")]
    assert count(pilot) == 6


def test_the_same_content_counts_once_whatever_its_name_and_packing(pilot, give):
    (first,) = ingest_files(pilot, [give("o.jsonl", OUTCOMES)])
    fingerprint = pilot.fingerprint
    again = [
        give("other-name.jsonl", OUTCOMES),
        give("o.jsonl.gz", gzip.compress(OUTCOMES, mtime=1)),
        ("upload", io.BytesIO(OUTCOMES)),
    ]
    for source in again:
        (result,) = ingest_files(pilot, [source])
        assert (result.added, result.file) == (False, first.file)
    assert pilot.fingerprint == fingerprint
    assert count(pilot) == 5


def test_packed_first_then_plain_or_packed_in_another_way(pilot, give):
    ingest_files(pilot, [give("o.gz", gzip.compress(OUTCOMES, 9, mtime=1))])
    results = ingest_files(
        pilot, [give("o.jsonl", OUTCOMES), give("p.gz", gzip.compress(OUTCOMES, 1, mtime=2))]
    )
    assert [result.added for result in results] == [False, False]
    assert count(pilot) == 5


def test_several_files_keep_their_order_and_every_kind_its_table(pilot, give):
    more = b"".join(line_of(OUTCOME, number) + b"\n" for number in range(10, 13))
    assignments = line_of(ASSIGNMENT)
    ingest_files(
        pilot,
        [give("b", OUTCOMES), give("e", EXPOSURES), give("a", more), give("s", assignments)],
    )
    assert [file.name for file in pilot.files] == ["b", "e", "a", "s"]
    with pilot.connect() as connection:
        found = connection.sql("SELECT request_id, file_no, row_no FROM outcomes ORDER BY 2, 3").fetchall()
    assert found == [(f"req-{n}", 1, n) for n in range(5)] + [(f"req-{10 + n}", 3, n) for n in range(3)]
    assert (count(pilot, "exposures"), count(pilot, "assignments")) == (5, 1)


def test_a_bad_file_leaves_those_before_it_and_none_of_itself(pilot, give):
    with pytest.raises(LogError, match=r"broken\.gz: the \.gz ends early"):
        ingest_files(pilot, [give("o", OUTCOMES), give("broken.gz", gzip.compress(EXPOSURES)[:-9])])
    assert [file.name for file in pilot.files] == ["o"]
    assert count(pilot, "exposures") == 0


@pytest.mark.parametrize("place", ["screen", "load", "rejects", "manifest"])
def test_a_failure_in_the_middle_leaves_the_pilot_as_it_was(pilot, give, monkeypatch, place):
    ingest_files(pilot, [give("o", OUTCOMES)])
    before, fingerprint = contents(pilot.folder), pilot.fingerprint

    def fail(*_, **__):
        raise OSError(28, os.strerror(28))

    if place == "manifest":
        monkeypatch.setattr(pilots, "write_manifest", fail)
    else:
        owner, name = {
            "screen": (loading, "screen"),
            "load": (tables, "load"),
            "rejects": (loading, "errors_of"),
        }[place]
        monkeypatch.setattr(owner, name, fail)
    with pytest.raises(
        LogError, match="e: could not be stored, so nothing of it was kept: no room is left on the disk"
    ):
        ingest_files(pilot, [give("e", EXPOSURES + b"broken\n")])
    monkeypatch.undo()
    assert pilot.fingerprint == fingerprint
    assert count(pilot, "exposures") == 0
    (result,) = ingest_files(pilot, [give("e", EXPOSURES + b"broken\n")])
    assert result.added
    assert set(contents(pilot.folder)) > set(before)
    assert count(pilot, "exposures") == 5


def test_a_second_writer_is_told_who_writes(pilot, give):
    with pilot.writing(), pytest.raises(PilotError) as caught:
        ingest_files(pilot, [give("o", OUTCOMES)], wait_seconds=0)
    assert str(caught.value) == (
        f"The pilot pilot is being written by another program (process {os.getpid()}). "
        "Try again when it is done."
    )
    assert ingest_files(pilot, [give("o", OUTCOMES)], wait_seconds=0)[0].added


def test_two_writers_at_once_take_turns(pilot, give):
    paths = [
        give(f"{n}.jsonl", b"".join(line_of(OUTCOME, 100 * n + k) + b"\n" for k in range(50)))
        for n in range(6)
    ]
    threads = [threading.Thread(target=ingest_files, args=(pilot, paths[n::2])) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(file.name for file in pilot.files) == [path.name for path in paths]
    assert count(pilot) == 300


def test_a_reader_is_not_disturbed_by_a_writer(pilot, give):
    ingest_files(pilot, [give("o", OUTCOMES)])
    with pilot.connect() as connection:
        ingest_files(pilot, [give("p", line_of(OUTCOME, 77))])
        assert connection.sql("SELECT count(*) FROM outcomes").fetchall() == [(5,)]
    assert count(pilot) == 6


def test_validation_says_what_ingest_would_and_keeps_nothing(pilot, give):
    path = give("o", OUTCOMES + b"{\n")
    (validation,) = validate_files([path])
    (result,) = ingest_files(pilot, [path])
    for name in ("hash", "kind", "lines", "accepted", "rejected", "extended", "null_for_absent", "notes"):
        assert getattr(validation, name) == getattr(result.file, name)
    assert list(validation.rejects) == list(pilot.rejects()) == list(validation.rejects)


def test_an_upload_is_read_from_its_start_under_its_printable_base_name(pilot):
    stream = io.BytesIO(OUTCOMES)
    stream.read(40)
    (result,) = ingest_files(pilot, [("C:\\logs\\ou\x1bt\ncomes.jsonl", stream)])
    assert result.file.name == "ou?t?comes.jsonl"
    assert result.file.lines == 5


@pytest.mark.parametrize(
    "name", ["../../evil.jsonl", "..", "a'; DROP TABLE x; --", "%s{0}*[a]?.jsonl", "é" * 90]
)
def test_a_hostile_file_name_is_only_text(pilot, tmp_path, name):
    (result,) = ingest_files(pilot, [(name, io.BytesIO(OUTCOMES))])
    assert "/" not in result.file.name
    assert count(pilot) == 5
    assert {path.name for path in tmp_path.iterdir()} == {"pilot", "scratch"}


@pytest.mark.parametrize(
    "name", ["a b.jsonl", "qu'ote.jsonl", "st*r[1]?.jsonl", "%7B.jsonl", "-r.jsonl", "é.jsonl"]
)
def test_a_hostile_path_is_only_a_path(pilot, give, name):
    give("star.jsonl", EXPOSURES)
    assert ingest_files(pilot, [give(name, OUTCOMES)])[0].added
    assert count(pilot) == 5


def test_what_is_not_a_file(pilot, tmp_path):
    with pytest.raises(LogError, match=r"nowhere: does not exist or is not a file"):
        ingest_files(pilot, [tmp_path / "nowhere"])
    with pytest.raises(LogError, match=r"is a directory\. Give the logs in it\."):
        validate_files([tmp_path])
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LogError, match=r"pipe: does not exist or is not a file"):
        validate_files([tmp_path / "pipe"])


STEPS = {
    "e.jsonl": ["reading", "checking", "storing"],
    "e.jsonl.gz": ["reading", "checking", "storing"],
    "e.csv": ["reading", "converting", "checking", "storing"],
    "e.parquet": ["reading", "converting", "checking", "storing"],
}
DATA = {
    "e.jsonl": EXPOSURES + b"broken\n",
    "e.jsonl.gz": gzip.compress(EXPOSURES + b"broken\n"),
    "e.csv": shapes.csv_of([exposure(number) for number in range(5)]) + b"broken\n",
    "e.parquet": shapes.parquet_of([exposure(number) for number in range(5)]),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_caller_that_stops_leaves_the_pilot_as_it_was(pilot, give, name):
    ingest_files(pilot, [give("o", OUTCOMES)])
    path, before = give(name, DATA[name]), contents(pilot.folder)
    for step in STEPS[name]:

        def stop(progress, step=step):
            if progress.step == step:
                raise StoppedError

        with pytest.raises(StoppedError, match="The file that was being read was not kept"):
            ingest_files(pilot, [path], on_progress=stop)
        assert contents(pilot.folder) == before
        assert pilot.cut_off() == ()
        if step != "storing":  # nothing is stored
            with pytest.raises(StoppedError):
                validate_files([path], on_progress=stop)
    assert ingest_files(pilot, [path])[0].added


@pytest.mark.parametrize("name", STEPS)
def test_progress_ends_whole_in_every_step_and_counts_lines_and_rejects(pilot, give, name):
    seen = []
    (result,) = ingest_files(pilot, [give(name, DATA[name])], on_progress=seen.append)
    assert {progress.file for progress in seen} == {name}
    assert list(dict.fromkeys(progress.step for progress in seen)) == STEPS[name]
    for step in STEPS[name]:
        done = [(progress.done, progress.total) for progress in seen if progress.step == step]
        assert done == sorted(done)
        assert done[-1][0] == done[-1][1] > 0
    assert (seen[-1].lines, seen[-1].rejected) == (result.file.lines, result.file.rejected)


def test_a_statement_stops_when_its_watcher_raises():
    def stop(_):
        raise StoppedError

    with duckdb.connect() as connection:
        with pytest.raises(StoppedError):
            tables.run(connection, "SELECT count(*) FROM range(1000000000000) WHERE range % 7 = 3", (), stop)
        assert tables.run(connection, "SELECT 7", (), stop) == 7
        with pytest.raises(duckdb.Error):
            tables.run(connection, "SELECT nothing", (), stop)


@pytest.mark.parametrize("name", STEPS)
def test_a_hostile_folder_is_only_a_folder(tmp_path, give, name):
    pilot = Pilot.create_or_open(tmp_path / "it's [a] {0} *? folder; --" / "pilot")
    assert ingest_files(pilot, [give(name, DATA[name])])[0].added
    assert count(pilot, "exposures") == 5
