"""The decision as a function of one input of money, and the only values at which it can change."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from recsys_roi.review.money import LiftBelief
from recsys_roi.value.chance import OutlookByInput, Outlooks
from recsys_roi.value.one_input import BENDING, LaunchesAt, Pilot, launches_by_input
from recsys_roi.value.roi import Array, Economics, TimeSums
from recsys_roi.value.waiting import (
    MIN_FLIP_CHANCE,
    WEEKS_PER_MONTH,
    Launches,
    Waits,
    delayed_sums,
    launches,
    may_cross,
    sums_by_horizon,
    waits,
    weeks_within,
)
from recsys_roi.verdict.decision import DecisionInputs, Policy, decide

MOST_NODES = 1000
FLIP_DEVIATIONS = -float(ndtri(MIN_FLIP_CHANCE))  # of an NPV from 0 at which a wait stops teaching
Truths = NDArray[np.bool_]


class Signs(NamedTuple):
    """All that the policy reads of money: decisions can change only where one of these does."""

    earns: bool  # the expected NPV is above 0
    reached: bool  # the chance of making money that is asked for
    short: bool  # even the upper bound of the lift is below break-even
    waits: bool | None  # some wait pays; None where none is offered


@dataclass(frozen=True, kw_only=True)
class Question:
    """What does not move: the policy's other inputs, the belief, the pilot and the outlooks."""

    inputs: DecisionInputs
    policy: Policy
    belief: LiftBelief
    money: Economics
    pilot: Pilot
    outlooks: Outlooks
    _decided: dict[Signs, str] = field(default_factory=dict, init=False, compare=False)

    @property
    def asks_for_chance(self) -> bool:
        """Whether the chance of making money is all that may be missing for a proven value."""
        low, lift = self.inputs.lift_low, self.inputs.lift
        return (
            self.policy == "value_proven"
            and low is not None
            and lift is not None
            and low > 0
            and lift >= self.inputs.min_effect
        )

    @property
    def offers_waits(self) -> bool:
        """Whether there is a wait, and something to learn by it."""
        return self.belief.learning is not None and bool(self.pilot.weeks)

    @cached_property
    def time(self) -> TimeSums:
        """The sums over time of a launch now and after each wait."""
        return delayed_sums(self.money, self.pilot.weeks)

    def decision(self, signs: Signs) -> str:
        """The decision where money has these signs."""
        if signs not in self._decided:
            inputs = replace(
                self.inputs,
                expected_npv=1.0 if signs.earns else -1.0,
                p_npv_positive=1.0 if signs.reached else 0.0,
                break_even_lift=inf if signs.short else None,
                net_value_of_waiting=None if signs.waits is None else 1.0 if signs.waits else -1.0,
                waiting_teaches=bool(signs.waits),
            )
            self._decided[signs] = decide(inputs, policy=self.policy).decision
        return self._decided[signs]

    def is_short(self, unit_value: Array, cost: Array) -> Truths:
        """Whether even the upper bound of the lift is below break-even, at each value."""
        return np.asarray((unit_value > 0) & ((self.inputs.lift_high or 0.0) * unit_value < cost))

    def waits(self, found: Launches) -> Waits:
        """What each wait costs and teaches."""
        assert self.belief.learning is not None  # noqa: S101 - asked for only where waits are offered
        return waits(found, self.belief.learning)


