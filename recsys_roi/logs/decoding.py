"""The fast form of the contracts: typed decoders that accept exactly what the strict checker accepts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, NamedTuple, cast

import msgspec
from msgspec import UNSET, Meta, UnsetType

from recsys_roi.logs.checking import errors_of
from recsys_roi.logs.contracts import (
    CONTRACTS,
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


_Record = _LooseExposure | _Outcome | _Assignment
_Shaped = Any  # a record of a struct made at run time: some of the fields of the above

_STRUCTS: dict[Kind, type[_Record]] = {
    "exposure.v1": _Exposure,
    "outcome.v1": _Outcome,
    "assignment.v1": _Assignment,
}
_KINDS: dict[type[_Record], Kind] = {struct: kind for kind, struct in _STRUCTS.items()} | {
    _LooseExposure: "exposure.v1"
}
_STRICT: dict[Kind, Callable[[bytes], _Record]] = {
    kind: msgspec.json.Decoder(struct).decode for kind, struct in _STRUCTS.items()
}
_OPTIONAL: dict[str, Any] = {
    "context": dict[str, str],
    "latency_ms": _Amount,
    "error": bool,
    "value": float,
    "propensity": _Amount,
    "logging_propensity": _Amount,
    "target_propensity": _Amount,
}
_loose_exposure = msgspec.json.Decoder(_LooseExposure).decode
_encode = msgspec.json.Encoder().encode
_REFUSALS = (msgspec.MsgspecError, ValueError, RecursionError)

# One call of the regular expression engine for a block costs a third of one call for each line.
_ONE_TIME = re.compile(TIMESTAMP_PATTERN)
_TIMES = re.compile(rf"(?:{TIMESTAMP_BODY}\n)*\Z")
_SHAPES = 8  # tried on one log, before its lines are taken to have none in common


def accepts(kind: Kind, line: bytes) -> bool:
    """Whether a line keeps the contract: the same answer as `errors_of`, sooner."""
    return len(line) <= LINE_LIMIT and not Decoder(kind).screen([line], line).refused


class Block(NamedTuple):
    """What some lines hold."""

    refused: list[int]  # places of the lines that do not keep the contract
    extended: int  # accepted outcomes with an event type of the extension
    nulls: int  # accepted lines that write an optional field as null


class Decoder:
    """Reads the lines of one log, at most LINE_LIMIT bytes each; quicker while all write the same fields.

    msgspec reads a key that is written twice as if it stood there once, which takes two more quotation marks
    than the record has keys and texts. Marks are counted over many lines at once; where the count is not
    exactly that of the keys and texts, each line is looked at.
    """

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._shape: _Shape | None = None
        self._shapes_left = _SHAPES

    def screen(self, lines: Sequence[bytes], text: bytes) -> Block:
        """Which of the lines keep the contract; `text` is the lines joined by line feeds."""
        alike, others = self._read(lines)
        if alike and self._shape is not None:
            marks = text.count(b'"') - sum(lines[place].count(b'"') for place in others)
            if marks != self._shape.marks(alike) or not _are_times(alike):
                others = {place: self._general(line) for place, line in enumerate(lines)}
                alike = []
        good = self._good_ones(lines, others)
        self._learn(good, len(lines))
        return Block(
            refused=[place for place in others if place not in good],
            extended=_count_extended(alike) + _count_extended(good.values()),
            nulls=sum(map(_has_null, good.values())),
        )

    def _read(self, lines: Sequence[bytes]) -> tuple[list[_Shaped], dict[int, _Record | None]]:
        """The records of the lines of the known shape, and those of the others by place."""
        if self._shape is None:
            return [], {place: self._general(line) for place, line in enumerate(lines)}
        alike: list[_Shaped] = []
        others: dict[int, _Record | None] = {}
        decode = self._shape.decode
        for place, line in enumerate(lines):
            try:
                alike.append(decode(line))
            except _REFUSALS:
                others[place] = self._general(line)
        return alike, others

    def _general(self, line: bytes) -> _Record | None:
        """The record when its fields have the right types; times and repeated keys are not looked at."""
        try:
            return _STRICT[self._kind](line)
        except _REFUSALS:
            return _decoded_loosely(line) if self._kind == "exposure.v1" else None

    def _good_ones(self, lines: Sequence[bytes], others: Mapping[int, _Record | None]) -> dict[int, _Record]:
        """Those of the others that keep the contract."""
        found = {place: record for place, record in others.items() if record is not None}
        if not found:
            return found
        texts = [lines[place] for place in found]
        records = list(found.values())
        if _are_times(records) and not _may_repeat_a_key(texts, records):
            return found
        return {
            place: record
            for place, record in found.items()
            if _ONE_TIME.search(record.ts)
            and not (_may_repeat_a_key([lines[place]], [record]) and errors_of(self._kind, lines[place]))
        }

    def _learn(self, good: Mapping[int, _Record], lines: int) -> None:
        """Take the shape of the others once they are the most."""
        if len(good) * 2 > lines and self._shapes_left:
            shape = _Shape.of(list(good.values())[-1])
            self._shapes_left = 0 if shape == self._shape else self._shapes_left - 1
            self._shape = shape if self._shapes_left else None


class _Shape(NamedTuple):
    """The optional fields that a line writes, and in an exposure each of its items; none of them null."""

    kind: Kind
    fields: frozenset[str]
    item_fields: frozenset[str]

    @classmethod
    def of(cls, record: _Record) -> _Shape:
        items = record.items if isinstance(record, _LooseExposure) else ()
        return cls(
            kind=_KINDS[type(record)],
            fields=_written(record),
            item_fields=_written(items[0]) if items else frozenset(),
        )

    @property
    def decode(self) -> Callable[[bytes], _Shaped]:
        return _decoder_of(self)

    def marks(self, records: Sequence[_Shaped]) -> int:
        """Quotation marks of lines of this shape that write no key twice and escape no mark in a text."""
        required = [field for field in CONTRACTS[self.kind].fields if field.required]
        texts = sum(field.type != "array of objects" for field in required)
        marks = len(records) * 2 * (len(required) + texts + len(self.fields))
        if self.kind == "exposure.v1":
            items = sum([len(record.items) for record in records])
            marks += items * 2 * (len(self.item_fields) + 3)  # item_id and its text, rank
        if "context" in self.fields:
            marks += 4 * sum([len(record.context) for record in records])
        return marks


def _written(record: msgspec.Struct) -> frozenset[str]:
    """The optional fields that a record writes."""
    optional = (field.name for field in msgspec.structs.fields(record) if not field.required)
    return frozenset(name for name in optional if getattr(record, name) is not UNSET)


@cache
def _decoder_of(shape: _Shape) -> Callable[[bytes], _Shaped]:
    """A decoder that accepts lines of this shape only."""
    item: Any = msgspec.defstruct(
        "_ShapedItem", _shaped(_Item, shape.item_fields), forbid_unknown_fields=True, gc=False
    )
    fields = [
        (name, list[item] if name == "items" else wanted)
        for name, wanted in _shaped(_STRUCTS[shape.kind], shape.fields)
    ]
    record: Any = msgspec.defstruct("_Shaped", fields, forbid_unknown_fields=True, gc=False)
    return cast("Callable[[bytes], _Shaped]", msgspec.json.Decoder(record).decode)


def _shaped(struct: type[msgspec.Struct], written: frozenset[str]) -> list[tuple[str, Any]]:
    """The required fields and those optional ones that are written, as required ones."""
    return [
        (field.name, field.type if field.required else _OPTIONAL[field.name])
        for field in msgspec.structs.fields(struct)
        if field.required or field.name in written
    ]


def _decoded_loosely(line: bytes) -> _LooseExposure | None:
    try:
        record = _loose_exposure(line)
    except _REFUSALS:
        return None
    return record if all(float(item.rank).is_integer() for item in record.items) else None


def _are_times(records: Sequence[_Shaped]) -> bool:
    times = "\n".join([record.ts for record in records])
    return times.count("\n") == len(records) - 1 and _TIMES.match(f"{times}\n") is not None


def _may_repeat_a_key(lines: Sequence[bytes], records: Sequence[_Record]) -> bool:
    """False when it is certain that none does: written again, such a record has fewer quotation marks.

    An escaped mark (\\u0022) could make up for them.
    """
    marks = sum(line.count(b'"') for line in lines)
    return any(b"\\u0022" in line for line in lines) or _encode(records).count(b'"') != marks


def _count_extended(records: Iterable[_Shaped]) -> int:
    return sum([getattr(record, "event_type", "click") not in STRICT_EVENT_TYPES for record in records])


def _has_null(record: _Record) -> bool:
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
