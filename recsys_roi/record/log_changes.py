"""What happened to a pilot's logs, told in its trail: added, removed, forgotten, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from recsys_roi.record import given
from recsys_roi.record.file import writing
from recsys_roi.record.trail import note_change


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
