"""Money as one input moves and the others stay: what a launch now or later is worth.

Every price, amount and share enters the NPV in a straight line, so for those inputs two values tell all;
growth, discounting, half-life and decay bend it and are counted at each value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from recsys_roi.value.roi import Array, Economics, PresentValues, TimeSums, priced, schedule, time_sums
from recsys_roi.value.waiting import Launches, launches

BENDING = ("traffic_growth_monthly", "discount_rate", "novelty_half_life_months", "lift_decay_monthly")
TIME_INPUTS = (*BENDING, "novelty_share")  # of the sums over time; the others are prices of them
PILOT_INPUTS = ("pilot_share", "pilot_cost_per_week")  # of the waits only
Curve: TypeAlias = Callable[[Array], Array]  # of an input's values, shape (n,)
LaunchesAt: TypeAlias = Callable[[Array], Launches]
Worth: TypeAlias = Callable[[Array], tuple[Array, Array]]  # unit value and cost of a launch today


@dataclass(frozen=True, kw_only=True, slots=True)
class Pilot:
    """What waiting needs beside the economics."""

    share: float  # of traffic on the candidate
    cost_per_week: float
    weeks: Sequence[int]  # waits offered


def launches_by_input(
    money: Economics, pilot: Pilot, name: str, high: float, time: Callable[[], TimeSums]
) -> LaunchesAt:
    """Launches as a function of the input called `name`, which is looked at up to `high`, above 0.

    `time` gives the sums over time of `money` and the waits offered, asked for where the input leaves them.
    """

    def counted(values: Array) -> Launches:
        column = values[:, np.newaxis]
        return launches(
            moved(money, name, column),
            pilot.weeks,
            pilot_share=column if name == "pilot_share" else pilot.share,
            pilot_cost_per_week=column if name == "pilot_cost_per_week" else pilot.cost_per_week,
            time=None if name in TIME_INPUTS else time(),
        )

    if name in BENDING:
        return counted

    @cache
    def lines() -> dict[str, Curve]:
        ends = counted(np.array([0.0, high]))
        fields = ("unit_value", "cost", "pilot_unit_value", "pilot_cost")
        return {field: line(getattr(ends, field), high) for field in fields}

    return lambda values: Launches(weeks=pilot.weeks, **{field: at(values) for field, at in lines().items()})


def moved(money: Economics, name: str, number: float | Array) -> Economics:
    """The economics with one input set; one of the pilot alone changes nothing."""
    changed: dict[str, Any] = {} if name in PILOT_INPUTS else {name: number}
    return replace(money, **changed)


def values_by_input(money: Economics, name: str, high: float, time: Callable[[], TimeSums]) -> Worth:
    """Unit value and cost of a launch today as functions of the input; `time` as above, without waits."""

    def counted(values: Array) -> tuple[Array, Array]:
        at = moved(money, name, values[:, np.newaxis])
        found = priced(at, time_sums(at) if name in TIME_INPUTS else time())
        shape = values.shape
        return np.broadcast_to(found.unit_value, shape), np.broadcast_to(found.cost, shape)

    if name in BENDING:
        return counted
    unit_value, cost = (line(end, high) for end in counted(np.array([0.0, high])))
    return lambda values: (unit_value(values), cost(values))


def values_by_horizon(money: Economics) -> tuple[PresentValues, ...]:
    """Present values of a launch today for every horizon from one month to that of `money`."""
    time = schedule(money)
    served = time.growth * time.ramp * time.discount
    totals = [
        np.cumsum(each, axis=-1)
        for each in np.broadcast_arrays(time.discount, served, served * time.retention)
    ]
    return tuple(
        priced(money, TimeSums(months=months, served=served, retained=retained))
        for months, served, retained in zip(*(np.moveaxis(total, -1, 0) for total in totals), strict=True)
    )


def line(ends: Array, high: float) -> Curve:
    """The straight line through the values at 0 and at `high`, the first and the last column of `ends`."""
    start, slope = ends[..., [0]], (ends[..., [-1]] - ends[..., [0]]) / high
    return lambda values: start + slope * values
