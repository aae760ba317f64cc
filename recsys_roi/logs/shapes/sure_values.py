"""Values of a table that surely keep the contract, typed a column at a time.

What is not sure is no error yet: such a row is written as a line and judged by the checker, as every line is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recsys_roi.logs.contracts import EVENT_TYPES, INTEGER_LIMIT, PLAIN_TIMESTAMP_PATTERN, Field, FieldType
from recsys_roi.logs.decoding import surely_contexts, surely_items
from recsys_roi.logs.shapes.layout import ITEM_FIELDS

# So few and so short that the line, even where each byte is escaped, is below the limit of a line.
_TEXT = 2**16  # bytes of a text
_INNER_TEXT = 2**10  # of a text in a list or a context
_ENTRIES = 500  # of a list or a context
_CELL = 2**20  # bytes of a list written as JSON

_EXACT = 2**53  # the whole numbers below are floating ones too
_YEARS = (-30_610_224_000, 253_370_764_800)  # seconds of the years 1000 to 9998
_TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

# Numbers of JSON that no reader takes for infinity, or for another one than its neighbour does.
_AMOUNT = r"(?:0|[1-9][0-9]{0,14})(?:[.][0-9]{1,17})?(?:[eE][+-]?[0-9]{1,2})?"
_NUMBER = rf"\A-?{_AMOUNT}\z"
_NEXT = ", ?"
_ITEM = "".join(
    [
        r'\{"item_id": ?"[^"\\\x00-\x1f]+", ?"rank": ?[1-9][0-9]{0,17}',
        *(
            rf'(?:, ?"{name}": ?(?:null|{_AMOUNT}))?'
            for name in ITEM_FIELDS
            if name not in ("item_id", "rank")
        ),
        r"\}",
    ]
)
_ITEMS = rf"\A\[(?:{_ITEM}(?:{_NEXT}{_ITEM})*)?\]\z"

CONTEXT_ENTRY = Field(name="context", type="string")  # of a column for one key

Mask = NDArray[np.bool_]


class Judged(NamedTuple):
    """A column as it is stored, and where it surely keeps the contract; elsewhere its values mean nothing."""

    values: pa.Array
    sure: Mask


Judge = Callable[[pa.Array, Field], Judged]


def of_values(field: Field, kind: pa.DataType) -> Judge | None:
    """How typed values of a field are judged; None where only the checker can."""
    if pa.types.is_null(kind) and not field.required:
        return _nothing
    return next((judge for fits, judge in _OF_VALUES[field.type] if fits(kind)), None)


def of_cells(field: Field) -> Judge | None:
    """How the cells of a field are judged that are text, as in CSV; None where only the checker can."""
    return _OF_CELLS.get(field.type)


def absent(field: Field, rows: int) -> Judged:
    """A field that no column holds."""
    return Judged(pa.nulls(rows, arrow_type(field)), np.full(rows, not field.required))


def arrow_type(field: Field) -> pa.DataType:
    """The type of a field in Arrow; a timestamp is in UTC."""
    if field.type == "array of objects":
        return pa.list_(pa.struct([(inner.name, arrow_type(inner)) for inner in field.fields]))
    return {
        "string": pa.string(),
        "event_type": pa.string(),
        "timestamp": pa.timestamp("us", "UTC"),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "object of strings": pa.map_(pa.string(), pa.string()),
    }[field.type]


def spread_contexts(keys: Sequence[str], columns: Sequence[pa.Array]) -> Judged:
    """The context of each row from a column for each key; an empty cell is no entry, and none no context."""
    texts = [_as_text(column) for column in columns]
    filled = np.stack([_lengths(text) > 0 for text in texts], axis=1)
    sure = np.logical_and.reduce([_short(text, _INNER_TEXT) for text in texts])
    rows, places = np.nonzero(filled)
    values = pa.concat_arrays(texts).take(pa.array(places * len(sure) + rows))
    names = pa.array(keys, pa.string()).take(pa.array(places))
    offsets = np.concatenate([[0], np.cumsum(filled.sum(axis=1))]).astype(np.int32)
    contexts = pa.MapArray.from_arrays(
        pa.array(offsets), names, values, mask=pa.array(~filled.any(axis=1), pa.bool_())
    )
    return Judged(contexts, sure & (len(keys) <= _ENTRIES))


def _as_text(column: pa.Array) -> pa.Array:
    return column if pa.types.is_string(column.type) else column.cast(pa.string())


def _lengths(text: pa.Array) -> NDArray[np.int32]:
    """Bytes of each text; 0 where there is none."""
    return np.asarray(pc.fill_null(pc.binary_length(text), 0))


def _short(text: pa.Array, limit: int) -> Mask:
    """Where a text is short and readable, or none."""
    short: Mask = _lengths(text) <= limit
    return short & _readable(text)


def _readable(text: pa.Array) -> Mask:
    """Where a text is UTF-8 without NUL, or none."""
    _, ends, data = text.buffers()
    every = np.ones(len(text), dtype=bool)
    if not len(text) or data is None:
        return every
    places = np.frombuffer(ends, dtype=np.int32)[text.offset : text.offset + len(text) + 1]
    bytes_of_all = np.frombuffer(data, dtype=np.uint8)[places[0] : places[-1]]
    if bytes_of_all.all() and _is_valid(text):
        return every
    values = text.cast(pa.binary()).to_pylist()
    return np.array([value is None or (b"\x00" not in value and _is_utf8(value)) for value in values])


def _is_valid(text: pa.Array) -> bool:
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _texts(column: pa.Array, _: Field, limit: int = _TEXT) -> Judged:
    text = _as_text(column)
    lengths = _lengths(text)
    return Judged(text, (lengths > 0) & (lengths <= limit) & _readable(text))


def _event_types(column: pa.Array, _: Field) -> Judged:
    text = _as_text(column)
    return Judged(text, np.asarray(pc.is_in(text, pa.array(EVENT_TYPES, text.type))))


def _times(column: pa.Array, _: Field) -> Judged:
    """Date-times as text, which DuckDB types."""
    text = _as_text(column)
    readable = _readable(text)
    if not readable.all():
        text = pc.if_else(pa.array(readable), text, None)
    matches = pc.fill_null(pc.match_substring_regex(text, PLAIN_TIMESTAMP_PATTERN), False)
    return Judged(text, np.asarray(matches) & (_lengths(text) <= _INNER_TEXT))


def _moments(column: pa.Array, _: Field) -> Judged:
    ticks = _TICKS[column.type.unit]
    first, end = (year * ticks for year in _YEARS)
    # A nanosecond counts no further than 1677 to 2262, which is within the years.
    found = np.asarray(pc.fill_null(column.cast(pa.int64()), 0))
    within = (found >= max(first, -(2**63))) & (found < min(end, 2**63 - 1))
    return Judged(column, within & np.asarray(column.is_valid()))


def _amounts(column: pa.Array, field: Field) -> Judged:
    if pa.types.is_float32(column.type):  # 0.1 stays 0.1, as the number is written
        column = column.cast(pa.string())
    values = column.cast(pa.float64(), safe=False)
    return Judged(values, _sure_numbers(values, field))


def _sure_numbers(values: pa.Array, field: Field) -> Mask:
    found = np.asarray(pc.fill_null(values, 1.0))
    sure: Mask = np.isfinite(found) & ~((found == 0) & np.signbit(found))
    if field.minimum is not None:
        sure &= found >= field.minimum
    if field.required:
        sure &= np.asarray(values.is_valid())
    return sure


def _ranks(column: pa.Array, field: Field) -> Judged:
    least = field.minimum or 0
    found = np.asarray(pc.fill_null(column, pa.scalar(0, column.type)))
    most = INTEGER_LIMIT if pa.types.is_integer(column.type) else _EXACT
    with np.errstate(invalid="ignore"):
        sure = (found >= least) & (found <= most) & (found == np.floor(found))
    sure &= np.asarray(column.is_valid())
    values = pc.if_else(pa.array(sure), column, pa.scalar(1, column.type)).cast(pa.int64())
    return Judged(values, sure)


def _items(column: pa.Array, _: Field) -> Judged:
    lengths = np.asarray(pc.fill_null(pc.list_value_length(column), 0)).astype(np.int64)
    entries = column.flatten()
    children = dict(zip((field.name for field in entries.type), entries.flatten(), strict=True))
    values, sure_entries = [], np.ones(len(entries), dtype=bool)
    for name, field in ITEM_FIELDS.items():
        child = children.get(name)
        judged = absent(field, len(entries)) if child is None else _judged_in_item(child, field)
        values.append(judged.values)
        sure_entries &= judged.sure
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    made = pa.StructArray.from_arrays(values, names=list(ITEM_FIELDS))
    sure = np.asarray(column.is_valid()) & (lengths <= _ENTRIES) & _all_of(sure_entries, offsets)
    return Judged(pa.ListArray.from_arrays(pa.array(offsets), made), sure)


def _judged_in_item(column: pa.Array, field: Field) -> Judged:
    if field.type == "string":
        return _texts(column, field, _INNER_TEXT)
    judge = of_values(field, column.type)
    return _nothing(column, field) if judge is None else judge(column, field)


def _all_of(sure: Mask, offsets: NDArray[np.int32]) -> Mask:
    """Where all entries of a list are sure."""
    lists = np.ones(len(offsets) - 1, dtype=bool)
    if not sure.all():
        lists[np.searchsorted(offsets, np.flatnonzero(~sure), side="right") - 1] = False
    return lists


def _contexts(column: pa.Array, _: Field) -> Judged:
    """Maps of text to text that name no key twice."""
    offsets = np.asarray(column.offsets)
    start, end = int(offsets[0]), int(offsets[-1])
    keys = _as_text(column.keys.slice(start, end - start))
    values = _as_text(column.items.slice(start, end - start))
    sure = np.asarray(values.is_valid()) & np.asarray(keys.is_valid())
    sure &= _short(keys, _INNER_TEXT) & _short(values, _INNER_TEXT)
    offsets = (offsets - start).astype(np.int32)
    lengths = np.diff(offsets)
    sure[_repeated(keys, lengths)] = False
    return Judged(column, _all_of(sure, offsets) & (lengths <= _ENTRIES))


def _repeated(keys: pa.Array, lengths: NDArray[np.int32]) -> NDArray[np.int64]:
    """The places of keys that their map holds already."""
    encoded = keys.dictionary_encode()
    kinds = len(encoded.dictionary)
    of_map = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    pairs = of_map * (kinds + 1) + np.asarray(pc.fill_null(encoded.indices, kinds))
    _, first = np.unique(pairs, return_index=True)
    again = np.ones(len(pairs), dtype=bool)
    again[first] = False
    return np.flatnonzero(again)


def _number_cells(column: pa.Array, field: Field) -> Judged:
    matches = pc.match_substring_regex(column, _NUMBER)
    values = pc.if_else(matches, column, None).cast(pa.float64())
    sure = np.asarray(matches) | (_lengths(column) == 0)
    return Judged(values, sure & _sure_numbers(values, field))


def _boolean_cells(column: pa.Array, _: Field) -> Judged:
    words = pc.ascii_lower(column)
    true, false = (pc.is_in(words, pa.array(known)) for known in (("true", "1"), ("false", "0")))
    known = pc.or_(true, false)
    sure = np.asarray(known) | (_lengths(column) == 0)
    return Judged(pc.if_else(known, true, None), sure)


def _item_cells(column: pa.Array, _: Field) -> Judged:
    sure = np.array(pc.match_substring_regex(column, _ITEMS))
    _ask(column, sure, surely_items)
    return Judged(column, sure & (_lengths(column) <= _CELL))


def _context_cells(column: pa.Array, _: Field) -> Judged:
    sure = _lengths(column) == 0
    _ask(column, sure, surely_contexts)
    values = pc.if_else(pa.array(_lengths(column) > 0), column, None)
    return Judged(values, sure & (_lengths(column) <= _CELL))


def _ask(column: pa.Array, sure: Mask, ask: Callable[[Sequence[bytes]], Sequence[bool]]) -> None:
    """Decide about the cells that are not sure yet."""
    places = np.flatnonzero(~sure)
    if len(places):
        cells = column if len(places) == len(sure) else column.take(pa.array(places))
        sure[places] = ask(_cells(cells))


def _cells(column: pa.Array) -> list[bytes]:
    """The texts of a column without nulls; quicker than Arrow's own way to Python."""
    _, ends, data = column.buffers()
    places = np.frombuffer(ends, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    text = bytes(data[int(places[0]) : int(places[-1])]) if data is not None else b""
    edges = (places - places[0]).tolist()
    return [text[low:high] for low, high in pairwise(edges)]


def _nothing(column: pa.Array, field: Field) -> Judged:
    return absent(field, len(column))


def _booleans(column: pa.Array, _: Field) -> Judged:
    return Judged(column, np.ones(len(column), dtype=bool))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_text_or_integer(kind: pa.DataType) -> bool:
    return _is_text(kind) or bool(pa.types.is_integer(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_float32(kind) or pa.types.is_float64(kind))


def _is_map_of_texts(kind: pa.DataType) -> bool:
    return bool(pa.types.is_map(kind)) and _is_text(kind.key_type) and _is_text(kind.item_type)


def _is_list_of_items(kind: pa.DataType) -> bool:
    """Whether every field of an item that it holds can be judged."""
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return False
    known = [field for field in kind.value_type if field.name in ITEM_FIELDS]
    return None not in [of_values(ITEM_FIELDS[field.name], field.type) for field in known]


_OF_VALUES: Mapping[FieldType, Sequence[tuple[Callable[[pa.DataType], bool], Judge]]] = {
    "string": [(_is_text_or_integer, _texts)],
    "timestamp": [(pa.types.is_timestamp, _moments), (_is_text, _times)],
    "event_type": [(_is_text, _event_types)],
    "integer": [(_is_number, _ranks)],
    "number": [(_is_number, _amounts)],
    "boolean": [(pa.types.is_boolean, _booleans)],
    "object of strings": [(_is_map_of_texts, _contexts)],
    "array of objects": [(_is_list_of_items, _items)],
}
_OF_CELLS: Mapping[FieldType, Judge] = {
    "string": _texts,
    "timestamp": _times,
    "event_type": _event_types,
    "number": _number_cells,
    "boolean": _boolean_cells,
    "object of strings": _context_cells,
    "array of objects": _item_cells,
}
