"""Files that one task reads as a whole, as this machine does: CSV, other names of fields, an item a row."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from recsys_roi.errors import RecsysRoiError
from recsys_roi.evidence.reject_days import new_name
from recsys_roi.evidence.spark.columns import BLOCKS, ERRORS, ROWS, Columns, error_columns, filled, schema_of
from recsys_roi.logs import tables
from recsys_roi.logs.contracts import Kind
from recsys_roi.logs.loading import Checked, check_staged, load
from recsys_roi.logs.progress import Reporter
from recsys_roi.logs.reading import stage
from recsys_roi.logs.rejects import Stored
from recsys_roi.logs.shapes.sure_rows import Keep

WHOLE_LIMIT = 128 * 2**20  # bytes of one file: it is held in memory, by Java and by Python
_AT_ONCE = 5000  # rows of a batch

GivenFile = tuple[str, Mapping[str, str]]
"""The name of a file for people, and its mapping {field: column or key}."""


def checked_files(
    kind: Kind, given: Mapping[int, GivenFile], salt: str | None, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Good records as typed rows, errors, and the sums of each file, which is one block.

    The batches have the columns content (a file's bytes) and file_no. A file that is no log has a block that
    says why. With a `salt` user ids are kept as their hashes only.
    """
    for batch in batches:
        for content, file_no in zip(
            batch.column("content"), batch.column("file_no").to_pylist(), strict=True
        ):
            with tempfile.TemporaryDirectory(prefix="recsys-roi-") as folder:
                try:
                    checked, parquet = _read(kind, given[file_no], content.as_buffer(), Path(folder), salt)
                    yield from _rows(kind, file_no, parquet, Path(folder))
                    yield from _errors(kind, file_no, checked.rejects)
                    yield _block(kind, file_no, _sums(checked))
                except RecsysRoiError as problem:
                    yield _block(kind, file_no, {"refused": str(problem)})


def _read(
    kind: Kind, given: GivenFile, content: pa.Buffer, work: Path, salt: str | None
) -> tuple[Checked, Path]:
    name, mapping = given
    reporter = Reporter(None, name)
    staged = stage((name, io.BytesIO(content)), kind, mapping, work, reporter)
    keep = Keep(parquet=work / "rows.parquet", salt=salt)
    checked = check_staged(staged, kind, work, reporter, hides_ids=salt is not None, keep=keep)
    return checked, load(checked, work, reporter, keep)


def _sums(checked: Checked) -> dict[str, int | str]:
    staged = checked.staged
    return {
        "lines": checked.lines,
        "accepted": checked.accepted,
        "records": checked.records,
        "extended": checked.extended,
        "nulls": checked.null_for_absent,
        "size": staged.plain.stat().st_size,
        "digest": 0,
        "told": json.dumps([staged.hash, staged.content_hash, checked.absent, *checked.notes]),
    }


def _rows(kind: Kind, file_no: int, parquet: Path, work: Path) -> Iterator[pa.RecordBatch]:
    with tables.working_connection(work / "spill") as connection:
        typed = connection.read_parquet(tables.without_glob(parquet)).project(
            "* REPLACE (epoch_us(ts) AS ts)"
        )
        before = 0
        for batch in typed.to_arrow_reader(_AT_ONCE):
            count = len(batch)
            columns: Columns = {name: batch.column(name) for name in batch.schema.names}
            places = np.arange(before, before + count, dtype=np.int64)
            yield _placed(kind, ROWS, file_no, columns | {"place": places}, count)
            before += count


def _errors(kind: Kind, file_no: int, rejects: Path) -> Iterator[pa.RecordBatch]:
    decode = msgspec.json.Decoder(Stored).decode
    with rejects.open("rb") as stored:
        found = (
            (error, nth)
            for _, errors in groupby(map(decode, stored), key=lambda error: error.line)
            for nth, error in enumerate(errors)
        )
        while some := list(islice(found, _AT_ONCE)):
            columns = error_columns(
                (
                    nth,
                    error.reason,
                    new_name(error.reason, error.field, error.value),
                    error.field,
                    error.value,
                )
                for error, nth in some
            )
            places = np.asarray([error.line - 1 for error, _ in some], dtype=np.int64)
            yield _placed(kind, ERRORS, file_no, columns | {"place": places}, len(some))


def _placed(kind: Kind, part: str, file_no: int, columns: Columns, count: int) -> pa.RecordBatch:
    known = {
        "part": pa.repeat(part, count),
        "file_no": np.full(count, file_no, dtype=np.int32),
        "start": np.zeros(count, dtype=np.int64),
    }
    return filled(schema_of(kind), columns | known, count)


def _block(kind: Kind, file_no: int, sums: Mapping[str, int | str]) -> pa.RecordBatch:
    return _placed(kind, BLOCKS, file_no, {name: [value] for name, value in sums.items()}, 1)
