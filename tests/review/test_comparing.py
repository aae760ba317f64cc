"""Presets from the measured lift, and scenarios side by side."""

from __future__ import annotations

import pytest

from recsys_roi.errors import InputError
from recsys_roi.review.comparing import BASE, compare, preset_scenarios
from recsys_roi.review.evaluate import evaluate
from recsys_roi.value.scenario import Scenario
from tests.fixtures import case
from tests.review.small_pilot import AS_OF, evidence, spread
from tests.review.test_planning import settings_of

MONEY = {
    "kpi": "ctr",
    "eligible_requests_per_month": 5e6,
    "value_per_action": 2.0,
    "engineering_hours": 100.0,
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    users = [*spread("control", 1500, 300), *spread("candidate", 1500, 345)]
    scenario = Scenario.of(MONEY)
    counted = evidence(tmp_path_factory.mktemp("logs"), users, scenario)
    return evaluate(counted, scenario, as_of=AS_OF), scenario


def test_presets_are_the_money_at_both_ends_and_the_middle_of_the_measured_lift(measured):
    review, scenario = measured
    presets = preset_scenarios(review, scenario)
    assert list(presets) == ["Conservative", BASE, "Optimistic"]
    plans = {name: evaluate(None, one, as_of=AS_OF).roi for name, one in presets.items()}
    roi = review.roi
    assert plans["Conservative"].npv == pytest.approx(roi.p10, rel=1e-9)
    assert plans[BASE].npv == pytest.approx(roi.npv, rel=1e-9)
    assert plans["Optimistic"].npv == pytest.approx(roi.p90, rel=1e-9)
    assert plans[BASE].p_npv_positive == pytest.approx(roi.p_npv_positive, rel=1e-9)
    assert {plan.basis for plan in plans.values()} == {"assumed"}
    for plan in plans.values():
        assert plan.break_even_lift == pytest.approx(roi.break_even_lift, rel=1e-12)


def test_a_preset_is_a_file_that_the_command_line_opens(measured):
    review, scenario = measured
    for preset in preset_scenarios(review, scenario).values():
        assert Scenario.from_json(preset.to_json()) == preset
        assert preset.eligible_requests_per_month == 5e6


def test_no_presets_without_a_lift(measured):
    review, scenario = measured
    nothing = review.model_copy(update={"roi": review.roi.model_copy(update={"lift": None})})
    assert preset_scenarios(nothing, scenario) == {}


def test_a_plan_has_presets_of_its_own_lift():
    scenario = Scenario.of(settings_of(case("S8.roi")))
    presets = preset_scenarios(evaluate(None, scenario, as_of=AS_OF), scenario)
    expected = case("S8.tornado").expected["rows"][0]
    ends = [evaluate(None, presets[name], as_of=AS_OF).roi.npv for name in ("Conservative", "Optimistic")]
    assert ends == pytest.approx([expected["npv_low"], expected["npv_high"]], rel=1e-9)


def test_columns_hold_each_review_s_own_figures_and_only_the_settings_that_differ(measured):
    review, _ = measured
    dearer = evaluate(None, Scenario.of({**MONEY, "value_per_action": 4.0}), as_of=AS_OF)
    found = compare([("Measured", review), ("Dearer", dearer)])
    assert (found.names, found.one_currency) == (("Measured", "Dearer"), True)
    assert found.figure("npv") == (review.roi.npv, dearer.roi.npv)
    assert found.figure("basis") == ("measured", "assumed")
    assert found.figure("decision") == (review.decision.decision, None)
    assert [(row.id, row.values) for row in found.settings] == [
        ("value_per_action", (2, 4)),
        ("baseline_kpi", ("measured", 0.012)),
        ("expected_lift", ("measured", 0.03)),
        ("expected_lift_sd", ("measured", 0.012)),
    ]


def test_a_lift_that_is_taken_as_known_has_no_chance():
    sure = evaluate(None, Scenario.of({"expected_lift_sd": 0.0}), as_of=AS_OF)
    ranged = evaluate(
        None, Scenario.of({"expected_lift_sd": 0.0, "ranges": {"margin": [0.2, 0.35, 0.5]}}), as_of=AS_OF
    )
    assert compare([("a", sure), ("b", ranged)]).figure("p_npv_positive")[0] is None
    assert compare([("b", ranged)]).figure("p_npv_positive") == (ranged.roi.p_npv_positive,)


def test_different_currencies_are_told(measured):
    review, _ = measured
    dollars = evaluate(None, Scenario.of({"currency": "USD"}), as_of=AS_OF)
    assert not compare([("a", review), ("b", dollars)]).one_currency


@pytest.mark.parametrize("names", [(), ("a", "b", "c", "d", "e"), ("a", "a")])
def test_too_many_none_or_twice_is_said(measured, names):
    with pytest.raises(InputError):
        compare([(name, measured[0]) for name in names])


def test_no_presets_at_a_baseline_that_no_plan_may_have(measured):
    review, scenario = measured
    huge = review.model_copy(update={"roi": review.roi.model_copy(update={"baseline": 1e13})})
    assert preset_scenarios(huge, scenario) == {}
