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
_decode_items = msgspec.json.Decoder(list[_Item]).decode
_decode_context = msgspec.json.Decoder(dict[str, str]).decode
_REFUSED = object()
_UNCERTAIN = (b"\\u0022", b"\\u0000")  # marks that are not counted; a NUL, which not every reader takes
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
        good = self._good_ones(lines, others)
        refused = [place for place in others if place not in good]
        bad = self._bad_ones(lines, text, alike, others)
        self._learn(good, len(lines))
        if bad:
            alike = {place: record for place, record in alike.items() if place not in bad}
            refused = sorted([*refused, *bad])
        return Block(
            refused=refused,
            extended=_count_extended(alike.values()) + _count_extended(good.values()),
            nulls=sum(map(_has_null, good.values())),
        )

    def _read(self, lines: Sequence[bytes]) -> tuple[dict[int, _Shaped], dict[int, _Record | None]]:
        """The records of the lines of the known shape, and those of the others, by place."""
        shape = self._shape
        if shape is None:
            return {}, {place: self._general(line) for place, line in enumerate(lines)}
        decode, alike, others = shape.decode, dict[int, _Shaped](), dict[int, "_Record | None"]()
        for place, line in enumerate(lines):
            try:
                alike[place] = decode(line)
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

    def _bad_ones(
        self, lines: Sequence[bytes], text: bytes, alike: Mapping[int, _Shaped], others: Iterable[int]
    ) -> set[int]:
        """Those of the lines of the known shape that do not keep the contract after all."""
        shape = self._shape
        if not alike or shape is None:
            return set()
        records = list(alike.values())
        marks = text.count(b'"') - sum(lines[place].count(b'"') for place in others)
        if marks == shape.marks(records) and _are_times(records):
            return set()
        return {
            place
            for place, record in alike.items()
            if not _ONE_TIME.search(record.ts)
            or (
                lines[place].count(b'"') != shape.marks([record])
                and _may_repeat_a_key([lines[place]], [record])
                and errors_of(self._kind, lines[place])
            )
        }

    def _learn(self, good: Mapping[int, _Record], lines: int) -> None:
        """Take the shape of the lines that had another, once they are the most."""
        if len(good) * 2 > lines and self._shapes_left:
            shape = _shape_of(list(good.values())[-1])
            self._shapes_left = 0 if shape is self._shape else self._shapes_left - 1
            self._shape = shape if self._shapes_left else None


def surely_items(cells: Sequence[bytes]) -> list[bool]:
    """Whether each cell, as JSON, is a list of items that keeps the contract; False where not sure."""
    return _surely(cells, _decode_items, lambda values: _encode(values).count(b'"'))


def surely_contexts(cells: Sequence[bytes]) -> list[bool]:
    """Whether each cell, as JSON, is a context that keeps the contract; False where not sure."""
    return _surely(cells, _decode_context, lambda values: 4 * sum(map(len, values)))


def _surely(
    cells: Sequence[bytes], decode: Callable[[bytes], Any], marks_of: Callable[[list[Any]], int]
) -> list[bool]:
    """`marks_of` tells how many quotation marks there are where no key is written twice."""
    values: list[Any] = []
    for cell in cells:
        try:
            values.append(decode(cell))
        except _REFUSALS:
            values.append(_REFUSED)
    text = b"\n".join(cells)
    if _REFUSED not in values and not _is_uncertain(text) and marks_of(values) == text.count(b'"'):
        return [True] * len(values)
    return [
        value is not _REFUSED and not _is_uncertain(cell) and marks_of([value]) == cell.count(b'"')
        for value, cell in zip(values, cells, strict=True)
    ]


def _is_uncertain(text: bytes) -> bool:
    return any(mark in text for mark in _UNCERTAIN)


class _Shape:
    """The optional fields that a line writes, and in an exposure each of its items; none of them null."""

    def __init__(self, kind: Kind, fields: frozenset[str], item_fields: frozenset[str]) -> None:
        required = [field.type for field in CONTRACTS[kind].fields if field.required]
        texts = sum(wanted != "array of objects" for wanted in required)
        self._marks_of_line = 2 * (len(required) + texts + len(fields))
        self._marks_of_item = 2 * (len(item_fields) + 3)  # item_id and its text, rank
        self._has_items = "array of objects" in required
        self._has_context = "context" in fields
        item: Any = msgspec.defstruct(
            "_ShapedItem", _shaped(_Item, item_fields), forbid_unknown_fields=True, gc=False
        )
        made: Any = msgspec.defstruct(
            "_Shaped",
            [
                (name, list[item] if name == "items" else wanted)
                for name, wanted in _shaped(_STRUCTS[kind], fields)
            ],
            forbid_unknown_fields=True,
            gc=False,
        )
        self.decode = cast("Callable[[bytes], _Shaped]", msgspec.json.Decoder(made).decode)

    def marks(self, records: Sequence[_Shaped]) -> int:
        """Quotation marks of lines of this shape that write no key twice and escape no mark in a text."""
        marks = len(records) * self._marks_of_line
        if self._has_items:
            marks += self._marks_of_item * sum([len(record.items) for record in records])
        if self._has_context:
            marks += 4 * sum([len(record.context) for record in records])
        return marks


_shape = cache(_Shape)


def _shape_of(record: _Record) -> _Shape:
    items = record.items if isinstance(record, _LooseExposure) else ()
    return _shape(_KINDS[type(record)], _written(record), _written(items[0]) if items else frozenset())


def _written(record: msgspec.Struct) -> frozenset[str]:
    """The optional fields that a record writes."""
    optional = (field.name for field in msgspec.structs.fields(record) if not field.required)
    return frozenset(name for name in optional if getattr(record, name) is not UNSET)


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
