"""What happened to a pilot's logs, told in its trail: added, removed, forgotten, deleted."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from recsys_roi.record import given
from recsys_roi.record.file import writing
from recsys_roi.record.trail import note_change


def account_name(how: str) -> str:
    """The name that the trail keeps of a program's account on this machine; `how` it came here."""
    try:
        return f"{getpass.getuser()} ({how})"
    except (KeyError, OSError):  # a container may run as a number that has no name
        return how


def note_log_change(
    home: Path,
    pilot: str,
    *,
    who: str,
    at: datetime,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Adds one line to the trail; `home` is the folder that holds the record."""
    who = given.name("Who does it", who)
    with writing(home / given.FILE_NAME) as connection:
        note_change(connection, pilot, who=who, at=at, action=action, subject=subject, detail=detail or {})
