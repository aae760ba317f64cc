"""Rejected lines by the day they were written on, as their accepted neighbours tell, and by new name."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable
from importlib import resources
from itertools import repeat

import duckdb
import numpy as np

from recsys_roi.evidence.columns import Ints
from recsys_roi.logs.contracts import Reason
from recsys_roi.logs.manifest import LogFile
from recsys_roi.logs.rejects import Reject
from recsys_roi.logs.snapshot import Snapshot

REJECT_TABLES = ("reject_days", "reject_names")
NAMES_KEPT = 20  # the most frequent new names
OUT_OF_ORDER = 0.01  # share of accepted lines that may stand among those of another day
_PLACE = re.compile(r"\[[0-9]+\]")


def count_reject_days(pilot: Snapshot, connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables reject_days (kind, day, accepted, rejected) and reject_names (kind, name, lines).

    A rejected line has no time that can be trusted, so it is put on the day of the accepted line before it.
    A file whose lines are not in the order of days, or whose rows are not lines, is left out.
    """
    connection.execute(
        "CREATE TABLE reject_days (kind VARCHAR, day BIGINT, accepted BIGINT, rejected BIGINT)"
    )
    connection.execute("CREATE TABLE reject_names (kind VARCHAR, name VARCHAR, lines BIGINT)")
    names: Counter[tuple[str, str]] = Counter()
    for number, file in enumerate(pilot.files, start=1):
        if file.rejected:
            lines = _rejected_lines(pilot.rejects_of(file), names)
            if file.records == file.accepted > 0:
                _add_days(connection, file, number, lines)
    for (kind, name), lines_with in names.most_common(NAMES_KEPT):
        connection.execute("INSERT INTO reject_names VALUES (?, ?, ?)", (kind, name, lines_with))


def _rejected_lines(rejects: Iterable[Reject], names: Counter[tuple[str, str]]) -> Ints:
    """The numbers of the rejected lines, ascending; the new names in them are added to `names`."""
    numbers = array("q")
    for reject in rejects:
        if not numbers or numbers[-1] != reject.line:
            numbers.append(reject.line)
        if reject.reason is Reason.UNKNOWN_KEY:
            names["key", _PLACE.sub("[]", reject.field)] += 1
        elif reject.reason is Reason.UNKNOWN_EVENT_TYPE:
            names["event type", reject.value] += 1
    return np.frombuffer(numbers, dtype=np.int64)


def _add_days(connection: duckdb.DuckDBPyConnection, file: LogFile, number: int, rejected: Ints) -> None:
    days = connection.execute(_statement(), {"file": number}).fetchnumpy()
    first, last, accepted = (
        np.asarray(days[name], dtype=np.int64) for name in ("first_row", "last_row", "accepted")
    )
    if np.sum(last - first + 1 - accepted) > OUT_OF_ORDER * file.accepted:
        return
    row_before = rejected - 2 - np.arange(len(rejected))  # -1: nothing was accepted before it
    place = np.clip(np.searchsorted(first, row_before, side="right") - 1, 0, None)
    counted = np.bincount(place, minlength=len(first))
    connection.executemany(
        "INSERT INTO reject_days VALUES (?, ?, ?, ?)",
        list(zip(repeat(file.kind), days["day"].tolist(), accepted.tolist(), counted.tolist(), strict=False)),
    )


def _statement() -> str:
    return resources.files("recsys_roi.evidence").joinpath("sql", "file_days.sql").read_text(encoding="utf-8")
