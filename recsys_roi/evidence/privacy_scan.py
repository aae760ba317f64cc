"""Looks for personal data in ids and context values, over the distinct values that scanned.sql finds.

A field with very many is sampled; the sample is the same each time, and its size is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from unicodedata import category

import duckdb

from recsys_roi.personal import mask, personal_kinds

PERSONAL_DATA_TABLES = ("personal_data", "personal_data_scan")
FULL_NAME = "full name"
CARD = "card"
CARD_SHAPED = "card shaped"  # no finding, but what findings of cards are a share of
EXAMPLE = 60  # characters
_CARD_SHAPE = re.compile(r"^[0-9][0-9 \-]{11,21}[0-9]$")
# One long number in ten passes the card check by chance; only well above that is it a sign of cards.
CARD_SHARE = 0.3
MOST_SCANNED = 1_000_000  # distinct values of a field; about so many of more are looked at
_AT_ONCE = 10_000  # values


class Found(NamedTuple):
    """Values of one field that look like one kind of personal data."""

    field: str
    pattern: str
    values: int
    example: str  # masked; the first in order


def scan_limit() -> str:
    """The statement that tells scanned.sql how many values of a field are looked at, for any engine."""
    return f"CREATE TEMP VIEW scan_limit AS SELECT {MOST_SCANNED:d} AS most_scanned"


def scan_personal_data(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates personal_data (field, pattern, found, masked example); reads the view suspects."""
    seen: dict[tuple[str, str], tuple[int, str]] = {}
    cursor = connection.execute("SELECT field, value FROM suspects")
    while rows := cursor.fetchmany(_AT_ONCE):
        for field, value in rows:
            for pattern, shown in readings(field, value):
                values, example = seen.get((field, pattern), (0, shown))
                seen[field, pattern] = (values + 1, min(example, shown))
    connection.execute(
        "CREATE TABLE personal_data (field VARCHAR, pattern VARCHAR, found BIGINT, example VARCHAR)"
    )
    for finding in findings(Found(*names, *counted) for names, counted in seen.items()):
        connection.execute("INSERT INTO personal_data VALUES (?, ?, ?, ?)", finding)


def readings(field: str, value: str) -> Iterator[tuple[str, str]]:
    """Each kind of personal data in a value, with the value masked; a full name is looked for in ids only.

    A context value such as a city has the same shape as a name.
    """
    if _CARD_SHAPE.match(value):
        yield CARD_SHAPED, ""
    kinds = personal_kinds(value)
    for kind in kinds:
        yield kind, mask(value)[:EXAMPLE]
    if not kinds and field in ("user_id", "request_id") and _is_name(value):
        yield FULL_NAME, " ".join(f"{word[0]}…" for word in value.split())


def findings(found: Iterable[Found]) -> list[Found]:
    """What is worth telling of all readings, in order."""
    all_found = sorted(found)
    shaped = {entry.field: entry.values for entry in all_found if entry.pattern == CARD_SHAPED}
    return [
        entry
        for entry in all_found
        if entry.pattern != CARD_SHAPED
        and not (entry.pattern == CARD and entry.values < CARD_SHARE * shaped.get(entry.field, 0))
    ]


def _is_name(value: str) -> bool:
    """Two words or more, each a capital letter and small ones."""
    words = value.split(" ")
    return len(words) > 1 and all(
        len(word) > 1 and category(word[0]) == "Lu" and all(category(letter) == "Ll" for letter in word[1:])
        for word in words
    )
