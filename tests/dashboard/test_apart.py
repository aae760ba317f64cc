"""Logs read and counted by a process of its own: as in this one, told, stopped, killed."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from recsys_roi.dashboard import ingesting
from recsys_roi.dashboard.ingesting import Ingest, Item
from recsys_roi.demo import write_demo
from recsys_roi.errors import PilotError
from recsys_roi.evidence import apart
from recsys_roi.evidence.counting import TABLES, Counts, counts_folder, counts_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.progress import Progress, StoppedError


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    write_demo(folder, requests=30_000, seed=3, lift=0.05)
    return folder


@pytest.fixture
def pilot(tmp_path: Path) -> Pilot:
    return Pilot.create_or_open(tmp_path / "pilot")


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingesting, "APART_FROM", 0)
    monkeypatch.setattr(apart, "LARGE", 1)


def upload(file: Path) -> Item:
    return Item(source=(file.name, io.BytesIO(file.read_bytes())))


class Watched(Ingest):
    """Notes how far it was, and does something at the first step of a kind."""

    def __init__(self, pilot: Pilot, items: list[Item], at: str = "", act: object = None) -> None:
        super().__init__(pilot, items)
        self.seen: list[Progress] = []
        self.at, self.act = at, act

    def _report(self, progress: Progress) -> None:
        self.seen.append(progress)
        if progress.step == self.at and callable(self.act):
            self.at = ""
            self.act()
        super()._report(progress)


def children() -> list[int]:
    """The processes of our own that read or count."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            status = (entry / "status").read_text()
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"PPid:\t{os.getpid()}\n" in status and b"recsys_roi.evidence.apart" in words:
            found.append(int(entry.name))
    return found


def kill() -> None:
    for process in children():
        os.kill(process, signal.SIGKILL)


def rows(counts: Counts) -> dict[str, list[str]]:
    """Every row of every table; some are written in any order."""
    with counts.connect() as connection:
        return {table: sorted(map(repr, connection.view(table).fetchall())) for table in TABLES}


def left(pilot: Pilot) -> list[str]:
    return [entry.name for entry in pilot.folder.iterdir() if entry.name.startswith(("work-", "spill-"))]


@pytest.mark.parametrize("way", ["path", "upload"])
def test_what_is_read_is_the_same_as_in_this_process(pilot: Pilot, logs: Path, tmp_path: Path, way):
    here = Pilot.create_or_open(tmp_path / "here")
    files = [logs / f"{name}.jsonl" for name in ("exposures", "outcomes", "assignments")]
    ingest_files(here, files)
    reading = Watched(pilot, [Item(source=file) if way == "path" else upload(file) for file in files])
    reading.run()
    assert [outcome.problem for outcome in reading.outcomes] == [None] * 3
    assert pilot.files == here.files
    assert {progress.step for progress in reading.seen} >= {"reading", "checking", "storing"}
    assert max(progress.lines for progress in reading.seen) == 30_000
    assert reading.counting is not None
    assert counts_folder(pilot.folder, pilot.fingerprint).is_dir()
    assert children() == []
    assert left(pilot) == []


def test_errors_are_the_same_sentences(pilot: Pilot, tmp_path: Path):
    note = tmp_path / "note.txt"
    note.write_text("Logs of the shop.\n")
    first = Ingest(pilot, [Item(source=note), Item(source=tmp_path / "none.jsonl")])
    first.run()
    with pytest.raises(Exception, match="is text") as found:
        ingest_files(pilot, [note])
    assert first.outcomes[0].problem == str(found.value)
    assert "does not exist" in (first.outcomes[1].problem or "")


def test_stop_leaves_the_pilot_as_it_was(pilot: Pilot, logs: Path):
    ingest_files(pilot, [logs / "assignments.jsonl"])
    items = [Item(source=logs / "exposures.jsonl"), upload(logs / "outcomes.jsonl")]
    stopping = Watched(pilot, items, "checking")
    stopping.act = stopping.stop
    stopping.run()
    assert [outcome.stopped for outcome in stopping.outcomes] == [True, True]
    assert [file.name for file in pilot.files] == ["assignments.jsonl"]
    assert children() == []
    assert left(pilot) == []


