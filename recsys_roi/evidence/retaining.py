"""Deleting a pilot's rows when their time is over: what was counted stays, so the review opens as before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import msgspec

from recsys_roi.errors import InputError, PilotError
from recsys_roi.evidence.columns import EPOCH
from recsys_roi.evidence.counting import Counts, counted
from recsys_roi.evidence.folder import finish, lines_by_reason
from recsys_roi.evidence.reading import CountsReader
from recsys_roi.logs.manifest import LogFile, sync
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.rejects import Stored

_ROWS = re.compile(r"[0-9a-f]{64}(?:-r[0-9]+)?\.parquet")


@dataclass(frozen=True, kw_only=True, slots=True)
class Retained:
    """What a look at a pilot's age came to."""

    oldest: datetime | None  # event; None where no row is here
    due: datetime | None  # when its rows go
    deleted: bool


def retain(pilot: Pilot, *, days: int, now: datetime) -> Retained:
    """Deletes all rows of a pilot when its oldest event is `days` old, after counting them; else says when.

    Rejected lines keep place and reason and lose their values. Raises InputError for days below 1, PilotError
    where the pilot cannot be counted or written. A process that is killed is made good by the next.
    """
    if days < 1:
        raise InputError(f"--days is 1 or more; {days} was given.")
    if pilot.counted is not None:
        return _again(pilot)
    if not pilot.files:
        return Retained(oldest=None, due=None, deleted=False)
    counts, held = counted(pilot)
    oldest = _oldest(counts)
    due = None if oldest is None else oldest + timedelta(days=days)
    if due is None or now < due:
        return Retained(oldest=oldest, due=due, deleted=False)
    rejected = {file.hash: lines_by_reason(held.rejects_of(file)) for file in held.files}
    with pilot.writing():
        if pilot.fingerprint != held.fingerprint:
            raise PilotError(f"Logs came into {pilot.name} meanwhile. Run the command again.")
        try:
            for file in held.files:
                _blank(pilot, file)
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
            _delete_rows(pilot)
        except OSError as problem:
            raise PilotError(f"The rows of {pilot.name} cannot be deleted: {problem.strerror}.") from problem
    return Retained(oldest=oldest, due=due, deleted=True)


def _again(pilot: Pilot) -> Retained:
    """Finishes what a killed run began; nothing where the rows are gone or were never here."""
    _delete_rows(pilot)
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


def _blank(pilot: Pilot, file: LogFile) -> None:
    """The rejected lines of a file without their values."""
    _, place = pilot.kept_of(file)
    made = place.with_suffix(".new")
    decode = msgspec.json.Decoder(Stored).decode
    with place.open("rb") as stored, made.open("wb") as kept:
        for line in stored:
            kept.write(msgspec.json.encode(msgspec.structs.replace(decode(line), value="")) + b"\n")
    sync(made)
    made.replace(place)


def _oldest(counts: Counts) -> datetime | None:
    with counts.connect() as connection:
        rows = CountsReader(connection=connection).records("SELECT min(first_us) AS us FROM newest")
    us = rows[0]["us"]
    return None if us is None else EPOCH + timedelta(microseconds=int(us))
