"""Rows of Parquet as lines of the contract, on the executors: a table is held to the same contract."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from recsys_roi.logs.contracts import Kind
from recsys_roi.logs.shapes import parquet_table
from recsys_roi.logs.shapes.layout import layout_of
from recsys_roi.logs.shapes.table_lines import write_lines

PLACE = ("file_no", "start")
LINES = pa.schema([("value", pa.binary()), ("file_no", pa.int32()), ("start", pa.int64())])


def lines_of_rows(kind: Kind, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """A line for each row; the batches have the columns of the file, then file_no and start."""
    with tempfile.TemporaryDirectory(prefix="recsys-roi-") as folder:
        work = Path(folder)
        for batch in batches:
            if len(batch):
                yield _lines(kind, batch, work)


def _lines(kind: Kind, batch: pa.RecordBatch, work: Path) -> pa.RecordBatch:
    names = [name for name in batch.schema.names if name not in PLACE]
    rows = batch.select(names)
    schema = parquet_table.spread(rows.schema)
    layout = layout_of(schema.names, kind, {}, "a Parquet file")
    table = parquet_table.table_of_batches(lambda: iter([rows]), schema, layout)
    write_lines(table, work / "lines.jsonl", work, lambda _: None)
    lines = (work / "lines.jsonl").read_bytes().split(b"\n")[:-1]
    place = {name: np.asarray(batch.column(name)) for name in PLACE}
    return pa.record_batch(
        [pa.array(lines, pa.binary()), *(pa.array(place[name]) for name in PLACE)], schema=LINES
    )
