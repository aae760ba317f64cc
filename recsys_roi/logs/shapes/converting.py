"""From a staged file of any shape to lines of the contract."""

from __future__ import annotations

from collections.abc import Callable
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


def contract_lines(
    staged: Staged, kind: Kind, work: Path, rejects: RejectWriter, reporter: Reporter
) -> ContractLines:
    """The file itself where it has the contract's shape, else its records written in that shape."""
    with staged.plain.open("rb") as file:
        start = len(BOM) if file.read(len(BOM)) == BOM else 0
    notes = (_BOM_NOTE,) if start else ()
    to = work / _CONVERTED
    report = reporter.step("converting", staged.plain.stat().st_size)
    if staged.format == "csv":
        lines = _from_csv(staged, kind, work, rejects, report)
        lines = replace(lines, notes=notes + lines.notes)
    elif staged.format == "parquet":
        lines = _from_parquet(staged, kind, work, report)
    elif staged.mapping:
        mapped = renaming.Mapped(kind, staged.mapping)
        said = renaming.write_mapped_lines(staged.plain, start, to, mapped, report)
        lines = ContractLines(path=to, notes=notes + said)
    elif staged.format == "service":
        said = renaming.write_service_lines(staged.plain, start, to, report)
        lines = ContractLines(path=to, notes=notes + said)
    else:
        return ContractLines(path=staged.plain, start=start, notes=notes)
    report(staged.plain.stat().st_size)
    return lines


def _from_csv(
    staged: Staged, kind: Kind, work: Path, rejects: RejectWriter, report: Callable[[int], None]
) -> ContractLines:
    to = work / _CONVERTED
    with staged.plain.open("rb") as file:
        header = csv_rows.read_header(file.read(LINE_LIMIT))
    if header is None:  # a given kind does not make a table of it
        raise LogError(staged.name, "has no header: its first line should name the columns.")
    layout = layout_of(header.columns, kind, staged.mapping, staged.name)
    size = staged.plain.stat().st_size
    table = csv_table.table_of(
        staged.plain, header, layout, work, rejects=rejects, report=lambda done: report(done // 2)
    )
    origin = table_lines.write_lines(table, to, work, lambda share: report(size // 2 + int(share * size / 2)))
    return ContractLines(path=to, origin=origin, notes=_left_out(layout.left_out))


def _from_parquet(staged: Staged, kind: Kind, work: Path, report: Callable[[int], None]) -> ContractLines:
    to = work / _CONVERTED
    schema = parquet_table.columns_of(staged.plain, staged.name)
    layout = layout_of(schema.names, kind, staged.mapping, staged.name)
    said = parquet_table.check_types(schema, layout, staged.name)
    left_out = layout.left_out + parquet_table.left_out_of_items(schema, layout)
    size = staged.plain.stat().st_size
    refused: list[LogError] = []  # DuckDB, which asks for the rows, would tell of another error

    def growth(plain: int) -> None:
        try:
            check_growth(staged.name, size, plain)
        except LogError as problem:
            refused.append(problem)
            raise

    try:
        table = parquet_table.table_of(staged.plain, schema, layout, work, growth)
        origin = table_lines.write_lines(table, to, work, lambda share: report(int(share * size)))
    except (duckdb.Error, pa.ArrowException, OSError) as problem:
        if refused:
            raise refused[0] from problem
        if no_room(problem, work) is not None:
            raise
        raise parquet_table.damaged(staged.name) from problem
    return ContractLines(path=to, origin=origin, notes=said + _left_out(left_out))


def _left_out(columns: tuple[str, ...]) -> tuple[str, ...]:
    if not columns:
        return ()
    return (f"Columns that are no field of the contract were left out: {shown_columns(columns)}.",)
