"""Commands of whoever looks after the machine: members of a pilot, and how long what was logged is kept."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recsys_roi.access.signing_in import sign_in_of
from recsys_roi.doctor.examining import examine
from recsys_roi.errors import InputError, PilotError, RecsysRoiError
from recsys_roi.evidence.retaining import Retained
from recsys_roi.evidence.retaining import due as rows_due
from recsys_roi.evidence.retaining import retain as rows_retained
from recsys_roi.evidence.rows_folders import forget_in_rows, retain_rows
from recsys_roi.logs.documents import Document
from recsys_roi.logs.forgetting import forget_user
from recsys_roi.logs.hashing import shared_salt
from recsys_roi.logs.pilot import LogFile, Pilot, home, pilot_folder, pilot_names
from recsys_roi.record.log_changes import account_name, note_log_change
from recsys_roi.record.members import MemberStore
from recsys_roi.record.retention import RetentionStore
from recsys_roi.render.markdown import one_line

DONE, WRONG = 0, 1
FROM_INPUT = "-"


def members(arguments: argparse.Namespace) -> int:
    """Lists the members of a pilot, after adding or removing one."""
    name = pilot_folder(home(), arguments.pilot).name
    store = MemberStore(home(), name)
    if arguments.role is not None and arguments.add is None:
        raise InputError("--role is for --add. Say whom to add.")
    if arguments.add is not None:
        store.put(arguments.add, arguments.role or "viewer", who=operator(), at=now())
    if arguments.remove is not None:
        store.remove(arguments.remove, who=operator(), at=now())
    found = store.all()
    for member in found:
        print(one_line(f"{member.role} {member.person}"))
    if not found:
        print(f"{name} has no members. Add its owner with --add PERSON --role owner.")
    return DONE


def operator() -> str:
    """The name that the trail keeps of whoever runs a command."""
    return account_name("command line")


def now() -> datetime:
    """The moment that is written beside what a command changes."""
    return datetime.now(UTC).replace(microsecond=0)


def retain(arguments: argparse.Namespace) -> int:
    """Deletes the rows of pilots whose time is over, or says when it will be."""
    if arguments.evidence is not None:
        return _retain_folder(arguments.evidence, arguments.days, only_look=arguments.dry_run)
    if arguments.pilot is None and arguments.days is not None:
        raise InputError("--days is for one pilot. Name it with --pilot.")
    names = pilot_names(home()) if arguments.pilot is None else (arguments.pilot,)
    failed = looked = False
    for name in names:
        try:
            pilot = Pilot.open(home(), name)
        except PilotError as problem:
            if arguments.pilot is not None:
                raise
            print(one_line(f"recsys-roi: {problem}"), file=sys.stderr)
            failed = looked = True
            continue
        rule = RetentionStore(home(), pilot.name).rule()
        days = arguments.days if arguments.days is not None or rule is None else rule.days
        if days is None and arguments.pilot is not None:
            raise InputError(f"No days are set for {pilot.name}. Give --days, or set them on Logs.")
        if days is not None:
            looked = True
            failed |= not _retained(pilot, days, only_look=arguments.dry_run, alone=len(names) == 1)
    if not looked:
        print("Nothing was deleted: days are set for no pilot.")
    return WRONG if failed else DONE


def _retained(pilot: Pilot, days: int, *, only_look: bool, alone: bool) -> bool:
    """One pilot; of several, one that cannot be written keeps no other from its turn."""
    try:
        found = rows_due(pilot, days=days) if only_look else rows_retained(pilot, days=days, now=now())
    except RecsysRoiError as problem:
        if alone:
            raise
        print(one_line(f"recsys-roi: {problem}"), file=sys.stderr)
        return False
    if found.deleted:
        _note(pilot, "deleted", "the rows, after their time", {"days": days, "rows": found.rows})
    print(_said_of(found, pilot.name, "Its counts, its record and its trail stay.", only_look=only_look))
    return True


def _said_of(found: Retained, name: str, stays: str, *, only_look: bool) -> str:
    """What became of the rows of a pilot or an evidence folder."""
    if found.deleted:
        return f"The rows of {name} were deleted. {stays}"
    if found.due is None:
        return f"{name} holds no rows."
    if found.due <= now():
        return (
            f"Today {found.rows:,} rows of {name} would be deleted: "
            f"the oldest event is of {found.oldest:%Y-%m-%d}."
        )
    return (
        f"Nothing {'would be' if only_look else 'was'} deleted: the oldest event of {name} is of "
        f"{found.oldest:%Y-%m-%d}, so its rows go on {found.due:%Y-%m-%d}."
    )


def _retain_folder(folder: Path, days: int | None, *, only_look: bool) -> int:
    """The rows of an evidence folder."""
    if days is None:
        raise InputError("Say how many days the rows are kept: --days 90")
    found = retain_rows(folder, days=days, now=now(), only_look=only_look)
    print(_said_of(found, str(folder), "Its counts stay.", only_look=only_look))
    return DONE


def forget(arguments: argparse.Namespace) -> int:
    """Takes what was logged of a user out of a pilot, or out of an evidence folder with rows."""
    user = sys.stdin.readline().rstrip("\r\n") if arguments.user == FROM_INPUT else arguments.user
    if arguments.evidence is not None:
        return _forget_in(arguments.evidence, user, arguments.hash_ids)
    if arguments.hash_ids is not None:
        raise InputError("--hash-ids is for --evidence; a pilot has its salt.")
    pilot = Pilot.open(home(), arguments.pilot)
    found = forget_user(pilot, user)
    if not found.files:
        print(f"Nothing of that user is in {pilot.name}.")
        return DONE
    # Not the id: the trail outlives the rows.
    detail = {"rows": found.rows, "files": found.files, "values": found.values}
    _note(pilot, "forgot", "a user", detail)
    print(
        f"{found.rows:,} rows in {found.files:,} files of {pilot.name} were taken out, and "
        f"{found.values:,} values of rejected lines. Figures are counted anew when they are next asked for."
    )
    return DONE


def _forget_in(folder: Path, user: str, salt: Path | None) -> int:
    if salt is not None and not salt.is_file():
        raise InputError(f"{salt} is no file of a salt. Name the one that the ids were hashed with.")
    known = None if salt is None else shared_salt(salt)
    found = forget_in_rows(folder, user, salt=known, made_at=now())
    if not found.files:
        print(f"Nothing of that user is in {folder}.")
        return DONE
    print(
        f"{found.rows:,} rows in {found.files:,} files of {folder} were taken out, and {found.values:,} "
        "values of rejected lines; its counts were made anew. Copies, and what was merged from it, are as "
        "they were."
    )
    return DONE


def note_added(pilot: Pilot, files: Iterable[LogFile | Document]) -> None:
    """Tells the trail of files that a command has added."""
    for file in files:
        _note(pilot, "added", f"file {file.name}", {"hash": file.hash})


def _note(pilot: Pilot, action: str, subject: str, detail: Mapping[str, Any]) -> None:
    """It was done already, so a trail that cannot be written is said, and undoes nothing."""
    try:
        note_log_change(
            home(), pilot.name, who=operator(), at=now(), action=action, subject=subject, detail=detail
        )
    except RecsysRoiError as problem:
        said = f"recsys-roi: It was done, but the audit trail could not be written. {problem}"
        print(one_line(said), file=sys.stderr)


def doctor(arguments: argparse.Namespace) -> int:
    """Says how everything that is kept is, and what to do; exit 1 where something is lost, broken or open."""
    sign_in = sign_in_of(os.environ).is_on
    failed = False
    for found in examine(home(), pilot=arguments.pilot, now=now(), sign_in=sign_in):
        failed |= found.status == "fail"
        todo = f" {found.todo}" if found.todo else ""
        print(one_line(f"{found.status} {found.what}: {found.found}{todo}"))
    return WRONG if failed else DONE
