"""The stops of a slider over several powers of ten, and how its values are written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import floor, log10

from recsys_roi.numerals import in_english
from recsys_roi.render.words import exact_number, large_count

STRAY_COMMA = re.compile(r"^,|\.\d*,|,(?!\d{3}(?!\d))")  # one that does not group thousands
SERIES = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)  # within one power of ten


def log_steps(low: float, high: float, also: Iterable[float] = ()) -> list[float]:
    """Round stops from `low` to `high`, both above 0, with the values in `also` kept exactly."""
    powers = range(floor(log10(low)), floor(log10(high)) + 1)
    stops = {float(f"{step * 10.0**power:.6g}") for power in powers for step in SERIES}
    return sorted({stop for stop in stops if low <= stop <= high} | set(also))


def exact_count(value: float) -> str:
    """A large count in words where these are exact, else in full: "2.0 million", "2,345,678"."""
    for size in (1e9, 1e6):
        if value >= size:
            return large_count(value) if round(value / size, 1) * size == value else exact_number(value)
    return exact_number(value)


def read_number(text: str) -> float | None:
    """A number as people of the chosen locale write it: "2,000,000", "2.5 million", "3m", "40k"; else None.

    A comma only groups thousands: "2,5" might be two and a half or twenty-five, so it is none.
    """
    return read_english(in_english(text))


def read_english(text: str) -> float | None:
    """A number with English marks, whatever the locale; None where it is none."""
    cleaned = text.strip().lower().replace("_", "").replace(" ", "")
    if STRAY_COMMA.search(cleaned):
        return None
    cleaned = cleaned.replace(",", "")
    for ending, size in (("billion", 1e9), ("million", 1e6), ("bn", 1e9), ("m", 1e6), ("k", 1e3), ("", 1.0)):
        if cleaned.endswith(ending):
            try:
                return float(cleaned.removesuffix(ending)) * size
            except ValueError:
                return None
    return None
