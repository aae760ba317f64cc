"""Deleting a pilot's rows when their time is over: what was counted stays, so the review opens as before."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import msgspec

from recsys_roi.errors import InputError, PilotError
from recsys_roi.evidence.columns import EPOCH
from recsys_roi.evidence.counting import Counts, counted
from recsys_roi.evidence.folder import finish, lines_by_reason
from recsys_roi.evidence.reading import CountsReader
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.rejects import Stored
from recsys_roi.logs.room import cause
from recsys_roi.logs.snapshot import Snapshot
from recsys_roi.whole_file import sync

_ROWS = re.compile(r"[0-9a-f]{64}(?:-r[0-9]+)?\.parquet")


@dataclass(frozen=True, kw_only=True, slots=True)
class Retained:
    """What a look at a pilot's age came to."""

    oldest: datetime | None  # event; None where no row is here
    due: datetime | None  # when its rows go
    deleted: bool
    rows: int = 0  # that are here, or were until they were deleted


def retain(pilot: Pilot, *, days: int, now: datetime) -> Retained:
    """Deletes all rows of a pilot when its oldest event is `days` old, after counting them; else says when.

    Rejected lines keep place and reason and lose their values. Raises InputError for days below 1, PilotError
    where the pilot cannot be counted or written, which leaves it as it was. A process that is killed is made
    good by the next.
    """
    if pilot.counted is not None and days >= 1:
        return _again(pilot)
    found, held = _looked_at(pilot, days)
    if held is None or found.due is None or now < found.due:
        return found
    rejected = {file.hash: lines_by_reason(held.rejects_of(file)) for file in held.files}
    with pilot.writing() as writer:
        if pilot.fingerprint != held.fingerprint:
            raise PilotError(f"Logs came into {pilot.name} meanwhile. Try again.")
        try:
            without_values = [blanked(pilot.kept_of(file)[1], writer.work) for file in held.files]
            finish(
                pilot.folder,
                held.manifest,
                engine="duckdb",
                engine_version=duckdb.__version__,
                paths={file.hash: file.name for file in held.files},
                rejected=rejected,
                made_at=now,
                rows_deleted=now,
            )
            for made, place in without_values:
                made.replace(place)
            _delete_rows(pilot)
        except (OSError, duckdb.Error) as problem:
            raise _not_deleted(pilot, problem) from problem
    return replace(found, deleted=True)


def due(pilot: Pilot, *, days: int) -> Retained:
    """When the rows of a pilot go, and how many they are; nothing is deleted. Raises as `retain`."""
    return _looked_at(pilot, days)[0]


def _looked_at(pilot: Pilot, days: int) -> tuple[Retained, Snapshot | None]:
    if days < 1:
        raise InputError(f"Rows are kept for 1 day or more; {days} was given.")
    if pilot.counted is not None or not pilot.files:
        return Retained(oldest=None, due=None, deleted=False), None
    counts, held = counted(pilot)
    oldest = oldest_event(counts)
    rows = sum(file.records for file in held.files)
    until = None if oldest is None else oldest + timedelta(days=days)
    return Retained(oldest=oldest, due=until, deleted=False, rows=rows), held


def _not_deleted(pilot: Pilot, problem: OSError | duckdb.Error) -> PilotError:
    why = cause(problem, pilot.folder)
    if pilot.counted is None:
        return PilotError(f"The rows of {pilot.name} cannot be deleted, so nothing was changed: {why}.")
    return PilotError(
        f"The rows of {pilot.name} are read no more, but not all could be deleted yet: {why}. Try again."
    )


def _again(pilot: Pilot) -> Retained:
    """Finishes what a killed run began; nothing where the rows are gone or were never here."""
    if pilot.counted is not None and pilot.counted.rows_deleted is not None:
        try:
            for file in pilot.files:
                _, place = pilot.kept_of(file)
                if _names_values(place):
                    made, _ = blanked(place, pilot.folder)
                    made.replace(place)
            _delete_rows(pilot)
        except OSError as problem:
            raise _not_deleted(pilot, problem) from problem
    return Retained(oldest=None, due=None, deleted=False)


def rows_left(pilot: Pilot) -> tuple[str, ...]:
    """Names of files with rows in a pilot that should hold none."""
    if pilot.counted is None:
        return ()
    return tuple(sorted(entry.name for entry in pilot.folder.iterdir() if _ROWS.fullmatch(entry.name)))


def _delete_rows(pilot: Pilot) -> None:
    for name in rows_left(pilot):
        (pilot.folder / name).unlink(missing_ok=True)
    sync(pilot.folder)


def _names_values(place: Path) -> bool:
    decode = msgspec.json.Decoder(Stored).decode
    with place.open("rb") as stored:
        return any(decode(line).value for line in stored)


def blanked(place: Path, work: Path) -> tuple[Path, Path]:
    """A copy of rejected lines without their values, in `work`, and the place that it is for."""
    made = work / f"{place.name}.new"
    decode = msgspec.json.Decoder(Stored).decode
    with place.open("rb") as stored, made.open("wb") as kept:
        for line in stored:
            kept.write(msgspec.json.encode(msgspec.structs.replace(decode(line), value="")) + b"\n")
    sync(made)
    return made, place


def oldest_event(counts: Counts) -> datetime | None:
    """The moment of the oldest event of any log; None without one."""
    with counts.connect() as connection:
        rows = CountsReader(connection=connection).records("SELECT min(first_us) AS us FROM newest")
    us = rows[0]["us"]
    return None if us is None else EPOCH + timedelta(microseconds=int(us))
