"""CSV as a table: cells are text, and become what their field is where they look like it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from recsys_roi.logs.contracts import CONTRACTS, Field
from recsys_roi.logs.rejects import RejectWriter
from recsys_roi.logs.shapes.csv_rows import Header, rows_of, schema_of
from recsys_roi.logs.shapes.layout import Layout
from recsys_roi.logs.shapes.lists import write_lists
from recsys_roi.logs.shapes.origin import Origin
from recsys_roi.logs.shapes.table_lines import STORED, Table, stored_batches

_JSON_TYPES = ("object of strings", "array of objects")
_check_json = msgspec.json.Decoder(
    msgspec.Raw
).decode  # as strict as a whole decoding, which takes ten times as long
_NUMBER = r"-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?"  # RFC 8259
_BOOLEANS = {"true": "'true', '1'", "false": "'false', '0'"}
_OTHERWISE = "WHEN {0} = '' THEN NULL ELSE to_json({0}) END"


def table_of(
    path: Path,
    header: Header,
    layout: Layout,
    work: Path,
    *,
    rejects: RejectWriter,
    report: Callable[[int], None],
) -> Table:
    """The rows of the plain CSV file at `path` that fit its header; the others are written to `rejects`."""

    def batches() -> Iterator[pa.RecordBatch]:
        for batch, done in rows_of(path, header, rejects):
            yield batch
            report(done)

    schema = schema_of(header)
    if layout.item:
        return write_lists(batches(), schema, layout, work, lambda field, _, value: _value(field, value))
    json_columns = {
        layout.fields[field.name]
        for field in CONTRACTS[layout.kind].fields
        if field.name in layout.fields and field.type in _JSON_TYPES
    }
    stored, rows = work / "rows.arrow", work / "rows.lines"
    with (
        stored.open("wb") as file,
        rows.open("wb") as lines,
        pa.ipc.new_file(file, schema, options=STORED) as table,
    ):
        for batch in batches():
            table.write_batch(_with_json(batch, json_columns))
            lines.write(np.asarray(batch.column("line"), dtype=np.int64).tobytes())
    return Table(
        batches=lambda: stored_batches(stored),
        schema=schema,
        layout=layout,
        value_of=lambda field, _, value: _value(field, value),
        origin=Origin(rows=rows),
    )


def _with_json(batch: pa.RecordBatch, places: set[int]) -> pa.RecordBatch:
    """The batch with the cells in these columns made JSON."""
    columns = [
        _json_column(column) if place in places else column for place, column in enumerate(batch.columns)
    ]
    return pa.record_batch(columns, schema=batch.schema)


def _value(field: Field, cell: str) -> str:
    """SQL of a cell as the contract writes it; what cannot be is left as text for the contract to refuse."""
    if field.type in _JSON_TYPES:
        return f"{cell}::JSON"
    if field.type in ("integer", "number"):
        return f"CASE WHEN regexp_full_match({cell}, '{_NUMBER}') THEN {cell}::JSON {_OTHERWISE.format(cell)}"
    if field.type == "boolean":
        cases = " ".join(
            f"WHEN lower({cell}) IN ({words}) THEN '{value}'::JSON" for value, words in _BOOLEANS.items()
        )
        return f"CASE {cases} {_OTHERWISE.format(cell)}"
    return cell


def _json_column(column: pa.Array) -> pa.Array:
    cells = column.to_pylist()
    made = [_as_json(cell) for cell in cells]
    return column if made == cells else pa.array(made, pa.string())


def _as_json(cell: str) -> str:
    """The cell itself where it is JSON, else a JSON string of it, which the contract then refuses."""
    if not cell:
        return "null"
    try:
        _check_json(cell)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return json.dumps(cell)
    return cell