@dataclass(frozen=True, kw_only=True)
class MoneyByInput:
    """Money as a function of one input of it."""

    question: Question
    bends: bool  # or every figure is a straight line
    outlook: OutlookByInput
    launches: LaunchesAt
    # Most values are asked for twice: where the stretches are looked for, and where the change is.
    _seen: dict[bytes, list[tuple[str, str]]] = field(default_factory=dict, init=False, compare=False)

    @classmethod
    def of(cls, question: Question, name: str, ends: tuple[float, float]) -> MoneyByInput:
        """For the input called `name`, which is looked at between two ends."""
        return cls(
            question=question,
            bends=name in BENDING,
            outlook=question.outlooks.by_input(name, ends, asked=question.asks_for_chance),
            launches=launches_by_input(question.money, question.pilot, name, ends[1], lambda: question.time),
        )

    def decisions(self, values: Array) -> list[str]:
        """The decision at each value of the input."""
        either = self.either(values)
        open_ = np.array([one != other for one, other in either], dtype=bool)
        found = [one for one, _ in either]
        if open_.any():
            pays = _any(self.question.waits(self.launches(values[open_])).pays)
            for place, waits_here in zip(np.flatnonzero(open_), pays, strict=True):
                found[place] = either[place][bool(waits_here)]
        return found

    def either(self, values: Array) -> list[tuple[str, str]]:
        """The decision at each value where no wait pays, and where one does."""
        key = values.tobytes()
        if key not in self._seen:
            self._seen[key] = [self._either(*signs) for signs in zip(*self._signs(values), strict=True)]
        return self._seen[key]

    def _signs(self, values: Array) -> tuple[list[bool], list[bool], list[bool]]:
        today, asked = self.outlook.at(values), self.question.asks_for_chance
        short = self.question.is_short(today.unit_value, today.cost)
        return (today.expected > 0).tolist(), ((today.margin >= 0) & asked).tolist(), short.tolist()

    def _either(self, earns: bool, reached: bool, short: bool) -> tuple[str, str]:
        waits = (False, True) if self.question.offers_waits else (None, None)
        one, other = (self.question.decision(Signs(earns, reached, short, each)) for each in waits)
        return one, other

    def steady(self, values: Array) -> Array:
        """Conditions of a launch today: the upper bound less break-even, the expected NPV and the chance."""
        today, high = self.outlook.at(values), self.question.inputs.lift_high or 0.0
        rows = [high * today.unit_value - today.cost, today.expected]
        if self.question.asks_for_chance and self.outlook.boundaries is None:
            rows.append(today.margin)
        return np.stack(rows)

    @property
    def known(self) -> Array:
        """Values at which the expected NPV or the chance turns, where they are known beforehand."""
        asked, known = self.question.asks_for_chance, self.outlook.boundaries
        turns = self.outlook.turns
        return np.union1d(turns, known) if asked and known is not None else turns

    def npv(self, values: Array) -> Array:
        """The NPV of a launch now and after each wait, nothing drawn: waits have kinks where it is 0."""
        found = self.launches(values)
        return self.question.belief.mean * found.unit_value - found.cost

    def of_waiting(self, values: Array) -> Array:
        """Conditions that turn where an NPV is 0: each wait's net value, and its chance to teach."""
        waited = self.question.waits(self.launches(values))
        reach = FLIP_DEVIATIONS * waited.sd_later
        return np.concatenate([waited.net, waited.value_later - reach, waited.value_later + reach])

    def closer(self, nodes: Array, finest: float) -> Array:
        """The nodes, with more of them wherever a condition of waiting may turn, down to `finest`."""
        learning = self.question.belief.learning
        assert learning is not None  # noqa: S101 - as above
        while True:
            found = self.launches(nodes)
            left, right = (found.only(part) for part in (slice(None, -1), slice(1, None)))
            open_ = may_cross(left, right, learning, FLIP_DEVIATIONS) & (np.diff(nodes) > finest)
            if not open_.any() or nodes.size > MOST_NODES:
                return nodes
            nodes = np.union1d(nodes, ((nodes[:-1] + nodes[1:]) / 2)[open_])


def _any(waits_pay: Truths) -> Truths:
    """Whether one of the waits does, at each value."""
    return np.asarray(waits_pay.any(axis=0))


def decisions_by_horizon(question: Question, highest: int) -> list[str]:
    """The decision for every horizon from one month to `highest`."""
    expected, reached = question.outlooks.by_horizon(highest)
    money = replace(question.money, horizon_months=highest)
    weeks = weeks_within(highest, question.belief.weeks_offered)
    found = launches(
        money,
        weeks,
        pilot_share=question.pilot.share,
        pilot_cost_per_week=question.pilot.cost_per_week,
        time=sums_by_horizon(money, weeks),
    )
    short = question.is_short(found.unit_value[0], found.cost[0])
    return [
        question.decision(Signs(*signs))
        for signs in zip(
            (expected > 0).tolist(),
            (reached & question.asks_for_chance).tolist(),
            short.tolist(),
            _waits_by_horizon(question, found),
            strict=True,
        )
    ]


def _waits_by_horizon(question: Question, found: Launches) -> list[bool | None]:
    """Whether some wait pays that ends within each horizon; None where none is offered."""
    months = np.arange(1, found.unit_value.shape[1] + 1)
    within = np.array(found.weeks)[:, np.newaxis] < months * WEEKS_PER_MONTH
    if question.belief.learning is None or not found.weeks:
        return [None] * months.size
    pays, offered = _any(question.waits(found).pays & within), _any(within)
    return [bool(one) if some else None for one, some in zip(pays, offered, strict=True)]
