"""One pilot: its files against what the manifest says of them, its counts, its rights, its members."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from recsys_roi.doctor.finding import Finding, fail, ok, warn
from recsys_roi.doctor.machine import is_open_to_others, is_readable
from recsys_roi.errors import RIGHTS, RecsysRoiError, lacks_rights
from recsys_roi.evidence.counting import Counts, counts_folder
from recsys_roi.evidence.declared import check_views
from recsys_roi.evidence.reading import CountsReader
from recsys_roi.evidence.retaining import rows_left
from recsys_roi.logs.hashing import SALT, read_salt
from recsys_roi.logs.manifest import LogFile
from recsys_roi.logs.pilot import Pilot
from recsys_roi.record.members import MemberStore

ANEW = "Delete the pilot and read its logs in again."


def pilot(home: Path, name: str, *, sign_in: bool) -> Iterator[Finding]:
    """Everything that is looked at in one pilot; `sign_in` is whether people have to sign in here."""
    try:
        found = Pilot.open(home, name)
        files = found.files
    except RecsysRoiError as problem:
        yield fail(name, str(problem))
        return
    problems = [one for file in files for one in _file(found, file)]
    yield from problems
    if not problems:
        yield ok(name, f"{len(files):,} files as the manifest says.")
    yield from _counts(found)
    yield from _privacy(found)
    if sign_in and not any(member.role == "owner" for member in MemberStore(home, name).all()):
        yield warn(
            name,
            "It has no owner, so nobody who signs in can see it.",
            f'recsys-roi members --pilot "{name}" --add PERSON --role owner',
        )


def _file(found: Pilot, file: LogFile) -> Iterator[Finding]:
    rows, _ = found.kept_of(file)
    if file.accepted + file.rejected != file.lines:
        yield fail(found.name, f"{file.name}: accepted and rejected lines are not all lines.", ANEW)
    if found.counted is None:
        try:
            held = pq.read_metadata(rows).num_rows
        except (OSError, ValueError) as problem:
            told = f"{file.name}: its rows cannot be read ({type(problem).__name__})."
            todo = f"{RIGHTS}: {rows}" if lacks_rights(problem) else ANEW
            yield fail(found.name, told, todo)
        else:
            if held != file.records:
                told = f"{file.name}: {held:,} rows are here, {file.records:,} were read in."
                yield fail(found.name, told, ANEW)
    if found.counted is not None and found.counted.declared is not None:
        return  # rejected lines may hold ids, so views are kept without them
    try:
        lines = {reject.line for reject in found.rejects_of(file)}
    except RecsysRoiError as problem:
        yield fail(found.name, str(problem), "" if lacks_rights(problem.__cause__ or problem) else ANEW)
    else:
        if len(lines) != file.rejected:
            told = f"{file.name}: {len(lines):,} rejected lines are here, {file.rejected:,} were found."
            yield fail(found.name, told, ANEW)


def _counts(found: Pilot) -> Iterator[Finding]:
    """Whether what was counted is of the rows here; where nothing was, it is counted when asked for."""
    if found.counted is not None and found.counted.declared is not None:
        yield from _views(found)
        return
    folder = counts_folder(found.folder, found.fingerprint)
    if folder.parent.is_dir() and not is_readable(folder.parent):
        yield fail(found.name, f"Its counts in {folder.parent} cannot be read.", f"{RIGHTS}.")
        return
    if not folder.is_dir():
        if found.counted is not None:
            yield fail(found.name, "Its counts are gone, and it holds no rows.", "Put a copy of it back.")
        return
    try:
        with Counts(folder=folder).connect() as connection:
            (row,) = CountsReader(connection=connection).records(
                "SELECT coalesce(sum(lines), 0) AS lines FROM exposures_by_day"
            )
    except RecsysRoiError:
        yield _counted_anew(found, folder, "Its counts cannot be read.")
        return
    held = sum(file.records for file in found.files if file.kind == "exposure.v1")
    if int(row["lines"]) == held:
        yield ok(found.name, f"The counts are of the {held:,} exposures that are here.")
    else:
        told = f"The counts are of {int(row['lines']):,} exposures; {held:,} are here."
        yield _counted_anew(found, folder, told)


def _views(found: Pilot) -> Iterator[Finding]:
    try:
        count = check_views(found)
    except RecsysRoiError as problem:
        yield fail(found.name, str(problem), "Put a copy of the pilot back.")
    else:
        yield ok(found.name, f"{count:,} declared views as the manifest says.")


def _counted_anew(found: Pilot, folder: Path, told: str) -> Finding:
    if found.counted is not None:
        return fail(found.name, told, "Put a copy of the pilot back.")
    return fail(found.name, told, f"Delete {folder}; they are made anew when next asked for.")


def _privacy(found: Pilot) -> Iterator[Finding]:
    if is_open_to_others(found.folder):
        yield fail(found.name, "Others can look into its folder.", f"chmod -R go= {found.folder}")
    if found.hashes_ids:
        try:
            read_salt(found.folder)
        except RecsysRoiError:
            yield warn(
                found.name,
                "Its salt is gone: no logs can be added, and no user can be forgotten.",
                "Nothing, if that is meant; else put it back from a copy.",
            )
        else:
            if is_open_to_others(found.folder / SALT):
                yield fail(found.name, "Others can read its salt.", f"chmod 600 {found.folder / SALT}")
    left = rows_left(found)
    if left:
        yield fail(
            found.name,
            f"{len(left):,} files with rows are still here, whose time is over.",
            f'recsys-roi retain --pilot "{found.name}" --days 1',
        )
