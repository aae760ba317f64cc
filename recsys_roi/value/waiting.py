"""What waiting is worth: better decisions later, value lost meanwhile (numbers book 9.1, rulings 6)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scipy.special import ndtr

from recsys_roi.value.roi import Economics, PresentValues, present_values, unit_value_per_month

WEEKS_PER_YEAR = 52
WEEKS_PER_MONTH = WEEKS_PER_YEAR / 12
WEEKS_OFFERED = tuple(range(1, 13))
INDEPENDENT_USERS = -0.5  # slope of ln se on ln days where every day brings new users
CLOSED_PANEL = (
    0.2  # users' growth exponent that a panel without new users counts as: days still average out (J)
)
MIN_FLIP_CHANCE = 0.05  # of another answer, before a wait that costs nothing is advised (J)


def slope_of(growth_exponent: float) -> float:
    """The slope of ln se on ln days where the users of both arms grow as days ** `growth_exponent`."""
    return -max(growth_exponent, CLOSED_PANEL) / 2


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
        """Whether to wait: the net is above 0, and not only since the pilot itself earns.

        Where the delay costs nothing (the pilot earns more than is lost), any trace of learning would make
        the net positive, for ever; there the wait must be able to change the answer.
        """
        return self.net > 0 and (self.delay_cost >= 0 or self.p_flip >= MIN_FLIP_CHANCE)


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """A launch at some time: its value is linear in the lift."""

    pv_unit_value: float  # present value of a lift of 1.0
    pv_cost: float

    def value(self, lift: float) -> float:
        """Net present value at a relative lift."""
        return lift * self.pv_unit_value - self.pv_cost


def information_value(mean: float, sd: float) -> float:
    """E max(0, X) - max(0, E X) of a normal X: what knowing X before choosing is worth, never below 0.

    With the NPV's mean and sd it is the EVPI, which is the expected loss of the better action.
    """
    if sd <= 0:
        return 0.0
    distance = abs(mean) / sd
    density = math.exp(-distance * distance / 2) / math.sqrt(2 * math.pi)
    return max(0.0, sd * (density - distance * float(ndtr(-distance))))


def value_of_waiting(
    money: Economics,
    belief: Belief,
    *,
    pilot_share: float,
    pilot_cost_per_week: float,
    weeks_offered: Iterable[int] = WEEKS_OFFERED,
) -> ValueOfWaiting:
    """Waits of whole weeks, a launch afterwards and a fixed calendar end, discounted to today (rulings 6).

    V(k) = m A(k) - C0 - Rc(k); while it runs, the pilot earns its share of the un-ramped weekly value. A wait
    beyond the horizon is not offered.
    """
    weekly = pilot_share * float(unit_value_per_month(money)) / WEEKS_PER_MONTH

    def launch(weeks: int) -> Launch:
        return _launch(present_values(money, delay_months=weeks / WEEKS_PER_MONTH))

    def pilot(weeks: int) -> float:
        discounts = (
            (1 + float(money.discount_rate)) ** (-week / WEEKS_PER_YEAR) for week in range(1, weeks + 1)
        )
        return (belief.mean * weekly - pilot_cost_per_week) * math.fsum(discounts)

    horizon = money.horizon_months * WEEKS_PER_MONTH
    return _waits(belief, launch, pilot, (weeks for weeks in weeks_offered if weeks < horizon))


def _launch(values: PresentValues) -> Launch:
    return Launch(pv_unit_value=float(values.unit_value), pv_cost=float(values.cost))


def flat_waiting(
    belief: Belief,
    *,
    value_per_week: float,
    rollout_cost: float,
    run_cost_per_week: float,
    horizon_weeks: float,
    pilot_share: float,
    pilot_cost_per_week: float,
    weeks_offered: Iterable[int] = WEEKS_OFFERED,
) -> ValueOfWaiting:
    """The flat form: one value a week per unit lift, neither ramped nor discounted (numbers book 9.1)."""

    def launch(weeks: int) -> Launch:
        left = horizon_weeks - weeks
        return Launch(pv_unit_value=value_per_week * left, pv_cost=rollout_cost + run_cost_per_week * left)

    def pilot(weeks: int) -> float:
        return weeks * (pilot_share * value_per_week * belief.mean - pilot_cost_per_week)

    return _waits(belief, launch, pilot, (weeks for weeks in weeks_offered if weeks < horizon_weeks))


def _waits(
    belief: Belief,
    launch: Callable[[int], Launch],
    pilot: Callable[[int], float],
    weeks_offered: Iterable[int],
) -> ValueOfWaiting:
    now = launch(0)
    value_now, sd_now = now.value(belief.mean), now.pv_unit_value * belief.sd
    return ValueOfWaiting(
        value_now=value_now,
        sd_now=sd_now,
        evpi=information_value(value_now, sd_now),
        rows=tuple(
            _row(belief, weeks, launch(weeks), pilot(weeks), max(0.0, value_now)) for weeks in weeks_offered
        ),
    )


def _row(belief: Belief, weeks: int, later: Launch, pilot: float, act_now: float) -> WaitingRow:
    moved = belief.preposterior_sd(weeks)
    mean, sd = later.value(belief.mean), later.pv_unit_value * moved
    evsi = information_value(mean, sd)
    delay_cost = act_now - (pilot + max(0.0, mean))
    return WaitingRow(
        weeks=weeks,
        preposterior_sd=moved,
        posterior_sd=belief.posterior_sd(weeks),
        evsi=evsi,
        delay_cost=delay_cost,
        net=evsi - delay_cost,
        p_flip=float(ndtr(-abs(mean) / sd)) if sd > 0 else 0.0,
    )
