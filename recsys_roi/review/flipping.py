"""Where one price, cost or margin, changed alone, would change the decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from recsys_roi.estimate import noninferiority
from recsys_roi.evidence.kpis import GUARDRAILS
from recsys_roi.review import document
from recsys_roi.review.money import LiftBelief, count_money
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.settings import SETTINGS
from recsys_roi.verdict.decision import DecisionInputs, GuardrailStatus, decide
from recsys_roi.verdict.flips import nearest_crossing

WIDEST = 100.0  # a money input is looked at up to this multiple of its value, or of 1 where it is 0
MONEY_INPUTS = (
    *("value_per_action", "eligible_requests_per_month", "margin", "cannibalisation"),
    *("engineering_hours", "infra_per_month", "ops_hours_per_month"),
)


def with_money(inputs: DecisionInputs, belief: LiftBelief, scenario: Scenario) -> DecisionInputs:
    """The policy's inputs with the money of another scenario."""
    money = count_money(belief, scenario)
    return replace(
        inputs,
        expected_npv=money.npv(belief.mean),
        p_npv_positive=money.outlook.p_npv_positive,
        break_even_lift=money.projection.break_even_lift,
        net_value_of_waiting=money.net_value_of_waiting,
        waiting_teaches=money.waiting_teaches,
    )


def money_flips(inputs: DecisionInputs, belief: LiftBelief, scenario: Scenario) -> tuple[document.Flip, ...]:
    """The nearest value of each money input at which the decision is another one."""
    found = []
    for name in MONEY_INPUTS:
        if name == "value_per_action" and belief.kpi.is_money:
            continue
        now = float(getattr(scenario, name))
        low, high = _range(name, now)

        def decision_at(value: float, name: str = name) -> str:
            changed: dict[str, Any] = {name: value, "ranges": _without(scenario.ranges, name)}
            return decide(with_money(inputs, belief, scenario.model_copy(update=changed))).decision

        found.append(_flip(name, now, low, high, decision_at))
    return tuple(flip for flip in found if flip is not None)


def margin_flips(
    inputs: DecisionInputs, guardrails: tuple[document.Guardrail, ...], scenario: Scenario
) -> tuple[document.Flip, ...]:
    """The nearest margin of each guardrail, within its slider, at which the decision is another one."""
    found = []
    for guardrail in guardrails:
        harm = guardrail.harm
        name = GUARDRAILS[guardrail.id].margin_setting
        if harm is None or harm.lower is None:
            continue
        low, high = SETTINGS[name].slider or (guardrail.margin, guardrail.margin)

        def decision_at(margin: float, guardrail: document.Guardrail = guardrail) -> str:
            statuses = {**inputs.guardrails, guardrail.id: _status_at(guardrail, margin)}
            return decide(replace(inputs, guardrails=statuses)).decision

        found.append(
            _flip(
                name, guardrail.margin, min(low, guardrail.margin), max(high, guardrail.margin), decision_at
            )
        )
    return tuple(flip for flip in found if flip is not None)


def _status_at(guardrail: document.Guardrail, margin: float) -> GuardrailStatus:
    harm = guardrail.harm
    if harm is None or harm.lower is None:
        return guardrail.status
    return noninferiority.status(harm.estimate, harm.lower, harm.upper, margin)


def _flip(
    name: str, now: float, low: float, high: float, decision_at: Callable[[float], str]
) -> document.Flip | None:
    crossing = nearest_crossing(name, now, low, high, decision_at)
    return None if crossing is None else document.Flip(input=name, at=crossing.at, becomes=crossing.becomes)


def _range(name: str, now: float) -> tuple[float, float]:
    setting = SETTINGS[name]
    low, high = setting.low or 0.0, setting.high or 0.0
    return low, high if high <= 1 else min(high, max(now, 1.0) * WIDEST)


def _without(ranges: Mapping[str, tuple[float, ...]], name: str) -> dict[str, tuple[float, ...]]:
    """An input that is set has no range any more."""
    return {other: numbers for other, numbers in ranges.items() if other != name}
