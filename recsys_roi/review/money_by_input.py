"""The decision as a function of one input of money, and the only values at which it can change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from recsys_roi.review.money import LiftBelief
from recsys_roi.value.chance import OutlookByInput, Outlooks
from recsys_roi.value.one_input import LaunchesAt, Pilot, launches_by_input
from recsys_roi.value.roi import Array, Economics
from recsys_roi.value.waiting import (
    MIN_FLIP_CHANCE,
    Belief,
    Launches,
    Waits,
    launches,
    may_cross,
    waits,
    weeks_within,
)
from recsys_roi.verdict.decision import DecisionInputs, Policy, decide

MOST_NODES = 1000
FLIP_DEVIATIONS = -float(ndtri(MIN_FLIP_CHANCE))  # of an NPV from 0 at which a wait stops teaching


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What does not move: the policy's other inputs, the belief, the pilot and the outlooks."""

    inputs: DecisionInputs
    policy: Policy
    belief: LiftBelief
    money: Economics
    pilot: Pilot
    outlooks: Outlooks

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Standings:
    """What the policy reads of money at n values of an input."""

    expected: Array  # NPV
    reached: Sequence[bool]  # the chance asked for
    unit_value: Array  # of a launch today
    cost: Array
    waited: Waits | None

    def decisions(self, question: Question) -> Iterator[str]:
        """The decision at each value, one after the other."""
        net, pays = None, None
        if self.waited is not None and len(self.waited.net):
            net, pays = self.waited.net.max(axis=0), np.asarray(self.waited.pays.any(axis=0))
        for place, unit in enumerate(self.unit_value):
            inputs = replace(
                question.inputs,
                expected_npv=float(self.expected[place]),
                p_npv_positive=1.0 if self.reached[place] else 0.0,
                break_even_lift=float(self.cost[place] / unit) if unit > 0 else None,
                net_value_of_waiting=None if net is None else float(net[place]),
                waiting_teaches=pays is not None and bool(pays[place]),
            )
            yield decide(inputs, policy=question.policy).decision


@dataclass(frozen=True, kw_only=True, slots=True)
class MoneyByInput:
    """Money as a function of one input of it."""

    question: Question
    outlook: OutlookByInput
    launches: LaunchesAt

    @classmethod
    def of(cls, question: Question, name: str, ends: tuple[float, float]) -> MoneyByInput:
        """For the input called `name`, which is looked at between two ends."""
        return cls(
            question=question,
            outlook=question.outlooks.by_input(name, ends, asked=question.asks_for_chance),
            launches=launches_by_input(question.money, question.pilot, name, ends[1]),
        )

    def decisions(self, values: Array) -> Iterator[str]:
        """The decision at each value of the input, one after the other."""
        found = self.launches(values)
        asked = self.question.asks_for_chance
        return Standings(
            expected=self.outlook.expected(values),
            reached=list(self.outlook.margin(values) >= 0) if asked else [False] * values.size,
            unit_value=found.unit_value[0],
            cost=found.cost[0],
            waited=_waited(found, self.question.belief.learning),
        ).decisions(self.question)

    def steady(self, values: Array) -> Array:
        """Conditions without a kink: the NPV now and after each wait, and the upper bound on break-even."""
        found = self.launches(values)
        high = self.question.inputs.lift_high or 0.0
        npv = self.question.belief.mean * found.unit_value - found.cost
        edge = high * found.unit_value[:1] - found.cost[:1]
        rows = [npv, edge, self.outlook.expected(values)[np.newaxis]]
        if self.question.asks_for_chance and self.outlook.boundaries is None:
            rows.append(self.outlook.margin(values)[np.newaxis])
        return np.concatenate(rows)

    @property
    def known(self) -> Array:
        """Values at which the expected NPV or the chance turns, where they are known beforehand."""
        asked, known = self.question.asks_for_chance, self.outlook.boundaries
        turns = self.outlook.turns
        return np.union1d(turns, known) if asked and known is not None else turns

    def of_waiting(self, values: Array) -> Array:
        """Conditions that turn where an NPV is 0: each wait's net value, and its chance to teach."""
        waited = _waited(self.launches(values), self.question.belief.learning)
        assert waited is not None  # noqa: S101 - asked for only where there is a belief that learns
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


def _waited(found: Launches, learning: Belief | None) -> Waits | None:
    return None if learning is None else waits(found, learning)


def decisions_by_horizon(question: Question, highest: int) -> list[str]:
    """The decision for every horizon from one month to `highest`."""
    expected, reached = question.outlooks.by_horizon(highest)
    return [
        decision
        for month in range(highest)
        for decision in _at_horizon(question, month + 1, expected[[month]], [bool(reached[month])])
    ]


def _at_horizon(question: Question, months: int, expected: Array, reached: Sequence[bool]) -> Iterator[str]:
    found = launches(
        replace(question.money, horizon_months=months),
        weeks_within(months, question.belief.weeks_offered),
        pilot_share=question.pilot.share,
        pilot_cost_per_week=question.pilot.cost_per_week,
    )
    return Standings(
        expected=expected,
        reached=reached,
        unit_value=found.unit_value[0],
        cost=found.cost[0],
        waited=_waited(found, question.belief.learning),
    ).decisions(question)
