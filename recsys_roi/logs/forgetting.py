"""Taking what was logged of one user out of a pilot: new files, one step, then the old ones go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import msgspec

from recsys_roi.errors import InputError, PilotError
from recsys_roi.logs import tables
from recsys_roi.logs.hashing import hashed, read_salt
from recsys_roi.logs.manifest import LogFile
from recsys_roi.logs.pilot import Pilot, PilotWriter
from recsys_roi.logs.rejects import Stored
from recsys_roi.logs.room import cause, no_rights, no_room
from recsys_roi.logs.snapshot import damaged

FORGOTTEN = ""  # in place of a value that names the user
_USER = duckdb.ColumnExpression(tables.USER)

ROWS_OF_USER = """
SELECT (SELECT count(*) FROM exposures WHERE user_id = $1)
     + (SELECT count(*) FROM outcomes WHERE user_id = $1)
     + (SELECT count(*) FROM assignments WHERE user_id = $1)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """How much was taken out."""

    rows: int
    files: int  # that held any of it
    values: int  # of rejected lines, that named the user


def forget_user(pilot: Pilot, user_id: str) -> Forgotten:
    """Takes every row of a user out, and the id out of the values of rejected lines; counts go too.

    A process that is killed leaves the pilot as it was or without the user. Raises InputError without an id,
    PilotError where the pilot holds no rows, cannot be written, or lacks its salt.
    """
    wanted = _as_kept(pilot, user_id)
    with pilot.writing() as writer:
        changed, rows, values = [], 0, 0
        try:
            for number, file in enumerate(pilot.files):
                work = writer.work / f"{number}"
                work.mkdir()
                gone = _rows_without(pilot, file, wanted, work)
                blanked = _values_without(pilot, file, user_id, work)
                if gone or blanked:
                    changed.append((file, _without(file, gone), work))
                    rows, values = rows + gone, values + blanked
            if changed:
                _put(writer, changed)
        except (duckdb.Error, OSError, msgspec.MsgspecError) as problem:
            raise _not_forgotten(pilot, changed, problem) from problem
    return Forgotten(rows=rows, files=len(changed), values=values)


def rows_of_user(pilot: Pilot, user_id: str) -> int:
    """How many rows `forget_user` would take out; nothing is changed. Raises as it does."""
    wanted = _as_kept(pilot, user_id)
    try:
        with pilot.connect() as connection:
            found = connection.execute(ROWS_OF_USER, [wanted]).fetchone()
    except duckdb.Error as problem:
        raise damaged(pilot.folder, problem) from problem
    return int(found[0]) if found else 0


def _as_kept(pilot: Pilot, user_id: str) -> str:
    if not user_id.strip():
        raise InputError("Say which user: the user_id as it stands in the logs.")
    return hashed(read_salt(pilot.folder), user_id) if pilot.hashes_ids else user_id


def _not_forgotten(
    pilot: Pilot, changed: Sequence[tuple[LogFile, LogFile, Path]], problem: Exception
) -> PilotError:
    """What is true of the pilot now; never the id, which an error of the database might quote."""
    said = problem if isinstance(problem, OSError) else None
    known = no_room(problem, pilot.folder) or no_rights(problem, pilot.folder)
    why = known or (cause(said, pilot.folder) if said else "its files are damaged; run recsys-roi doctor")
    if changed and {new for _, new, _ in changed} <= set(pilot.files):
        return PilotError(
            f"The user's rows are read no more in {pilot.name}, but old files could not be deleted yet: "
            f"{why}. Try again."
        )
    return PilotError(f"{pilot.name} cannot be rewritten without that user, so nothing was changed: {why}.")


def _without(file: LogFile, gone: int) -> LogFile:
    return replace(
        file, revision=file.revision + 1, records=file.records - gone, forgotten=file.forgotten + gone
    )


def _rows_without(pilot: Pilot, file: LogFile, user_id: str, work: Path) -> int:
    """Writes the file's rows but for the user's; gives how many were left out."""
    source, _ = pilot.kept_of(file)
    with tables.working_connection(work / "spill") as connection:
        rows = connection.read_parquet(tables.without_glob(source))
        kept = rows.filter(duckdb.ConstantExpression(user_id) != _USER)
        tables.write_rows(kept, work / "rows.parquet")
        left = len(connection.read_parquet(tables.without_glob(work / "rows.parquet")))
    return file.records - left


def _values_without(pilot: Pilot, file: LogFile, user_id: str, work: Path) -> int:
    """Writes the file's rejected lines, values that name the user left empty; gives how many."""
    _, source = pilot.kept_of(file)
    blanked = 0
    decode = msgspec.json.Decoder(Stored).decode
    with source.open("rb") as stored, (work / "rejects.jsonl").open("wb") as kept:
        for line in stored:
            reject = decode(line)
            if user_id in reject.value:
                blanked += 1
                reject = msgspec.structs.replace(reject, value=FORGOTTEN)
            kept.write(msgspec.json.encode(reject) + b"\n")
    return blanked


def _put(writer: PilotWriter, changed: list[tuple[LogFile, LogFile, Path]]) -> None:
    writer.replace(
        [(old, new, work / "rows.parquet", work / "rejects.jsonl") for old, new, work in changed],
    )
