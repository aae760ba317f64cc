"""Thousands and decimal marks, and the place and coins of a currency, as the reader's locale has them (CLDR).

Every text with a figure in it asks here, so that one text never mixes the marks of two locales. Figures are
first written in English and then given their marks; English itself passes through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal, localcontext
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_currency_precision, get_decimal_symbol, get_group_symbol, list_currencies

ENGLISH = "en"
EXACT = 2.0**53
TYPED_FOR = {"’": "'"}  # what keyboards have in place of a mark
_NUMBER = re.compile(r"(\d[\d,]*)?(?:\.(\d+))?")
_GROUPED = re.compile(r"\d+(?:,\d+)+")
_MARKS_OF_DIRECTION = "\u200e\u200f\u061c"
_chosen: ContextVar[str] = ContextVar("locale", default=ENGLISH)


def chosen() -> str:
    """The locale that figures are written for at present."""
    return _chosen.get()


def choose(locale: str) -> None:
    """Writes figures for this locale from here on, in this thread; for a page that is drawn."""
    _chosen.set(locale)


@contextmanager
def written_for(locale: str) -> Iterator[None]:
    """Within it figures are written for this locale."""
    before = _chosen.set(locale)
    try:
        yield
    finally:
        _chosen.reset(before)


def locale_id(text: str) -> str | None:
    """A locale as CLDR names it: "de-ch" is "de_CH"; None where there is none of that name."""
    try:
        return str(Locale.parse(text.strip().replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        return None


def locale_name(locale: str) -> str:
    """What a locale is called in English: "German (Switzerland)"."""
    return Locale.parse(locale).get_display_name(ENGLISH) or locale


def written(english: str) -> str:
    """A figure written in English ("-1,280.50", "1.28M", "<.01") with the marks of the chosen locale."""
    locale = _chosen.get()
    if locale == ENGLISH:
        return english
    return _NUMBER.sub(lambda found: _number(found, locale), english)


def full(value: float, decimals: int = 0) -> str:
    """A number in full with its thousands apart: 12,345."""
    if abs(value) > EXACT and isinstance(value, float):
        # Beyond 2**53 a float's further digits are not its own: zeros stand for them.
        whole = f"{int(Decimal(repr(value))):,}"
        return written(f"{whole}.{'0' * decimals}" if decimals else whole)
    return written(f"{value:,.{decimals}f}")


def with_sign(value: float, decimals: int) -> str:
    """A change with its sign: +0.1."""
    return written(f"{value:+.{decimals}f}")


def digits(value: float, most: int) -> str:
    """A number with so many significant digits at most: 0.00012, 1.2e-07."""
    return written(f"{value:.{most}g}")


def _number(found: re.Match[str], locale: str) -> str:
    whole, part = found.groups()
    text = _thousands(whole, locale) if whole and "," in whole else whole or ""
    return f"{text}{get_decimal_symbol(locale)}{part}" if part else text


@lru_cache(maxsize=1024)
def _thousands(english: str, locale: str) -> str:
    pattern = Locale.parse(locale).decimal_formats[None]
    with localcontext(prec=28 + len(english)):  # Babel works within it, and fails where digits are missing
        return str(pattern.apply(int(english.replace(",", "")), locale))


def in_english(text: str) -> str:
    """A number as the chosen locale writes it, with English marks: "2.000.000" is "2,000,000" in German."""
    locale = _chosen.get()
    if locale == ENGLISH:
        return text
    group = get_group_symbol(locale)
    marks = {group: ",", TYPED_FOR.get(group, group): ",", get_decimal_symbol(locale): "."}
    typed = "".join(marks.get(letter, letter) for letter in text if not letter.isspace())
    return _GROUPED.sub(lambda found: _in_threes(found.group(), locale), typed)


def _in_threes(typed: str, locale: str) -> str:
    """Digits in groups as the locale has them, in groups of three; other groups stay what they are."""
    english = f"{int(typed.replace(',', '')):,}"
    as_written = _thousands(english, locale).replace(get_group_symbol(locale), ",")
    return english if typed == as_written else typed


def amount(figure: str, currency: str) -> str:
    """A written figure with its currency's code where the locale has it: "EUR 18.00", "18,00 EUR"."""
    return f"{currency} {figure}" if _code_comes_first(_chosen.get()) else f"{figure} {currency}"


@cache
def _code_comes_first(locale: str) -> bool:
    pattern: str = Locale.parse(locale).currency_formats["standard"].pattern
    return pattern.lstrip(_MARKS_OF_DIRECTION).startswith("¤")


@cache
def decimals_of(currency: str) -> int:
    """Decimals of an amount of the currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency)


def is_currency(code: str) -> bool:
    """Whether ISO 4217 has, or had, this code."""
    return code in _all_currencies()


@cache
def _all_currencies() -> frozenset[str]:
    return frozenset(list_currencies())


@cache
def current_currencies() -> tuple[str, ...]:
    """Codes of the currencies that are legal tender somewhere today, sorted."""
    by_territory = get_global("territory_currencies")
    found = {
        code for used in by_territory.values() for code, _, end, tender in used if tender and end is None
    }
    return tuple(sorted(found))
