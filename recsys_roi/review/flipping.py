"""Where one price, cost, margin or threshold, changed alone, would change the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np

from recsys_roi.evidence.kpis import GUARDRAILS
from recsys_roi.review import document
from recsys_roi.review.guardrails import status_of
from recsys_roi.review.money import LiftBelief, Money, economics_of
from recsys_roi.review.money_by_input import (
    MoneyByInput,
    Question,
    decisions_by_horizon,
)
from recsys_roi.value.chance import Outlooks
from recsys_roi.value.one_input import PILOT_INPUTS, Pilot
from recsys_roi.value.roi import Array, Economics
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.settings import (
    COST_SETTINGS,
    NEW_USERS_SETTING,
    SETTINGS,
    TRAFFIC_SETTING,
    VALUE_SETTING,
)
from recsys_roi.value.waiting import weeks_within
from recsys_roi.verdict.decision import DecisionInputs, GuardrailStatus, decide, rests_on_money
from recsys_roi.verdict.flips import Crossing, Decide, Search, nearest_change, roots, walks

NODES = 24  # values looked at on each side of the present one, for conditions that bend
CLOSEST = 1 / 2048  # of the range: where a wait may change its sign, nodes lie as close
WIDEST = 100.0  # an amount is looked at up to this multiple of its value, or of 1 where it is less
SMALLEST = 1e-6  # of the end, where 0 itself is not allowed
MONEY_INPUTS = (
    *(VALUE_SETTING, TRAFFIC_SETTING, NEW_USERS_SETTING, "margin", "cannibalisation"),
    *(name for name in COST_SETTINGS if name != "shared_cost"),
    *("traffic_growth_monthly", "discount_rate", "novelty_share", "novelty_half_life_months"),
    "lift_decay_monthly",
)
HORIZON = "horizon_months"


def with_money(inputs: DecisionInputs, money: Money) -> DecisionInputs:
    """The policy's inputs with the money that was counted."""
    return replace(
        inputs,
        expected_npv=money.outlook.mean,
        p_npv_positive=money.outlook.p_npv_positive,
        break_even_lift=money.projection.break_even_lift,
        net_value_of_waiting=money.net_value_of_waiting,
        waiting_teaches=money.waiting_teaches,
    )


def money_flips(inputs: DecisionInputs, belief: LiftBelief, scenario: Scenario) -> tuple[document.Flip, ...]:
    """The nearest value of each input of money at which the decision is another one."""
    if not rests_on_money(inputs):
        return ()
    money = economics_of(belief, scenario)
    question = Question(
        inputs=inputs,
        policy=scenario.decision_rule,
        belief=belief,
        money=money,
        pilot=Pilot(
            share=scenario.pilot_share,
            cost_per_week=scenario.pilot_cost_per_week,
            weeks=weeks_within(scenario.horizon_months, belief.weeks_offered),
        ),
        outlooks=Outlooks(
            money,
            lift_mean=belief.mean,
            lift_sd=belief.sd,
            ranges=scenario.ranges,
            required=scenario.p_npv_required,
        ),
    )
    present = {name: float(getattr(money, name)) for name in MONEY_INPUTS if money.reads(name)}
    present |= {name: float(getattr(scenario, name)) for name in PILOT_INPUTS}
    return _flips([*_money_crossings(question, present), _horizon_flip(question, money)])


