"""Commands of whoever looks after the machine: members of a pilot, and how long what was logged is kept."""

from __future__ import annotations

import argparse
import getpass
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recsys_roi.access.signing_in import sign_in_of
from recsys_roi.doctor.examining import examine
from recsys_roi.errors import InputError
from recsys_roi.evidence.retaining import retain as rows_retained
from recsys_roi.logs.forgetting import forget_user
from recsys_roi.logs.pilot import Pilot, home, pilot_folder
from recsys_roi.record.log_changes import note_log_change
from recsys_roi.record.members import MemberStore
from recsys_roi.render.markdown import one_line

DONE, WRONG = 0, 1


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
    for member in store.all():
        print(one_line(f"{member.role:<8} {member.person}"))
    return DONE


def operator() -> str:
    """The name that the trail keeps of whoever runs a command: that of their account on this machine."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):  # a container may run as a number that has no name
        return "command line"


def now() -> datetime:
    """The moment that is written beside what a command changes."""
    return datetime.now(UTC).replace(microsecond=0)


def retain(arguments: argparse.Namespace) -> int:
    """Deletes the rows of a pilot whose time is over, or says when it will be."""
    pilot = Pilot.open(home(), arguments.pilot)
    found = rows_retained(pilot, days=arguments.days, now=now())
    if found.deleted:
        _note(pilot, "deleted", "the rows, after their time", {"days": arguments.days})
        print(f"The rows of {pilot.name} were deleted. Its counts, its record and its trail stay.")
    elif found.due is None:
        print(f"{pilot.name} holds no rows.")
    else:
        print(
            f"Nothing was deleted: the oldest event of {pilot.name} is of {found.oldest:%Y-%m-%d}, "
            f"so its rows go on {found.due:%Y-%m-%d}."
        )
    return DONE


def forget(arguments: argparse.Namespace) -> int:
    """Takes what was logged of a user out of a pilot."""
    pilot = Pilot.open(home(), arguments.pilot)
    found = forget_user(pilot, arguments.user)
    if not found.files:
        print(f"Nothing of that user is in {pilot.name}.")
        return DONE
    # Not the id: the trail outlives the rows.
    _note(pilot, "forgot", "a user", {"rows": found.rows, "files": found.files})
    print(
        f"{found.rows:,} rows in {found.files:,} files of {pilot.name} were taken out, and "
        f"{found.values:,} values of rejected lines. Figures are counted anew when they are next asked for."
    )
    return DONE


def _note(pilot: Pilot, action: str, subject: str, detail: Mapping[str, Any]) -> None:
    note_log_change(
        home(), pilot.name, who=operator(), at=now(), action=action, subject=subject, detail=detail
    )


def doctor(arguments: argparse.Namespace) -> int:
    """Says how everything that is kept is, and what to do; exit 1 where something is lost, broken or open."""
    sign_in = sign_in_of(os.environ).is_on
    failed = False
    for found in examine(home(), pilot=arguments.pilot, now=now(), sign_in=sign_in):
        failed |= found.status == "fail"
        todo = f" {found.todo}" if found.todo else ""
        print(one_line(f"{found.status:<4} {found.what}: {found.found}{todo}"))
    return WRONG if failed else DONE
