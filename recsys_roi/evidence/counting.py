"""Rows to counts: the three logs joined once for each set of files, kept beside them as Parquet."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import duckdb

from recsys_roi.errors import CountsError, PilotError
from recsys_roi.evidence.count_columns import COUNT_COLUMNS
from recsys_roi.evidence.privacy_scan import PERSONAL_DATA_TABLES, scan_limit, scan_personal_data
from recsys_roi.evidence.reject_days import REJECT_TABLES, load_rejects
from recsys_roi.logs import tables
from recsys_roi.logs.pilot import COUNTING, COUNTS, Pilot
from recsys_roi.logs.room import cause
from recsys_roi.logs.snapshot import Snapshot

TABLES = (
    "requests",
    "events",
    "prior_requests",
    "prior_events",
    "context_keys",
    "context_values",
    "user_context",
    "user_numbers",
    "request_context",
    "items_by_day",
    "join_facts",
    "experiment_facts",
    "arm_facts",
    "arm_users_by_day",
    "variant_names",
    "surfaces",
    "event_types",
    "unjoined_outcomes",
    "silences",
    "newest",
    "versions",
    "request_versions",
    "names_by_day",
    "exposures_by_day",
    *REJECT_TABLES,
    *PERSONAL_DATA_TABLES,
)
OnStep = Callable[[int, int], None]
"""Called with the steps done and how many there are, while counts are made."""
SCANNED = "scanned.sql"
STATEMENTS = (
    "counts.sql",
    "facts.sql",
    "items.sql",
    SCANNED,
    "rejects.sql",
    "contexts.sql",
    "drift.sql",
)
"""In their order: each reads tables of those before it; the widest go as soon as they are not needed."""
MADE_IN_PYTHON = ("reject_names", "personal_data")
SPILL = "spill"
MEMORY_LIMIT = "1GB"  # of DuckDB while counting; what does not fit spills to the pilot's folder
LAYOUT = "counts-6"  # raised whenever the tables change, so that older counts are made anew
_TABLE = re.compile(r"^CREATE TABLE (?P<name>\w+) AS\b", re.MULTILINE)  # of counts; others are TEMP
KEPT = 2  # sets of counts kept: the newest, and the one an open page may still read


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """The counts of one set of files; views are read from here, never from rows."""

    folder: Path

    def connect(self, *, memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
        """A connection that sees the counts' tables and nothing outside their folder.

        Raises CountsError where they are gone, or are not the tables of this version.
        """
        connection = tables.connect(self.folder, (), spill=self.folder / SPILL, memory_limit=memory_limit)
        try:
            for table in TABLES:
                self._show(connection, table)
        except (duckdb.Error, OSError) as error:
            connection.close()
            raise unreadable() from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _show(self, connection: duckdb.DuckDBPyConnection, table: str) -> None:
        """One table as a view."""
        parts = self._parts(table)
        if not parts or not all(part.is_file() for part in parts):  # reading a pipe would not end
            raise unreadable()
        rows = connection.read_parquet([tables.without_glob(part) for part in parts])
        wanted = COUNT_COLUMNS[table]
        if dict(zip(rows.columns, map(str, rows.types), strict=True)) != {
            column.name: column.sql_type for column in wanted
        }:
            raise unreadable()
        rows.create_view(table)

    def _parts(self, table: str) -> list[Path]:
        """The files of one table: one, or those that the tasks of Spark wrote, in their order."""
        place = self.folder / f"{table}.parquet"
        return sorted(place.glob("*.parquet")) if place.is_dir() else [place]


def unreadable() -> CountsError:
    """What a person is told of counts that cannot be read."""
    return CountsError(
        "The pilot's counts were replaced while they were read, or are damaged. "
        "Open the pilot again; where that does not help, recsys-roi doctor says what to do."
    )


def discard(counts: Counts) -> None:
    """Lets counts go that cannot be read, so that they are made anew when next asked for."""
    shutil.rmtree(counts.folder, ignore_errors=True)


def counts_folder(folder: Path, fingerprint: str) -> Path:
    """Where in a pilot's folder the counts of one set of files stand."""
    return folder / COUNTS / counts_name(fingerprint)


