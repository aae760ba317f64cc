"""The contract on Spark: the same decoders over the lines of each partition, run on the executors.

A block is what one task reads of one file. Its lines are counted from its own first, and the blocks of a file
stand one after the other, so that the sums of the blocks before it give every line its number.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from recsys_roi.evidence.columns import Ints
from recsys_roi.evidence.reject_days import new_name
from recsys_roi.evidence.spark.columns import BLOCKS, ERRORS, ROWS, Columns, error_columns, filled, schema_of
from recsys_roi.logs import tables
from recsys_roi.logs.checking import errors_of
from recsys_roi.logs.contracts import LINE_LIMIT, FieldError, Kind, Reason
from recsys_roi.logs.decoding import Decoder
from recsys_roi.logs.rejects import MAY_HOLD_IDS, NOT_KEPT
from recsys_roi.logs.shapes.renaming import service_line

LINES_AT_ONCE = 200  # that the decoder sees; more would leave the processor's cache
# The two forms of the contracts agree, so this stands only where they would not: no line gets lost.
_UNREADABLE = FieldError(field="", reason=Reason.NOT_JSON, value="")


@dataclass(kw_only=True)
class _Block:
    """The sums of one block so far."""

    file_no: int
    start: int
    lines: int = 0
    accepted: int = 0
    extended: int = 0
    nulls: int = 0
    size: int = 0  # bytes
    digest: int = 0  # sum of the hashes of its lines, 64 bits with a sign


def checked_lines(
    kind: Kind, of_service: Collection[int], salt: str | None, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Good lines as typed rows, errors, and sums of blocks, of one partition.

    The batches have the columns value (a line's bytes), file_no, start and digest (a hash of the line);
    `of_service` are the files that the recommender service wrote in its own shape. With a `salt` user ids are
    kept as their hashes only.
    """
    with (
        tempfile.TemporaryDirectory(prefix="recsys-roi-") as folder,
        tables.working_connection(Path(folder) / "spill") as connection,
    ):
        checker = _Checker(kind, connection, Path(folder) / "lines.jsonl", of_service=of_service, salt=salt)
        for batch in batches:
            yield from checker.checked(batch)
        yield checker.sums()


class _Checker:
    """Checks the lines of one partition."""

    def __init__(
        self,
        kind: Kind,
        connection: duckdb.DuckDBPyConnection,
        lines: Path,
        *,
        of_service: Collection[int],
        salt: str | None,
    ) -> None:
        self._kind = kind
        self._of_service = of_service
        self._salt = salt
        self._schema = schema_of(kind)
        self._connection = connection
        self._lines = lines
        self._decoder = Decoder(kind)
        self._blocks: dict[tuple[int, int], _Block] = {}

    def checked(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """The rows of some lines, which may be of several blocks."""
        file_no, start = (np.asarray(batch.column(name)) for name in ("file_no", "start"))
        new = np.flatnonzero((np.diff(file_no) != 0) | (np.diff(start) != 0)) + 1
        for low, high in pairwise([0, *new.tolist(), len(batch)]):
            if low < high:
                key = int(file_no[low]), int(start[low])
                block = self._blocks.setdefault(key, _Block(file_no=key[0], start=key[1]))
                yield from self._of_block(block, batch.slice(low, high - low))

    def _of_block(self, block: _Block, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        lines = batch.column("value").to_pylist()
        block.size += sum(map(len, lines))
        if block.file_no in self._of_service:
            lines = list(map(service_line, lines))
        refused = self._refused(block, lines)
        good = [line for place, line in enumerate(lines) if place not in refused] if refused else lines
        if good:
            yield self._rows(block, good)
        if refused:
            yield self._errors(block, [(place, lines[place]) for place in sorted(refused)])
        added = np.add.reduce(np.asarray(batch.column("digest")), dtype=np.int64)  # round 64 bits
        block.digest = (block.digest + int(added) + 2**63) % 2**64 - 2**63
        block.lines += len(lines)
        block.accepted += len(good)

    def _refused(self, block: _Block, lines: Sequence[bytes]) -> set[int]:
        """Places of the lines that do not keep the contract."""
        refused = set[int]()
        for first in range(0, len(lines), LINES_AT_ONCE):
            some = lines[first : first + LINES_AT_ONCE]
            fitting = [line for line in some if len(line) <= LINE_LIMIT]
            places = [first + place for place, line in enumerate(some) if len(line) <= LINE_LIMIT]
            refused.update({*range(first, first + len(some))}.difference(places))
            found = self._decoder.screen(fitting, b"\n".join(fitting))
            refused.update(places[place] for place in found.refused)
            block.extended += found.extended
            block.nulls += found.nulls
        return refused

    def _rows(self, block: _Block, good: Sequence[bytes]) -> pa.RecordBatch:
        self._lines.write_bytes(b"\n".join(good) + b"\n")
        typed = tables.typed_rows(self._connection, self._lines, self._kind, self._salt)
        rows = typed.project("* REPLACE (epoch_us(ts) AS ts)").to_arrow_table().combine_chunks()
        if len(rows) != len(good):
            raise ValueError(f"{len(good)} lines are good, {len(rows)} rows were made of them")
        columns = {name: rows.column(name).combine_chunks() for name in rows.column_names}
        places = np.arange(block.accepted, block.accepted + len(good), dtype=np.int64)
        return self._batch(ROWS, block, places, columns)

    def _errors(self, block: _Block, refused: Sequence[tuple[int, bytes]]) -> pa.RecordBatch:
        found = [
            (block.lines + place, nth, error)
            for place, line in refused
            for nth, error in enumerate(errors_of(self._kind, line) or [_UNREADABLE])
        ]
        columns = error_columns(
            (
                nth,
                error.reason,
                new_name(error.reason, error.field, error.value),
                error.field,
                self._kept(error),
            )
            for _, nth, error in found
        )
        places = np.asarray([place for place, _, _ in found], dtype=np.int64)
        return self._batch(ERRORS, block, places, columns)

    def _kept(self, error: FieldError) -> str:
        return NOT_KEPT if self._salt is not None and error.field in MAY_HOLD_IDS else error.value

    def _batch(self, part: str, block: _Block, places: Ints, columns: Columns) -> pa.RecordBatch:
        count = len(places)
        known = columns | {
            "part": pa.repeat(part, count),
            "file_no": np.full(count, block.file_no, dtype=np.int32),
            "start": np.full(count, block.start),
            "place": places,
        }
        return filled(self._schema, known, count)

    def sums(self) -> pa.RecordBatch:
        """The sums of the partition's blocks."""
        blocks = list(self._blocks.values())
        names = ("file_no", "start", "lines", "accepted", "extended", "nulls", "size", "digest")
        known = {name: [getattr(block, name) for block in blocks] for name in names}
        known["records"] = known["accepted"]
        return filled(self._schema, known | {"part": pa.repeat(BLOCKS, len(blocks))}, len(blocks))
