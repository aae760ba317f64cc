"""JSON Lines under other names, as lines of the contract: the service's own exposure log, or a mapping."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from recsys_roi.logs.checking import repeats_a_key
from recsys_roi.logs.contracts import CONTRACTS, LINE_LIMIT, Kind
from recsys_roi.logs.screening import line_blocks, lines_of
from recsys_roi.logs.shapes.layout import ITEM_FIELDS, check_mapping, nearest, nearest_said, shown_columns

# The service writes the names of the newer or of the older shape; the first name that is there counts.
_SERVICE_TIMES = ("occurred_at", "timestamp")
_SERVICE_ITEMS = ("served", "items")
_SERVICE_PEOPLE = ("subject", "user")  # objects that may hold the ids of the user
_SERVICE_SESSIONS = ("session_id", "session_id_hash")
_SERVICE_USERS = ("user_id", "user_id_hash", "anonymous_id", "anonymous_id_hash", *_SERVICE_SESSIONS)
_SERVICE_CONTEXT = ("tenant_id", "surface", "segment", "algo_version", "config_version", "rules_version")
_SERVICE_LEFT_OUT = ("schema_version", "experiment", *_SERVICE_PEOPLE, *_SERVICE_USERS)
SERVICE_NOTE = (
    "It was read as the recommender service's own exposure log: its time became ts, its list items, tenant, "
    "surface, segment, session and versions context; scores and its experiment block were left out."
)

_Record = dict[str, Any]
_decode = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_list = msgspec.json.Decoder(list[dict[str, Raw]]).decode
_decode_any = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_KEYS_SEEN = 100  # of which the nearest to one that is not there is told
_REFUSALS = (msgspec.MsgspecError, ValueError, RecursionError)


def is_service_record(keys: Collection[str]) -> bool:
    """Whether a record with these keys is of the recommender service's own exposure log."""
    return (
        "schema_version" in keys
        and "ts" not in keys
        and any(time in keys for time in _SERVICE_TIMES)
        and any(name in keys for name in ("request_id", *_SERVICE_ITEMS))
    )


def write_service_lines(path: Path, start: int, to: Path, report: Callable[[int], None]) -> tuple[str, ...]:
    """Rewrite the service's log at `path` line by line as exposure.v1; gives what to say about it."""
    _rewrite(path, start, to, _from_service, report)
    return (SERVICE_NOTE,)


def service_line(line: bytes) -> bytes:
    """One line of the service's log as exposure.v1; what cannot be renamed stays as it is."""
    return _renamed(line, _from_service)


def write_mapped_lines(
    path: Path, start: int, to: Path, mapped: Mapped, report: Callable[[int], None]
) -> tuple[str, ...]:
    """Rewrite the log at `path` line by line with its keys renamed; gives what to say about it."""
    _rewrite(path, start, to, mapped.rename, report)
    said = [
        f"No line has the key {key!r}, which {field} should be read from.{nearest_said(near)}"
        for (field, near), key in zip(mapped.nearest, mapped.absent.values(), strict=True)
    ]
    if mapped.left_out:
        keys = shown_columns(sorted(mapped.left_out))
        said.append(f"Keys that are no field of {mapped.kind} were left out: {keys}.")
    return tuple(said)


def _rewrite(
    path: Path, start: int, to: Path, rename: Callable[[_Record], _Record], report: Callable[[int], None]
) -> None:
    """One line for each line; what cannot be renamed stays as it is, for the contract to refuse."""
    size = path.stat().st_size
    with path.open("rb") as file, to.open("wb") as renamed:
        for offset, text, lacking in line_blocks(file, start, size):
            lines = [_renamed(line, rename) for line in lines_of(text, lacking)]
            renamed.write(b"\n".join(lines) + b"\n")
            report(min(offset + len(text) + lacking, size))


def _renamed(line: bytes, rename: Callable[[_Record], _Record]) -> bytes:
    if len(line) > LINE_LIMIT:
        return line
    try:
        record = _decode(line)
        if _may_repeat_a_key(line) and repeats_a_key(line):
            return line
        return _encode(rename(record))
    except _REFUSALS:
        return line


def _may_repeat_a_key(line: bytes) -> bool:
    """False when it is certain, at a tenth of the cost: see `decoding.records_of`."""
    return b"\\u0022" in line or _encode(_decode_any(line)).count(b'"') != line.count(b'"')


