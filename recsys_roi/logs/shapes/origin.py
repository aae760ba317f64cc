"""From the lines that are checked back to the lines or rows of the file that was given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recsys_roi.logs.contracts import FieldError, Reason

_OF_AN_ITEM = re.compile(r"items\[([0-9]+)\](?:\.(.+))?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where each checked line, counted from 0, comes from; rows are counted from 1.

    Without `rows` the lines are those of the file. With `rows` (int64, one number a row) each checked line
    is one row, or, with `firsts` (int64, one place in `rows` a checked line), several: one for each item.
    """

    rows: Path | None = None
    firsts: Path | None = None

    def count(self, lines: int) -> int:
        """Rows that so many checked lines come from."""
        return lines if self.rows is None else len(_numbers(self.rows))

    def errors(self, found: Iterable[tuple[int, list[FieldError]]]) -> Iterator[tuple[int, FieldError]]:
        """(line or row of the file, error) for the errors of checked lines."""
        if self.rows is None:
            yield from ((line + 1, error) for line, errors in found for error in errors)
            return
        rows = _numbers(self.rows)
        if self.firsts is None:
            yield from ((int(rows[line]), error) for line, errors in found for error in errors)
            return
        firsts = _numbers(self.firsts)
        for line, errors in found:
            end = int(firsts[line + 1]) if line + 1 < len(firsts) else len(rows)
            yield from _errors_of_list(rows[int(firsts[line]) : end], errors)


def _errors_of_list(rows: NDArray[np.int64], errors: list[FieldError]) -> Iterator[tuple[int, FieldError]]:
    """Errors of an item belong to its row; the rows of the list that have none are rejected with it."""
    at_fault = set()
    for error in errors:
        item = _OF_AN_ITEM.fullmatch(error.field)
        place = int(item[1]) if item else 0
        at_fault.add(place)
        field = (item[2] or "items") if item else error.field
        yield int(rows[place]), FieldError(field=field, reason=error.reason, value=error.value)
    for place, row in enumerate(rows):
        if place not in at_fault:
            yield int(row), FieldError(field="", reason=Reason.REST_OF_REQUEST, value="")


def _numbers(path: Path) -> NDArray[np.int64]:
    return np.memmap(path, dtype=np.int64, mode="r") if path.stat().st_size else np.empty(0, dtype=np.int64)