def counts_name(fingerprint: str) -> str:
    """The name of the folder of the counts of one set of files."""
    return f"{LAYOUT}-{fingerprint.removeprefix('blake3:')}"


def counts_of(pilot: Pilot) -> Counts:
    """The counts of the files that a pilot has now, made when they are not there; evidence has its own."""
    return counted(pilot)[0]


def counted(pilot: Pilot, on_step: OnStep | None = None) -> tuple[Counts, Snapshot]:
    """The counts, and the files that they are of.

    Files that come in meanwhile are left to the next time; when one goes, the rest is counted anew.
    """
    while True:
        held = pilot.snapshot()
        folder = counts_folder(pilot.folder, held.fingerprint)
        if _is_there(folder):
            break
        _check_countable(held)
        try:
            _count(held, folder, on_step)
        except PilotError:
            if _has_all(pilot, held):
                raise
            continue
        if _has_all(pilot, held):
            break
        # Put in place after the removal had swept the counts: nothing may be kept of a file that is gone.
        shutil.rmtree(folder, ignore_errors=True)
    return Counts(folder=folder), held


def _is_there(folder: Path) -> bool:
    """PilotError where this account may not look whether there are counts."""
    try:
        return folder.is_dir()
    except PermissionError as problem:
        raise PilotError(f"The counts cannot be read: {cause(problem, folder)}.") from problem


def _check_countable(held: Snapshot) -> None:
    counted_by = held.manifest.counted
    if counted_by is not None and counted_by.declared is not None:
        raise PilotError(f"The evidence {held.name} holds the sums of declared views only, and no counts.")
    if counted_by is not None:
        raise PilotError(
            f"The evidence {held.name} is damaged, or was counted by another version ({counted_by.software}, "
            f"{counted_by.layout}; this one reads {LAYOUT}). Count its logs again with: recsys-roi evidence"
        )


def _has_all(pilot: Pilot, held: Snapshot) -> bool:
    """Whether the pilot still has every file; a file that was removed and read in another way is another."""
    return set(held.files) <= set(pilot.files)


def _count(held: Snapshot, folder: Path, on_step: OnStep | None) -> None:
    work = folder.with_name(f"{COUNTING}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        folder.parent.mkdir(exist_ok=True)  # not the pilot's own folder, which somebody may have deleted
        work.mkdir()
        with held.connect(memory_limit=MEMORY_LIMIT) as connection:
            load_rejects(held, connection)
            connection.execute(scan_limit())
            for done, name in enumerate(STATEMENTS):
                if on_step is not None:
                    on_step(done, len(STATEMENTS))
                _run(connection, statements(name), work)
                if name == SCANNED:
                    scan_personal_data(connection)
            for table in MADE_IN_PYTHON:
                connection.table(table).write_parquet(str(work / f"{table}.parquet"))
        _put_in_place(work, folder)
    except (OSError, duckdb.Error) as problem:
        why = cause(problem, held.folder)
        raise PilotError(f"The logs of the pilot {held.name} could not be counted: {why}.") from problem
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _run(connection: duckdb.DuckDBPyConnection, text: str, work: Path) -> None:
    """Every statement of a file of SQL; the rows of a table of counts go straight to Parquet in `work`."""
    for statement in connection.extract_statements(text):
        kept = _TABLE.search(statement.query)
        if kept is None:
            connection.execute(statement)
            continue
        name, place = kept["name"], work / f"{kept['name']}.parquet"
        connection.execute(_TABLE.sub("CREATE OR REPLACE TEMP VIEW counted AS", statement.query))
        connection.view("counted").write_parquet(str(place))
        connection.read_parquet(tables.without_glob(place)).create_view(name)


def _put_in_place(work: Path, folder: Path) -> None:
    try:
        work.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise  # else another process has finished the same counts first; either is as good
    others = [other for other in folder.parent.glob("[!.]*") if other != folder]
    others.sort(key=_made_at, reverse=True)
    for older in others[KEPT - 1 :]:
        shutil.rmtree(older, ignore_errors=True)


def _made_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:  # another process has just deleted it
        return 0.0


def statements(name: str) -> str:
    """The text of one file of this room's SQL."""
    return resources.files("recsys_roi.evidence").joinpath("sql", name).read_text(encoding="utf-8")
