"""A staged file, line by line: what is good, what is rejected and why, and the good ones as typed rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np

from recsys_roi.errors import LogError
from recsys_roi.logs import tables
from recsys_roi.logs.checking import errors_of
from recsys_roi.logs.contracts import LINE_LIMIT, FieldError, Kind, Reason
from recsys_roi.logs.progress import Reporter
from recsys_roi.logs.reading import CHUNK, Staged
from recsys_roi.logs.recognise import Format
from recsys_roi.logs.rejects import RejectWriter
from recsys_roi.logs.screening import Screened, screen
from recsys_roi.logs.shapes.converting import ContractLines, contract_lines
from recsys_roi.logs.shapes.sure_rows import Keep, SureRows

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
    absent: tuple[tuple[str, str], ...]  # (field of the mapping whose key no line has, keys like it)
    rejects: Path
    contract_lines: Path  # of the contract: the plain file itself where it has that shape
    start: int  # offset of the first line in it
    screened: Screened
    sure: SureRows | None  # stored already, and no lines of these


def check_staged(
    staged: Staged,
    kind: Kind,
    work: Path,
    reporter: Reporter,
    *,
    hides_ids: bool = False,
    keep: Keep | None = None,
) -> Checked:
    """Check every line; the rejected ones go to a file with all their errors.

    Rows of a table that surely are good are stored at once as `keep` says; without it they are only counted.
    """
    rejects = RejectWriter(work / "rejects.jsonl", hides_ids=hides_ids)
    try:
        lines = contract_lines(staged, kind, work, rejects, reporter, keep=keep)
        unreadable = rejects.errors  # so far: rows of a table that are none
        end = lines.path.stat().st_size
        size = end or staged.plain.stat().st_size  # of no line, where every row of a table is stored already
        report = reporter.step("checking", size)
        stored = lines.sure.rows if lines.sure is not None else 0

        def on_read(done: int, seen: int, refused: int) -> None:
            reporter.checked(stored + seen, refused)
            report(lines.start + done)

        screened = screen(lines.path, kind, lines.start, end, on_read)
        refused = _write_rejects(lines, kind, screened, rejects, lambda: report(size))
    finally:
        rejected = rejects.close()
    staged.check_unchanged()
    rows = lines.origin.count(screened.lines) + unreadable + stored
    reporter.checked(rows, rejected)
    report(size)
    return Checked(
        staged=staged,
        kind=kind,
        lines=rows,
        accepted=rows - rejected,
        rejected=rejected,
        records=screened.lines - refused + stored,
        extended=screened.extended + (lines.sure.extended if lines.sure is not None else 0),
        null_for_absent=0 if staged.format in _TABLES else screened.null_for_absent,
        notes=lines.notes,
        absent=lines.absent,
        rejects=work / "rejects.jsonl",
        contract_lines=lines.path,
        start=lines.start,
        screened=screened,
        sure=lines.sure,
    )


def load(checked: Checked, work: Path, reporter: Reporter, keep: Keep) -> Path:
    """Parquet of the good lines: read from the original bytes when all are good, else from a copy.

    Rows that were stored when they were checked stay where they are, or go there with the good lines.
    """
    size = checked.contract_lines.stat().st_size or checked.staged.plain.stat().st_size
    report = reporter.step("storing", size)
    report(0)
    try:
        parquet, rows = _stored(checked, work, keep, lambda share: report(int(share * size)))
    except duckdb.Error:
        checked.staged.check_unchanged()
        raise
    checked.staged.check_unchanged()
    if rows != checked.records:
        raise LogError(
            checked.staged.name,
            "could not be stored, so nothing of it was kept "
            f"({checked.records} records are good, {rows} rows were made of them).",
        )
    report(size)
    return parquet


def _stored(checked: Checked, work: Path, keep: Keep, on_wait: Callable[[float], None]) -> tuple[Path, int]:
    """The file of all good rows, and their number."""
    sure, spill = checked.sure, work / "spill"
    if sure is None:
        return keep.parquet, _load_lines(checked, keep.parquet, work, keep.salt, on_wait)
    if checked.records == sure.rows:
        return keep.parquet, sure.stored
    others, together = work / "others.parquet", work / "together.parquet"
    _load_lines(checked, others, work, keep.salt, on_wait)
    before = np.fromfile(sure.before, dtype=np.int64)
    accepted = np.ones(len(before), dtype=bool)
    accepted[[line for line, _, _ in checked.screened.triples()]] = False
    rows = tables.merge(
        keep.parquet, others, before[accepted], checked.kind, together, spill=spill, on_wait=on_wait
    )
    return together, rows


def _load_lines(
    checked: Checked, parquet: Path, work: Path, salt: str | None, on_wait: Callable[[float], None]
) -> int:
    source, lines = checked.contract_lines, work / "lines.jsonl"
    if checked.screened.refused or checked.start:
        with source.open("rb") as file, lines.open("wb") as good:
            _copy_good(file, good, checked.start, checked.screened)
    else:
        lines.symlink_to(source)
    rows = tables.load(lines, checked.kind, parquet, work / "spill", on_wait, salt=salt)
    lines.unlink()
    return rows


def _write_rejects(
    lines: ContractLines, kind: Kind, screened: Screened, rejects: RejectWriter, on_wait: Callable[[], None]
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
