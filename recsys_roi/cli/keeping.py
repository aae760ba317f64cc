"""Commands of whoever looks after the machine: members of a pilot."""

from __future__ import annotations

import argparse
import getpass
from datetime import UTC, datetime

from recsys_roi.errors import InputError
from recsys_roi.logs.pilot import home, pilot_folder
from recsys_roi.record.members import MemberStore
from recsys_roi.render.markdown import one_line

DONE = 0


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
