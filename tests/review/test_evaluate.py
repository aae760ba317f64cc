"""The orchestrator: what is chosen, what is left out, and how the parts fit together."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from recsys_roi.review.document import Review, to_json
from recsys_roi.review.evaluate import evaluate
from recsys_roi.value.scenario import Scenario
from tests.review.small_pilot import AS_OF, Visitor, evidence, review, spread

MONEY = {
    "eligible_requests_per_month": 5_000_000.0,
    "value_per_action": 2.0,
    "engineering_hours": 100.0,
}


def two_arms(control: int = 300, candidate: int = 345, users: int = 1500, **more):
    return [*spread("control", users, control, **more), *spread("candidate", users, candidate, **more)]


def test_the_same_evidence_and_scenario_give_the_same_bytes(tmp_path):
    scenario = Scenario.of({"kpi": "ctr", **MONEY})
    counted = evidence(tmp_path, two_arms(), scenario)
    first, second = (to_json(evaluate(counted, scenario, as_of=AS_OF)) for _ in range(2))
    assert first == second
    opened = Review.model_validate_json(first)
    assert to_json(opened) == first
    assert Scenario.from_json(json.dumps(opened.inputs.scenario)) == scenario


def test_the_first_kpi_that_can_be_measured_is_chosen_and_said(tmp_path):
    found = review(tmp_path, two_arms())
    assert found.primary is not None
    assert found.primary.id == "ctr"
    assert found.experiment is not None
    assert "kpi = ctr (the first that can be measured; not given)" in found.experiment.notes
    assert found.inputs.scenario["kpi"] is None


def test_a_kpi_that_was_named_stays_even_where_it_cannot_be_measured(tmp_path):
    found = review(tmp_path, two_arms(), kpi="conversion_rate", **MONEY)
    assert found.primary is not None
    assert (found.primary.id, found.primary.status, found.primary.reason) == (
        "conversion_rate",
        "not_measurable",
        "missing",
    )
    assert (found.roi.status, found.roi.npv, found.waiting.status) == (
        "not_measurable",
        None,
        "not_measurable",
    )
    assert "kpi_not_measurable" in found.decision.reasons


def test_swapped_arms_swap_the_sign(tmp_path):
    one = review(tmp_path, two_arms(), kpi="ctr", control="control", candidate="candidate")
    other = review(tmp_path, two_arms(), kpi="ctr", control="candidate", candidate="control")
    first, second = one.primary, other.primary
    assert first is not None and first.difference is not None
    assert second is not None and second.difference is not None
    assert first.difference.estimate == -second.difference.estimate != 0
    assert first.difference.lower == pytest.approx(-second.difference.upper, rel=1e-12)
    assert first.difference.p_value == pytest.approx(second.difference.p_value, rel=1e-12)


def test_money_needs_a_person(tmp_path):
    preset = review(tmp_path, two_arms(), kpi="ctr")
    assert "economics_not_set" in preset.decision.reasons
    assert not preset.roi.confirmed
    entered = review(tmp_path, two_arms(), kpi="ctr", **MONEY)
    assert "economics_not_set" not in entered.decision.reasons
    assert entered.roi.confirmed
    confirmed = review(tmp_path, two_arms(), kpi="ctr", economics_confirmed=True)
    assert "economics_not_set" not in confirmed.decision.reasons


def test_the_money_is_the_formula_of_its_parts(tmp_path):
    found = review(tmp_path, two_arms(), kpi="ctr", **MONEY).roi
    assert found.npv == pytest.approx(found.lift * found.pv_per_unit_lift - found.pv_cost, rel=1e-12)
    assert found.pv_cost == pytest.approx(
        found.pv_costs.engineering + found.pv_costs.operations + found.pv_costs.infrastructure, rel=1e-12
    )
    assert found.break_even_lift * found.pv_per_unit_lift == pytest.approx(found.pv_cost, rel=1e-12)
    assert found.months[-1].cumulative == pytest.approx(
        sum(month.net for month in found.months) - 100 * 85.0 - 4000.0, rel=1e-12
    )


def test_money_counts_requests_that_are_old_enough(tmp_path):
    """With the window of a day only the last day's requests are too young."""
    settings = {"kpi": "ctr", "click_window_hours": 48.0, **MONEY}
    users = two_arms()
    found = review(tmp_path, users, **settings)
    assert found.primary is not None and found.primary.mature is not None
    assert 0 < found.primary.mature.share < 1
    old = found.primary.mature
    assert found.roi.baseline == pytest.approx(old.control, rel=1e-12)
    assert found.roi.lift == pytest.approx(old.posterior.mean, rel=1e-12)


def test_a_young_pilot_is_preliminary_until_its_least_days_have_passed(tmp_path):
    found = review(tmp_path, two_arms(days=9), kpi="ctr", **MONEY)
    assert found.experiment is not None
    assert found.experiment.window.days == 9
    assert found.decision.preliminary
    assert found.decision.valid_from == "2026-10-19"
    assert "too_early" in found.decision.reasons
    ripe = review(tmp_path, two_arms(), kpi="ctr", **MONEY)
    assert ripe.experiment is not None
    assert ripe.experiment.window.days == 14
    assert (ripe.decision.preliminary, ripe.decision.valid_from) == (False, None)


