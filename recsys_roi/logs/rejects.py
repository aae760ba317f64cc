"""The rejected lines: kept in a file beside the log, read one at a time, exported as CSV."""

from __future__ import annotations

import csv
import io
import shutil
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from recsys_roi.errors import PilotError
from recsys_roi.logs.contracts import FieldError, Reason

_COLUMNS = ("file", "line", "field", "reason", "value")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_BUFFER = 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Reject:
    """One error of one rejected line; a line with several errors has several of these."""

    file: str
    line: int  # physical line, counted from 1
    field: str
    reason: Reason
    value: str


class _Stored(msgspec.Struct, array_like=True, frozen=True):
    line: int
    field: str
    reason: Reason
    value: str


class Rejects(Iterable[Reject]):
    """The rejects of one log, read from disk each time they are iterated, in the order of the lines."""

    def __init__(self, file: str, path: Path, temporary: Path | None = None) -> None:
        """`path` as written by `write_rejects`; the folder `temporary` is deleted when this is let go."""
        self.file = file
        self._path = path
        if temporary is not None:
            weakref.finalize(self, shutil.rmtree, temporary, ignore_errors=True)

    def __iter__(self) -> Iterator[Reject]:
        decode = msgspec.json.Decoder(_Stored).decode
        try:
            with self._path.open("rb") as stored:
                for line in stored:
                    reject = decode(line)
                    yield Reject(
                        file=self.file,
                        line=reject.line,
                        field=reject.field,
                        reason=reject.reason,
                        value=reject.value,
                    )
        except (OSError, msgspec.MsgspecError) as problem:
            raise PilotError(
                f"The rejected lines of {self.file} cannot be read. Remove the file and ingest it again."
            ) from problem


def write_rejects(file: BinaryIO, line: int, errors: Iterable[FieldError]) -> None:
    """Append the errors of one line (counted from 1)."""
    for error in errors:
        file.write(msgspec.json.encode(_Stored(line, error.field, error.reason, error.value)) + b"\n")


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


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
