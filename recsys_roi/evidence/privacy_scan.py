"""Looks for personal data in ids and context values, over their distinct values."""

from __future__ import annotations

import re

import duckdb

from recsys_roi.logs.privacy import mask, personal_kinds

PERSONAL_DATA_TABLES = ("personal_data", "personal_data_scan")
FULL_NAME = "full name"
CARD = "card"
CARD_SHAPED = re.compile(r"^[0-9][0-9 \-]{11,21}[0-9]$")
# One long number in ten passes the card check by chance; only well above that is it a sign of cards.
CARD_SHARE = 0.3

_SCANNED = """
CREATE TEMP TABLE scanned AS
SELECT 'user_id' AS field, user_id AS value FROM
  (SELECT user_id FROM exposures UNION SELECT user_id FROM outcomes UNION SELECT user_id FROM assignments)
UNION ALL
SELECT 'item_id', item_id FROM
  (SELECT item_id FROM outcomes UNION SELECT item.item_id FROM (SELECT unnest(items) AS item FROM exposures))
UNION ALL
SELECT 'request_id', request_id FROM shown
UNION ALL
SELECT DISTINCT 'context.' || entry.key, entry.value
FROM (SELECT unnest(map_entries(context)) AS entry FROM exposures)
"""

# Only values that could match a pattern at all are looked at one by one.
_CANDIDATES = """
SELECT field, value FROM scanned
WHERE contains(value, '@')
   OR regexp_matches(value, '(^|[^\\w.])[3-6][0-9]{3}([ \\-]?[0-9]){9,15}([^\\w.]|$)')
   OR regexp_matches(value, '(^|[^\\w.:+])(\\+|00)[1-9]([ ./()\\-]{0,2}[0-9]){6}')
   OR regexp_matches(value, '(^|[^\\w.:+])\\(?[0-9]{3}\\)?[ .\\-][0-9]{3}[ .\\-][0-9]{4}')
   OR regexp_matches(value, '(^|[^A-Za-z0-9_])[A-Z]{2}[0-9]{2}[ A-Z0-9]{8}')
   OR (field IN ('user_id', 'request_id') AND regexp_matches(value, '^\\p{Lu}\\p{Ll}+(?: \\p{Lu}\\p{Ll}+)+$'))
"""

_NAME = re.compile(r"^[^\W\d_]+(?: [^\W\d_]+)+$")


def scan_personal_data(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates personal_data (field, pattern, found, masked example) and personal_data_scan (looked_at).

    Reads the views of the logs and the table `shown` of counts.sql. A full name is looked for in ids only:
    a context value such as a city has the same shape.
    """
    connection.execute(_SCANNED)
    found: dict[tuple[str, str], tuple[int, str]] = {}
    card_shaped: dict[str, int] = {}
    cursor = connection.execute(_CANDIDATES)
    while rows := cursor.fetchmany(10_000):
        for field, value in rows:
            if CARD_SHAPED.match(value):
                card_shaped[field] = card_shaped.get(field, 0) + 1
            for pattern, shown in _readings(field, value):
                values, example = found.get((field, pattern), (0, shown))
                found[field, pattern] = (values + 1, min(example, shown))
    connection.execute(
        "CREATE TABLE personal_data (field VARCHAR, pattern VARCHAR, found BIGINT, example VARCHAR)"
    )
    for (field, pattern), (values, example) in sorted(found.items()):
        if pattern == CARD and values < CARD_SHARE * card_shaped.get(field, 0):
            continue
        connection.execute("INSERT INTO personal_data VALUES (?, ?, ?, ?)", [field, pattern, values, example])
    connection.execute("CREATE TABLE personal_data_scan AS SELECT count(*) AS looked_at FROM scanned")


def _readings(field: str, value: str) -> list[tuple[str, str]]:
    """Each kind of personal data in a value, with the value masked."""
    kinds = personal_kinds(value)
    if kinds:
        return [(kind, mask(value)[:60]) for kind in kinds]
    if field in ("user_id", "request_id") and _NAME.match(value):
        return [(FULL_NAME, " ".join(f"{word[0]}…" for word in value.split()))]
    return []