def test_few_users_hold_the_verdict_whatever_the_lift(tmp_path):
    found = review(tmp_path, two_arms(control=60, candidate=300, users=600), kpi="ctr", prior_sd=1.0, **MONEY)
    assert found.decision.decision == "hold"
    assert "too_few_users" in found.decision.reasons


def test_fewer_than_ten_converters_are_read_by_newcombe_and_never_ship(tmp_path):
    users = [
        *(Visitor(arm="control", clicks=(False,), revenue=1.0 if n < 3 else None) for n in range(1450)),
        *(Visitor(arm="candidate", clicks=(False,), revenue=1.0 if n < 9 else None) for n in range(1472)),
    ]
    found = review(tmp_path, users, kpi="conversion_rate", **MONEY)
    kpi = found.primary
    assert kpi is not None and kpi.fixed_horizon is not None
    assert (kpi.status, kpi.reason, kpi.difference) == ("not_measurable", "small_counts", None)
    assert kpi.fixed_horizon.method == "newcombe"
    # S1.small_counts of the numbers book.
    assert kpi.fixed_horizon.difference.estimate == pytest.approx(0.00404516491754, rel=1e-10)
    assert kpi.fixed_horizon.difference.lower == pytest.approx(-0.00088916176308, rel=1e-8)
    assert kpi.fixed_horizon.difference.upper == pytest.approx(0.00967828204226, rel=1e-8)
    assert found.decision.decision == "hold"


def test_a_slice_whose_users_are_not_split_as_planned_is_not_compared(tmp_path):
    phone, desk = {"device": "phone"}, {"device": "desk"}
    users = [
        *spread("control", 1200, 240, context=phone),
        *spread("candidate", 600, 10, context=phone),
        *spread("control", 600, 120, context=desk),
        *spread("candidate", 1200, 240, context=desk),
    ]
    found = review(tmp_path, users, kpi="ctr", slice_keys=("device",))
    assert {(part.value, part.reason, part.harm) for part in found.slices} == {
        ("phone", "not_comparable", False),
        ("desk", "not_comparable", False),
    }


def test_harm_to_a_large_slice_holds_the_verdict(tmp_path):
    phone, desk = {"device": "phone"}, {"device": "desk"}
    users = [
        *spread("control", 1500, 900, context=phone),
        *spread("candidate", 1500, 300, context=phone),
        *spread("control", 4000, 1000, context=desk),
        *spread("candidate", 4000, 1700, context=desk),
    ]
    found = review(tmp_path, users, kpi="ctr", prior_sd=1.0)
    harmed = {part.value: part.harm for part in found.slices}
    assert harmed == {"phone": True, "desk": False}
    assert "slice_harm" in found.decision.reasons


def test_every_flip_line_changes_the_verdict_where_it_says(tmp_path):
    safe = {"guardrails": ("p95_latency", "error_rate"), "margin_error_rate": 0.05}
    scenario = Scenario.of({"kpi": "ctr", "prior_sd": 1.0, **safe, **MONEY})
    counted = evidence(tmp_path, two_arms(control=300, candidate=600, users=3000), scenario)
    found = evaluate(counted, scenario, as_of=AS_OF)
    assert found.decision.decision == "ship"
    assert {"value_per_action", "margin_error_rate"} <= {flip.input for flip in found.decision.flips}
    for flip in found.decision.flips:
        now = getattr(scenario, flip.input)
        beyond = evaluate(counted, scenario.updated({flip.input: flip.at}), as_of=AS_OF, flips=False)
        before = flip.at + (now - flip.at) * 1e-4
        inside = evaluate(counted, scenario.updated({flip.input: before}), as_of=AS_OF, flips=False)
        assert beyond.decision.decision == flip.becomes != found.decision.decision
        assert inside.decision.decision == found.decision.decision


def _slow(sums):
    return replace(sums, q=500.0, q_low=498.0, q_high=502.0)


def test_an_integrity_failure_holds_and_an_apparent_breach_beside_it_is_an_incident(tmp_path):
    scenario = Scenario.of({"kpi": "ctr", "candidate_share": 0.7, **MONEY})
    counted = evidence(tmp_path, two_arms(), scenario)
    found = evaluate(counted, scenario, as_of=AS_OF)
    assert (found.decision.decision, found.decision.primary_reason) == ("hold", "integrity")
    assert not found.decision.incident
    slow = {
        level: replace(latency, sums=replace(latency.sums, candidate=_slow(latency.sums.candidate)))
        for level, latency in counted.latency.items()
    }
    broken = evaluate(replace(counted, latency=slow), scenario, as_of=AS_OF)
    assert (broken.decision.decision, broken.decision.primary_reason) == ("hold", "integrity")
    assert "guardrail_breach" in broken.decision.reasons
    assert broken.decision.incident


def test_a_plan_without_logs_measures_nothing_and_says_so():
    found = evaluate(None, Scenario.of({"value_per_action": 18.0}), as_of=AS_OF)
    assert (found.kpis, found.integrity, found.experiment) == ((), (), None)
    assert (found.decision.decision, found.decision.reasons) == (None, ())
    assert found.roi.basis == "assumed"
    assert {risk.status for risk in found.risks} == {"cannot_tell"}
    assert [criterion.met for criterion in found.plan.exit_criteria] == [None] * 4
