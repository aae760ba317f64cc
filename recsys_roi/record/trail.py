"""The trail: every change of a record, each with a hash over itself and the hash before it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recsys_roi.record.entries import Change

NOTHING_BEFORE = ""


def note_change(
    connection: sqlite3.Connection,
    pilot: str,
    *,
    who: str,
    at: datetime,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
) -> None:
    """Adds one change to the trail of a pilot, within the transaction that makes it."""
    written = {
        "at": time_text(at),
        "who": who,
        "action": action,
        "subject": subject,
        "detail": json_text(detail),
    }
    connection.execute(
        "INSERT INTO changes (pilot, at, who, action, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (pilot, *written.values(), _hash(head(connection, pilot), pilot, written)),
    )


def changes(connection: sqlite3.Connection, pilot: str) -> tuple[Change, ...]:
    """The trail of a pilot, oldest first."""
    rows = connection.execute(
        "SELECT at, who, action, subject, detail, hash FROM changes WHERE pilot = ? ORDER BY id", (pilot,)
    )
    return tuple(Change(**{**dict(row), "at": datetime.fromisoformat(row["at"])}) for row in rows)


def head(connection: sqlite3.Connection, pilot: str) -> str | None:
    """Hash of the last change; None where there is none."""
    row = connection.execute(
        "SELECT hash FROM changes WHERE pilot = ? ORDER BY id DESC LIMIT 1", (pilot,)
    ).fetchone()
    return None if row is None else str(row["hash"])


def first_broken(connection: sqlite3.Connection, pilot: str) -> int | None:
    """Place, from 0, of the first change that was altered after it was written; None where none was."""
    before = None
    for place, change in enumerate(changes(connection, pilot)):
        written = {
            "at": time_text(change.at),
            "who": change.who,
            "action": change.action,
            "subject": change.subject,
            "detail": change.detail,
        }
        if change.hash != _hash(before, pilot, written):
            return place
        before = change.hash
    return None


def _hash(before: str | None, pilot: str, written: Mapping[str, str]) -> str:
    text = json_text({**written, "pilot": pilot, "before": before or NOTHING_BEFORE})
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def time_text(at: datetime) -> str:
    """A moment as it is kept: RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat()


def json_text(value: Mapping[str, Any]) -> str:
    """JSON with sorted keys, so that equal things are written alike."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
