"""Counts read into memory: the columns of the arms last looked at are kept, so that another view is quick."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from recsys_roi.evidence.columns import EVENT_KINDS, Events, Requests, Rows, compact
from recsys_roi.evidence.counting import Counts, statements, unreadable
from recsys_roi.evidence.kept import OneKept
from recsys_roi.evidence.selection import Selection

COUNTS_KEPT = 2  # sets of counts held open
HELD_WHOLE = (
    4_000_000  # compared requests; of more only those of a view's window are read, so that it is no copy
)

Span = tuple[int | None, int | None]
"""From the first moment to before the last, microseconds since the epoch; None: without end."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CountsReader:
    """Reads one set of counts; safe to use from several threads, each read has a cursor of its own."""

    connection: duckdb.DuckDBPyConnection

    def columns(self, statement: str, values: dict[str, Any]) -> Rows:
        """The rows of a statement of this room by column; none of its columns may hold NULL."""
        with self.cursor() as cursor:
            rows = cursor.execute(statements(statement), values).fetchnumpy()
        return {name: _small(np.asarray(rows.pop(name))) for name in tuple(rows)}

    def records(self, query: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a query by column name."""
        with self.cursor() as cursor:
            cursor.execute(query, values or {})
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one read. Raises CountsError where the counts are gone or damaged."""
        try:
            with self.connection.cursor() as cursor:
                yield cursor
        except duckdb.Error as error:
            raise unreadable() from error


def _small(column: NDArray[Any]) -> NDArray[Any]:
    return compact(column) if column.dtype.kind == "i" else column


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Logged:
    """Requests and all their outcomes, inside and outside of their windows."""

    requests: Requests
    events: Events


@lru_cache(maxsize=COUNTS_KEPT)
def open_counts(counts: Counts) -> CountsReader:
    """The reader of a set of counts, which never change."""
    return CountsReader(connection=counts.connect())


def read_span(reader: CountsReader, span: Span) -> Span:
    """What has to be read to see a span of time: all of it where that is kept for the next view."""
    ((held,),) = (row.values() for row in reader.records("SELECT count(*) FROM requests"))
    return span if held > HELD_WHOLE else (None, None)


@OneKept
def compared(reader: CountsReader, selection: Selection, span: Span) -> Logged:
    """The compared requests of the arms on their surface, in a span of time."""
    first_us, end_us = span
    return _logged(reader, selection, "requests", "events", {"first_us": first_us, "end_us": end_us})


@OneKept
def shown_before(reader: CountsReader, selection: Selection) -> Logged:
    """What the users were shown in the 14 days before their first compared request, and what came of it."""
    return _logged(reader, selection, "prior_requests", "prior_events", {})


def _logged(
    reader: CountsReader, selection: Selection, requests: str, events: str, span: dict[str, int | None]
) -> Logged:
    arms = {
        **span,
        "experiment": selection.experiment,
        "control": selection.control,
        "candidate": selection.candidate,
        "surface": selection.surface,
    }
    found = Requests.of_rows(reader.columns(f"view_{requests}.sql", arms))
    outcomes = reader.columns(
        f"view_{events}.sql", {"experiment": selection.experiment, "kinds": list(EVENT_KINDS)}
    )
    return Logged(requests=found, events=Events.of_rows(outcomes, found))
