"""Values of settings as people give them: read from JSON, the command line or a link, and written back.

JSON and Python values are read strictly; text ("0.25,0.5,1") only where there is nothing but text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from recsys_roi.errors import SettingError, UnknownNameError
from recsys_roi.numerals import is_currency, locale_id
from recsys_roi.value.setting import Kind, Setting
from recsys_roi.value.settings import SETTINGS, UNCERTAIN_SETTINGS

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
END_OF_TIME = 9000  # a later year is a slip, and leaves no room for a calendar
WIDEST = 1_000  # P90 over P10; beyond it a lognormal says nothing
GUARDRAIL_COUNT = (2, 4)  # two to four, the mission's rule
CHOICES = {"kpi": "KPI", "decision_rule": "decision rule"}  # what a text with fixed choices is a name of
TRUE, FALSE = ("true", "yes", "1"), ("false", "no", "0")


def named(name: str) -> Setting:
    """The setting of that name; raises UnknownNameError with the nearest names first."""
    if name not in SETTINGS:
        raise _unknown("setting", name, SETTINGS)
    return SETTINGS[name]


def _unknown(what: str, given: str, known: Iterable[str]) -> UnknownNameError:
    names = sorted(known)
    inside = [name for name in names if given in name]
    near = list(dict.fromkeys([*get_close_matches(given, names, n=5), *inside]))
    return UnknownNameError(what, given, [*near, *(name for name in names if name not in near)])


def read(setting: Setting, value: object) -> Any:
    """A JSON or Python value as the setting's own type; None only where the default is None.

    Raises SettingError with the rule and what was given, UnknownNameError for a name that does not exist.
    """
    if value is None and setting.default is None:
        return None
    return _READERS[setting.kind](setting, value)


def _read_text(setting: Setting, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SettingError(setting.name, setting.rule, value)
    if setting.choices and value not in setting.choices:
        raise _unknown(CHOICES.get(setting.name, setting.name), value, setting.choices)
    if setting.name == "currency" and not is_currency(value):
        raise SettingError(setting.name, "must be a currency's code such as EUR (ISO 4217)", value)
    return _locale(setting, value) if setting.name == "locale" else value


def _locale(setting: Setting, value: str) -> str:
    found = locale_id(value)
    if found is None:
        raise SettingError(setting.name, "must be a locale such as en, de, fr_CH or en_IN (CLDR)", value)
    return found


def _read_texts(setting: Setting, value: object) -> tuple[str, ...]:
    items = _items(setting, value)
    if len(set(items)) != len(items) or not all(isinstance(item, str) and item.strip() for item in items):
        raise SettingError(setting.name, setting.rule, value)
    for item in items:
        if setting.choices and item not in setting.choices:
            raise _unknown("guardrail", item, setting.choices)
    low, high = GUARDRAIL_COUNT
    if setting.name == "guardrails" and not low <= len(items) <= high:
        raise SettingError(setting.name, f"must name {low} to {high} guardrails", list(items))
    return tuple(items)


def _read_time(setting: Setting, value: object) -> datetime:
    """A moment in UTC; a date alone is its midnight."""
    moment = _moment(setting, value)
    if moment.year >= END_OF_TIME:
        raise SettingError(setting.name, f"must be before the year {END_OF_TIME}", value)
    return moment


def _moment(setting: Setting, value: object) -> datetime:
    moment = value
    try:
        if isinstance(value, str):
            moment = date.fromisoformat(value) if DAY.fullmatch(value) else datetime.fromisoformat(value)
        if isinstance(moment, datetime) and moment.utcoffset() is not None:
            return moment.astimezone(UTC)
        if isinstance(moment, date) and not isinstance(moment, datetime):
            return datetime.combine(moment, time(), UTC)
    except (ValueError, OverflowError):
        raise SettingError(setting.name, setting.rule, value) from None
    raise SettingError(setting.name, setting.rule, value)


def _read_whole(setting: Setting, value: object) -> int:
    number = _read_number(setting, value)
    if not number.is_integer():
        raise SettingError(setting.name, setting.rule, value)
    return int(number)


def _read_number(setting: Setting, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SettingError(setting.name, setting.rule, value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or not setting.allows(number):
        raise SettingError(setting.name, setting.rule, value)
    return number + 0.0  # -0.0 becomes 0.0, so that equal settings are written alike


def _read_numbers(setting: Setting, value: object) -> tuple[float, ...]:
    items = _items(setting, value)
    if not items:
        raise SettingError(setting.name, setting.rule, value)
    return tuple(_read_number(setting, item) for item in items)


def _items(setting: Setting, value: object) -> Sequence[Any]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise SettingError(setting.name, setting.rule, value)
    return value


def _read_ranges(setting: Setting, value: object) -> dict[str, tuple[float, ...]]:
    """Low, likely and high by setting, in the table's order, so that equal ranges are written alike."""
    if not isinstance(value, Mapping):
        raise SettingError(setting.name, setting.rule, value)
    for name in value:
        if name not in UNCERTAIN_SETTINGS:
            raise _unknown("setting with a range", str(name), UNCERTAIN_SETTINGS)
    return {name: _read_range(SETTINGS[name], value[name]) for name in SETTINGS if name in value}


