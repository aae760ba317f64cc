"""A staged file, line by line: what is good, what is rejected and why, and the good ones as typed rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import duckdb
import pyarrow as pa

from recsys_roi.errors import LogError
from recsys_roi.logs import csv_table, parquet_table, renaming, table_lines, tables
from recsys_roi.logs.checking import errors_of
from recsys_roi.logs.contracts import LINE_LIMIT, VALUE_LIMIT, FieldError, Kind, Reason
from recsys_roi.logs.layout import layout_of, shown_columns
from recsys_roi.logs.origin import Origin
from recsys_roi.logs.progress import Reporter
from recsys_roi.logs.reading import CHUNK, Staged
from recsys_roi.logs.recognise import BOM, Format
from recsys_roi.logs.rejects import RejectWriter
from recsys_roi.logs.screening import Screened, screen

_BOM_NOTE = "It starts with a byte order mark, which was passed over."
_CONVERTED = "converted.jsonl"
_TABLES: tuple[Format, ...] = ("csv", "parquet")


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A staged file whose every line was checked; counts are of its physical lines, or of a table's rows."""

    staged: Staged
    kind: Kind
    lines: int
    accepted: int
    rejected: int
    records: int  # accepted; fewer than lines where a row holds one item of a list
    extended: int
    null_for_absent: int
    notes: tuple[str, ...]
    rejects: Path
    contract_lines: Path  # of the contract: the plain file itself where it has that shape
    start: int  # offset of the first line in it
    screened: Screened


@dataclass(frozen=True, kw_only=True, slots=True)
class _Lines:
    """A plain file of lines of the contract, and where they come from."""

    path: Path
    start: int = 0
    origin: Origin = field(default_factory=Origin)
    notes: tuple[str, ...] = ()


def check_staged(staged: Staged, kind: Kind, work: Path, reporter: Reporter) -> Checked:
    """Check every line; the rejected ones go to a file with all their errors."""
    rejects = RejectWriter(work / "rejects.jsonl")
    try:
        lines = _contract_lines(staged, kind, work, rejects, reporter)
        unreadable = rejects.errors  # so far: rows of a table that are none
        end = lines.path.stat().st_size
        report = reporter.step("checking", end)

        def on_read(done: int, seen: int, refused: int) -> None:
            reporter.checked(seen, refused)
            report(lines.start + done)

        screened = screen(lines.path, kind, lines.start, end, on_read)
        refused = _write_rejects(lines, kind, screened, rejects, lambda: report(end))
    finally:
        rejected = rejects.close()
    staged.check_unchanged()
    rows = lines.origin.count(screened.lines) + unreadable
    reporter.checked(rows, rejected)
    report(end)
    return Checked(
        staged=staged,
        kind=kind,
        lines=rows,
        accepted=rows - rejected,
        rejected=rejected,
        records=screened.lines - refused,
        extended=screened.extended,
        null_for_absent=0 if staged.format in _TABLES else screened.null_for_absent,
        notes=lines.notes,
        rejects=work / "rejects.jsonl",
        contract_lines=lines.path,
        start=lines.start,
        screened=screened,
    )


def load(checked: Checked, work: Path, reporter: Reporter) -> Path:
    """Parquet of the good lines: read from the original bytes when all are good, else from a copy."""
    source = checked.contract_lines
    size = source.stat().st_size
    report = reporter.step("storing", size)
    report(0)
    lines, parquet = work / "lines.jsonl", work / "rows.parquet"
    if checked.screened.refused or checked.start:
        with source.open("rb") as file, lines.open("wb") as good:
            _copy_good(file, good, checked.start, checked.screened)
    else:
        lines.symlink_to(source)
    name = checked.staged.name
    try:
        rows = tables.load(
            lines, checked.kind, parquet, work / "spill", lambda share: report(int(share * size))
        )
    except duckdb.Error as problem:
        checked.staged.check_unchanged()
        raise _cannot_load(name, problem) from problem
    checked.staged.check_unchanged()
    if rows != checked.records:
        raise _cannot_load(name, f"{checked.records} records are good, {rows} rows were made of them")
    lines.unlink()
    report(size)
    return parquet


