"""How figures are written: percent, points, money, chances, dates. Rounding never loses a sign.

The marks within a figure and the place of a currency are those of the chosen locale (numerals).
"""

from __future__ import annotations

from datetime import date
from math import floor, log10

from recsys_roi.numerals import (
    amount,
    decimals_of,
    full,
    in_english,
    locale_id,
    locale_name,
    written,
    written_for,
)

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NUMBER_WORDS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
USUAL_DECIMALS = 2  # of most currencies
TILE_DIGITS = 5  # characters of a tile's number, so that "EUR 1.28M" stays within nine
SMALLEST_IN_FULL = 1e-6  # what is less would be a row of zeros
SCALES = ("", "k", "M", "B", "T")


def number(value: float, digits: int = 3) -> str:
    """A plain number with `digits` significant digits and thousands separators: 0.0120, 1,280, 2.9e-08."""
    if value == 0:
        return "0"
    if abs(value) < SMALLEST_IN_FULL:
        return written(f"{value:.{digits - 1}e}")
    decimals = digits - 1 - floor(log10(abs(value)))
    return full(round(value, decimals), max(0, decimals))


def signed(value: float, text: str) -> str:
    """`text`, which shows the size of `value`, with the sign of `value`; a zero has none."""
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{'-' if value < 0 else '+'}{text}"


def percent(change: float) -> str:
    """A change, 0.0217 -> "+2.2 %"; whole percents from 10 %, two digits below 1 %."""
    return f"{signed(change, _size(abs(change) * 100))} %"


def percent_tick(change: float) -> str:
    """`percent` on an axis, where 12.5 % is not rounded to another place."""
    exact = f"{abs(change) * 100:.6g}"
    rounded = float(in_english(_size(abs(change) * 100)).replace(",", ""))
    return percent(change) if rounded == float(exact) else f"{signed(change, written(exact))} %"


def share(value: float) -> str:
    """A level, 0.012 -> "1.20 %": three significant digits, no sign."""
    return f"{number(value * 100)} %"


def whole_percent(value: float) -> str:
    """A setting, 0.35 -> "35 %", 0.008 -> "0.8 %"; as it was given, no sign added."""
    return f"{written(f'{value * 100:.6g}')} %"


def points(difference: float) -> str:
    """A difference of two shares, 0.000216 -> "+0.02 points"; one digit more than nothing below 0.01."""
    return f"{bare_points(difference)} points"


def bare_points(difference: float) -> str:
    """`points` without the word, for a list of them."""
    size = abs(difference) * 100
    text = written(f"{size:.2f}") if size >= 0.01 or size < 1e-6 else number(size, 1)
    return signed(difference, text)


def _size(size: float) -> str:
    if size >= 9.95:
        return full(size)
    if size >= 0.995:
        return written(f"{size:.1f}")
    if size >= 0.00995:
        return written(f"{size:.2f}".rstrip("0").rstrip("."))
    return number(size, 2) if size >= 5e-5 else "0"


def chance(probability: float, against: float | None = None) -> str:
    """A probability, 0.748 -> "75 %"; never 0 % or 100 %, and never rounded onto a limit it misses."""
    if probability < 0.01:
        return "under 1 %"
    if probability > 0.99:
        return "over 99 %"
    digits = 2
    text = f"{probability * 100:.0f}"
    limit = None if against is None or probability == against else round(against * 100, 9)
    while digits < 15 and float(text) == limit:
        digits += 1
        text = f"{probability * 100:.{digits}g}"
    return f"{written(text)} %"


def money(value: float, currency: str) -> str:
    """Money in full: "EUR 127,693", "EUR 18.00", "JPY 18", "KWD 18.000".

    Decimals stand below 100; what is less than the smallest coin is not written as none.
    """
    return amount(bare_money(value, currency), currency)


def bare_money(value: float, currency: str) -> str:
    """`money` without its currency, for a table whose heading has it."""
    if 0 < abs(value) < _half_a_coin(currency):
        return f"{'-' if value < 0 else ''}{number(abs(value), 2)}"
    return full(value, decimals_of(currency) if 0 < abs(value) < 100 else 0)


def _half_a_coin(currency: str) -> float:
    """What is less would be written as nothing."""
    return float(0.5 * 10.0 ** -decimals_of(currency))


def about_money(value: float, currency: str) -> str:
    """Money in a sentence that says about: four significant digits, "EUR 127,700"."""
    return (
        money(round(value, 3 - floor(log10(abs(value)))), currency)
        if abs(value) >= 1
        else money(value, currency)
    )


def at_most_money(value: float, currency: str) -> str:
    """Money from 0 on in a sentence that says about, or that it is less than the smallest coin."""
    coin = float(10.0 ** -decimals_of(currency))
    if 0 <= value < coin:
        return f"less than {amount(full(coin, decimals_of(currency)), currency)}"
    return f"about {about_money(value, currency)}"


