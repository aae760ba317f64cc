"""What the stores of a pilot's record share: where it is, and how a change is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from recsys_roi.record import given
from recsys_roi.record.trail import note_change


class PilotStore:
    """A part of one pilot's record; every method opens the file, so that threads share nothing."""

    def __init__(self, home: Path, pilot: str) -> None:
        """`home` is the folder that holds the record; the file is made at the first use."""
        self._path, self._pilot = home / given.FILE_NAME, pilot

    def _note(
        self,
        connection: sqlite3.Connection,
        *,
        who: str,
        at: datetime,
        action: str,
        subject: str,
        detail: Mapping[str, Any],
    ) -> None:
        """Tells the trail of this pilot, within the transaction that makes the change."""
        note_change(connection, self._pilot, who=who, at=at, action=action, subject=subject, detail=detail)