def _contract_lines(
    staged: Staged, kind: Kind, work: Path, rejects: RejectWriter, reporter: Reporter
) -> _Lines:
    """The file itself where it has the contract's shape, else its records written in that shape."""
    with staged.plain.open("rb") as file:
        start = len(BOM) if file.read(len(BOM)) == BOM else 0
    notes = (_BOM_NOTE,) if start else ()
    to = work / _CONVERTED
    report = reporter.step("converting", staged.plain.stat().st_size)
    if staged.format == "csv":
        lines = _from_csv(staged, kind, work, rejects, report)
        return replace(lines, notes=notes + lines.notes)
    if staged.format == "parquet":
        return _from_parquet(staged, kind, work, report)
    if staged.mapping:
        said = renaming.write_mapped_lines(
            staged.plain, start, to, renaming.Mapped(kind, staged.mapping), report
        )
    elif staged.format == "service":
        said = renaming.write_service_lines(staged.plain, start, to, report)
    else:
        return _Lines(path=staged.plain, start=start, notes=notes)
    return _Lines(path=to, notes=notes + said)


def _from_csv(
    staged: Staged, kind: Kind, work: Path, rejects: RejectWriter, report: Callable[[int], None]
) -> _Lines:
    to = work / _CONVERTED
    with staged.plain.open("rb") as file:
        header = csv_table.read_header(file.read(LINE_LIMIT))
    if header is None:  # a given kind does not make a table of it
        raise LogError(staged.name, "has no header: its first line should name the columns.")
    layout = layout_of(header.columns, kind, staged.mapping, staged.name)
    size = staged.plain.stat().st_size
    with csv_table.table_of(
        staged.plain, header, layout, work, rejects=rejects, report=lambda done: report(done // 2)
    ) as table:
        origin = table_lines.write_lines(
            table, to, work, lambda share: report(size // 2 + int(share * size / 2))
        )
    return _Lines(path=to, origin=origin, notes=_left_out(layout.left_out))


def _from_parquet(staged: Staged, kind: Kind, work: Path, report: Callable[[int], None]) -> _Lines:
    to = work / _CONVERTED
    schema = parquet_table.columns_of(staged.plain, staged.name)
    layout = layout_of(schema.names, kind, staged.mapping, staged.name)
    said = parquet_table.check_types(schema, layout, staged.name)
    left_out = layout.left_out + parquet_table.left_out_of_items(schema, layout)
    size = staged.plain.stat().st_size
    try:
        table = parquet_table.table_of(staged.plain, schema, layout)
        origin = table_lines.write_lines(table, to, work, lambda share: report(int(share * size)))
    except (duckdb.Error, pa.ArrowException) as problem:
        raise parquet_table.damaged(staged.name) from problem
    return _Lines(path=to, origin=origin, notes=said + _left_out(left_out))


def _left_out(columns: tuple[str, ...]) -> tuple[str, ...]:
    if not columns:
        return ()
    return (f"Columns that are no field of the contract were left out: {shown_columns(columns)}.",)


def _write_rejects(
    lines: _Lines, kind: Kind, screened: Screened, rejects: RejectWriter, on_wait: Callable[[], None]
) -> int:
    """Every error of every refused line; gives the number of refused lines."""
    refused = 0

    def found() -> Iterator[tuple[int, list[FieldError]]]:
        nonlocal refused
        with lines.path.open("rb") as file:
            for line, offset, length in screened.triples():
                file.seek(offset)
                text = file.read(min(length, LINE_LIMIT + 1))
                yield line, errors_of(kind, text) or [_UNREADABLE]
                refused += 1
                if refused % 1000 == 0:
                    on_wait()

    for number, error in lines.origin.errors(found()):
        rejects.add(number, error)
    return refused


# The two forms of the contracts agree, so this stands only where they would not: no line gets lost.
_UNREADABLE = FieldError(field="", reason=Reason.NOT_JSON, value="")


def _copy_good(file: BinaryIO, good: BinaryIO, start: int, screened: Screened) -> None:
    file.seek(start)
    for _, offset, length in screened.triples():
        _copy(file, good, offset - file.tell())
        file.seek(offset + length + 1)
    _copy(file, good, None)


def _copy(file: BinaryIO, to: BinaryIO, count: int | None) -> None:
    """Copy `count` bytes, or all that are left."""
    while count is None or count > 0:
        data = file.read(CHUNK if count is None else min(CHUNK, count))
        if not data:
            return
        to.write(data)
        count = None if count is None else count - len(data)


def _cannot_load(name: str, problem: Exception | str) -> LogError:
    cause = str(problem).partition("\n")[0][:VALUE_LIMIT]
    return LogError(name, f"could not be stored, so nothing of it was kept ({cause}).")
