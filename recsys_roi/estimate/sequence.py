"""Looking every day: what the always-valid intervals of all looks say together (numbers book 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from recsys_roi.estimate.anytime import always_valid
from recsys_roi.estimate.figures import Interval, NotMeasurable
from recsys_roi.estimate.lift import Difference, Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One look with everything known then."""

    found: Difference | NotMeasurable
    reading: Reading | None  # None where nothing can be measured yet
    p_running: float | None  # the smallest p of the looks so far
    running: Interval | None  # what all intervals so far have in common; None before any, and once empty


@dataclass(frozen=True, kw_only=True, slots=True)
class Looks:
    """All looks of an experiment, oldest first."""

    looks: tuple[Look, ...]
    changing: bool  # the intervals have nothing in common, which chance alone explains in alpha of cases
    crossed: int | None  # the first look whose interval leaves 0 out


def read_looks(differences: Iterable[Difference | NotMeasurable], alpha: float, planned_users: int) -> Looks:
    """Each look's interval, the smallest p and the intersection so far (numbers book 3.1)."""
    looks: list[Look] = []
    p_running: float | None = None
    low, high = float("-inf"), float("inf")
    crossed = None
    for number, found in enumerate(differences):
        reading = None if isinstance(found, NotMeasurable) else always_valid(found, alpha, planned_users)
        if reading is not None:
            p_running = reading.p_value if p_running is None else min(p_running, reading.p_value)
            low, high = max(low, reading.difference.low), min(high, reading.difference.high)
            if crossed is None and reading.p_value < alpha:
                crossed = number
        looks.append(
            Look(
                found=found,
                reading=reading,
                p_running=p_running,
                running=Interval(low=low, high=high, level=1 - alpha, method="always_valid")
                if p_running is not None and low <= high
                else None,
            )
        )
    return Looks(looks=tuple(looks), changing=low > high, crossed=crossed)