@pytest.mark.parametrize("step", ["reading", "checking", "storing"])
def test_a_killed_process_is_a_sentence_and_the_next_file_is_read(pilot: Pilot, logs: Path, step):
    items = [Item(source=logs / "exposures.jsonl"), upload(logs / "outcomes.jsonl")]
    reading = Watched(pilot, items, step, kill)
    reading.run()
    first, second = reading.outcomes
    if first.result is None:  # else it was done before the signal came
        assert "exposures.jsonl: the process that read it was ended from outside" in (first.problem or "")
    assert second.result is not None
    assert len(pilot.files) == (first.result is not None) + 1
    assert left(pilot) == []


class Torn(io.BytesIO):
    """An upload that ends in a fault half-way."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 2**20:
            raise ZeroDivisionError
        return super().read(size)


def test_nothing_is_kept_of_an_upload_that_breaks_off(pilot: Pilot, logs: Path):
    torn = Torn((logs / "exposures.jsonl").read_bytes())
    reading = Ingest(pilot, [Item(source=("exposures.jsonl", torn))])
    reading.run()
    assert "was not kept, because of a fault in this program (ZeroDivisionError)" in (
        reading.outcomes[0].problem or ""
    )
    assert pilot.files == ()
    assert left(pilot) == []


def test_nothing_is_kept_when_the_program_that_sends_it_is_gone(pilot: Pilot, logs: Path):
    """Half an upload, cut between two lines, would be a log of its own."""
    half = b"".join((logs / "exposures.jsonl").read_bytes().splitlines(keepends=True)[:1000])
    order = {"type": "_Order", "folder": str(pilot.folder), "name": "a.jsonl", "upload_bytes": 2 * len(half)}
    done = subprocess.run(
        [sys.executable, "-m", apart.__name__],
        input=json.dumps(order).encode() + b"\n" + half,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1])["why"] == "stopped"
    assert pilot.files == ()
    assert left(pilot) == []


def test_it_waits_for_another_program_that_writes_the_pilot(pilot: Pilot, logs: Path):
    reading = Ingest(pilot, [Item(source=logs / "outcomes.jsonl")])
    with pilot.writing():
        reading.start()
        until = time.monotonic() + 60
        while not reading.is_waiting and time.monotonic() < until:
            time.sleep(0.05)
        assert reading.is_waiting
    reading.join()
    assert reading.outcomes[0].result is not None


def test_counting_is_the_same_and_made_once(pilot: Pilot, logs: Path, tmp_path: Path):
    files = [logs / f"{name}.jsonl" for name in ("exposures", "outcomes", "assignments")]
    for one in (pilot, here := Pilot.create_or_open(tmp_path / "here")):
        ingest_files(one, files)
    steps: list[tuple[int, int]] = []
    people = [
        threading.Thread(target=apart.count_apart, args=(pilot, lambda *step: steps.append(step)))
        for _ in range(3)
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert [done for done, _ in steps] == list(range(steps[0][1]))
    assert rows(counts_of(pilot)) == rows(counts_of(here))


def test_counting_that_is_stopped_is_not_there(pilot: Pilot, logs: Path):
    ingest_files(pilot, [logs / f"{name}.jsonl" for name in ("exposures", "outcomes", "assignments")])
    asked: list[tuple[int, int]] = []
    with pytest.raises(StoppedError):
        apart.count_apart(pilot, lambda *step: asked.append(step), lambda: bool(asked))
    assert not counts_folder(pilot.folder, pilot.fingerprint).is_dir()
    assert children() == []


def test_counting_that_is_killed_is_a_sentence(pilot: Pilot, logs: Path):
    ingest_files(pilot, [logs / f"{name}.jsonl" for name in ("exposures", "outcomes", "assignments")])
    with pytest.raises(PilotError, match="was ended from outside"):
        apart.count_apart(pilot, lambda *_: kill())
    assert not counts_folder(pilot.folder, pilot.fingerprint).is_dir()
    apart.count_apart(pilot)
    assert counts_folder(pilot.folder, pilot.fingerprint).is_dir()
