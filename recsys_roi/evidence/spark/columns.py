"""The columns that pass between Spark and the checking of lines, as Arrow and as Spark name their types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pyarrow as pa

from recsys_roi.logs.contracts import CONTRACTS, Field, FieldType, Kind, Reason

ROWS, ERRORS, BLOCKS = "row", "error", "block"
"""The sorts of rows in the column `part`: good lines, errors of the others, sums of a block."""
Columns = dict[str, Any]  # Arrow arrays, numpy arrays or lists
Error = tuple[int, Reason, tuple[str, str] | None, str, str]
"""Which of its line's errors, its reason, its new name, its field and its value."""
_encode = msgspec.json.Encoder().encode

_SCALARS: dict[FieldType, pa.DataType] = {
    "string": pa.string(),
    "timestamp": pa.int64(),  # microseconds since the epoch, UTC
    "event_type": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "object of strings": pa.map_(pa.string(), pa.string()),
}
_PLACE = (
    ("part", pa.string()),
    ("file_no", pa.int32()),
    ("start", pa.int64()),  # of the block in its file
    ("place", pa.int64()),  # from 0: of a good line among the block's good ones, of an error its line's
)
_ERROR = (
    ("nth", pa.int32()),  # of the line's errors
    ("reason", pa.string()),
    ("new_kind", pa.string()),  # of a name that no contract has
    ("new_name", pa.string()),
    ("stored", pa.string()),  # field, reason and value as they are kept beside the evidence
)
_SUMS = ("lines", "accepted", "records", "extended", "nulls", "size", "digest")
_BLOCK = (
    *((name, pa.int64()) for name in _SUMS),
    ("told", pa.string()),  # of a file that is one block: its hashes and what is to be said of it, as JSON
    ("refused", pa.string()),  # why it is no log
)


def arrow_type(field: Field) -> pa.DataType:
    """The Arrow type of a contract's field."""
    if field.type == "array of objects":
        return pa.list_(pa.struct([pa.field(inner.name, arrow_type(inner)) for inner in field.fields]))
    return _SCALARS[field.type]


def schema_of(kind: Kind) -> pa.Schema:
    """All columns of one kind of log; each sort of rows has some of them."""
    fields = [(field.name, arrow_type(field)) for field in CONTRACTS[kind].fields]
    return pa.schema([*_PLACE, *fields, *_ERROR, *_BLOCK])


def row_fields(kind: Kind, moment: str) -> str:
    """The columns of a contract as Spark's own language declares them, with the type that times have."""
    return ", ".join(
        f"`{field.name}` {moment if field.type == 'timestamp' else spark_type(arrow_type(field))}"
        for field in CONTRACTS[kind].fields
    )


def filled(schema: pa.Schema, known: Columns, count: int) -> pa.RecordBatch:
    """Rows of one sort, with the columns that it has not."""
    arrays = []
    for column in schema:
        given = known.get(column.name)
        if given is None:
            arrays.append(pa.nulls(count, column.type))
        elif isinstance(given, pa.Array):
            arrays.append(given if given.type == column.type else given.cast(column.type))
        else:
            arrays.append(pa.array(given, column.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def error_columns(errors: Iterable[Error]) -> Columns:
    """Errors as columns."""
    columns: Columns = {name: [] for name, _ in _ERROR}
    for nth, reason, new, field, value in errors:
        kind, name = new or (None, None)
        stored = _encode([field, reason, value]).decode()
        for column, entry in zip(columns.values(), (nth, reason.value, kind, name, stored), strict=True):
            column.append(entry)
    return columns


def spark_type(kind: pa.DataType) -> str:
    """The type as Spark's own language names it."""
    if pa.types.is_list(kind):
        return f"ARRAY<{spark_type(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return f"STRUCT<{', '.join(f'`{field.name}`: {spark_type(field.type)}' for field in kind)}>"
    if pa.types.is_map(kind):
        return f"MAP<{spark_type(kind.key_type)}, {spark_type(kind.item_type)}>"
    return _NAMES[str(kind)]


_NAMES = {
    "string": "STRING",
    "int32": "INT",
    "int64": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "binary": "BINARY",
}


def declared(schema: pa.Schema) -> str:
    """A schema as Spark's own language declares it."""
    return ", ".join(f"`{field.name}` {spark_type(field.type)}" for field in schema)
