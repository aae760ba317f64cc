"""Dates, shares and lists as the sentences of findings write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from recsys_roi.evidence.columns import EPOCH
from recsys_roi.numerals import full
from recsys_roi.personal import mask

EPOCH_DAY = EPOCH.date()
NAME_LENGTH = 40


def day_text(day: int) -> str:
    """A day since the epoch: "14 Oct 2026"."""
    return date_text(EPOCH_DAY + timedelta(days=day))


def moment_at(microseconds: int) -> datetime:
    """The moment so many microseconds after the epoch."""
    return EPOCH + timedelta(microseconds=microseconds)


def date_text(moment: date) -> str:
    """A date: "14 Oct 2026"."""
    return f"{moment.day} {moment:%b %Y}"


def hour_text(moment: datetime) -> str:
    """A moment to the minute: "14 Oct 2026 10:00 UTC"."""
    return f"{date_text(moment)} {moment.astimezone(UTC):%H:%M} UTC"


def listed(parts: Sequence[str], most: int = 5) -> str:
    """Parts of a sentence with commas, the first few of many."""
    shown = ", ".join(parts[:most])
    return f"{shown} and {full(len(parts) - most)} more" if len(parts) > most else shown


def cut(name: str) -> str:
    """A name from a log, personal data in it hidden, not longer than a sentence can carry."""
    name = mask(name)
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"


def figure(value: float) -> str:
    """A number as a person stated it, to a tenth: "90", "1,825", "0.5"."""
    return full(value, 0 if float(value).is_integer() else 1)


def counted(count: int, noun: str) -> str:
    """A count with its noun: "1 line", "2,324 lines"."""
    return f"{full(count)} {noun}{'' if count == 1 else 's'}"
