"""The fast form of the contracts: typed decoders that accept exactly what the strict checker accepts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from recsys_roi.logs.checking import errors_of
from recsys_roi.logs.contracts import (
    INTEGER_LIMIT,
    LINE_LIMIT,
    STRICT_EVENT_TYPES,
    TIMESTAMP_BODY,
    TIMESTAMP_PATTERN,
    EventType,
    Kind,
)

_Text = Annotated[str, Meta(min_length=1)]
_Amount = Annotated[float, Meta(ge=0)]
_Rank = Annotated[int, Meta(ge=1, le=INTEGER_LIMIT)]


class _LooseItem(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Takes the rank 1.0 too, and is slower to read: tried only when the strict form refuses."""

    item_id: _Text
    rank: _Rank | Annotated[float, Meta(ge=1, lt=2.0**63)]
    propensity: _Amount | UnsetType | None = UNSET
    logging_propensity: _Amount | UnsetType | None = UNSET
    target_propensity: _Amount | UnsetType | None = UNSET


class _Item(_LooseItem, gc=False):
    rank: _Rank


class _LooseExposure(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    request_id: _Text
    user_id: _Text
    ts: str
    items: Sequence[_LooseItem]
    context: dict[str, str] | UnsetType | None = UNSET
    latency_ms: _Amount | UnsetType | None = UNSET
    error: bool | UnsetType | None = UNSET


class _Exposure(_LooseExposure, gc=False):
    items: Sequence[_Item]


class _Outcome(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    request_id: _Text
    user_id: _Text
    item_id: _Text
    event_type: EventType
    ts: str
    value: float | UnsetType | None = UNSET


class _Assignment(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    experiment_id: _Text
    variant: _Text
    request_id: _Text
    user_id: _Text
    ts: str
    context: dict[str, str] | UnsetType | None = UNSET


Record = _LooseExposure | _Outcome | _Assignment

_STRICT: dict[Kind, Callable[[bytes], Record]] = {
    "exposure.v1": msgspec.json.Decoder(_Exposure).decode,
    "outcome.v1": msgspec.json.Decoder(_Outcome).decode,
    "assignment.v1": msgspec.json.Decoder(_Assignment).decode,
}
_loose_exposure = msgspec.json.Decoder(_LooseExposure).decode
_encode = msgspec.json.Encoder().encode
_REFUSALS = (msgspec.MsgspecError, ValueError, RecursionError)

# One call of the regular expression engine for a block costs a third of one call for each line.
_ONE_TIME = re.compile(TIMESTAMP_PATTERN)
_TIMES = re.compile(rf"(?:{TIMESTAMP_BODY}\n)*\Z")


def _decoded(kind: Kind, lines: Iterable[bytes]) -> list[Record | None]:
    """The records of the lines that have the right fields of the right types; times and keys unchecked."""
    decode = _STRICT[kind]
    records: list[Record | None] = []
    for line in lines:
        try:
            records.append(decode(line))
        except _REFUSALS:
            records.append(_decoded_loosely(kind, line))
    return records


def _decoded_loosely(kind: Kind, line: bytes) -> Record | None:
    if kind != "exposure.v1":
        return None
    try:
        record = _loose_exposure(line)
    except _REFUSALS:
        return None
    return record if all(float(item.rank).is_integer() for item in record.items) else None


def _are_times(records: Sequence[Record]) -> bool:
    times = "\n".join([record.ts for record in records])
    return times.count("\n") == len(records) - 1 and _TIMES.match(f"{times}\n") is not None


def records_of(kind: Kind, lines: Sequence[bytes], text: bytes) -> list[Record | None]:
    """The record of each line that keeps the contract, None for the others; `text` is the lines joined.

    msgspec reads a key written twice as if it stood there once. Written again, such a record has fewer
    quotation marks than its line; only an escaped mark (u0022) could hide that.
    """
    records = _decoded(kind, lines)
    found = [record for record in records if record is not None]
    if not found:
        return records
    refused = (line.count(b'"') for line, record in zip(lines, records, strict=True) if record is None)
    marks = text.count(b'"') - (sum(refused) if len(found) < len(lines) else 0)
    if _are_times(found) and b"u0022" not in text and _encode(found).count(b'"') == marks:
        return records
    return [
        record if record is not None and _is_good(kind, line, record) else None
        for line, record in zip(lines, records, strict=True)
    ]


def _is_good(kind: Kind, line: bytes, record: Record) -> bool:
    """Whether the times and the keys of a decoded line are right too."""
    if not _ONE_TIME.search(record.ts):
        return False
    if b"u0022" not in line and _encode(record).count(b'"') == line.count(b'"'):
        return True
    return not errors_of(kind, line)


def accepts(kind: Kind, line: bytes) -> bool:
    """Whether a line keeps the contract: the same answer as `errors_of`, sooner."""
    return len(line) <= LINE_LIMIT and records_of(kind, [line], line)[0] is not None


def is_extended(record: Record) -> bool:
    """Whether an outcome has an event type of the extension."""
    return isinstance(record, _Outcome) and record.event_type not in STRICT_EVENT_TYPES


def has_null(record: Record) -> bool:
    """Whether an optional field is written as null."""
    if isinstance(record, _Outcome):
        return record.value is None
    if record.context is None:
        return True
    if isinstance(record, _Assignment):
        return False
    return (
        record.latency_ms is None
        or record.error is None
        or any(
            item.propensity is None or item.logging_propensity is None or item.target_propensity is None
            for item in record.items
        )
    )
