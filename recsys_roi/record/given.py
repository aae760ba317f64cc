"""What a person gives to a record, checked: names, reasons, links and dates."""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from recsys_roi.errors import InputError, shown
from recsys_roi.record.trail import time_text

NAME_LENGTH = 80
TEXT_LENGTH = 2000
FILE_NAME = "record.sqlite"  # in the home folder, beside the pilots


def name(what: str, text: str) -> str:
    """One line of at most 80 characters, trimmed and normalised."""
    found = unicodedata.normalize("NFC", text).strip()
    if not found or len(found) > NAME_LENGTH or any(not character.isprintable() for character in found):
        raise InputError(
            f"{what} must be one line of 1 to {NAME_LENGTH} characters; {shown(text)} was given."
        )
    return found


def reason(what: str, text: str) -> str:
    """Some words of at most 2,000 characters."""
    found = note(what, text)
    if not found:
        raise InputError(f"{what} must be said in a few words; nothing was given.")
    return found


def note(what: str, text: str) -> str:
    """Text of at most 2,000 characters, perhaps none."""
    found = unicodedata.normalize("NFC", text).strip()
    if len(found) > TEXT_LENGTH:
        raise InputError(f"{what} must have at most {TEXT_LENGTH:,} characters; {len(found):,} were given.")
    return found


def link(text: str) -> str:
    """A web address, or none."""
    found = note("A link", text)
    if found and not _is_address(found):
        raise InputError(f"A link must begin with https:// or http://; {shown(found)} was given.")
    return found


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def expiry(at: datetime, expires: datetime | None) -> str | None:
    """The end of something said at a moment, as it is kept."""
    if expires is None:
        return None
    if expires <= at:
        raise InputError(f"It must expire after it begins ({time_text(at)}); {time_text(expires)} was given.")
    return time_text(expires)


def day_done(at: datetime, done_on: date | None) -> str | None:
    """The day on which something was done, as it is kept; not after it is said."""
    if done_on is None:
        return None
    if done_on > at.astimezone(UTC).date():
        raise InputError(f"What is stated must have been done by {at:%Y-%m-%d}; {done_on} was given.")
    return done_on.isoformat()


def amount(number: float | None) -> float | None:
    """Minutes, days or the like: finite and not below 0, or none."""
    if number is not None and not (math.isfinite(number) and number >= 0):
        raise InputError(f"Minutes and days are 0 or more; {number:g} was given.")
    return number
