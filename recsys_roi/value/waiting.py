"""What waiting is worth: better decisions later, value lost meanwhile (numbers book 9.1)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from recsys_roi.value.roi import (
    Amount,
    Array,
    Economics,
    TimeSums,
    discounted,
    priced,
    schedule,
    time_sums,
    unit_value_per_month,
)

DAYS_PER_WEEK = 7
WEEKS_PER_YEAR = 52
WEEKS_PER_MONTH = WEEKS_PER_YEAR / 12
WEEKS_OFFERED = tuple(range(1, 13))
INDEPENDENT_USERS = -0.5  # slope of ln se on ln days where every day brings new users
# users' growth exponent that a panel without new users counts as: days still average out (J)
CLOSED_PANEL = 0.2
FITTED_DAYS, FEWEST_DAYS = 7, 4  # of the observed curve (J)
BEYOND = 100.0  # standard deviations; what lies further off is worth nothing to the last digit
MIN_FLIP_CHANCE = 0.05  # of another answer, before a wait is advised (J)


def slope_of(standard_errors: Mapping[int, float], growth_exponent: float) -> float:
    """The slope of ln se on ln days (numbers book 9.1), fitted on the standard errors by day.

    Without enough of them it follows from users that grow as days ** `growth_exponent`. Kept between that of
    a closed panel and that of independent users.
    """
    seen = [(day, se) for day, se in sorted(standard_errors.items()) if day > 0 and se > 0][-FITTED_DAYS:]
    slope = -growth_exponent / 2
    if len(seen) >= FEWEST_DAYS:
        day, se = np.log(np.array(seen, dtype=np.float64)).T
        slope = float(np.polyfit(day, se, 1)[0])
    return max(INDEPENDENT_USERS, min(slope, -CLOSED_PANEL / 2))


@dataclass(frozen=True, kw_only=True, slots=True)
class Belief:
    """What is known of the relative lift, and how fast more of the same pilot would teach."""

    mean: float  # posterior
    sd: float  # posterior
    se_now: float  # fixed-horizon standard error of the estimate so far
    weeks_so_far: float  # above 0
    slope: float = INDEPENDENT_USERS  # of ln se on ln days, below 0; nearer 0 where users return

    def preposterior_sd(self, weeks: float) -> float:
        """How far `weeks` more are expected to move the posterior mean."""
        if self.sd == 0 or self.se_now == 0:
            return self.sd
        growth = ((self.weeks_so_far + weeks) / self.weeks_so_far) ** (-2 * self.slope) - 1
        return self.sd**2 / math.hypot(self.sd, self.se_now / math.sqrt(growth))

    def posterior_sd(self, weeks: float) -> float:
        """Standard deviation that is left after `weeks` more."""
        return math.sqrt(max(0.0, self.sd**2 - self.preposterior_sd(weeks) ** 2))


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingRow:
    """Testing some weeks longer and deciding then, against deciding now; money in the scenario's currency."""

    weeks: int
    preposterior_sd: float  # relative lift
    posterior_sd: float  # relative lift
    evsi: float  # expected value of what is learnt
    delay_cost: float
    net: float  # evsi - delay_cost
    p_flip: float  # chance that the decision is then another one

    @property
    def net_of_learning(self) -> float:
        """What is learnt less what the wait costs; a pilot that earns meanwhile adds nothing to it."""
        return self.evsi - max(0.0, self.delay_cost)

    @property
    def pays(self) -> bool:
        """Whether to wait: the net is above 0, and the wait may well change the answer.

        Where the pilot earns more than the delay loses, the net is above 0 for ever though nothing is learnt.
        """
        return self.net > 0 and self.p_flip >= MIN_FLIP_CHANCE


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueOfWaiting:
    """All waits that are offered, and the best of them."""

    value_now: float  # expected NPV of a launch now
    sd_now: float
    evpi: float  # expected value of knowing the lift exactly
    rows: tuple[WaitingRow, ...]

    @property
    def best(self) -> WaitingRow | None:
        """The wait with the highest net value, even if below 0; None where none is offered."""
        return max(self.rows, key=lambda row: row.net, default=None)

    @property
    def advised(self) -> WaitingRow | None:
        """The wait that teaches most for its cost among those that pay; None where none does."""
        paying = (row for row in self.rows if row.pays)
        return max(paying, key=lambda row: row.net_of_learning, default=None)


