"""NPVs as one input bends them through time: sums of powers of one positive base, and where they change sign.

Growth, decay, half-life and discounting enter each month's money as a power: of 1 + g, 1 - d, 2**(-1/h) and
(1 + r)**(-1/12). With its terms above 0 apart from those below, such a sum is a difference of two functions
that only rise, so its values at the two ends of a range bound it everywhere between: where the bounds agree
nothing changes sign there, where they do not the range is halved. No change is missed for lack of a sample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from recsys_roi.value.roi import (
    Array,
    Economics,
    discounted,
    grown,
    kept,
    novel,
    one_off_costs,
    ramp_of,
    unit_value_per_month,
)

Base: TypeAlias = Callable[[float], float]  # of the input; it only rises or only falls
BASES: dict[str, Base] = {
    "traffic_growth_monthly": lambda growth: 1 + growth,
    "lift_decay_monthly": lambda decay: 1 - decay,
    "novelty_half_life_months": lambda months: 2 ** (-1 / months),
    "discount_rate": lambda rate: (1 + rate) ** (-1 / 12),
}
FINEST = 1e-13  # of the range that is looked at; a narrower piece is one place
FEW = 200  # draws, so that looking at their slopes costs less than halving once more
MOST_PIECES = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """Sums of powers with factors of 0 or more, one a draw: they only rise with the base."""

    factors: Array  # shape (draws, powers)
    exponents: Array  # shape (powers,), 0 or more

    @classmethod
    def of(cls, factors: Array, exponents: Array) -> Terms:
        """The positive factors; a power that no draw has is left out."""
        positive = np.maximum(factors, 0.0)
        used = positive.any(axis=0)
        return cls(factors=positive if used.all() else positive[:, used], exponents=exponents[used])

    def at(self, base: float) -> Array:
        """Each sum, shape (draws,)."""
        return self.factors @ np.power(base, self.exponents)

    def slope(self, base: float) -> Array:
        """Each sum's slope in the base; it too only rises."""
        return self.factors @ (self.exponents * np.power(base, np.maximum(self.exponents - 1, 0.0)))

    def only(self, chosen: NDArray[np.bool_]) -> Terms:
        """Some of the draws."""
        return Terms(factors=self.factors[chosen], exponents=self.exponents)


@dataclass(frozen=True, kw_only=True, slots=True)
class PowerSums:
    """One sum a draw: constant + rising(base) - falling(base)."""

    constant: Array  # shape (draws,)
    rising: Terms
    falling: Terms
    base: Base

    @classmethod
    def of(cls, constant: Array, terms: Array, exponents: Array, base: Base) -> PowerSums:
        """From terms of either sign, shape (draws, powers)."""
        rising, falling = Terms.of(terms, exponents), Terms.of(-terms, exponents)
        return cls(constant=constant, rising=rising, falling=falling, base=base)

    @property
    def mean(self) -> PowerSums:
        """The sum whose value is the mean of all."""
        rising, falling = (
            Terms(factors=one.factors.mean(axis=0, keepdims=True), exponents=one.exponents)
            for one in (self.rising, self.falling)
        )
        return PowerSums(
            constant=self.constant.mean(keepdims=True), rising=rising, falling=falling, base=self.base
        )

    def parts(self, value: float) -> tuple[Array, Array]:
        """The rising and the falling part at a value of the input, each of shape (draws,)."""
        base = self.base(value)
        return self.rising.at(base), self.falling.at(base)

    def slopes(self, value: float) -> tuple[Array, Array]:
        """Both parts' slopes in the base at a value of the input."""
        base = self.base(value)
        return self.rising.slope(base), self.falling.slope(base)

    def at(self, value: float) -> Array:
        """The sums at a value of the input, shape (draws,)."""
        rising, falling = self.parts(value)
        return self.constant + rising - falling

    def only(self, chosen: NDArray[np.bool_]) -> PowerSums:
        """Some of the draws."""
        return PowerSums(
            constant=self.constant[chosen],
            rising=self.rising.only(chosen),
            falling=self.falling.only(chosen),
            base=self.base,
        )


def npv_powers(money: Economics, lifts: Array, name: str) -> PowerSums:
    """The NPV of a launch today for each lift, as the input called `name` moves (numbers book 8.1).

    The inputs of `money` are single values or draws of shape (draws, 1); its own `name` is not read.
    """
    months = np.arange(money.horizon_months, dtype=np.float64)
    growth = 1.0 if name == "traffic_growth_monthly" else grown(money.traffic_growth_monthly, months)
    decay = 1.0 if name == "lift_decay_monthly" else kept(money.lift_decay_monthly, months)
    discount = 1.0 if name == "discount_rate" else discounted(money.discount_rate, months + 1)
    fresh = money.novelty_share
    worth = lifts[:, np.newaxis] * unit_value_per_month(money)
    served = growth * ramp_of(money, months) * discount
    by_traffic = money.infra_per_1000_requests * money.eligible_requests_per_month / 1000
    fixed = (money.ops_hours_per_month * money.ops_rate + money.infra_per_month) * discount
    moves = name == "novelty_half_life_months"
    novelty = 0.0 if moves else fresh * novel(money.novelty_half_life_months, months)
    gain, cost = worth * (served * decay * (1 - fresh + novelty)), by_traffic * served + fixed
    moving, still = np.asarray(gain), np.asarray(-cost)
    if name == "traffic_growth_monthly":
        moving, still = gain - by_traffic * served, np.asarray(-fixed)
    elif moves:
        moving, still = worth * (served * decay * fresh), gain - cost
    elif name == "discount_rate":
        moving, still = gain - cost, np.zeros(1)
    constant = still.sum(axis=-1) - one_off_costs(money)
    moving = np.broadcast_to(moving, (lifts.size, months.size))
    exponents = months + 1 if name == "discount_rate" else months
    return PowerSums.of(np.broadcast_to(constant, lifts.shape).copy(), moving, exponents, BASES[name])


