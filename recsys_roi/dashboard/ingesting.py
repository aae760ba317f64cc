"""Files read into a pilot in a thread of their own, so that another page or a slider does not stop them."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from recsys_roi.errors import InUseError, LogError, RecsysRoiError, UnknownFieldsError
from recsys_roi.evidence.apart import count_large_apart, ingest_apart, size_of
from recsys_roi.logs.contracts import Kind
from recsys_roi.logs.ingest import IngestResult, ingest_files
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.preview import Preview, preview
from recsys_roi.logs.progress import Progress, StoppedError
from recsys_roi.logs.reading import Source, display_name
from recsys_roi.logs.recognise import Format, KindOrAuto, recognise
from recsys_roi.logs.shapes.layout import missing_fields

_log = logging.getLogger(__name__)
READING_NICENESS = 10
WAIT_SECONDS = 60.0  # for another program that writes the pilot
LOOK_SECONDS = 0.5
APART_FROM = 20_000_000  # bytes of a source; to start a process takes longer than to read less
_TABLES: tuple[Format, ...] = ("csv", "parquet")


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One source to read."""

    source: Source
    from_folder: bool = False  # what is no log beside the logs is passed over
    ask: bool = False  # a person wants to see its columns first
    kind: KindOrAuto = "auto"
    mapping: Mapping[str, str] = field(default_factory=dict)  # {field: column or key}
    is_named: bool = False  # a person has said which column is which


@dataclass(frozen=True, kw_only=True, slots=True)
class Naming:
    """What the fields of a kind were called in another file."""

    file: str
    kind: Kind
    is_table: bool
    mapping: Mapping[str, str]
    columns: tuple[str, ...] | None = None  # of a file that somebody has just named


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A file that waits for a person to say which column is which."""

    item: Item
    seen: Preview


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one source: exactly one of the others is given."""

    name: str
    result: IngestResult | None = None
    named_as: str | None = None  # the earlier file whose names of fields were taken
    asked: Asked | None = None
    problem: str | None = None
    passed_over: str | None = None
    stopped: bool = False


