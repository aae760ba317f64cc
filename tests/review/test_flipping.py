"""Flip lines, against the whole of the money and the policy evaluated again at other values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from recsys_roi.evidence.kpis import KPIS
from recsys_roi.review.flipping import (
    HORIZON,
    MONEY_INPUTS,
    money_flips,
    threshold_flips,
    with_money,
)
from recsys_roi.review.money import LiftBelief, count_money, economics_of
from recsys_roi.value.one_input import BENDING, PILOT_INPUTS
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.settings import SETTINGS
from recsys_roi.value.waiting import Belief
from recsys_roi.verdict.decision import DecisionInputs, decide, rests_on_money

BOOK = {
    "kpi": "conversion_rate",
    "eligible_requests_per_month": 10_000_000.0,
    "value_per_action": 18.0,
    "cannibalisation": 0.15,
    "traffic_growth_monthly": 0.01,
    "lift_decay_monthly": 0.01,
    "engineering_hours": 320.0,
}
RANGES: dict[str, dict[str, tuple[float, ...]]] = {
    "normal": {},
    "quadrature": {"value_per_action": (9.0, 18.0, 30.0)},
    "drawn": {"margin": (0.2, 0.35, 0.5), "engineering_hours": (200.0, 320.0, 900.0)},
    "drawn in time": {"discount_rate": (0.05, 0.1, 0.2), "novelty_share": (0.0, 0.2, 0.5)},
}
INPUTS = DecisionInputs(
    integrity_failures=(),
    guardrails={},
    lift=0.035,
    lift_low=0.004,
    lift_high=0.066,
    implausible=False,
    days=21,
    smallest_arm=20_000,
    slice_harm=False,
    economics_set=True,
    expected_npv=None,
    p_npv_positive=None,
    break_even_lift=None,
    net_value_of_waiting=None,
)


def belief_of(mean: float, sd: float, *, weeks: float = 3.0, slope: float = -0.5) -> LiftBelief:
    """A belief measured with a standard error of a quarter more than what is left of it."""
    learning = Belief(mean=mean, sd=sd, se_now=1.25 * sd, weeks_so_far=weeks, slope=slope)
    return LiftBelief(
        kpi=KPIS["conversion_rate"], mean=mean, sd=sd, baseline=0.012, basis="measured", learning=learning
    )


def inputs_of(belief: LiftBelief, width: float = 2.6) -> DecisionInputs:
    """What the policy reads beside money, with an always-valid interval around the belief."""
    reach = width * belief.sd
    return replace(INPUTS, lift=belief.mean, lift_low=belief.mean - reach, lift_high=belief.mean + reach)


def moved(scenario: Scenario, name: str, value: float) -> Scenario:
    """The scenario with one input set, and without a range of it."""
    ranges = {other: numbers for other, numbers in scenario.ranges.items() if other != name}
    number = int(value) if SETTINGS[name].kind == "whole" else value
    return scenario.updated({name: number, "ranges": ranges})


def decision_at(inputs: DecisionInputs, belief: LiftBelief, scenario: Scenario) -> str:
    """The verdict by the whole of the money, counted anew."""
    return decide(with_money(inputs, count_money(belief, scenario)), policy=scenario.decision_rule).decision


def present_value(name: str, belief: LiftBelief, scenario: Scenario) -> float:
    holder: Any = scenario if name in (*PILOT_INPUTS, HORIZON) else economics_of(belief, scenario)
    return float(getattr(holder, name))


def ends_of(name: str, now: float) -> tuple[float, float]:
    """The range that is looked at: what is allowed, an amount up to a hundred times its value."""
    setting = SETTINGS[name]
    high = float(setting.high or 0)
    return float(setting.low or 0), high if high <= 1 else min(high, 100 * max(now, 1.0))


CASES = [
    (mean, sd, method, rule)
    for mean, sd in ((0.035, 0.012), (0.012, 0.006), (0.02, 0.004), (0.001, 0.002), (-0.02, 0.01))
    for method, rule in (
        *((method, "value_proven") for method in RANGES),
        ("normal", "expected_value"),
    )
]


@pytest.mark.parametrize(("mean", "sd", "method", "rule"), CASES)
def test_each_line_changes_the_decision_just_where_it_says_and_nowhere_before(mean, sd, method, rule):
    belief = belief_of(mean, sd)
    scenario = Scenario.of({**BOOK, "ranges": RANGES[method], "decision_rule": rule})
    inputs = inputs_of(belief)
    present = decision_at(inputs, belief, scenario)
    lines = {flip.input: flip for flip in money_flips(inputs, belief, scenario)}
    random = np.random.default_rng(1)
    for name in (*MONEY_INPUTS, *PILOT_INPUTS):
        if name == "eligible_new_users_per_month":
            continue
        now = present_value(name, belief, scenario)
        low, high = ends_of(name, now)
        reach = high - low
        if name in lines:
            at, side = lines[name].at, np.sign(lines[name].at - now)
            before, after = at - side * 1e-6 * abs(at - now), at + side * 1e-9 * abs(at - now)
            assert decision_at(inputs, belief, moved(scenario, name, before)) == present, name
            assert decision_at(inputs, belief, moved(scenario, name, after)) == lines[name].becomes, name
            assert lines[name].becomes != present
            reach = abs(at - now) * (1 - 1e-6)
        for step in random.uniform(-reach, reach, 6):
            if low < now + step <= high:
                probe = moved(scenario, name, now + step)
                assert decision_at(inputs, belief, probe) == present, (name, now + step)


@pytest.mark.parametrize(
    ("mean", "sd", "value", "method"),
    [
        *((mean, sd, 18.0, "normal") for mean, sd in ((0.035, 0.012), (0.012, 0.006), (0.02, 0.004))),
        *((0.035, 0.012, value, method) for value in (9.0, 25.0) for method in ("normal", "drawn in time")),
    ],
)
def test_a_dense_scan_through_time_finds_no_change_that_is_not_listed(mean, sd, value, method):
    belief = belief_of(mean, sd)
    scenario = Scenario.of({**BOOK, "value_per_action": value, "ranges": RANGES[method]})
    inputs = inputs_of(belief)
    present = decision_at(inputs, belief, scenario)
    lines = {flip.input: flip for flip in money_flips(inputs, belief, scenario)}
    for name in BENDING:
        now = present_value(name, belief, scenario)
        low, high = ends_of(name, now)
        reach = max(now - low, high - now) if name not in lines else abs(lines[name].at - now) * (1 - 1e-6)
        places = np.concatenate([now - reach * np.linspace(0, 1, 60), now + reach * np.linspace(0, 1, 60)])
        for place in places[(places > low) & (places <= high)]:
            probe = moved(scenario, name, float(place))
            assert decision_at(inputs, belief, probe) == present, (name, place)


@pytest.mark.parametrize("method", RANGES)
def test_the_horizon_s_line_is_the_nearest_month_that_decides_otherwise(method):
    belief = belief_of(0.035, 0.012)
    scenario = Scenario.of({**BOOK, "value_per_action": 12.0, "ranges": {}})
    if method != "quadrature":
        scenario = scenario.updated({"ranges": RANGES[method]})
    inputs = inputs_of(belief)
    by_month = {m: decision_at(inputs, belief, moved(scenario, HORIZON, m)) for m in range(1, 61)}
    other = [months for months, decision in by_month.items() if decision != by_month[12]]
    line = next((flip for flip in money_flips(inputs, belief, scenario) if flip.input == HORIZON), None)
    if not other:
        assert line is None
        return
    nearest = min(abs(months - 12) for months in other)
    assert line is not None
    assert abs(line.at - 12) == nearest
    assert line.becomes == by_month[round(line.at)]


@settings(max_examples=30)
@given(
    st.floats(-0.03, 0.08),
    st.floats(0.001, 0.03),
    st.floats(0.3, 60.0),
    st.floats(5.0, 8.0),
    st.floats(0.0, 3000.0),
    st.floats(0.05, 0.95),
    st.sampled_from(["value_per_action", "eligible_requests_per_month", "engineering_hours", "margin"]),
    st.lists(st.floats(0, 1), min_size=8, max_size=8),
)
@example(0.012, 0.006, 18.0, 7.0, 0.0, 0.5, "value_per_action", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
def test_no_probe_between_the_present_and_the_line_decides_otherwise(
    mean, sd, value, traffic, pilot_cost, share, name, places
):
    belief, scenario = (
        belief_of(mean, sd),
        Scenario.of(
            {
                **BOOK,
                "value_per_action": value,
                "eligible_requests_per_month": 10.0**traffic,
                "pilot_cost_per_week": pilot_cost,
                "pilot_share": share,
            }
        ),
    )
    inputs = inputs_of(belief)
    assume(rests_on_money(inputs))
    present = decision_at(inputs, belief, scenario)
    now = present_value(name, belief, scenario)
    low, high = ends_of(name, now)
    line = next((flip for flip in money_flips(inputs, belief, scenario) if flip.input == name), None)
    reach = (high - low) if line is None else abs(line.at - now) * (1 - 1e-6)
    for place in places:
        for probe in (now - place * reach, now + place * reach):
            if low < probe < high:
                assert decision_at(inputs, belief, moved(scenario, name, probe)) == present


def test_where_trust_or_safety_decides_no_price_changes_anything():
    belief, scenario = belief_of(0.035, 0.012), Scenario.of(BOOK)
    for trouble in (
        {"integrity_failures": ("srm",)},
        {"guardrails": {"error_rate": "warn"}},
        {"days": 3},
        {"economics_set": False},
    ):
        assert money_flips(replace(INPUTS, **trouble), belief, scenario) == ()


def test_thresholds_turn_the_decision_at_the_figures_themselves():
    belief, scenario = belief_of(0.035, 0.012), Scenario.of(BOOK)
    inputs = with_money(replace(INPUTS, lift_low=0.004), count_money(belief, scenario))
    assert decide(inputs).decision == "ship"
    lines = {flip.input: flip for flip in threshold_flips(inputs, scenario)}
    assert lines["p_npv_required"].at == pytest.approx(inputs.p_npv_positive, abs=1e-9)
    assert lines["min_effect"].at == pytest.approx(0.035, abs=1e-9)
    assert {lines[name].becomes for name in ("p_npv_required", "min_effect")} == {"hold"}
    loss = replace(inputs, lift=-0.006, lift_low=-0.011, lift_high=-0.001, expected_npv=1.0)
    loss = replace(loss, net_value_of_waiting=None)
    (line,) = threshold_flips(loss, scenario)
    assert (line.input, line.becomes) == ("harm_threshold", "roll_back")
    assert line.at == pytest.approx(0.006, abs=1e-9)
