"""Parquet as a table: its columns held to the types of the contract once, its values row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recsys_roi.errors import LogError
from recsys_roi.logs.contracts import CONTRACTS, Field
from recsys_roi.logs.shapes.layout import ITEM_FIELDS, Layout
from recsys_roi.logs.shapes.lists import write_lists
from recsys_roi.logs.shapes.origin import Origin
from recsys_roi.logs.shapes.sure_rows import Aside, Judges, Rows
from recsys_roi.logs.shapes.sure_values import CONTEXT_ENTRY, of_values
from recsys_roi.logs.shapes.table_lines import Table, ValueOf

_BATCH = 20_000  # rows
_PIECE = 2**27  # bytes of them, once every row has its own values
_LEAST_ROW = 20  # bytes that a row of any contract takes
_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"
_PRIMITIVES = {
    "string": ("text", "whole number"),
    "timestamp": ("time with a time zone", "text"),
    "event_type": ("text",),
    "integer": ("whole number", "number"),
    "number": ("number", "whole number"),
    "boolean": ("true or false",),
}


def columns_of(path: Path, name: str) -> pa.Schema:
    """The columns of the Parquet file at `path`, a struct spread over its fields; LogError when damaged."""
    try:
        return spread(pq.read_schema(path))
    except (OSError, pa.ArrowException) as problem:
        raise damaged(name) from problem


def spread(schema: pa.Schema) -> pa.Schema:
    """The columns, a struct spread over its fields."""
    return pa.schema([column for whole in schema for column in whole.flatten()])


def damaged(name: str) -> LogError:
    """What a person is told about a Parquet file that cannot be read."""
    return LogError(
        name, "the Parquet file is damaged or not whole, so nothing of it was kept. Fetch it again."
    )


def check_types(schema: pa.Schema, layout: Layout, name: str) -> tuple[str, ...]:
    """LogError when a column can hold no value of its field; gives notes about types that were adapted."""
    notes = []
    by_name = {**ITEM_FIELDS, **{field.name: field for field in CONTRACTS[layout.kind].fields}}
    for field_name, place in [*layout.fields.items(), *layout.item.items()]:
        field, column = by_name[field_name], schema.field(place)
        if field.type == "array of objects":
            _check_items(column, name)
        elif field.type == "object of strings":
            _check_context(column, name)
        else:
            found = _check(column.name, column.type, field, name)
            if field.type == "string" and found == "whole number":
                notes.append(f"The column {column.name} holds whole numbers, which were read as text.")
    for place in layout.context.values():
        _check(schema.field(place).name, schema.field(place).type, CONTEXT_ENTRY, name)
    return tuple(notes)


def _sort(kind: pa.DataType) -> str:
    """What a column of this type holds, in words."""
    types = pa.types
    if types.is_dictionary(kind):
        return _sort(kind.value_type)
    if types.is_timestamp(kind):
        return "time with a time zone" if kind.tz else "time without a time zone"
    sorts = (
        (types.is_null, "nothing"),
        (types.is_string, "text"),
        (types.is_large_string, "text"),
        (types.is_string_view, "text"),
        (types.is_integer, "whole number"),
        (types.is_floating, "number"),
        (types.is_decimal, "number"),
        (types.is_boolean, "true or false"),
    )
    return next((sort for is_of, sort in sorts if is_of(kind)), str(kind))


def _check(column: str, kind: pa.DataType, field: Field, name: str) -> str:
    found, wanted = _sort(kind), _PRIMITIVES[field.type]
    if found not in ("nothing", *wanted):
        advice = " Write it in UTC, marked as such." if found == "time without a time zone" else ""
        raise LogError(name, f"the column {column} holds {found}; {field.name} is {wanted[0]}.{advice}")
    return found


def _check_items(column: pa.Field, name: str) -> None:
    kind = column.type
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_list_view(kind)
    names = (
        {field.name for field in kind.value_type} if is_list and pa.types.is_struct(kind.value_type) else ()
    )
    if not {"item_id", "rank"} <= set(names):
        raise LogError(name, f"the column {column.name} is no list of structs with item_id and rank.")
    for field in kind.value_type:
        if field.name in ITEM_FIELDS:
            _check(f"{column.name}.{field.name}", field.type, ITEM_FIELDS[field.name], name)


def _check_context(column: pa.Field, name: str) -> None:
    kind = column.type
    if not (pa.types.is_map(kind) and _sort(kind.key_type) == _sort(kind.item_type) == "text"):
        raise LogError(name, f"the column {column.name} is neither a map nor a struct of text.")


def rows_of(path: Path, schema: pa.Schema, growth: Callable[[int], None]) -> Rows:
    """The rows of the Parquet file at `path`, from 1; `growth` hears how large they are and may raise."""
    size, given = path.stat().st_size, schema_of(schema)
    with pq.ParquetFile(path) as file:
        rows = max(1, file.metadata.num_rows)
    done = 0
    for batch in _numbered(_batches_of_file(path, growth), given):
        done += len(batch)
        yield batch, size * done // rows


def lists_of(batches: Iterable[pa.RecordBatch], schema: pa.Schema, layout: Layout, work: Path) -> Table:
    """The lists in a Parquet file whose rows hold one item each."""
    given = schema_of(schema)
    return write_lists(batches, given, layout, work, _value_of(given))


def judges_of(schema: pa.Schema, layout: Layout) -> Judges:
    """How the columns are judged."""
    return Judges(layout, schema_of(schema), of_values)


def table_of(aside: Aside, schema: pa.Schema, layout: Layout) -> Table:
    """The rows of a Parquet file that were put aside."""
    given = schema_of(schema)
    return Table(
        batches=aside.batches,
        schema=aside.schema,
        layout=layout,
        value_of=_value_of(given),
        origin=aside.origin,
    )


def table_of_batches(
    batches: Callable[[], Iterator[pa.RecordBatch]], schema: pa.Schema, layout: Layout
) -> Table:
    """The rows of batches whose columns, spread, are `schema`; each row is a record."""
    given = schema_of(schema)
    return Table(
        batches=lambda: _numbered(batches(), given),
        schema=given,
        layout=layout,
        value_of=_value_of(given),
        origin=Origin(),
    )


def schema_of(columns: pa.Schema) -> pa.Schema:
    """The columns c0, c1, ... and `line` of the rows as they are read."""
    return pa.schema(
        [pa.field(f"c{place}", _plain(column.type)) for place, column in enumerate(columns)]
        + [pa.field("line", pa.int64())]
    )


def _value_of(given: pa.Schema) -> ValueOf:
    return lambda field, place, value: _value(field, given.field(place).type, value)


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _batches_of_file(path: Path, growth: Callable[[int], None]) -> Iterator[pa.RecordBatch]:
    """The rows in pieces. A text that many rows share is kept once until its whole size is known."""
    plain = 0
    with pq.ParquetFile(path, read_dictionary=_texts(path)) as file:
        growth(file.metadata.num_rows * _LEAST_ROW)
        for whole in file.iter_batches(batch_size=_BATCH):
            size = sum(map(_size, whole.columns))
            plain += size
            growth(plain)
            rows = max(1, len(whole) * _PIECE // max(size, _PIECE))
            yield from (whole.slice(start, rows) for start in range(0, len(whole), rows))


def _texts(path: Path) -> list[str]:
    """The columns of plain text; those within lists and maps are not read so."""
    return [column.name for column in pq.read_schema(path) if _sort(column.type) == "text"]


def _size(column: pa.Array) -> int:
    """Bytes of a column once every row has its own value."""
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary)
    return int(pc.sum(lengths.take(column.indices)).as_py() or 0)


def _numbered(batches: Iterable[pa.RecordBatch], given: pa.Schema) -> Iterator[pa.RecordBatch]:
    number = 1
    for batch in batches:
        columns = [
            array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
            for whole in batch.columns
            for array in (whole.flatten() if pa.types.is_struct(whole.type) else [whole])
        ]
        lines = pa.array(np.arange(number, number + len(batch)), pa.int64())
        yield pa.record_batch([*columns, lines], schema=given)
        number += len(batch)


def _value(field: Field, kind: pa.DataType, value: str) -> str:
    """SQL of a value as the contract writes it; what cannot be is left for the contract to refuse."""
    if field.type == "array of objects":
        inner = ", ".join(
            f"'{item.name}': {_value(ITEM_FIELDS[item.name], item.type, f'item.{item.name}')}"
            for item in kind.value_type
            if item.name in ITEM_FIELDS
        )
        return f"list_transform({value}, lambda item: {{{inner}}})"
    if field.type == "timestamp" and pa.types.is_timestamp(kind):
        return f"strftime({value} AT TIME ZONE 'UTC', '{_MOMENT}')"
    if field.type in ("string", "timestamp", "event_type"):
        return f"{value}::VARCHAR"
    if pa.types.is_floating(kind):  # JSON has no NaN and no infinity
        return f"CASE WHEN isfinite({value}) THEN to_json({value}) ELSE to_json({value}::VARCHAR) END"
    return value


def left_out_of_items(schema: pa.Schema, layout: Layout) -> tuple[str, ...]:
    """What stands in the structs of the items and is no field of an item."""
    if "items" not in layout.fields:
        return ()
    column = schema.field(layout.fields["items"])
    return tuple(
        f"{column.name}.{field.name}" for field in column.type.value_type if field.name not in ITEM_FIELDS
    )