def exact_money(value: float, currency: str) -> str:
    """An amount as it was given, in whole coins where it has them: "EUR 18.00", "EUR 0.035", "JPY 18"."""
    decimals = decimals_of(currency)
    coins = round(value, decimals) == value
    return amount(full(value, decimals) if coins else exact_number(value), currency)


def short_money(value: float, currency: str) -> str:
    """`exact_money` without the coins of a whole amount: "EUR 18", "EUR 4.30", "EUR 0.035"."""
    return amount(exact_number(value), currency) if value == round(value) else exact_money(value, currency)


def amount_of(value: float, currency: str) -> str:
    """An amount to three significant digits, as a level is written: "EUR 0.0541", "EUR 18.0"."""
    return amount(number(value), currency)


def compact_money(value: float, currency: str) -> str:
    """An amount for an axis: "EUR -32.7k"."""
    return amount(compact(value), currency)


def locale_text(locale: str) -> str:
    """A locale with an amount as it writes it: "1.234,50 EUR, German"; another text as it is."""
    known = locale_id(locale)
    if known is None:
        return locale
    with written_for(known):
        return f"{exact_money(1234.5, 'EUR')}, {locale_name(known)}"


def tile_money(value: float, currency: str) -> str:
    """Money for a tile, at most nine characters with a three-letter code: "EUR 1.28M", "EUR -1.3M"."""
    decimals = decimals_of(currency)
    if 0 < abs(value) < _half_a_coin(currency):
        return amount(written(_less_than_a_coin(value, decimals)), currency)
    scale, size = 0, value
    while abs(round(size)) >= 1000 and scale < len(SCALES) - 1:
        size, scale = size / 1000, scale + 1
    room = TILE_DIGITS - len(SCALES[scale])
    most = 2 if scale else decimals if abs(size) < 100 else 0
    texts = [f"{size:.{shown}f}" for shown in range(most, -1, -1)]
    fitting = next((text for text in texts if len(text) <= room), None)
    if fitting is None:
        return amount(f"{value:.0e}".replace("e+", "e"), currency)
    return amount(written(f"{fitting}{SCALES[scale]}"), currency)


def _less_than_a_coin(value: float, decimals: int) -> str:
    """Within a tile's digits, so perhaps less than a larger coin: "<0.01", ">-.01", "<.001"."""
    if not decimals:
        return "<1" if value > 0 else ">-1"
    if value < 0:
        return ">-.01"
    return "<0.01" if decimals == USUAL_DECIMALS else "<.001"


def exact_number(value: float) -> str:
    """A number as it was given, with thousands separators: "1,500", "0.04"."""
    return written(f"{value:,.12f}".rstrip("0").rstrip("."))


def compact(value: float, digits: int = 3) -> str:
    """A number for an axis: so many significant digits at most, -32700 -> "-32.7k"."""
    scale, size = 0, value
    while abs(size) >= 999.5 and scale < len(SCALES) - 1:
        size, scale = size / 1000, scale + 1
    return written(f"{size:.{digits}g}{SCALES[scale]}")


def large_count(value: float) -> str:
    """A large count as it is said: 2,000,000 -> "2.0 million"."""
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if value >= size:
            return f"{written(f'{value / size:.1f}')} {word}"
    return full(value)


def day(when: str, beside: str | None = None) -> str:
    """An RFC 3339 date as "12 Nov"; with the year unless `beside` is in the same year."""
    try:
        found = date.fromisoformat(when[:10])
    except ValueError:
        return when
    short = f"{found.day} {MONTHS[found.month - 1]}"
    return short if beside is not None and beside[:4] == when[:4] else f"{short} {found.year}"


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """A count with its noun: "1 change", "2 changes"."""
    return f"{full(count)} {singular if count == 1 else plural or singular + 's'}"


def in_words(count: int) -> str:
    """A small count as a word, a larger one as digits."""
    return NUMBER_WORDS[count] if 0 <= count < len(NUMBER_WORDS) else full(count)


def sentence(text: str) -> str:
    """`text` with a capital first letter and a full stop."""
    trimmed = text.strip()
    if not trimmed:
        return ""
    return capitalised(trimmed) + ("" if trimmed[-1] in ".!?" else ".")


def capitalised(text: str) -> str:
    """`text` with a capital first letter, the rest as it is; "p95 latency" is a name and keeps its own."""
    return text if text[1:2].isdigit() else text[:1].upper() + text[1:]


def inside(text: str) -> str:
    """A sentence as it goes on after a colon: its first letter small."""
    return text[:1].lower() + text[1:]


def introduced(name: str, said: str) -> str:
    """A sentence that is about `name`, with one colon: "Error rate: cannot tell, error is not logged."."""
    about = capitalised(name.replace(": ", " "))
    return f"{about}: {inside(said).replace('cannot tell: ', 'cannot tell, ', 1)}"


def listed(parts: list[str]) -> str:
    """Several things as one: a, a and b, a, b and c."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
