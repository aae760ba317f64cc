"""The rows of a table that surely keep the contract, stored as they are read; the others are put aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recsys_roi.logs import tables
from recsys_roi.logs.contracts import CONTRACTS, STRICT_EVENT_TYPES, Field
from recsys_roi.logs.shapes.layout import Layout
from recsys_roi.logs.shapes.origin import Origin
from recsys_roi.logs.shapes.sure_values import CONTEXT_ENTRY, Judge, Judged, Mask, absent, spread_contexts
from recsys_roi.logs.shapes.table_lines import STORED, stored_batches

_LOOK_AT = 5_000  # rows, by which is told whether a table is to be gone through in this way
_LEAST_SHARE = 0.9  # of them that are sure; else sorting the two kinds of rows costs more than it saves

Rows = Iterable[tuple[pa.RecordBatch, int]]
"""Batches of columns c0, c1, ... and `line`, and the bytes of the file that were read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Keep:
    """Where the rows are stored."""

    parquet: Path
    salt: str | None = None  # user ids are kept as their hashes only


@dataclass(frozen=True, kw_only=True, slots=True)
class SureRows:
    """The rows of a table that need no other check."""

    rows: int
    stored: int  # of them; none where they were only counted
    extended: int  # outcomes with an event type of the extension
    before: Path  # int64: for each row that was put aside, how many of these come before it


@dataclass(frozen=True, kw_only=True, slots=True)
class Aside:
    """The rows that the checker is to judge."""

    stored: Path
    schema: pa.Schema
    origin: Origin

    def batches(self) -> Iterator[pa.RecordBatch]:
        """From the first row, each time."""
        return stored_batches(self.stored)


class Judges:
    """How the columns of a table are judged."""

    def __init__(
        self, layout: Layout, schema: pa.Schema, judge_of: Callable[[Field, pa.DataType], Judge | None]
    ) -> None:
        """`judge_of` gives the judge of a field in a column of some type, None where there is none."""
        types = {place: schema.field(f"c{place}").type for place in layout.shared}
        self.kind = layout.kind
        self.columns = pa.schema([*(schema.field(f"c{place}") for place in types), schema.field("line")])
        self._layout = layout
        self._judges = {
            field.name: judge_of(field, types[layout.fields[field.name]])
            for field in CONTRACTS[layout.kind].fields
            if field.name in layout.fields
        }
        entries = [judge_of(CONTEXT_ENTRY, types[place]) for place in layout.context.values()]
        self.can_judge = None not in (*self._judges.values(), *entries)

    def judge(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, Mask]:
        """The rows as they are stored, and which of them surely keep the contract."""
        sure = np.ones(len(batch), dtype=bool)
        values = {}
        for field in CONTRACTS[self.kind].fields:
            judged = self._judged(field, batch)
            values[field.name] = judged.values
            sure &= judged.sure
        return pa.RecordBatch.from_pydict(values), sure

    def _judged(self, field: Field, batch: pa.RecordBatch) -> Judged:
        layout, judge = self._layout, self._judges.get(field.name)
        if judge is not None:
            return judge(batch.column(f"c{layout.fields[field.name]}"), field)
        if field.type == "object of strings" and layout.context:
            columns = [batch.column(f"c{place}") for place in layout.context.values()]
            return spread_contexts(list(layout.context), columns)
        return absent(field, len(batch))


def part(
    rows: Rows,
    judges: Judges,
    work: Path,
    keep: Keep | None,
    report: Callable[[int], None],
) -> tuple[SureRows | None, Aside]:
    """Store the rows that are sure (only count them without `keep`), and put the others aside.

    None is sure where too few of the first rows are. What `rows` raises goes on to the caller.
    """
    remaining = iter(rows)
    with _Aside(work, judges.columns) as aside:
        first = _first(remaining)
        if not (judges.can_judge and _are_mostly_sure(judges, first)):
            for batch, done in chain(first, remaining):
                aside.add(batch)
                report(done // 2)  # lines are made of them yet
            return None, aside.closed()
        parting = _Parting(judges, chain(first, remaining), aside)
        parting.run(work, keep, report)
        return parting.sure_rows(), aside.closed()


def _first(rows: Iterator[tuple[pa.RecordBatch, int]]) -> list[tuple[pa.RecordBatch, int]]:
    found, count = [], 0
    for batch, done in rows:
        found.append((batch, done))
        count += len(batch)
        if count >= _LOOK_AT:
            break
    return found


def _are_mostly_sure(judges: Judges, rows: Rows) -> bool:
    masks = [judges.judge(batch)[1] for batch, _ in rows]
    looked_at = sum(map(len, masks))
    return looked_at > 0 and sum(map(np.count_nonzero, masks)) >= _LEAST_SHARE * looked_at


class _Parting:
    """Goes through the rows once."""

    def __init__(self, judges: Judges, rows: Rows, aside: _Aside) -> None:
        self._judges, self._rows, self._aside = judges, iter(rows), aside
        self._done = self._sure = self._stored = self._extended = 0
        self._problem: BaseException | None = None

    def run(self, work: Path, keep: Keep | None, report: Callable[[int], None]) -> None:
        if keep is None:
            for _ in self._sure_batches():
                report(self._done)
            return
        batches = self._sure_batches()
        first = next(batches)
        reader = pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))
        try:
            self._stored = tables.store(
                reader,
                self._judges.kind,
                keep.parquet,
                work / "spill",
                lambda _: report(self._done),
                salt=keep.salt,
            )
        except duckdb.Error:
            if self._problem is not None:
                raise self._problem from None
            raise

    def sure_rows(self) -> SureRows:
        return SureRows(
            rows=self._sure, stored=self._stored, extended=self._extended, before=self._aside.before
        )

    def _sure_batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch, done in self._rows:
                rows, sure = self._judges.judge(batch)
                if not sure.all():
                    self._aside.add(batch, ~sure, self._sure + np.cumsum(sure)[~sure])
                    rows = rows.filter(pa.array(sure))
                self._sure += len(rows)
                self._extended += _extended(rows)
                self._done = done
                yield rows
        except Exception as problem:  # DuckDB, which asks for the rows, would tell of another one
            self._problem = problem
            raise


def _extended(rows: pa.RecordBatch) -> int:
    if "event_type" not in rows.schema.names:
        return 0
    known = pc.is_in(rows.column("event_type"), pa.array(sorted(STRICT_EVENT_TYPES)))
    return len(rows) - int(pc.sum(known).as_py() or 0)


class _Aside:
    """The rows that are put aside, as they are found."""

    def __init__(self, work: Path, schema: pa.Schema) -> None:
        self._stored, self._numbers = work / "rows.arrow", work / "rows.lines"
        self.before = work / "rows.before"
        self._files = [path.open("wb") for path in (self._stored, self._numbers, self.before)]
        self._schema = schema
        self._table = pa.ipc.new_file(self._files[0], schema, options=STORED)

    def __enter__(self) -> _Aside:
        return self

    def __exit__(self, *_: object) -> None:
        self._table.close()
        for file in self._files:
            file.close()

    def add(
        self, batch: pa.RecordBatch, which: Mask | None = None, before: NDArray[np.int64] | None = None
    ) -> None:
        batch = batch.select(self._schema.names)
        if which is not None:
            batch = batch.filter(pa.array(which))
        self._table.write_batch(batch)
        self._files[1].write(np.asarray(batch.column("line"), dtype=np.int64).tobytes())
        if before is not None:
            self._files[2].write(before.astype(np.int64).tobytes())

    def closed(self) -> Aside:
        return Aside(stored=self._stored, schema=self._schema, origin=Origin(rows=self._numbers))
