"""Shifts over time: days that stand out, mixes that moved, bursts of failures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, gammainc

SMALLEST_SPREAD = 0.10  # of log counts between days: (J), days of a calm shop differ by about as much
SPREAD_WITHOUT_WEEKDAY = 0.35  # where no other day of that weekday was seen: a weekend may double (J)
CLUMPING = 2.0  # requests come in sessions: variance of counts over that of independent ones (J)
MAD_TO_SD = 1.4826  # of a normal distribution

Floats = NDArray[np.float64]


def day_scores(counts: Sequence[int]) -> tuple[float | None, ...]:
    """How many robust standard deviations each day's log count lies from what is usual; days in a row.

    A day is held against the other days and against the others of its weekday, and the nearer of the two
    counts, so that a weekend is no spike; of two weekdays that differ, the one further from all other days
    stands out. None for a day without a count, and where fewer than 4 have one.
    """
    seen = np.asarray(counts, dtype=np.float64)
    with np.errstate(divide="ignore"):
        logs = np.where(seen > 0, np.log(seen), np.nan)
    if np.sum(seen > 0) < 4:
        return (None,) * len(counts)
    found = [_deviation(logs, day) for day in range(len(logs))]
    deviations = np.array([deviation for deviation, _ in found])
    spread = max(
        MAD_TO_SD * float(np.nanmedian(np.abs(deviations))),
        float(np.sqrt(CLUMPING / np.median(seen[seen > 0]))),
    )
    return tuple(
        None if np.isnan(deviation) else float(deviation / max(spread, smallest))
        for deviation, smallest in found
    )


def _deviation(logs: Floats, day: int) -> tuple[float, float]:
    """A day's distance from the usual, and the least spread that it is held against."""
    others = np.delete(logs, day)
    overall = float(logs[day] - np.nanmedian(others))
    same = np.array([logs[other] for other in range(day % 7, len(logs), 7) if other != day])
    if not np.any(~np.isnan(same)):
        return overall, SPREAD_WITHOUT_WEEKDAY
    weekday = float(logs[day] - np.nanmedian(same))
    nearer = min(overall, weekday, key=abs) if overall * weekday > 0 else 0.0
    return (np.nan if np.isnan(logs[day]) else nearer), SMALLEST_SPREAD


def population_stability(before: Sequence[float], after: Sequence[float]) -> float:
    """Population stability index of two counts of the same values: sum of (q - p) ln(q / p).

    Half a count is added to each, so that a value which is new or gone stays finite. Siddiqi, Credit Risk
    Scorecards (2006): 0.1 is a small shift, 0.25 a large one.
    """
    p, q = (_shares(counts) for counts in (before, after))
    return float(np.sum((q - p) * np.log(q / p)))


def stability_noise(before: Sequence[float], after: Sequence[float]) -> float:
    """The index on average where nothing shifted: (values - 1) (1/n + 1/m), clumping included."""
    values = sum(1 for one, other in zip(before, after, strict=True) if one + other > 0)
    return CLUMPING * max(0, values - 1) * (1 / max(1.0, sum(before)) + 1 / max(1.0, sum(after)))


def _shares(counts: Sequence[float]) -> Floats:
    more = np.asarray(counts, dtype=np.float64) + 0.5
    shares: Floats = more / more.sum()
    return shares


def total_variation(before: Sequence[float], after: Sequence[float]) -> float:
    """Largest share that two mixes put differently: half the sum of |p - q|."""
    p, q = (np.asarray(counts, dtype=np.float64) / max(1.0, sum(counts)) for counts in (before, after))
    return float(np.abs(p - q).sum() / 2)


def homogeneity_p(first: Sequence[int], second: Sequence[int]) -> float | None:
    """Pearson's chi-squared p-value that two counts come from one mix; None where that cannot be tested.

    Values expected fewer than 5 times in one of them are taken together (Cochran's rule).
    """
    table = np.array([first, second], dtype=np.float64)
    if not table.sum(axis=1).all():
        return None
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    rare = expected.min(axis=0) < 5
    if rare.any():
        table = np.column_stack((table[:, ~rare], table[:, rare].sum(axis=1)))
        table = table[:, table.sum(axis=0) > 0]
        expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    degrees = table.shape[1] - 1
    if degrees < 1 or expected.min() < 1:
        return None
    return float(chdtrc(degrees, np.sum((table - expected) ** 2 / expected)))


def burst_p(hits: int, expected: float) -> float:
    """Chance of at least so many hits where `expected` are usual: a Poisson tail, clumping included."""
    if hits <= 0:
        return 1.0
    return float(gammainc(hits / CLUMPING, max(expected, 0.0) / CLUMPING))