@dataclass(frozen=True, kw_only=True, slots=True)
class Pieces:
    """A range of an input cut where something comes or goes."""

    edges: Array  # increasing, without the two ends
    holds: NDArray[np.bool_]  # in each piece; one more than edges

    def at(self, values: Array) -> NDArray[np.bool_]:
        """Whether it holds at each value."""
        return np.asarray(self.holds[np.searchsorted(self.edges, values)])


def enough_above(sums: PowerSums, needed: int, low: float, high: float) -> Pieces:
    """Where at least `needed` of the sums are above 0, between two values of the input."""
    found: list[tuple[float, bool]] = []  # where each piece begins, from the left
    ends = _Ends(left=sums.parts(low), right=sums.parts(high))
    waiting = [_Piece(low=low, high=high, sums=sums, needed=needed, ends=ends)]
    finest, seen = FINEST * (high - low), 0
    while waiting:
        piece, seen = waiting.pop(), seen + 1
        holds, halves = piece.judged(finest if seen < MOST_PIECES else high - low)
        if holds is None:
            waiting += reversed(halves)
        elif not found or found[-1][1] != holds:
            found.append((piece.low, holds))
    return Pieces(
        edges=np.array([begins for begins, _ in found[1:]]), holds=np.array([holds for _, holds in found])
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ends:
    """The rising and the falling part at both ends of a piece, each of shape (draws,)."""

    left: tuple[Array, Array]
    right: tuple[Array, Array]

    def only(self, chosen: NDArray[np.bool_]) -> _Ends:
        left, right = self.left, self.right
        return _Ends(left=(left[0][chosen], left[1][chosen]), right=(right[0][chosen], right[1][chosen]))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Piece:
    low: float
    high: float
    sums: PowerSums  # those that are not of one sign on all of a wider piece
    needed: int  # how many of these
    ends: _Ends

    def judged(self, finest: float) -> tuple[bool | None, list[_Piece]]:
        """Whether enough are above 0 all over the piece, or its halves where that cannot be told yet."""
        rising, falling = zip(self.ends.left, self.ends.right, strict=True)
        sure = self.sums.constant + np.minimum(*rising) - np.maximum(*falling) > 0
        open_ = ~sure & (self.sums.constant + np.maximum(*rising) - np.minimum(*falling) > 0)
        needed = self.needed - int(sure.sum())
        if needed <= 0 or needed > int(open_.sum()):
            return needed <= 0, []
        middle, sums, outer = (self.low + self.high) / 2, self.sums.only(open_), self.ends.only(open_)
        between = sums.parts(middle)
        if self.high - self.low <= finest or not self.low < middle < self.high:
            return int((sums.constant + between[0] - between[1] > 0).sum()) >= needed, []
        if sums.constant.size <= FEW:
            least, most = _by_slope(sums, self.low, middle, self.high, between)
            needed -= int((least > 0).sum())
            open_ = (least <= 0) & (most > 0)
            if needed <= 0 or needed > int(open_.sum()):
                return needed <= 0, []
            sums, outer = sums.only(open_), outer.only(open_)
            between = (between[0][open_], between[1][open_])
        return None, [
            _Piece(low=a, high=b, sums=sums, needed=needed, ends=ends)
            for a, b, ends in (
                (self.low, middle, _Ends(left=outer.left, right=between)),
                (middle, self.high, _Ends(left=between, right=outer.right)),
            )
        ]


def _by_slope(
    sums: PowerSums, low: float, middle: float, high: float, between: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Least and most of each sum between two values, from its middle and its slopes.

    Where a sum is near 0 and nearly level these bounds are far closer than those of its ends.
    """
    (rise_a, fall_a), (rise_b, fall_b) = sums.slopes(low), sums.slopes(high)
    flattest = np.minimum(rise_a, rise_b) - np.maximum(fall_a, fall_b)
    steepest = np.maximum(rise_a, rise_b) - np.minimum(fall_a, fall_b)
    at = sums.base(middle)
    steps = [slope * (sums.base(end) - at) for slope in (flattest, steepest) for end in (low, high)]
    found = sums.constant + between[0] - between[1]
    return found + np.minimum.reduce(steps), found + np.maximum.reduce(steps)
