"""Which column is likely to hold which field, for a person to confirm."""

from __future__ import annotations

import re

from recsys_roi.logs.contracts import EVENT_TYPES, KINDS, TIMESTAMP_PATTERN, Kind
from recsys_roi.logs.preview import Preview
from recsys_roi.logs.shapes.layout import mappable_fields, missing_fields

USUAL: dict[str, tuple[str, ...]] = {
    "request_id": ("requestid", "reqid", "rid", "impressionid", "impression", "listid", "request"),
    "user_id": ("userid", "uid", "customerid", "visitorid", "memberid", "user", "visitor", "customer"),
    "ts": ("timestamp", "time", "datetime", "eventtime", "occurredat", "createdat", "eventts"),
    "item_id": ("itemid", "productid", "contentid", "articleid", "sku", "item", "product"),
    "rank": ("position", "pos", "slot"),
    "items": ("served", "recommendations", "recs", "products"),
    "event_type": ("eventtype", "event", "eventname", "action", "type"),
    "value": ("revenue", "amount", "price", "ordervalue"),
    "latency_ms": ("latencyms", "latency", "durationms", "responsetimems"),
    "error": ("iserror", "failed"),
    "experiment_id": ("experimentid", "experiment", "expid", "testid", "test"),
    "variant": ("arm", "group", "bucket", "treatment", "variation", "variantid"),
}
"""Other names of fields, in small letters and digits only, the likeliest first."""


CONTENT = {
    "ts": re.compile(TIMESTAMP_PATTERN),
    "event_type": re.compile("|".join(EVENT_TYPES)),
}
"""How the values of a field look, where that tells it from every other field."""


def guessed(seen: Preview, kind: Kind) -> dict[str, str]:
    """{field: column}: its own name, else one that is usual for it, else by its first values; none twice."""
    fields = mappable_fields(kind)
    found = {field: field for field in fields if field in seen.columns}
    free = {_bare(column): column for column in reversed(seen.columns) if column not in fields}
    for field in fields:
        names = () if field in found else (_bare(field), *USUAL.get(field, ()))
        column = next((free.pop(name) for name in names if name in free), None)
        if column is not None:
            found[field] = column
    for field, looks in CONTENT.items():
        if field in fields and field not in found:
            column = next((one for one in free.values() if _all_look(seen, one, looks)), None)
            if column is not None:
                found[field] = free.pop(_bare(column))
    return found


def _all_look(seen: Preview, column: str, looks: re.Pattern[str]) -> bool:
    place = seen.columns.index(column)
    values = [row[place] for row in seen.rows if len(row) > place]
    return bool(values) and all(looks.fullmatch(value) for value in values)


def likely_kind(seen: Preview) -> Kind:
    """The contract that the guesses leave fewest required fields of open."""
    return min(KINDS, key=lambda kind: len(missing_fields(seen.columns, kind, guessed(seen, kind))))


def _bare(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
