"""The checked rows in an evidence folder, from which folders of several days are counted as one."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from recsys_roi.errors import PilotError
from recsys_roi.logs import tables
from recsys_roi.logs.contracts import CONTRACTS
from recsys_roi.logs.counted import KeptRows
from recsys_roi.logs.hashing import read_salt, salt_mark
from recsys_roi.logs.manifest import LogFile
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.snapshot import rejects_path, rows_path

ROWS = "rows"  # the folder in an evidence folder
ROWS_LAYOUT = "rows-1"  # raised whenever the columns of the contracts change, so that older rows are refused


def rows_here(pilot: Pilot) -> KeptRows:
    """What the manifest of an evidence folder with the rows of this pilot says of them."""
    salt = salt_mark(read_salt(pilot.folder)) if pilot.hashes_ids else None
    return KeptRows(layout=ROWS_LAYOUT, read_by="duckdb", salt=salt)


def keep_rows(work: Path, pilot: Pilot) -> None:
    """Puts the rows of all files of a pilot into the evidence folder `work`."""
    (work / ROWS).mkdir()
    for file in pilot.files:
        rows, _ = pilot.kept_of(file)
        _linked(rows, rows_path(work / ROWS, file))


def bring_rows(folder: Path, file: LogFile, to: Path) -> None:
    """The rows of a file of an evidence folder as one file of a pilot; PilotError where they are damaged."""
    place = rows_path(folder / ROWS, file)
    parts = [] if not file.records and not place.exists() else _parts(place, "*.parquet")
    try:
        if parts == [place]:
            _linked(parts[0], to)
        else:
            _as_one(parts, file, to)
        held = pq.read_metadata(to)
    except (OSError, duckdb.Error, pa.ArrowException) as problem:
        if isinstance(problem, OSError) and problem.errno == errno.ENOSPC:
            raise
        raise _damaged(folder, file) from problem
    wanted = {field.name for field in CONTRACTS[file.kind].fields}
    if held.num_rows != file.records or set(held.schema.to_arrow_schema().names) != wanted:
        raise _damaged(folder, file)


def bring_rejects(folder: Path, file: LogFile, to: Path) -> None:
    """The rejected lines of a file of an evidence folder as one file of a pilot."""
    try:
        with to.open("wb") as whole:
            for part in _parts(rejects_path(folder, file), "*.txt"):
                with part.open("rb") as lines:
                    shutil.copyfileobj(lines, whole)
    except FileNotFoundError as problem:
        raise _damaged(folder, file) from problem


def _parts(place: Path, pattern: str) -> list[Path]:
    """A file, or those that the tasks of Spark wrote in its place, in their order; no link is followed."""
    parts = sorted(place.glob(pattern)) if place.is_dir() and not place.is_symlink() else [place]
    if place.parent.is_symlink() or any(part.is_symlink() or not part.is_file() for part in parts):
        raise PilotError(
            f"The evidence is damaged: {place} is missing, is a link, or is no file. Write it again."
        )
    return parts


def _as_one(parts: list[Path], file: LogFile, to: Path) -> None:
    """The parts that Spark wrote, in the columns of the contract and the order of the log."""
    names = ", ".join(field.name for field in CONTRACTS[file.kind].fields)
    with tables.working_connection(to.with_suffix(".spill")) as connection:
        if parts:
            rows = connection.read_parquet([tables.without_glob(part) for part in parts]).order("row_no")
        else:  # no line of it was good
            none = to.with_suffix(".none")
            none.touch()
            rows = tables.typed_rows(connection, none, file.kind)
        tables.write_rows(rows.project(names), to)


def _linked(source: Path, to: Path) -> None:
    """The same file under another name, since nothing ever writes into it; a copy where that cannot be."""
    try:
        os.link(source, to, follow_symlinks=False)
    except OSError as problem:
        if problem.errno == errno.ENOENT:
            raise
        shutil.copyfile(source, to)


def _damaged(folder: Path, file: LogFile) -> PilotError:
    return PilotError(
        f"The evidence {folder.name} is damaged: the rows of {file.name} are missing or are not those that "
        "were counted. Write it again with: recsys-roi evidence FILE --with-rows --to DIR"
    )