def information_value(mean: float, sd: float) -> float:
    """E max(0, X) - max(0, E X) of a normal X: what knowing X before choosing is worth, never below 0.

    With the NPV's mean and sd it is the EVPI, which is the expected loss of the better action.
    """
    return float(_information(np.asarray(mean), np.asarray(sd)))


def _information(mean: Array, sd: Array) -> Array:
    known = sd <= 0
    spread = np.where(known, 1.0, sd)
    distance = np.minimum(np.abs(mean), BEYOND * spread) / spread
    density = np.exp(-distance * distance / 2) / math.sqrt(2 * math.pi)
    worth = np.maximum(0.0, spread * (density - distance * ndtr(-distance)))
    return np.where(known, 0.0, worth)


@dataclass(frozen=True, kw_only=True, slots=True)
class Launches:
    """Launches now (first row) and after each wait; shape (1 + waits, n), money in today's value."""

    weeks: Sequence[int]  # of the waits
    unit_value: Array  # of a lift of 1.0
    cost: Array
    pilot_unit_value: Array  # of a lift of 1.0 in the pilot's own share until then; 0 in the first row
    pilot_cost: Array  # of running the pilot until then

    def only(self, part: slice) -> Launches:
        """Those at some of the values; what is the same at all of them stands once, and stays."""
        names = ("unit_value", "cost", "pilot_unit_value", "pilot_cost")
        figures: dict[str, Array] = {name: getattr(self, name) for name in names}
        return Launches(
            weeks=self.weeks,
            **{name: each if each.shape[1] == 1 else each[:, part] for name, each in figures.items()},
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Waits:
    """What each wait costs and teaches; arrays of shape (waits, n), money in today's value."""

    value_now: Array  # expected NPV of a launch now, shape (n,)
    evsi: Array
    delay_cost: Array
    value_later: Array  # expected NPV of a launch after the wait
    sd_later: Array  # how far its expectation will move by then

    @property
    def net(self) -> Array:
        """EVSI less the cost of the delay."""
        return self.evsi - self.delay_cost

    @property
    def p_flip(self) -> Array:
        """Chance that the decision is then another one."""
        known = self.sd_later <= 0
        spread = np.where(known, 1.0, self.sd_later)
        with np.errstate(over="ignore"):  # further off than any distance that has a chance
            return np.where(known, 0.0, ndtr(-np.abs(self.value_later) / spread))

    @property
    def pays(self) -> NDArray[np.bool_]:
        """Whether to wait, as `WaitingRow.pays`."""
        return np.asarray((self.net > 0) & (self.p_flip >= MIN_FLIP_CHANCE))


def waits(launches: Launches, belief: Belief) -> Waits:
    """The book's formulas (9.1) for all waits at once."""
    value = belief.mean * launches.unit_value - launches.cost
    pilot = belief.mean * launches.pilot_unit_value - launches.pilot_cost
    later, sd = value[1:], launches.unit_value[1:] * _moved(belief, launches.weeks)
    return Waits(
        value_now=value[0],
        evsi=_information(later, sd),
        delay_cost=np.maximum(0.0, value[0]) - pilot[1:] - np.maximum(0.0, later),
        value_later=later,
        sd_later=sd,
    )


def _moved(belief: Belief, weeks: Sequence[int]) -> Array:
    """How far each wait is expected to move the posterior mean, shape (waits, 1)."""
    return np.array([belief.preposterior_sd(each) for each in weeks])[:, np.newaxis]


def launches(
    money: Economics,
    weeks: Sequence[int],
    *,
    pilot_share: Amount,
    pilot_cost_per_week: Amount,
    time: TimeSums | None = None,
) -> Launches:
    """Launches after whole weeks with a fixed calendar end, discounted to today (numbers book 9.1).

    V(k) = m A(k) - C0 - Rc(k); while it runs, the pilot earns its share of the un-ramped weekly value. The
    inputs of `money`, the share and the cost may be arrays of shape (n, 1). `time` is given where it was
    counted already, as by `delayed_sums` or `sums_by_horizon`.
    """
    values = priced(money, delayed_sums(money, weeks) if time is None else time)
    each_week = np.arange(1, max(weeks, default=0) + 1, dtype=np.float64)[:, np.newaxis]
    discount = np.power(1 + _row(money.discount_rate), -each_week / WEEKS_PER_YEAR)
    paid = np.concatenate([np.zeros((1, discount.shape[1])), discount.cumsum(axis=0)])[[0, *weeks]]
    share = pilot_share * unit_value_per_month(money) / WEEKS_PER_MONTH
    cost = np.broadcast_to(values.cost, np.broadcast_shapes(values.cost.shape, values.unit_value.shape))
    return Launches(
        weeks=weeks,
        unit_value=values.unit_value,
        cost=cost,
        pilot_unit_value=paid * _row(share),
        pilot_cost=paid * _row(pilot_cost_per_week),
    )


def delayed_sums(money: Economics, weeks: Sequence[int]) -> TimeSums:
    """The sums over time of a launch now and after each wait, shape (1 + waits, 1 or n)."""
    return time_sums(money, _delays(weeks)[..., np.newaxis])


def sums_by_horizon(money: Economics, weeks: Sequence[int]) -> TimeSums:
    """As `delayed_sums` for every horizon from one month to that of `money`, shape (1 + waits, months).

    Whole months are the same whatever comes after them, so they are summed once; the last one may be part of
    a month. A wait beyond its horizon has sums of 0.
    """
    delays = _delays(weeks)
    time = schedule(money, delays)
    before = np.arange(money.horizon_months, dtype=np.float64)
    whole = discounted(money.discount_rate, before + delays + 1)
    left = np.maximum(before + 1 - delays, 0.0)
    full = np.floor(left)
    place = np.minimum(full, before[-1]).astype(np.intp)
    part = (left - full) * discounted(money.discount_rate, delays + left)

    def total(each_month: Array) -> Array:
        each_month = np.broadcast_to(each_month, whole.shape)
        sums = np.pad((each_month * whole).cumsum(axis=1), ((0, 0), (1, 0)))
        rest = part * np.take_along_axis(each_month, place, axis=1)
        return np.take_along_axis(sums, full.astype(np.intp), axis=1) + rest

    served = time.growth * time.ramp
    return TimeSums(months=total(np.ones(1)), served=total(served), retained=total(served * time.retention))


def _delays(weeks: Sequence[int]) -> Array:
    """Months to a launch now and after each wait, shape (1 + waits, 1)."""
    return np.array([0, *weeks], dtype=np.float64)[:, np.newaxis] / WEEKS_PER_MONTH


def _row(amount: Amount) -> Array:
    """One value as (1,), or (n, 1) as (n,)."""
    return np.asarray(amount, dtype=np.float64).reshape(-1)


def may_cross(left: Launches, right: Launches, belief: Belief, reach: float) -> NDArray[np.bool_]:
    """Whether a wait's net value, or its value `reach` deviations off, may be 0 between two inputs.

    Each of the launches' figures only rises or only falls with the input, so both ends bound it; the worth of
    a wait rises with its value and with what it moves. False is certain, shape (n,).
    """
    mean, moved = belief.mean, _moved(belief, left.weeks)
    unit, cost = _ends(left.unit_value, right.unit_value), _ends(left.cost, right.cost)
    pilot_unit = _ends(left.pilot_unit_value, right.pilot_unit_value)
    pilot_cost = _ends(left.pilot_cost, right.pilot_cost)
    value, pilot = _less(_times(mean, unit), cost), _less(_times(mean, pilot_unit), pilot_cost)
    later, now = (value[0][1:], value[1][1:]), (value[0][0], value[1][0])
    worth = [
        _information(at, end[1:] * moved) + np.maximum(0.0, at) for at, end in zip(later, unit, strict=True)
    ]
    low_net = worth[0] + pilot[0][1:] - np.maximum(0.0, now[1])
    rows = [(low_net, worth[1] + pilot[1][1:] - np.maximum(0.0, now[0]))]
    after, costs = (unit[0][1:], unit[1][1:]), (cost[0][1:], cost[1][1:])
    rows += [_less(_times(mean + side * reach * moved, after), costs) for side in (-1, 1)]
    return np.asarray(np.any([((low <= 0) & (high >= 0)).any(axis=0) for low, high in rows], axis=0))


def _ends(one: Array, other: Array) -> tuple[Array, Array]:
    return np.minimum(one, other), np.maximum(one, other)


def _times(factor: Amount, ends: tuple[Array, Array]) -> tuple[Array, Array]:
    return _ends(factor * ends[0], factor * ends[1])


def _less(ends: tuple[Array, Array], taken: tuple[Array, Array]) -> tuple[Array, Array]:
    return ends[0] - taken[1], ends[1] - taken[0]


def value_of_waiting(
    money: Economics,
    belief: Belief,
    *,
    pilot_share: float,
    pilot_cost_per_week: float,
    weeks_offered: Sequence[int] = WEEKS_OFFERED,
) -> ValueOfWaiting:
    """Waits of whole weeks, as `launches` counts them; one beyond the horizon is not offered."""
    weeks = weeks_within(money.horizon_months, weeks_offered)
    counted = launches(money, weeks, pilot_share=pilot_share, pilot_cost_per_week=pilot_cost_per_week)
    return _described(counted, belief)


def weeks_within(horizon_months: int, weeks_offered: Sequence[int]) -> tuple[int, ...]:
    """The waits that end before the horizon does."""
    return tuple(weeks for weeks in weeks_offered if weeks < horizon_months * WEEKS_PER_MONTH)


def flat_waiting(
    belief: Belief,
    *,
    value_per_week: float,
    rollout_cost: float,
    run_cost_per_week: float,
    horizon_weeks: float,
    pilot_share: float,
    pilot_cost_per_week: float,
    weeks_offered: Sequence[int] = WEEKS_OFFERED,
) -> ValueOfWaiting:
    """The flat form: one value a week per unit lift, neither ramped nor discounted (numbers book 9.1)."""
    weeks = tuple(week for week in weeks_offered if week < horizon_weeks)
    waited = np.array([[0.0], *([week] for week in weeks)])
    left = horizon_weeks - waited
    return _described(
        Launches(
            weeks=weeks,
            unit_value=value_per_week * left,
            cost=rollout_cost + run_cost_per_week * left,
            pilot_unit_value=pilot_share * value_per_week * waited,
            pilot_cost=pilot_cost_per_week * waited,
        ),
        belief,
    )


def _described(counted: Launches, belief: Belief) -> ValueOfWaiting:
    found = waits(counted, belief)
    value_now, sd_now = float(found.value_now[0]), float(counted.unit_value[0, 0]) * belief.sd
    columns = (found.evsi, found.delay_cost, found.net, found.p_flip)
    return ValueOfWaiting(
        value_now=value_now,
        sd_now=sd_now,
        evpi=information_value(value_now, sd_now),
        rows=tuple(
            WaitingRow(
                weeks=weeks,
                preposterior_sd=belief.preposterior_sd(weeks),
                posterior_sd=belief.posterior_sd(weeks),
                evsi=evsi,
                delay_cost=delay_cost,
                net=net,
                p_flip=p_flip,
            )
            for weeks, evsi, delay_cost, net, p_flip in zip(
                counted.weeks, *(column[:, 0].tolist() for column in columns), strict=True
            )
        ),
    )
