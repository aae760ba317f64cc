"""The log contracts, from recsys_roi/logs/contracts.py."""

from __future__ import annotations

from collections.abc import Iterator

from docs.making.tables import code, plain, table
from recsys_roi.logs.contracts import CONTRACTS, MEANINGS, Field, Kind

HEADER = ("Field", "Type", "Required", "Rule")


def fields(kind: Kind) -> str:
    """The fields of one contract, those of an item below the list."""
    return table(HEADER, _rows(CONTRACTS[kind].fields))


def _rows(found: tuple[Field, ...], within: str = "") -> Iterator[tuple[str, ...]]:
    for field in found:
        required = "yes" if field.required else "no"
        type_ = "one of the event types" if field.type == "event_type" else field.type
        yield code(f"{within}{field.name}"), type_, required, plain(field.rule)
        yield from _rows(field.fields, f"{field.name}[].")


def reasons() -> str:
    """Every reason that a line can be rejected for."""
    return table(
        ("Reason", "Meaning"), ((code(reason.value), plain(said)) for reason, said in MEANINGS.items())
    )
