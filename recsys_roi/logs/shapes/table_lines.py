"""Tables with the fields of a contract in their columns, as lines of that contract.

The lines are then checked and stored like any others, so a table is held to the same contract.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from recsys_roi.logs import tables
from recsys_roi.logs.contracts import CONTRACTS, Field
from recsys_roi.logs.shapes.layout import ITEM_FIELDS, Layout
from recsys_roi.logs.shapes.origin import Origin

_ORDER = "ORDER BY item IS NULL, line"  # of the rows of a list; a row without an item goes last


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Columns c0, c1, ... and `line`, the number of each row in the file that was given."""

    reader: pa.RecordBatchReader
    layout: Layout
    value_of: Callable[[Field, int, str], str]  # SQL of a value, from its field, its column, the column's SQL
    rows: Path | None  # the numbers alone (int64), where they are not 1, 2, 3, ...


def write_lines(table: Table, to: Path, work: Path, on_wait: Callable[[float], None]) -> Origin:
    """Write one line for each row, or for each list where a row holds one item; gives where they come from.

    Rows are of one list when they agree in everything but the item. A row that repeats the item and the
    rank of an earlier one is of the same list logged again, as a line that repeats another is.
    """
    with tables.working_connection(work / "spill") as connection:
        connection.register("given", table.reader)
        if not table.layout.item:
            tables.run(connection, _copy(_values(table), "given", to), _keys(table), on_wait)
            return Origin(rows=table.rows)
        tables.run(connection, _lists(table.layout), [], on_wait)
        tables.run(connection, _apart(table.layout), [], on_wait)
        tables.run(connection, _copy(_values(table), "whole ORDER BY first", to), _keys(table), on_wait)
        return _origin(connection, work / "origin.rows", work / "origin.firsts")


def _copy(values: str, source: str, to: Path) -> str:
    return f"COPY (SELECT {values} FROM {source}) TO {tables.quoted(str(to))} (FORMAT json)"  # noqa: S608 - SQL of ours


def _keys(table: Table) -> list[str]:
    return list(table.layout.context)


def _values(table: Table) -> str:
    """SQL of every field that there is a column for; context keys are anybody's text, hence parameters."""
    layout = table.layout
    values = []
    for field in CONTRACTS[layout.kind].fields:
        if field.name in layout.fields:
            place = layout.fields[field.name]
            values.append(f"{table.value_of(field, place, f'c{place}')} AS {field.name}")
        elif field.type == "object of strings" and layout.context:
            values.append(f"{_context(layout)} AS {field.name}")
        elif field.type == "array of objects":
            item = ", ".join(
                f"'{name}': {table.value_of(ITEM_FIELDS[name], place, f'item.c{place}')}"
                for name, place in layout.item.items()
            )
            values.append(
                f"list_transform(list_filter(items, lambda item: item IS NOT NULL), lambda item: {{{item}}}) "
                f"AS {field.name}"
            )
    return ", ".join(values)


def _context(layout: Layout) -> str:
    """Keys whose cell is empty are absent, and a context without keys is absent too."""
    entries = ", ".join(
        f"{{'k': ${number}, 'v': nullif(c{place}::VARCHAR, '')}}"
        for number, place in enumerate(layout.context.values(), start=1)
    )
    return f"map_from_entries(nullif(list_filter([{entries}], lambda entry: entry.v IS NOT NULL), []))"


def _lists(layout: Layout) -> str:
    """Rows to lists: those of items first in each, in the order of the rows."""
    shared = ", ".join(f"c{place}" for place in chain(layout.fields.values(), layout.context.values()))
    blank = " AND ".join(f"coalesce(c{place}::VARCHAR, '') = ''" for place in layout.item.values())
    item = ", ".join(f"'c{place}': c{place}" for place in layout.item.values())
    identity = ", ".join(f"c{layout.item[name]}::VARCHAR" for name in ("item_id", "rank"))
    return f"""
        CREATE TABLE lists AS
        WITH pieces AS (
            SELECT {shared}, line, [{identity}] AS identity,
                   CASE WHEN {blank} THEN NULL ELSE {{{item}}} END AS item
            FROM given
        )
        SELECT {shared}, min(line) AS first, count(*) > count(DISTINCT identity) AS logged_again,
               list(item {_ORDER}) AS items, list(line {_ORDER}) AS lines,
               list(identity {_ORDER}) AS identities
        FROM pieces GROUP BY {shared}
    """  # noqa: S608 - names of columns that are ours


def _apart(layout: Layout) -> str:
    """The nth row of the same item and rank belongs to the list as it was logged the nth time."""
    places = [f"c{place}" for place in chain(layout.fields.values(), layout.context.values())]
    return f"""
        CREATE TABLE whole AS
        SELECT {", ".join(places)}, first, items, lines FROM lists WHERE NOT logged_again
        UNION ALL
        SELECT {", ".join(f"any_value({place})" for place in places)}, min(line),
               list(item {_ORDER}), list(line {_ORDER})
        FROM (
            SELECT *, row_number() OVER (PARTITION BY first, identity ORDER BY line) AS time
            FROM (
                SELECT {", ".join(places)}, first, unnest(items) AS item, unnest(lines) AS line,
                       unnest(identities) AS identity
                FROM lists WHERE logged_again
            )
        )
        GROUP BY first, time
    """  # noqa: S608 - names of columns that are ours


def _origin(connection: duckdb.DuckDBPyConnection, rows: Path, firsts: Path) -> Origin:
    place = 0
    with rows.open("wb") as row_file, firsts.open("wb") as first_file:
        for batch in connection.sql("SELECT lines FROM whole ORDER BY first").to_arrow_reader(50_000):
            lengths = np.diff(batch.column(0).offsets.to_numpy())
            numbers = batch.column(0).flatten().to_numpy(zero_copy_only=False)
            row_file.write(numbers.astype(np.int64).tobytes())
            first_file.write((place + np.cumsum(lengths) - lengths).astype(np.int64).tobytes())
            place += int(lengths.sum())
    return Origin(rows=rows, firsts=firsts)