class Ingest(threading.Thread):
    """Reads sources into one pilot, one after the other."""

    def __init__(
        self,
        pilot: Pilot,
        items: Sequence[Item],
        named: Sequence[Naming] = (),
        on_read: Callable[[IngestResult], str] = lambda _: "",
    ) -> None:
        """`named` goes before what the pilot's own files were called.

        `on_read` is told of each file read, and gives a warning or nothing.
        """
        super().__init__(daemon=True)
        self.pilot = pilot
        self.items = tuple(items)
        self.outcomes: list[Outcome] = []
        self.warnings: list[str] = []
        self.progress: Progress | None = None
        self.counting: tuple[int, int] | None = None  # steps done, and how many there are
        self.is_waiting = False  # for another program that writes the pilot
        self._named = tuple(named)
        self._on_read = on_read
        self._stop_asked = threading.Event()

    def stop(self) -> None:
        """Stops at the next report; the file at work is not kept, those before it are."""
        self._stop_asked.set()

    def run(self) -> None:
        """Every source for itself: one that cannot be read does not keep the others out."""
        _step_back()
        for item in self.items:
            self.progress, self.is_waiting = None, False
            self.outcomes.append(self._outcome(item))
        self._count()
        pa.default_memory_pool().release_unused()

    def _count(self) -> None:
        """Counts what was read, so that the page need not; what goes wrong there is said by the page."""
        if any(found.result for found in self.outcomes):
            with suppress(RecsysRoiError):
                count_large_apart(self.pilot, self._count_step, self._stop_asked.is_set)

    def _count_step(self, done: int, steps: int) -> None:
        self.counting = (done, steps)

    def _outcome(self, item: Item) -> Outcome:
        name = display_name(item.source)
        if self._stop_asked.is_set():
            return Outcome(name=name, stopped=True)
        try:
            return self._read(item, name)
        except StoppedError:
            return Outcome(name=name, stopped=True)
        except RecsysRoiError as problem:
            return Outcome(name=name, problem=str(problem))
        except Exception as problem:  # noqa: BLE001 - told to a person; what a thread raises would be lost
            _log.exception("An ingest ended early.")
            said = f"{name}: was not kept, because of a fault in this program ({type(problem).__name__})."
            return Outcome(name=name, problem=said)

    def _read(self, item: Item, name: str) -> Outcome:
        passed_over = _why_not_a_log(item, name)
        if passed_over is not None:
            return Outcome(name=name, passed_over=passed_over)
        if item.is_named:
            return Outcome(name=name, result=self._ingest(item))
        seen = _seen(item)
        if seen is None:  # the reading says what is wrong with it; a manifest has nothing to map
            return Outcome(name=name, result=self._ingest(item))
        naming = self._naming(seen, item)
        if naming is not None:
            mapping = seen.fitting(naming.mapping, naming.kind)
            named = replace(item, kind=naming.kind, mapping=mapping)
            return Outcome(name=name, result=self._ingest(named), named_as=naming.file)
        if item.ask or _needs_names(seen):
            return Outcome(name=name, asked=Asked(item=item, seen=seen))
        return Outcome(name=name, result=self._ingest(item))

    def _ingest(self, item: Item) -> IngestResult:
        """Waits for another program that writes the pilot, and can be stopped meanwhile."""
        result = self._ingest_apart(item) if size_of(item.source) >= APART_FROM else self._ingest_here(item)
        self.warnings += filter(None, [self._on_read(result)])
        return result

    def _ingest_apart(self, item: Item) -> IngestResult:
        return ingest_apart(
            self.pilot,
            item.source,
            item.kind,
            item.mapping,
            wait_seconds=WAIT_SECONDS,
            on_progress=self._report,
            on_wait=self._wait,
            is_stopped=self._stop_asked.is_set,
        )

    def _wait(self) -> None:
        self.is_waiting = True

    def _ingest_here(self, item: Item) -> IngestResult:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                (result,) = ingest_files(
                    self.pilot,
                    [item.source],
                    item.kind,
                    self._report,
                    mapping=item.mapping,
                    wait_seconds=LOOK_SECONDS,
                )
            except InUseError:
                self._raise_if_stopped()
                if time.monotonic() > deadline:
                    raise
                self._wait()
            else:
                return result

    def _report(self, progress: Progress) -> None:
        self.progress, self.is_waiting = progress, False
        self._raise_if_stopped()

    def _raise_if_stopped(self) -> None:
        if self._stop_asked.is_set():
            raise StoppedError

    def _naming(self, seen: Preview, item: Item) -> Naming | None:
        """What its fields are called: as somebody has just said, else as in an earlier file of the pilot."""
        if seen.format == "service":
            return None
        just_said = (naming for naming in self._named if naming.columns == seen.columns or not item.ask)
        earlier = () if item.ask else namings_of(self.pilot)
        return next((naming for naming in (*just_said, *earlier) if _fits(naming, seen)), None)


def _step_back() -> None:
    """People at a page go before; where threads have no rank of their own, nothing is changed."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), READING_NICENESS)


def namings_of(pilot: Pilot) -> tuple[Naming, ...]:
    """How the fields were named in the pilot's files, the newest first."""
    return tuple(
        Naming(
            file=file.name,
            kind=file.kind,
            is_table=file.format in _TABLES,
            mapping=dict(file.mapping),
        )
        for file in reversed(pilot.files)
        if file.mapping
    )


def _why_not_a_log(item: Item, name: str) -> str | None:
    """What is said of a file in a folder that is passed over."""
    if not item.from_folder or isinstance(item.source, tuple):
        return None
    try:
        recognise(Path(item.source), name)
    except UnknownFieldsError:
        return None
    except LogError as problem:
        return str(problem)
    return None


def _seen(item: Item) -> Preview | None:
    try:
        return preview(item.source)
    except LogError:
        return None


def _needs_names(seen: Preview) -> bool:
    """Whether a required field is missing and another column could be it."""
    return seen.kind is None or bool(seen.missing and seen.unknown)


def _fits(naming: Naming, seen: Preview) -> bool:
    """Whether the file can be read under these names, and has at least one of them."""
    if seen.is_table != naming.is_table or seen.kind not in (None, naming.kind):
        return False
    mapping = seen.fitting(naming.mapping, naming.kind)
    has_one = any(column in seen.columns for column in mapping.values())
    return has_one and not missing_fields(seen.columns, naming.kind, mapping)