def _read_range(setting: Setting, value: object) -> tuple[float, ...]:
    name = f"ranges.{setting.name}"
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) not in {2, 3}:
        raise SettingError(name, "must be low, likely and high, or P10 and P90", value)
    numbers = tuple(_read_number(replace(setting, name=name), item) for item in value)
    if any(one > other for one, other in pairwise(numbers)):
        raise SettingError(name, "must run from low over likely to high", value)
    if len(numbers) == 2 and (not setting.is_money or numbers[0] <= 0):
        raise SettingError(name, "as P10 and P90 is for money above 0; else give low, likely and high", value)
    if len(numbers) == 2 and numbers[1] > WIDEST * numbers[0]:
        raise SettingError(name, f"must have a P90 of at most {WIDEST:,} times its P10", value)
    return numbers


def _read_flag(setting: Setting, value: object) -> bool:
    if not isinstance(value, bool):
        raise SettingError(setting.name, setting.rule, value)
    return value


_READERS: dict[Kind, Callable[[Setting, object], Any]] = {
    "text": _read_text,
    "texts": _read_texts,
    "time": _read_time,
    "flag": _read_flag,
    "whole": _read_whole,
    "number": _read_number,
    "numbers": _read_numbers,
    "ranges": _read_ranges,
}


def read_text(setting: Setting, text: str) -> Any:
    """A value written as text, as on the command line and in links; raises as `read` does."""
    text = text.strip()
    match setting.kind:
        case "text" | "time":
            return read(setting, text)
        case "flag":
            known = {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}
            return read(setting, known.get(text.lower(), text))
        case "texts":
            return read(setting, _split_texts(setting, text))
        case "number" | "whole":
            return read(setting, _number(text))
        case "numbers":
            return read(setting, [_number(part) for part in text.split(",")])
        case "ranges":
            return read(setting, _split_ranges(setting, text))


def _number(text: str) -> float | str:
    """A number, whole where it is written so; else the text, for the rule to refuse as it was given."""
    for reader in (int, float):
        try:
            return reader(text)
        except ValueError:
            continue
    return text


def _split_texts(setting: Setting, text: str) -> object:
    if not text.startswith("["):
        return [part.strip() for part in text.split(",")] if text else []
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise SettingError(setting.name, setting.rule, text) from None


def _split_ranges(setting: Setting, text: str) -> dict[str, list[float | str]]:
    """ "margin:0.2,0.35,0.5;ops_rate:60,90" as lists by setting."""
    ranges: dict[str, list[float | str]] = {}
    for part in filter(None, text.split(";")):
        name, colon, numbers = part.partition(":")
        if not colon:
            raise SettingError(setting.name, "must look like margin:0.2,0.35,0.5;ops_rate:60,90", text)
        ranges[name.strip()] = [_number(number) for number in numbers.split(",")]
    return ranges


def write_json(setting: Setting, value: Any) -> Any:
    """A read value as JSON has it; whole numbers without a fraction, times in UTC with Z."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, Mapping):
        return {name: write_json(setting, item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [write_json(setting, item) for item in value]
    return value


def write_text(setting: Setting, value: Any) -> str:
    """A read value as text that `read_text` reads back exactly."""
    written = write_json(setting, value)
    match setting.kind:
        case "flag":
            return "true" if value else "false"
        case "texts":
            plain = all(
                "," not in item and not item.startswith("[") and item == item.strip() for item in value
            )
            return ",".join(value) if plain else json.dumps(written, ensure_ascii=False)
        case "numbers":
            return _joined(written)
        case "ranges":
            return ";".join(f"{name}:{_joined(numbers)}" for name, numbers in written.items())
        case _:
            return str(written)


def _joined(numbers: Iterable[float]) -> str:
    return ",".join(map(str, numbers))
