"""The chance of making money and the expected NPV as one input moves and the others stay."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtri

from recsys_roi.value.distributions import Distribution
from recsys_roi.value.one_input import (
    BENDING,
    TIME_INPUTS,
    Worth,
    moved,
    values_by_horizon,
    values_by_input,
)
from recsys_roi.value.powers import PowerSums, enough_above, npv_powers
from recsys_roi.value.roi import Array, Economics, TimeSums, priced, time_sums
from recsys_roi.value.settings import VALUE_SETTING
from recsys_roi.value.uncertainty import DRAWS, chance_above, drawn_lifts, drawn_money, uncertain_inputs
from recsys_roi.value.waiting import sums_by_horizon

SURE = 40.0  # standard deviations that stand for certainty


@dataclass(frozen=True, kw_only=True, slots=True)
class Today:
    """What a launch today is worth at n values of an input, shape (n,)."""

    unit_value: Array  # of a lift of 1.0, nothing drawn
    cost: Array
    expected: Array  # NPV, in the scenario's currency
    margin: (
        Array  # 0 or above where the chance asked for is reached; continuous where no boundaries are known
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class OutlookByInput:
    """What a launch today is worth as a function of one input."""

    at: Callable[[Array], Today]
    boundaries: Array | None  # where the chance comes or goes, when they are known
    turns: Array = field(default_factory=lambda: np.empty(0))  # where the expected NPV is 0, as far as known


class Outlooks:
    """Outlooks of one economics, lift and set of ranges; what is drawn for one input serves the others."""

    def __init__(
        self,
        money: Economics,
        *,
        lift_mean: float,
        lift_sd: float,
        ranges: Mapping[str, Sequence[float]],
        required: float,
    ) -> None:
        """`required` is the chance of a positive NPV that is asked for."""
        self._money, self._ranges, self._required = money, ranges, required
        self._lift_mean, self._lift_sd = lift_mean, lift_sd

    def by_input(self, name: str, ends: tuple[float, float], *, asked: bool = True) -> OutlookByInput:
        """As the input called `name` moves between two ends; set to a value, it has no range.

        Not `asked` for a chance, it need not say where that comes or goes.
        """
        low, high = ends
        ranges = {other: each for other, each in self._ranges.items() if other != name}
        inputs = uncertain_inputs(self._money, ranges)
        exact = self._limit(inputs)
        if exact is not None:
            return _by_limit(exact, values_by_input(exact.money, name, high, lambda: self._time))
        worth = values_by_input(self._money, name, high, lambda: self._time)
        money = drawn_money(self._money, inputs)
        lifts = drawn_lifts(self._lift_mean, self._lift_sd)
        if name in BENDING:
            needed = math.ceil(self._required * DRAWS) if asked else 0
            return _bent(worth, npv_powers(money, lifts, name), needed, low, high)
        time = None if name in TIME_INPUTS else self._drawn_time

        def npv(value: float) -> Array:
            at = moved(money, name, value)
            values = priced(at, time_sums(at) if time is None else time)
            drawn: Array = lifts * values.unit_value - values.cost
            return drawn

        start = npv(0.0)
        return _drawn_lines(worth, start, (npv(high) - start) / high, required=self._required, high=high)

    def by_horizon(self, highest: int) -> tuple[Array, NDArray[np.bool_]]:
        """Expected NPV, and whether the chance is reached, for horizons from one month to `highest`."""
        money = replace(self._money, horizon_months=highest)
        inputs = uncertain_inputs(money, self._ranges)
        exact = self._limit(inputs)
        if exact is not None:
            found = priced(exact.money, sums_by_horizon(money, ()))
            unit_value, cost = found.unit_value[0], found.cost[0]
            return exact.mean * unit_value - cost, exact.limit * unit_value >= cost
        lifts = drawn_lifts(self._lift_mean, self._lift_sd)
        draws = [lifts * one.unit_value - one.cost for one in values_by_horizon(drawn_money(money, inputs))]
        return (
            np.array([npv.mean() for npv in draws]),
            np.array([(npv > 0).mean() >= self._required for npv in draws]),
        )

    @cached_property
    def _time(self) -> TimeSums:
        """The sums over time, nothing drawn."""
        return time_sums(self._money)

    @cached_property
    def _drawn_time(self) -> TimeSums:
        """The sums over time, with every input drawn that enters them."""
        inputs = uncertain_inputs(self._money, self._ranges)
        return time_sums(drawn_money(self._money, inputs))

    def _limit(self, inputs: Mapping[str, Distribution]) -> _Limit | None:
        value = inputs.get(VALUE_SETTING)
        if not inputs:
            deviations = min(SURE, max(-SURE, float(ndtri(self._required))))
            limit = self._lift_mean - deviations * self._lift_sd
            return _Limit(money=self._money, value=1.0, mean=self._lift_mean, limit=limit)
        if value is not None and len(inputs) == 1 and self._lift_sd * value.mean > 0:
            return _Limit(
                money=replace(self._money, value_per_action=1.0),
                value=float(self._money.value_per_action),
                mean=self._lift_mean * value.mean,
                limit=_product_limit(self._lift_mean, self._lift_sd, value, self._required),
            )
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Limit:
    """Nothing needs to be drawn: the chance is reached while cost over unit value is at most `limit`."""

    money: Economics
    value: float  # of an action, where that is left out of the money
    mean: float  # expected NPV is this times the unit value, less the cost
    limit: float


def _by_limit(exact: _Limit, worth: Worth) -> OutlookByInput:
    def at(values: Array) -> Today:
        unit_value, cost = worth(values)
        return Today(
            unit_value=exact.value * unit_value,
            cost=cost,
            expected=exact.mean * unit_value - cost,
            margin=exact.limit * unit_value - cost,
        )

    return OutlookByInput(at=at, boundaries=None)


@lru_cache(maxsize=16)
def _product_limit(lift_mean: float, lift_sd: float, value: Distribution, required: float) -> float:
    """The largest need that lift times value is above with the chance required; below 0 where it never is."""

    def missing(needed: float) -> float:
        return chance_above(needed, lift_mean, lift_sd, value) - required

    if missing(0.0) < 0:
        return -1.0
    highest = (abs(lift_mean) + SURE * lift_sd) * float(value.quantiles(np.asarray(1 - 1e-12)))
    if missing(highest) >= 0:
        return highest
    return float(brentq(missing, 0.0, highest, xtol=1e-12 * highest, rtol=1e-12))


def _bent(worth: Worth, sums: PowerSums, needed: int, low: float, high: float) -> OutlookByInput:
    """Of draws that bend: every change is found by bounds, so that none lies between two samples."""
    mean, reached = sums.mean, enough_above(sums, needed, low, high)

    def at(values: Array) -> Today:
        unit_value, cost = worth(values)
        return Today(
            unit_value=unit_value,
            cost=cost,
            expected=np.array([float(mean.at(float(value))[0]) for value in values]),
            margin=np.where(reached.at(values), 1.0, -1.0),
        )

    return OutlookByInput(at=at, boundaries=reached.edges, turns=enough_above(mean, 1, low, high).edges)


def _drawn_lines(worth: Worth, start: Array, slope: Array, *, required: float, high: float) -> OutlookByInput:
    """Each draw's NPV is a straight line that crosses 0 once, so the share above 0 is known everywhere."""
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = -start / slope
    inside = (slope != 0) & (crossing > 0) & (crossing < high)
    order = np.argsort(crossing[inside])
    places, steps = crossing[inside][order], np.sign(slope[inside])[order]
    first = int(((start > 0) | ((start == 0) & (slope > 0))).sum())
    above = np.concatenate([[first], first + np.cumsum(steps)]) / start.size  # beyond each place
    reached = above >= required
    mean_start, mean_slope = float(start.mean()), float(slope.mean())

    def at(values: Array) -> Today:
        unit_value, cost = worth(values)
        return Today(
            unit_value=unit_value,
            cost=cost,
            expected=mean_start + mean_slope * values,
            margin=np.asarray(above[np.searchsorted(places, values)] - required),
        )

    return OutlookByInput(at=at, boundaries=places[reached[1:] != reached[:-1]])
