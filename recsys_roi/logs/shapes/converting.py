"""From a staged file of any shape to lines of the contract, but for rows of a table that need no check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from recsys_roi.errors import LogError
from recsys_roi.logs.contracts import LINE_LIMIT, Kind
from recsys_roi.logs.progress import Reporter
from recsys_roi.logs.reading import Staged
from recsys_roi.logs.recognise import BOM
from recsys_roi.logs.rejects import RejectWriter
from recsys_roi.logs.room import no_room
from recsys_roi.logs.shapes import csv_rows, csv_table, parquet_table, renaming, table_lines
from recsys_roi.logs.shapes.layout import layout_of, shown_columns
from recsys_roi.logs.shapes.origin import Origin
from recsys_roi.logs.shapes.sure_rows import Keep, Rows, SureRows, part
from recsys_roi.logs.shapes.table_lines import Table
from recsys_roi.logs.unpacking import check_growth

_BOM_NOTE = "It starts with a byte order mark, which was passed over."
_CONVERTED = "converted.jsonl"


@dataclass(frozen=True, kw_only=True, slots=True)
class ContractLines:
    """A plain file of lines of the contract, and where they come from."""

    path: Path
    start: int = 0
    origin: Origin = field(default_factory=Origin)
    notes: tuple[str, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()  # (field of the mapping whose key no line has, keys like it)
    sure: SureRows | None = None  # rows that surely keep the contract, of which no lines were made


def contract_lines(
    staged: Staged,
    kind: Kind,
    work: Path,
    rejects: RejectWriter,
    reporter: Reporter,
    *,
    keep: Keep | None,
) -> ContractLines:
    """The file itself where it has the contract's shape, else its records written in that shape.

    Rows of a table that surely keep the contract are stored at once as `keep` says, only counted without it.
    """
    with staged.plain.open("rb") as file:
        start = len(BOM) if file.read(len(BOM)) == BOM else 0
    notes = (_BOM_NOTE,) if start else ()
    to = work / _CONVERTED
    report = reporter.step("converting", staged.plain.stat().st_size)
    if staged.format == "csv":
        lines = _from_csv(staged, kind, work, rejects, report=report, keep=keep)
        lines = replace(lines, notes=notes + lines.notes)
    elif staged.format == "parquet":
        lines = _from_parquet(staged, kind, work, report, keep)
    elif staged.mapping:
        mapped = renaming.Mapped(kind, staged.mapping)
        said = renaming.write_mapped_lines(staged.plain, start, to, mapped, report)
        lines = ContractLines(path=to, notes=notes + said, absent=mapped.nearest)
    elif staged.format == "service":
        said = renaming.write_service_lines(staged.plain, start, to, report)
        lines = ContractLines(path=to, notes=notes + said)
    else:
        return ContractLines(path=staged.plain, start=start, notes=notes)
    report(staged.plain.stat().st_size)
    return lines


def _from_csv(
    staged: Staged,
    kind: Kind,
    work: Path,
    rejects: RejectWriter,
    *,
    report: Callable[[int], None],
    keep: Keep | None,
) -> ContractLines:
    with staged.plain.open("rb") as file:
        header = csv_rows.read_header(file.read(LINE_LIMIT))
    if header is None:  # a given kind does not make a table of it
        raise LogError(staged.name, "has no header: its first line should name the columns.")
    layout = layout_of(header.columns, kind, staged.mapping, staged.name)
    rows = csv_rows.rows_of(staged.plain, header, rejects)
    sure = None
    if layout.item:
        table = csv_table.lists_of(_told(rows, report), header, layout, work)
    else:
        sure, aside = part(rows, csv_table.judges_of(header, layout), work, keep, report)
        table = csv_table.table_of(aside, layout)
    size = staged.plain.stat().st_size
    lines = _lines_of(table, sure, work, lambda share: report(size // 2 + int(share * size / 2)))
    return replace(lines, notes=_left_out(layout.left_out))


def _from_parquet(
    staged: Staged, kind: Kind, work: Path, report: Callable[[int], None], keep: Keep | None
) -> ContractLines:
    columns = parquet_table.columns_of(staged.plain, staged.name)
    layout = layout_of(columns.names, kind, staged.mapping, staged.name)
    said = parquet_table.check_types(columns, layout, staged.name)
    left_out = layout.left_out + parquet_table.left_out_of_items(columns, layout)
    size = staged.plain.stat().st_size

    def growth(plain: int) -> None:
        check_growth(staged.name, size, plain)

    try:
        rows = parquet_table.rows_of(staged.plain, columns, growth)
        sure = None
        if layout.item:
            table = parquet_table.lists_of(_told(rows, report), columns, layout, work)
        else:
            sure, aside = part(rows, parquet_table.judges_of(columns, layout), work, keep, report)
            table = parquet_table.table_of(aside, columns, layout)
        lines = _lines_of(table, sure, work, lambda share: report(size // 2 + int(share * size / 2)))
    except (duckdb.Error, pa.ArrowException, OSError) as problem:
        if no_room(problem, work) is not None:
            raise
        raise parquet_table.damaged(staged.name) from problem
    return replace(lines, notes=said + _left_out(left_out))


def _told(rows: Rows, report: Callable[[int], None]) -> Iterator[pa.RecordBatch]:
    for batch, done in rows:
        yield batch
        report(done // 2)


def _lines_of(
    table: Table, sure: SureRows | None, work: Path, on_wait: Callable[[float], None]
) -> ContractLines:
    """The rows of a table as lines; few of them, or none, where others were sure."""
    to = work / _CONVERTED
    origin = table.origin
    if sure is not None and not origin.count(0):
        to.touch()
    else:
        origin = table_lines.write_lines(table, to, work, on_wait if sure is None else lambda _: None)
    return ContractLines(path=to, origin=origin, sure=sure)


def _left_out(columns: tuple[str, ...]) -> tuple[str, ...]:
    if not columns:
        return ()
    return (f"Columns that are no field of the contract were left out: {shown_columns(columns)}.",)