def _money_crossings(question: Question, present: Mapping[str, float]) -> list[Crossing | None]:
    inputs = [_Input.of(question, name, now) for name, now in present.items()]
    turns = {
        one.name: np.union1d(one.money.known, steady)
        for one, steady in zip(inputs, roots([one.today() for one in inputs]), strict=True)
    }
    stretches = [
        _Stretch(input=one, nodes=one.nodes_within(*ends))
        for one in inputs
        for ends in one.open_stretches(turns[one.name])
    ]
    for stretch, waiting in zip(stretches, _turns_of_waits(stretches), strict=True):
        name = stretch.input.name
        turns[name] = np.union1d(turns[name], waiting)
    return [
        nearest_change(one.name, one.now, turns[one.name], one.ends, one.money.decisions) for one in inputs
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Input:
    """One input of money: its present value, and how far it is looked at."""

    name: str
    now: float
    ends: tuple[float, float]
    money: MoneyByInput

    @classmethod
    def of(cls, question: Question, name: str, now: float) -> _Input:
        ends = _ends(name, now)
        return cls(name=name, now=now, ends=ends, money=MoneyByInput.of(question, name, ends))

    def today(self) -> Search:
        """Values at which a condition of a launch today turns."""
        return Search(
            conditions=self.money.steady, nodes=self.nodes_within(*self.ends), straight=not self.money.bends
        )

    def nodes_within(self, low: float, high: float) -> Array:
        nodes = _nodes(self.ends, self.now, NODES)
        return np.concatenate([[low], nodes[(nodes > low) & (nodes < high)], [high]])

    def open_stretches(self, steady: Array) -> list[tuple[float, float]]:
        """Where a wait says what the decision is, no further off than the nearest change that is certain."""
        (present,) = self.money.decisions(np.array([self.now]))
        found, certain = [], inf
        for walk in walks(self.now, steady, self.ends):
            either = self.money.either((walk[:-1] + walk[1:]) / 2)
            for edge, beyond, (if_none_pays, if_one_pays) in zip(walk, walk[1:], either, strict=False):
                if if_none_pays != if_one_pays:
                    found.append((edge, beyond))
                elif if_none_pays != present:
                    certain = min(certain, abs(edge - self.now))
                    break
        return [(min(stretch), max(stretch)) for stretch in found if abs(stretch[0] - self.now) < certain]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stretch:
    """Part of the range of an input."""

    input: _Input
    nodes: Array

    @property
    def closer(self) -> Array:
        """More nodes for what bends through time; in any other input a wait's value is convex, so few do."""
        money, nodes = self.input.money, self.nodes
        low, high = self.input.ends
        return money.closer(nodes, CLOSEST * (high - low)) if money.bends else nodes


def _turns_of_waits(stretches: Sequence[_Stretch]) -> list[Array]:
    """Values within each stretch at which a wait begins or ceases to pay."""
    kinks = roots(
        [
            Search(conditions=one.input.money.npv, nodes=one.nodes, straight=not one.input.money.bends)
            for one in stretches
        ]
    )
    return roots(
        [
            Search(conditions=one.input.money.of_waiting, nodes=one.closer, kinks=at)
            for one, at in zip(stretches, kinks, strict=True)
        ]
    )


def _ends(name: str, now: float) -> tuple[float, float]:
    """The allowed range of the input, an amount within a hundred times its value."""
    setting = SETTINGS[name]
    low, high = setting.low or 0.0, setting.high or 0.0
    high = high if high <= 1 else min(high, max(now, 1.0) * WIDEST)
    return high * SMALLEST if setting.above else low, high


def _nodes(ends: tuple[float, float], now: float, count: int) -> Array:
    """Values on both sides of the present one, closer together near it."""
    low, high = ends
    nearer = (np.arange(count + 1) / count) ** 2
    return np.unique(np.concatenate([now - (now - low) * nearer, now + (high - now) * nearer]))


def _horizon_flip(question: Question, money: Economics) -> Crossing | None:
    highest = int(SETTINGS[HORIZON].high or money.horizon_months)
    decisions = decisions_by_horizon(question, highest)
    now = money.horizon_months
    present = decisions[now - 1]
    other = [months for months in range(1, highest + 1) if decisions[months - 1] != present]
    if not other:
        return None
    at = min(other, key=lambda months: abs(months - now))
    return Crossing(input=HORIZON, at=float(at), becomes=decisions[at - 1])


def threshold_flips(inputs: DecisionInputs, scenario: Scenario) -> tuple[document.Flip, ...]:
    """The nearest value of each threshold of the policy at which the decision is another one."""
    lift, chance = inputs.lift, inputs.p_npv_positive
    measured = {
        "p_npv_required": chance,
        "min_effect": lift,
        "harm_threshold": None if lift is None else -lift,
    }
    found = []
    for name, at in measured.items():
        if at is not None and SETTINGS[name].allows(at):
            ends = (SETTINGS[name].low or 0.0, SETTINGS[name].high or 1.0)
            found.append(
                nearest_change(name, getattr(inputs, name), [at], ends, _with_input(inputs, name, scenario))
            )
    return _flips(found)


def _with_input(inputs: DecisionInputs, name: str, scenario: Scenario) -> Decide:
    def decisions(values: Array) -> list[str]:
        changed: list[dict[str, Any]] = [{name: float(value)} for value in values]
        return [decide(replace(inputs, **each), policy=scenario.decision_rule).decision for each in changed]

    return decisions


def margin_flips(
    inputs: DecisionInputs, guardrails: tuple[document.Guardrail, ...], scenario: Scenario
) -> tuple[document.Flip, ...]:
    """The nearest margin of each guardrail, within its slider, at which the decision is another one."""
    found = []
    for guardrail in guardrails:
        harm = guardrail.harm
        if harm is None or harm.lower is None:
            continue
        name = GUARDRAILS[guardrail.id].margin_setting
        low, high = SETTINGS[name].slider or (guardrail.margin, guardrail.margin)
        ends = (min(low, guardrail.margin), max(high, guardrail.margin))
        turns = [bound for bound in (harm.estimate, harm.upper) if bound is not None]
        decisions = _with_margin(inputs, guardrail, scenario)
        found.append(nearest_change(name, guardrail.margin, turns, ends, decisions))
    return _flips(found)


def _with_margin(inputs: DecisionInputs, guardrail: document.Guardrail, scenario: Scenario) -> Decide:
    def decisions(values: Array) -> list[str]:
        statuses = [{**inputs.guardrails, guardrail.id: _status_at(guardrail, value)} for value in values]
        return [
            decide(replace(inputs, guardrails=each), policy=scenario.decision_rule).decision
            for each in statuses
        ]

    return decisions


def _status_at(guardrail: document.Guardrail, margin: float) -> GuardrailStatus:
    harm = guardrail.harm
    if harm is None or harm.lower is None:
        return guardrail.status
    entry = GUARDRAILS[guardrail.id]
    return status_of(entry, harm.estimate, harm.lower, harm.upper, margin)


def _flips(found: Sequence[Crossing | None]) -> tuple[document.Flip, ...]:
    return tuple(
        document.Flip(input=one.input, at=one.at, becomes=one.becomes) for one in found if one is not None
    )
