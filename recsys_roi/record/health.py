"""Looks at the record's file as a whole: is it sound, and which pilots is it about."""

from __future__ import annotations

from pathlib import Path

from recsys_roi.record.file import reading


def damage(path: Path) -> str:
    """What SQLite's own check of every page found, in its words; empty where all is sound."""
    with reading(path) as connection:
        rows = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
    return "" if rows == ["ok"] else "; ".join(rows)


def pilots_written_of(path: Path) -> tuple[str, ...]:
    """The pilots that have a trail, by name."""
    with reading(path) as connection:
        rows = connection.execute("SELECT DISTINCT pilot FROM changes ORDER BY pilot")
        return tuple(str(row["pilot"]) for row in rows)
