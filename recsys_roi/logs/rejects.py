"""The rejected lines: kept in a file beside the log, read one at a time, exported as CSV."""

from __future__ import annotations

import csv
import io
import re
import shutil
import weakref
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from recsys_roi.errors import PilotError
from recsys_roi.logs.contracts import FieldError, Reason
from recsys_roi.logs.room import no_rights

_COLUMNS = ("file", "line", "field", "reason", "value")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# The field, what holds it, or a whole line.
MAY_HOLD_IDS = ("user_id", "session_id", "context", "context.session_id", "")
NOT_KEPT = "[not kept]"
_BUFFER = 2**20
_LINE = 2**27  # bytes; a line that is longer was not written here, and is refused where it is cut
_PLACE = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reject:
    """One error of one rejected line; a line with several errors has several of these."""

    file: str
    line: int  # physical line, counted from 1
    field: str
    reason: Reason
    value: str


class Stored(msgspec.Struct, array_like=True, frozen=True):
    """One line of the file that keeps them."""

    line: int
    field: str
    reason: Reason
    value: str


class Rejects(Iterable[Reject]):
    """The rejects of one log, read from disk each time they are iterated, in the order of the lines."""

    def __init__(self, file: str, path: Path, temporary: Path | None = None) -> None:
        """`path` as written by RejectWriter; the folder `temporary` is deleted when this is let go."""
        self.file = file
        self._path = path
        if temporary is not None:
            weakref.finalize(self, shutil.rmtree, temporary, ignore_errors=True)

    def __iter__(self) -> Iterator[Reject]:
        decode = msgspec.json.Decoder(Stored).decode
        try:
            for line in self._lines():
                reject = decode(line)
                yield Reject(
                    file=self.file,
                    line=reject.line,
                    field=reject.field,
                    reason=reject.reason,
                    value=reject.value,
                )
        except (OSError, msgspec.MsgspecError) as problem:
            if (why := no_rights(problem, self._path)) is not None:
                raise PilotError(f"The rejected lines of {self.file} cannot be read: {why}.") from problem
            raise PilotError(
                f"The rejected lines of {self.file} cannot be read. Remove the file and ingest it again."
            ) from problem

    def _lines(self) -> Iterator[bytes]:
        """From one file, or from the parts that the tasks of Spark wrote, in their order."""
        for part in sorted(self._path.glob("*.txt")) if self._path.is_dir() else [self._path]:
            if not part.is_file():  # reading a pipe would not end
                raise FileNotFoundError(part)
            with part.open("rb") as stored:
                yield from iter(partial(stored.readline, _LINE), b"")


class RejectWriter:
    """Writes the errors of the lines of one log as they are found, and sorts them by line at the end."""

    def __init__(self, path: Path, *, hides_ids: bool = False) -> None:
        """Replaces the file at `path`; `hides_ids` keeps no value that could hold a user id."""
        self._path, self._hides_ids = path, hides_ids
        self._file = path.open("wb")
        self._numbers = array("q")  # pairs (line, offset)
        self._last = 0
        self._sorted = True

    @property
    def errors(self) -> int:
        """How many were added."""
        return len(self._numbers) // 2

    def add(self, line: int, error: FieldError) -> None:
        """One error of the line with that number, counted from 1."""
        self._sorted &= line >= self._last
        self._last = line
        self._numbers.extend((line, self._file.tell()))
        value = NOT_KEPT if self._hides_ids and error.field in MAY_HOLD_IDS else error.value
        self._file.write(msgspec.json.encode(Stored(line, error.field, error.reason, value)) + b"\n")

    def close(self) -> int:
        """Finish the file; gives the number of lines that have an error."""
        pairs = np.frombuffer(self._numbers, dtype=np.int64).reshape(-1, 2)
        self._file.close()
        if not self._sorted:
            ordered = self._path.with_suffix(".sorted")
            with self._path.open("rb") as found, ordered.open("wb") as file:
                for offset in pairs[np.argsort(pairs[:, 0], kind="stable"), 1]:
                    found.seek(offset)
                    file.write(found.readline())
            ordered.replace(self._path)
        return len(np.unique(pairs[:, 0]))


def rejects_csv(rejects: Iterable[Reject]) -> Iterator[str]:
    """CSV text in pieces: file, line, field, reason, value; no cell can start a formula in a spreadsheet."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    for reject in rejects:
        writer.writerow(
            (_cell(reject.file), reject.line, _cell(reject.field), reject.reason.value, _cell(reject.value))
        )
        if buffer.tell() > _BUFFER:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectGroup:
    """The errors of one field for one reason, over one log or several."""

    reason: Reason
    field: str  # without the places in lists: "items[].rank"
    errors: int
    lines: int  # that have such an error
    examples: tuple[Reject, ...]  # the first ones


def grouped(rejects: Iterable[Reject], examples: int = 3) -> tuple[RejectGroup, ...]:
    """Rejects (in the order of the lines of each file) by reason and field, those of most lines first."""
    groups: dict[tuple[Reason, str], _Group] = {}
    for reject in rejects:
        group = groups.setdefault((reject.reason, _PLACE.sub("[]", reject.field)), _Group())
        group.errors += 1
        group.lines += group.last != (reject.file, reject.line)
        group.last = (reject.file, reject.line)
        if len(group.examples) < examples:
            group.examples.append(reject)
    found = (
        RejectGroup(
            reason=reason,
            field=field,
            errors=group.errors,
            lines=group.lines,
            examples=tuple(group.examples),
        )
        for (reason, field), group in groups.items()
    )
    return tuple(sorted(found, key=lambda group: (-group.lines, group.reason, group.field)))


class _Group:
    """One group while it is gathered."""

    def __init__(self) -> None:
        self.errors = self.lines = 0
        self.last: tuple[str, int] | None = None
        self.examples: list[Reject] = []


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
