"""The strict checker: every error of one line, slowly; the authority on what a line may hold.

`decoding` holds the fast form of the same rules.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from recsys_roi.logs.contracts import (
    CONTRACTS,
    EVENT_TYPES,
    INTEGER_LIMIT,
    LINE_LIMIT,
    TIMESTAMP_PATTERN,
    VALUE_LIMIT,
    Contract,
    Field,
    FieldError,
    FieldType,
    Kind,
    Reason,
)
from recsys_roi.personal import mask

ERRORS_A_LINE = 1000  # a hostile line could hold millions

_TIMESTAMP = re.compile(TIMESTAMP_PATTERN)


def errors_of(kind: Kind, line: bytes) -> list[FieldError]:
    """Every error of one line (without its line feed) under `kind`, at most 1,000; empty = accepted."""
    return list(islice(_line_errors(CONTRACTS[kind], line), ERRORS_A_LINE))


def _line_errors(contract: Contract, line: bytes) -> Iterator[FieldError]:
    try:
        value = _parse(line)
    except _UnreadableLineError as unreadable:
        yield line_error(unreadable.reason, line)
        return
    if isinstance(value, _Object):
        yield from _object_errors("", value, contract.fields)
    else:
        yield _error("", Reason.NOT_OBJECT, value)


def repeats_a_key(line: bytes) -> bool:
    """Whether any object of a line that is JSON writes a key twice."""
    try:
        pending = [_parse(line)]
    except _UnreadableLineError:
        return False
    while pending:
        value = pending.pop()
        if isinstance(value, _Object):
            if value.repeated:
                return True
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    return False


def line_error(reason: Reason, line: bytes) -> FieldError:
    """An error of a line as a whole."""
    return _error("", reason, line[: VALUE_LIMIT * 8].decode("utf-8", "replace").strip("\r"))


class _UnreadableLineError(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class _Object(dict[str, Any]):
    """A JSON object that remembers which keys were written more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated: tuple[str, ...] = ()
        if len(pairs) > len(self):
            seen: dict[str, int] = {}
            for key, _ in pairs:
                seen[key] = seen.get(key, 0) + 1
            self.repeated = tuple(key for key, times in seen.items() if times > 1)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


