"""Rows that hold one item each, gathered to the lists they belong to while they follow one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recsys_roi.logs.shapes.layout import Layout
from recsys_roi.logs.shapes.origin import Origin
from recsys_roi.logs.shapes.table_lines import STORED, Table, ValueOf, stored_batches

_MOST = 100_000  # rows that are held back for the list they may go on with


def write_lists(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, layout: Layout, work: Path, value_of: ValueOf
) -> Table:
    """Write runs of rows that agree in everything but the item, each as one row.

    `schema` has the columns c0, c1, ... and `line`. A run has the columns that its rows share, `items`
    (structs of the item's columns) and `lines` (the numbers of its rows).
    """
    stored, rows, firsts = work / "lists.arrow", work / "lists.rows", work / "lists.firsts"
    shared = [f"c{place}" for place in layout.shared]
    item = [schema.field(f"c{place}") for place in layout.item.values()]
    runs = pa.schema(
        [
            *(schema.field(name) for name in shared),
            pa.field("items", pa.list_(pa.struct(item))),
            pa.field("lines", pa.list_(pa.int64())),
        ]
    )
    written = 0
    with (
        stored.open("wb") as file,
        rows.open("wb") as row_file,
        firsts.open("wb") as first_file,
        pa.ipc.new_file(file, runs, options=STORED) as table,
    ):
        for batch, starts in _runs(batches, shared):
            table.write_batch(_gathered(batch, starts, runs))
            row_file.write(np.asarray(batch.column("line"), dtype=np.int64).tobytes())
            first_file.write((written + starts).astype(np.int64).tobytes())
            written += len(batch)
    return Table(
        batches=lambda: stored_batches(stored),
        schema=runs,
        layout=layout,
        value_of=value_of,
        origin=Origin(rows=rows, firsts=firsts),
    )


def _runs(
    batches: Iterable[pa.RecordBatch], shared: Sequence[str]
) -> Iterator[tuple[pa.RecordBatch, NDArray[np.int64]]]:
    """Batches of whole runs, and where in each batch its runs begin."""
    held: pa.RecordBatch | None = None
    for batch in batches:
        together = batch if held is None else pa.concat_batches([held, batch])
        if not len(together):
            continue
        starts = _starts(together, shared)
        end = int(starts[-1])
        if len(together) - end > _MOST:  # whatever is left of that list makes a second run of it
            yield together, starts
            held = None
            continue
        if end:
            yield together.slice(0, end), starts[:-1]
        held = together.slice(end)
    if held is not None:
        yield held, np.zeros(1, dtype=np.int64)


def _starts(batch: pa.RecordBatch, shared: Sequence[str]) -> NDArray[np.int64]:
    changed = np.zeros(len(batch), dtype=bool)
    changed[0] = True
    for name in shared:
        changed[1:] |= _differs(batch.column(name))
    return np.flatnonzero(changed)


def _differs(column: pa.Array) -> NDArray[np.bool_]:
    """Whether each value but the first differs from the one before it; two nulls do not."""
    later, earlier = column.slice(1), column.slice(0, len(column) - 1)
    try:
        differs = pc.fill_null(pc.not_equal(later, earlier), False)
    except pa.ArrowNotImplementedError:  # a map: its runs are found later, by all their values
        return np.ones(len(later), dtype=bool)
    changed = np.asarray(differs, dtype=bool)
    if column.null_count:
        changed |= np.asarray(later.is_valid()) != np.asarray(earlier.is_valid())
    return changed


def _gathered(batch: pa.RecordBatch, starts: NDArray[np.int64], runs: pa.Schema) -> pa.RecordBatch:
    offsets = pa.array(np.append(starts, len(batch)), pa.int32())
    first_rows = pa.array(starts, pa.int64())
    item = runs.field("items").type.value_type
    items = pa.StructArray.from_arrays([batch.column(field.name) for field in item], fields=list(item))
    return pa.record_batch(
        [
            *(batch.column(field.name).take(first_rows) for field in list(runs)[:-2]),
            pa.ListArray.from_arrays(offsets, items),
            pa.ListArray.from_arrays(offsets, batch.column("line")),
        ],
        schema=runs,
    )
