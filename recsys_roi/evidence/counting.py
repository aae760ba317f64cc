"""Rows to counts: the three logs joined once for each set of files, kept beside them as Parquet."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import duckdb

from recsys_roi.errors import PilotError
from recsys_roi.evidence.privacy_scan import PERSONAL_DATA_TABLES, scan_personal_data
from recsys_roi.evidence.reject_days import REJECT_TABLES, count_reject_days
from recsys_roi.logs import tables
from recsys_roi.logs.pilot import COUNTS, Pilot

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
STATEMENTS = ("counts.sql", "contexts.sql", "items.sql", "facts.sql", "drift.sql")
SPILL = "spill"
MEMORY_LIMIT = "1GB"  # of DuckDB while counting; what does not fit spills to the pilot's folder
LAYOUT = "counts-3"  # raised whenever the tables change, so that older counts are made anew
KEPT = 2  # sets of counts kept: the newest, and the one an open page may still read


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """The counts of one set of files; views are read from here, never from rows."""

    folder: Path

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection that sees the counts' tables and nothing outside their folder."""
        connection = tables.connect(self.folder, (), spill=self.folder / SPILL)
        try:
            for table in TABLES:
                connection.read_parquet(self._parts(table)).create_view(table)
        except duckdb.Error as error:
            connection.close()
            raise PilotError(
                "The pilot's counts were replaced while they were opened, or are damaged. "
                "Open the pilot again; they are counted anew from its logs."
            ) from error
        return connection

    def _parts(self, table: str) -> list[str]:
        """The files of one table: one, or those that the tasks of Spark wrote, in their order."""
        place = self.folder / f"{table}.parquet"
        parts = sorted(place.glob("*.parquet")) if place.is_dir() else [place]
        return [tables.without_glob(part) for part in parts]


def counts_folder(folder: Path, fingerprint: str) -> Path:
    """Where in a pilot's folder the counts of one set of files stand."""
    return folder / COUNTS / f"{LAYOUT}-{fingerprint.removeprefix('blake3:')}"


def counts_of(pilot: Pilot) -> Counts:
    """The counts of the pilot's files, made when they are not there yet; evidence has its own."""
    folder = counts_folder(pilot.folder, pilot.fingerprint)
    counted = pilot.counted
    if counted is not None and not folder.is_dir():
        raise PilotError(
            f"The evidence {pilot.name} is damaged, or was counted by another version ({counted.software}, "
            f"{counted.layout}; this one reads {LAYOUT}). Count its logs again with: recsys-roi evidence"
        )
    if not folder.is_dir():
        _count(pilot, folder)
    return Counts(folder=folder)


def _count(pilot: Pilot, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
    try:
        with pilot.connect(memory_limit=MEMORY_LIMIT) as connection:
            for statements in STATEMENTS:
                connection.execute(_statements(statements))
            scan_personal_data(connection)
            count_reject_days(pilot, connection)
            for table in TABLES:
                connection.table(table).write_parquet(str(work / f"{table}.parquet"))
        # Another process may have finished the same counts first; either is as good.
        if not folder.is_dir():
            work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _forget_older(folder)


def _forget_older(newest: Path) -> None:
    others = [f for f in newest.parent.iterdir() if f != newest and not f.name.startswith(".")]
    others.sort(key=lambda f: f.stat().st_mtime, reverse=True)
    for folder in others[KEPT - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


def _statements(name: str) -> str:
    return resources.files("recsys_roi.evidence").joinpath("sql", name).read_text(encoding="utf-8")