class _Written(float):
    """A number that remembers how it was written, so that 1e999 is not shown as Infinity."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def _integer(digits: str) -> int | _Written:
    """Longer integers are out of every range of ours, and Python refuses to read thousands of digits."""
    return int(digits) if len(digits) < 25 else _Written(digits)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Object,
    parse_constant=_refuse_constant,
    parse_int=_integer,
    parse_float=_Written,
    strict=True,
)


def _parse(line: bytes) -> Any:
    if len(line) > LINE_LIMIT:
        raise _UnreadableLineError(Reason.LINE_TOO_LONG)
    if not line.strip(b" \t\r\n"):
        raise _UnreadableLineError(Reason.BLANK_LINE)
    try:
        return _DECODER.decode(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise _UnreadableLineError(Reason.NOT_UTF8) from None
    except (ValueError, RecursionError):
        raise _UnreadableLineError(Reason.NOT_JSON) from None


def _object_errors(prefix: str, value: _Object, fields: tuple[Field, ...]) -> Iterator[FieldError]:
    for key in value.repeated:
        yield _error(prefix + key, Reason.DUPLICATE_KEY, value[key])
    for rule in fields:
        path = prefix + rule.name
        if rule.name not in value:
            if rule.required:
                yield _error(path, Reason.MISSING_FIELD)
        elif value[rule.name] is None:
            if rule.required:
                yield _error(path, Reason.NULL_OR_EMPTY, None)
        else:
            yield from _CHECKS[rule.type](path, value[rule.name], rule)
    known = {rule.name for rule in fields}
    for key, unknown in value.items():
        if key not in known:
            yield _error(prefix + key, Reason.UNKNOWN_KEY, unknown)


def _string_errors(path: str, value: object, _: Field) -> Iterator[FieldError]:
    if not isinstance(value, str):
        yield _error(path, Reason.WRONG_TYPE, value)
    elif not value:
        yield _error(path, Reason.NULL_OR_EMPTY, value)
    elif not _is_unicode(value):
        yield _error(path, Reason.NOT_UTF8, value)


def _timestamp_errors(path: str, value: object, rule: Field) -> Iterator[FieldError]:
    if isinstance(value, str) and value:
        if not _TIMESTAMP.search(value):
            yield _error(path, Reason.BAD_TIMESTAMP, value)
    else:
        yield from _string_errors(path, value, rule)


def _event_type_errors(path: str, value: object, rule: Field) -> Iterator[FieldError]:
    if isinstance(value, str) and value:
        if value not in EVENT_TYPES:
            yield _error(path, Reason.UNKNOWN_EVENT_TYPE, value)
    else:
        yield from _string_errors(path, value, rule)


def _number_errors(path: str, value: object, rule: Field) -> Iterator[FieldError]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield _error(path, Reason.WRONG_TYPE, value)
    elif not math.isfinite(value) or (rule.minimum is not None and value < rule.minimum):
        yield _error(path, Reason.OUT_OF_RANGE, value)


def _integer_errors(path: str, value: object, rule: Field) -> Iterator[FieldError]:
    """JSON Schema calls 1.0 an integer, so we do."""
    if isinstance(value, float) and math.isfinite(value) and not value.is_integer():
        yield _error(path, Reason.WRONG_TYPE, value)
    elif isinstance(value, int | float) and value > INTEGER_LIMIT:
        yield _error(path, Reason.OUT_OF_RANGE, value)
    else:
        yield from _number_errors(path, value, rule)


def _boolean_errors(path: str, value: object, _: Field) -> Iterator[FieldError]:
    if not isinstance(value, bool):
        yield _error(path, Reason.WRONG_TYPE, value)


def _strings_errors(path: str, value: object, _: Field) -> Iterator[FieldError]:
    if not isinstance(value, _Object):
        yield _error(path, Reason.WRONG_TYPE, value)
        return
    for key in value.repeated:
        yield _error(f"{path}.{key}", Reason.DUPLICATE_KEY, value[key])
    for key, text in value.items():
        if not isinstance(text, str):
            yield _error(f"{path}.{key}", Reason.WRONG_TYPE, text)
        elif not _is_unicode(key) or not _is_unicode(text):
            yield _error(f"{path}.{key}", Reason.NOT_UTF8, text)


def _array_errors(path: str, value: object, rule: Field) -> Iterator[FieldError]:
    if not isinstance(value, list):
        yield _error(path, Reason.WRONG_TYPE, value)
        return
    for index, entry in enumerate(value):
        if isinstance(entry, _Object):
            yield from _object_errors(f"{path}[{index}].", entry, rule.fields)
        else:
            yield _error(f"{path}[{index}]", Reason.WRONG_TYPE, entry)


_CHECKS: Mapping[FieldType, Callable[[str, object, Field], Iterator[FieldError]]] = {
    "string": _string_errors,
    "timestamp": _timestamp_errors,
    "event_type": _event_type_errors,
    "integer": _integer_errors,
    "number": _number_errors,
    "boolean": _boolean_errors,
    "object of strings": _strings_errors,
    "array of objects": _array_errors,
}

_ABSENT = object()


def _error(path: str, reason: Reason, value: object = _ABSENT) -> FieldError:
    return FieldError(
        field=shown(path), reason=reason, value="" if value is _ABSENT else shown(_as_text(value))
    )


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, _Written):
        return value.text
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "nested too deep to show"


def shown(text: str) -> str:
    """Text as it is shown: cut and masked; what no UTF-8 file could hold is replaced."""
    text = mask(text[: VALUE_LIMIT * 5].encode("utf-8", "replace").decode("utf-8"))
    return text if len(text) <= VALUE_LIMIT else text[: VALUE_LIMIT - 1] + "…"


def _is_unicode(text: str) -> bool:
    """False for half of a surrogate pair, which JSON can escape and UTF-8 cannot hold."""
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)
