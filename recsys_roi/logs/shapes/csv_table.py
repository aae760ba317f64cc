"""CSV as a table: cells are text, and become what their field is where they look like it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pyarrow as pa

from recsys_roi.logs.contracts import CONTRACTS, Field
from recsys_roi.logs.shapes.csv_rows import Header, schema_of
from recsys_roi.logs.shapes.layout import Layout
from recsys_roi.logs.shapes.lists import write_lists
from recsys_roi.logs.shapes.sure_rows import Aside, Judges
from recsys_roi.logs.shapes.sure_values import of_cells
from recsys_roi.logs.shapes.table_lines import Table

_JSON_TYPES = ("object of strings", "array of objects")
_check_json = msgspec.json.Decoder(
    msgspec.Raw
).decode  # as strict as a whole decoding, which takes ten times as long
_NUMBER = r"-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?"  # RFC 8259
_BOOLEANS = {"true": "'true', '1'", "false": "'false', '0'"}
_OTHERWISE = "WHEN {0} = '' THEN NULL ELSE to_json({0}) END"


def lists_of(batches: Iterable[pa.RecordBatch], header: Header, layout: Layout, work: Path) -> Table:
    """The lists in a CSV file whose rows hold one item each."""
    return write_lists(batches, schema_of(header), layout, work, lambda field, _, value: _value(field, value))


def judges_of(header: Header, layout: Layout) -> Judges:
    """How the columns are judged."""
    return Judges(layout, schema_of(header), lambda field, _: of_cells(field))


def table_of(aside: Aside, layout: Layout) -> Table:
    """The rows of a CSV file that were put aside."""
    json_columns = {
        f"c{layout.fields[field.name]}"
        for field in CONTRACTS[layout.kind].fields
        if field.name in layout.fields and field.type in _JSON_TYPES
    }
    return Table(
        batches=lambda: (_with_json(batch, json_columns) for batch in aside.batches()),
        schema=aside.schema,
        layout=layout,
        value_of=lambda field, _, value: _value(field, value),
        origin=aside.origin,
    )


def _with_json(batch: pa.RecordBatch, names: set[str]) -> pa.RecordBatch:
    """The batch with the cells in these columns made JSON."""
    columns = [
        _json_column(column) if name in names else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
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
