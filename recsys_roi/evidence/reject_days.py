"""Rejected lines for the statements of rejects.sql: which lines, and the new names in them."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable

import duckdb
import numpy as np
import pyarrow as pa

from recsys_roi.evidence.columns import Ints
from recsys_roi.logs.contracts import Reason
from recsys_roi.logs.rejects import Reject
from recsys_roi.logs.snapshot import Snapshot

REJECT_TABLES = ("reject_days", "reject_names")
NAMES_KEPT = 20  # the most frequent new names
_PLACE = re.compile(r"\[[0-9]+\]")

NewNames = Counter[tuple[str, str]]
"""Lines by (kind, name), the kind "key" or "event type"."""


def new_name(reason: Reason, field: str, value: str) -> tuple[str, str] | None:
    """The kind and name of what no contract has, in one error; None in an error of another sort."""
    if reason is Reason.UNKNOWN_KEY:
        return "key", _PLACE.sub("[]", field)
    return ("event type", value) if reason is Reason.UNKNOWN_EVENT_TYPE else None


def most_frequent(names: NewNames) -> list[tuple[str, str, int]]:
    """Kind, name and lines of the new names that are kept."""
    ordered = sorted(names.items(), key=lambda entry: (-entry[1], entry[0]))
    return [(kind, name, lines) for (kind, name), lines in ordered[:NAMES_KEPT]]


def load_rejects(pilot: Snapshot, connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables reject_names, and files and rejected, which rejects.sql reads."""
    connection.execute("CREATE TABLE reject_names (kind VARCHAR, name VARCHAR, lines BIGINT)")
    connection.execute("CREATE TEMP TABLE rejected (file_no INTEGER, line BIGINT)")
    connection.execute(
        "CREATE TEMP TABLE files (file_no INTEGER, kind VARCHAR, accepted BIGINT, in_lines BOOLEAN)"
    )
    names: NewNames = Counter()
    for number, file in enumerate(pilot.files, start=1):
        in_lines = file.records == file.accepted > 0
        connection.execute(
            "INSERT INTO files VALUES (?, ?, ?, ?)", (number, file.kind, file.accepted, in_lines)
        )
        if file.rejected:
            lines = pa.table({"line": _rejected_lines(pilot.rejects_of(file), names)})
            connection.register("lines", lines)
            connection.execute("INSERT INTO rejected SELECT ?, line FROM lines", (number,))
            connection.unregister("lines")
    for entry in most_frequent(names):
        connection.execute("INSERT INTO reject_names VALUES (?, ?, ?)", entry)


def _rejected_lines(rejects: Iterable[Reject], names: NewNames) -> Ints:
    """The numbers of the rejected lines, ascending; the new names in them are added to `names`."""
    numbers = array("q")
    for reject in rejects:
        if not numbers or numbers[-1] != reject.line:
            numbers.append(reject.line)
        if (name := new_name(reject.reason, reject.field, reject.value)) is not None:
            names[name] += 1
    return np.frombuffer(numbers, dtype=np.int64)
