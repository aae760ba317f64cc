"""One file, from the bytes given to typed rows and rejected lines in a work folder."""

from __future__ import annotations

import gzip
import heapq
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import duckdb
from blake3 import blake3

from recsys_roi.errors import LogError
from recsys_roi.logs import tables
from recsys_roi.logs.checking import errors_of, has_duplicate_key
from recsys_roi.logs.contracts import LINE_LIMIT, VALUE_LIMIT, FieldError, Kind, Reason
from recsys_roi.logs.recognise import BOM, BROKEN_GZIP, KindOrAuto, recognise
from recsys_roi.logs.rejects import write_rejects
from recsys_roi.logs.screening import Screened, line_blocks, notes_of, screen

Source = str | Path | tuple[str, BinaryIO]

_CHUNK = 4 * 2**20
_BOM_NOTE = "It starts with a byte order mark, which was passed over."
_CHANGED = "changed while it was read, so nothing of it was kept. Ingest it again when its writer is done."


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far one file is in one step."""

    file: str
    step: Literal["reading", "checking", "storing"]
    done: int  # bytes
    total: int  # bytes


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Staged:
    """A source as a plain file of lines on this machine, hashed and recognised."""

    name: str  # for people
    kind: Kind
    hash: str
    content_hash: str
    lines: Path
    origin: Path  # what was given, or the copy of an upload
    origin_state: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """The typed rows and the rejected lines of a staged file; counts are of physical lines."""

    lines: int
    accepted: int
    rejected: int
    extended: int
    null_for_absent: int
    notes: tuple[str, ...]
    parquet: Path
    rejects: Path


def display_name(source: Source) -> str:
    """The base name of a source, printable."""
    given = source[0] if isinstance(source, tuple) else str(source)
    base = given.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(c if c.isprintable() else "?" for c in base)[:VALUE_LIMIT] or "upload"


def stage(source: Source, kind: KindOrAuto, work: Path, on_progress: OnProgress | None) -> Staged:
    """Bring a source onto the disk as plain lines; LogError when it is not a log that can be read."""
    name = display_name(source)
    origin = _copied(source[1], work / "given") if isinstance(source, tuple) else Path(source).absolute()
    if origin.is_dir():
        raise LogError(name, "is a directory. Give the logs in it.")
    if not origin.is_file():
        raise LogError(name, f"does not exist or is not a file ({origin.parent}). Check the path.")
    state = _state(origin)
    recognised = recognise(origin, name, kind)
    report = _reporter(on_progress, name, "reading", origin.stat().st_size)
    file_hash = _hashed(origin, report)
    lines, content_hash = origin, file_hash
    if recognised.gzipped:
        lines = work / "unpacked"
        content_hash = _unpacked(origin, lines, name, report)
    return Staged(
        name=name,
        kind=recognised.kind,
        hash=file_hash,
        content_hash=content_hash,
        lines=lines,
        origin=origin,
        origin_state=state,
    )


def load_staged(staged: Staged, work: Path, on_progress: OnProgress | None) -> Loaded:
    """Check every line, keep the rejected ones with their reasons, type the good ones into Parquet."""
    with staged.lines.open("rb") as file:
        start = len(BOM) if file.read(len(BOM)) == BOM else 0
    end = staged.lines.stat().st_size
    screened = screen(
        staged.lines, staged.kind, start, end, _reporter(on_progress, staged.name, "checking", end)
    )
    report = _reporter(on_progress, staged.name, "storing", end)
    report(0)
    try:
        parquet = _typed(staged, screened, start, work)
    except (duckdb.Error, _CountDiffersError) as problem:
        _check_unchanged(staged)
        screened = _without_duplicate_keys(staged, screened, start, problem)
        try:
            parquet = _typed(staged, screened, start, work)
        except (duckdb.Error, _CountDiffersError) as still:
            raise _cannot_load(staged, still) from still
    _check_unchanged(staged)
    rejected = sum(1 for _ in screened.triples())
    rejects = work / "rejects.jsonl"
    _write_all_rejects(staged, screened, rejects)
    report(end)
    return Loaded(
        lines=screened.lines,
        accepted=screened.lines - rejected,
        rejected=rejected,
        extended=screened.extended,
        null_for_absent=screened.null_for_absent,
        notes=(_BOM_NOTE,) if start else (),
        parquet=parquet,
        rejects=rejects,
    )


class _CountDiffersError(Exception):
    """The typed load gave another number of rows than lines were accepted."""


def _typed(staged: Staged, screened: Screened, start: int, work: Path) -> Path:
    """Parquet of the good lines: read from the original bytes when all are good, else from a copy."""
    lines, parquet = work / "lines.jsonl", work / "rows.parquet"
    lines.unlink(missing_ok=True)
    if screened.refused or start:
        with staged.lines.open("rb") as file, lines.open("wb") as good:
            _copy_good(file, good, start, screened)
    else:
        lines.symlink_to(staged.lines)
    rows = tables.load(lines, staged.kind, parquet, work / "spill")
    lines.unlink()
    accepted = screened.lines - sum(1 for _ in screened.triples())
    if rows != accepted:
        raise _CountDiffersError(f"{accepted} lines are good, {rows} rows were loaded")
    return parquet


def _copy_good(file: BinaryIO, good: BinaryIO, start: int, screened: Screened) -> None:
    file.seek(start)
    for _, offset, length in screened.triples():
        _copy(file, good, offset - file.tell())
        file.seek(offset + length + 1)
    _copy(file, good, None)


def _copy(file: BinaryIO, to: BinaryIO, count: int | None) -> None:
    """Copy `count` bytes, or all that are left."""
    while count is None or count > 0:
        data = file.read(_CHUNK if count is None else min(_CHUNK, count))
        if not data:
            return
        to.write(data)
        count = None if count is None else count - len(data)


def _write_all_rejects(staged: Staged, screened: Screened, path: Path) -> None:
    with staged.lines.open("rb") as file, path.open("wb") as rejects:
        for line, offset, length in screened.triples():
            file.seek(offset)
            text = file.read(min(length, LINE_LIMIT + 1))
            write_rejects(rejects, line + 1, errors_of(staged.kind, text) or [_UNREADABLE])


# The two forms of the contracts agree, so this stands only where they would not: no line gets lost.
_UNREADABLE = FieldError(field="", reason=Reason.NOT_JSON, value="")


def _without_duplicate_keys(staged: Staged, screened: Screened, start: int, problem: Exception) -> Screened:
    """The screening with the lines that write a key twice refused too; the fast form does not see them."""
    known = {line for line, _, _ in screened.triples()}
    repeated = [
        (number, offset, text)
        for number, offset, text in _numbered_lines(staged.lines, start)
        if number not in known and has_duplicate_key(text)
    ]
    if not repeated:
        raise _cannot_load(staged, problem) from problem
    notes = [notes_of(staged.kind, text) for _, _, text in repeated]
    added = ((number, offset, len(text)) for number, offset, text in repeated)
    return Screened.of(
        heapq.merge(screened.triples(), added),
        lines=screened.lines,
        extended=screened.extended - sum(extended for extended, _ in notes),
        null_for_absent=screened.null_for_absent - sum(null for _, null in notes),
    )


def _numbered_lines(path: Path, start: int) -> Iterator[tuple[int, int, bytes]]:
    """(line counted from 0, offset, text cut at the limit) of a plain file."""
    number = 0
    with path.open("rb") as file:
        for first, block, lacking in line_blocks(file, start, path.stat().st_size):
            offset, missing = first, lacking
            for text in block:
                yield number, offset, text
                number += 1
                offset += len(text) + missing + 1
                missing = 0


def _cannot_load(staged: Staged, problem: Exception) -> LogError:
    cause = str(problem).partition("\n")[0][:VALUE_LIMIT]
    return LogError(staged.name, f"could not be stored, so nothing of it was kept ({cause}).")


def _copied(stream: BinaryIO, to: Path) -> Path:
    """An upload on disk, in chunks."""
    if stream.seekable():
        stream.seek(0)
    with to.open("wb") as file:
        _copy(stream, file, None)
    return to


def _hashed(path: Path, report: Callable[[int], None]) -> str:
    hasher = blake3(max_threads=blake3.AUTO)
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            hasher.update(data)
            report(file.tell())
    return f"blake3:{hasher.hexdigest()}"


def _unpacked(path: Path, to: Path, name: str, report: Callable[[int], None]) -> str:
    """Unpack a .gz and hash what is in it."""
    hasher = blake3(max_threads=blake3.AUTO)
    try:
        with path.open("rb") as stored, gzip.open(stored) as file, to.open("wb") as plain:
            while data := file.read(_CHUNK):
                hasher.update(data)
                plain.write(data)
                report(stored.tell())
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise LogError(name, BROKEN_GZIP) from problem
    return f"blake3:{hasher.hexdigest()}"


def _state(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _check_unchanged(staged: Staged) -> None:
    try:
        unchanged = _state(staged.origin) == staged.origin_state
    except OSError:
        unchanged = False
    if not unchanged:
        raise LogError(staged.name, _CHANGED)


def _reporter(
    on_progress: OnProgress | None,
    name: str,
    step: Literal["reading", "checking", "storing"],
    total: int,
) -> Callable[[int], None]:
    def report(done: int) -> None:
        if on_progress is not None:
            on_progress(Progress(file=name, step=step, done=min(done, total), total=total))

    return report