def _from_service(record: _Record) -> _Record:
    if not is_service_record(record):
        return record
    people = [record, *(_object(record.get(name)) for name in _SERVICE_PEOPLE)]
    ids = {
        name: holder[name]
        for holder in reversed(people)
        for name in _SERVICE_USERS
        if _is_text(holder.get(name))
    }
    made: _Record = {name: value for name, value in record.items() if name not in _SERVICE_LEFT_OUT}
    made["ts"] = _first(made, _SERVICE_TIMES)
    listed = _first(made, _SERVICE_ITEMS)
    made["items"] = [] if listed is None else _without_scores(listed)  # the service omits an empty list
    context = _context(made.pop("context", None)) | {
        name: made.pop(name) for name in _SERVICE_CONTEXT if name in made
    }
    if (session := _first(dict(ids), _SERVICE_SESSIONS)) is not None:
        context.setdefault("session_id", session)
    if (user := _first(ids, _SERVICE_USERS) or record.get("user_id")) is not None:
        made["user_id"] = user
    return made | {"context": context}


def _first(record: _Record, names: tuple[str, ...]) -> Any:
    """Take the names out of the record; the first value that was there."""
    found = [record.pop(name) for name in names if name in record]
    return found[0] if found else None


def _is_text(value: Raw | None) -> bool:
    return value is not None and bytes(value).startswith(b'"') and bytes(value) != b'""'


def _object(value: Raw | None) -> _Record:
    try:
        return {} if value is None else dict(_decode(value))
    except _REFUSALS:
        return {}


def _context(value: Raw | None) -> _Record:
    """An entry a key; what is no object is refused, so that it is not dropped unseen."""
    return {} if value is None or bytes(value) == b"null" else _decode(value)


def _without_scores(items: Raw) -> Any:
    try:
        return [
            {name: value for name, value in item.items() if name != "score"} for item in _decode_list(items)
        ]
    except _REFUSALS:
        return items


class Mapped:
    """Renames keys by a mapping {field: key}, and remembers keys: those left out, and those that no line had.

    "context.KEY" and, in an exposure, the fields of an item may be mapped too.
    """

    def __init__(self, kind: Kind, mapping: Mapping[str, str]) -> None:
        """InputError when the mapping names a field that the contract has not."""
        check_mapping(mapping, kind)
        self.kind = kind
        self._top = {field.name for field in CONTRACTS[kind].fields}
        self._fields = {field: key for field, key in mapping.items() if field in self._top}
        self._context = {field[8:]: key for field, key in mapping.items() if field.startswith("context.")}
        self._item = {
            key: field for field, key in mapping.items() if field not in self._top and field in ITEM_FIELDS
        }
        self.left_out: set[str] = set()
        self.seen: set[str] = set()
        self.absent = dict(mapping)  # {field: key} of which no line so far had the key

    @property
    def nearest(self) -> tuple[tuple[str, str], ...]:
        """The fields whose key no line had, each with the keys that are like it."""
        return tuple((field, nearest(key, self.seen)) for field, key in self.absent.items())

    def rename(self, record: _Record) -> _Record:
        mapped = {*self._fields.values(), *self._context.values()}
        made = {key: value for key, value in record.items() if key in self._top and key not in mapped}
        made |= {field: record[key] for field, key in self._fields.items() if key in record}
        context = {name: record[key] for name, key in self._context.items() if key in record}
        if context:
            made["context"] = _context(made.get("context")) | context
        if self._item and "items" in made:
            made["items"] = self._items(made["items"])
        if len(self.left_out) < _KEYS_SEEN:
            self.left_out.update(key for key in record if key not in self._top and key not in mapped)
        self._look(record, of_items=False)
        return made

    def _look(self, keys: Collection[str], *, of_items: bool) -> None:
        """Takes note of the keys of a record, or of one of its items."""
        if len(self.seen) < _KEYS_SEEN:
            self.seen.update(keys)
        if self.absent:
            here = {
                field
                for field, key in self.absent.items()
                if key in keys and (field in self._item.values()) == of_items
            }
            for field in here:
                del self.absent[field]

    def _items(self, items: Raw) -> Any:
        try:
            listed = _decode_list(items)
        except _REFUSALS:
            return items
        for item in listed:
            self._look(item, of_items=True)
        return [{self._item.get(name, name): value for name, value in item.items()} for item in listed]
