"""Tables with the fields of a contract in their columns, as lines of that contract.

The lines are then checked and stored like any others, so a table is held to the same contract.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from recsys_roi.logs import tables
from recsys_roi.logs.contracts import CONTRACTS, Field
from recsys_roi.logs.shapes.layout import ITEM_FIELDS, Layout
from recsys_roi.logs.shapes.origin import Origin

ValueOf = Callable[[Field, int, str], str]
"""SQL of a value, from its field, its column, and the SQL of the column."""

STORED = pa.ipc.IpcWriteOptions(compression="lz4")

_ORDER = "ORDER BY item IS NULL, line"  # of the rows of a list; a row without an item goes last


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Columns c0, c1, ...; where rows hold one item each, those they share, and the lists items and lines."""

    batches: Callable[[], Iterator[pa.RecordBatch]]  # from the first row, each time
    schema: pa.Schema
    layout: Layout
    value_of: ValueOf
    origin: Origin


def stored_batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The batches of an Arrow file."""
    with pa.memory_map(str(path)) as file:
        found = pa.ipc.open_file(file)
        for place in range(found.num_record_batches):
            yield found.get_batch(place)


def write_lines(table: Table, to: Path, work: Path, on_wait: Callable[[float], None]) -> Origin:
    """Write one line for each row, or for each list where a row holds one item; gives where they come from.

    Rows are of one list when they agree in everything but the item. A row that repeats the item and the
    rank of an earlier one is of the same list logged again, as a line that repeats another is.
    """
    layout = table.layout
    keys = [f"{json.dumps(key, ensure_ascii=False)}:" for key in layout.context]
    with tables.working_connection(work / "spill") as connection:
        give = partial(_give, connection, table)
        give()
        if layout.item and not tables.run(connection, _each_list_once(layout), [], on_wait):
            give()
            tables.run(connection, _lists(layout), [], on_wait)
            tables.run(connection, _apart(layout), [], on_wait)
            tables.run(connection, _copy(_values(table), "whole ORDER BY first", to), keys, on_wait)
            return _origin(connection, work / "origin.rows", work / "origin.firsts")
        give()
        tables.run(connection, _copy(_values(table), "given", to), keys, on_wait)
    return table.origin


def _give(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """A reader gives its rows once."""
    connection.register("given", pa.RecordBatchReader.from_batches(table.schema, table.batches()))


def _copy(values: str, source: str, to: Path) -> str:
    return f"COPY (SELECT {values} FROM {source}) TO {tables.quoted(str(to))} (FORMAT json)"  # noqa: S608 - SQL of ours


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
                f"list_transform(list_filter(items, lambda item: NOT ({_blank(layout)})), "
                f"lambda item: {{{item}}}) AS {field.name}"
            )
    return ", ".join(values)


def _context(layout: Layout) -> str:
    """Keys whose cell is empty are absent, and a context without keys is absent too.

    JSON put together as text takes half the time of a map that is made and written.
    """
    cells = [f"c{place}::VARCHAR" for place in layout.context.values()]
    entries = ", ".join(
        f"CASE WHEN {cell} <> '' THEN ${number} || to_json({cell}) END"
        for number, cell in enumerate(cells, start=1)
    )
    return f"('{{' || nullif(concat_ws(',', {entries}), '') || '}}')::JSON"


def _blank(layout: Layout) -> str:
    """SQL: the row `item` is of a list without items."""
    return " AND ".join(f"coalesce(item.c{place}::VARCHAR, '') = ''" for place in layout.item.values())


def _identity(layout: Layout) -> str:
    """SQL of what tells the items of a list apart."""
    places = (layout.item["item_id"], layout.item["rank"])
    return f"[{', '.join(f'item.c{place}::VARCHAR' for place in places)}]"


def _each_list_once(layout: Layout) -> str:
    """Whether each run of rows is a list of its own, logged once: as nearly always."""
    request = f"c{layout.fields['request_id']}"
    return f"""
        SELECT count(*) = count(DISTINCT {request}) AND count({request}) = count(*) AND coalesce(bool_and(
            len(items) = 1 OR (
                len(list_filter(items, lambda item: {_blank(layout)})) = 0
                AND len(list_distinct(list_transform(items, lambda item: {_identity(layout)}))) = len(items)
            )
        ), true)
        FROM given
    """  # noqa: S608 - names of columns that are ours


def _lists(layout: Layout) -> str:
    """Rows to lists: those of items first in each, in the order of the rows."""
    shared = ", ".join(f"c{place}" for place in layout.shared)
    return f"""
        CREATE TABLE lists AS
        WITH rows AS (SELECT {shared}, unnest(items) AS item, unnest(lines) AS line FROM given),
        pieces AS (
            SELECT {shared}, line, {_identity(layout)} AS identity,
                   CASE WHEN {_blank(layout)} THEN NULL ELSE item END AS item
            FROM rows
        )
        SELECT {shared}, min(line) AS first, count(*) > count(DISTINCT identity) AS logged_again,
               list(item {_ORDER}) AS items, list(line {_ORDER}) AS lines,
               list(identity {_ORDER}) AS identities
        FROM pieces GROUP BY {shared}
    """  # noqa: S608 - names of columns that are ours


def _apart(layout: Layout) -> str:
    """The nth row of the same item and rank belongs to the list as it was logged the nth time."""
    places = [f"c{place}" for place in layout.shared]
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
