"""The plan as a document: its figures are the settings', its calendar ends on the day of the decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recsys_roi.record.entries import Attestation, LockedPlan, Record
from recsys_roi.render.plan.calendar import calendar
from recsys_roi.render.plan.document import plan_markdown, standing
from recsys_roi.render.plan.roles import DUTIES, cues_by_role
from recsys_roi.review.evaluate import evaluate
from recsys_roi.value.scenario import Scenario
from recsys_roi.verdict.known_risks import KNOWN_RISKS

AS_OF = datetime(2026, 11, 25, tzinfo=UTC)
WORKED = {"kpi": "ctr", "value_per_action": 4.0, "eligible_requests_per_month": 3e6, "baseline_kpi": 0.1}


def plan(record=Record(), **settings):  # noqa: B008 - a frozen value
    return evaluate(None, Scenario.of({**WORKED, **settings}), record, as_of=AS_OF)


def test_the_rule_has_the_figures_of_the_settings():
    text = plan_markdown(
        plan(min_days=21, min_effect=0.03, harm_threshold=0.02, p_npv_required=0.8, alpha=0.1)
    )
    for told in (
        "Hold before day 21,",
        "counts as 3 % or more, and the chance of making money is at least 80 %",
        "Roll back when the lift is -2 % or worse",
        "Ranges hold at 90 % however often",
    ):
        assert told in text
    assert "Ship when the expected value is above 0" in plan_markdown(plan(decision_rule="expected_value"))


@pytest.mark.parametrize(
    ("guardrail", "settings", "told"),
    [
        ("error_rate", {"margin_error_rate": 0.004}, "may rise by 0.4 points (share of requests)"),
        ("p95_latency", {"margin_p95_latency": 0.15}, "may rise by 15 % of the control's"),
        ("coverage", {"margin_coverage": 0.03}, "may fall by 3 points (share of catalogue)"),
        ("diversity", {"margin_diversity": 0.1}, "may fall by 10 % of the control's"),
    ],
)
def test_each_guardrail_says_which_way_it_may_move_and_how_far(guardrail, settings, told):
    assert told in plan_markdown(plan(guardrails=(guardrail, "empty_rate"), **settings))


@pytest.mark.parametrize("settings", [{}, {"eligible_requests_per_month": 2e5}, {"min_days": 10}])
def test_the_calendar_runs_to_the_decision_at_the_end_of_the_planned_weeks(settings):
    planned = plan(**settings)
    scenario = Scenario.of(planned.inputs.scenario)
    days = calendar(planned, scenario)
    numbers = [number for number, _ in days]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 0
    assert numbers[-1] == max(scenario.min_days, 7 * planned.plan.pilot.weeks)
    assert any("Decision meeting" in one for one in days[-1][1])
    assert any(
        "a verdict counts" in one for number, what in days for one in what if number == scenario.min_days
    )


def test_a_pilot_that_starts_on_a_day_has_a_dated_calendar():
    text = plan_markdown(plan(start="2027-03-01", planned_end="2027-04-12"))
    assert "Day 1 (1 Mar 2027)" in text
    assert "Day 7 (7 Mar 2027)" in text
    assert "The pilot ends on 12 Apr 2027." in text


def test_every_role_that_is_told_something_has_a_duty():
    told = {role for role, _ in cues_by_role()} | {risk.role for risk in KNOWN_RISKS}
    assert told == {role for role, _ in DUTIES}


def test_a_plan_says_whether_it_is_locked_or_departs():
    scenario = Scenario.of(WORKED)
    at = AS_OF - timedelta(hours=3)
    locked = LockedPlan(settings=scenario.dump(), fingerprint=scenario.fingerprint, who="A|na", why="", at=at)
    assert standing(plan()).startswith("Draft: not locked yet.")
    same = plan(Record(plans=(locked,)))
    assert standing(same) == f"Locked by A|na on 24 Nov 2026 at 21:00 UTC, hash {scenario.fingerprint}."
    assert f"`{scenario.fingerprint}`" in plan_markdown(same)
    assert "A\\|na" in plan_markdown(same)
    other = plan(Record(plans=(locked,)), min_effect=0.05)
    assert standing(other).startswith("Draft: 1 change from the plan that was locked by A|na")


def test_what_was_stated_is_ticked_and_what_is_missing_is_counted():
    stated = Attestation(id=1, kind="runbooks_exercised", who="Ben", at=AS_OF, note="", link="", expires=None)
    before, after = (plan_markdown(plan(Record(attestations=made))) for made in ((), (stated,)))
    assert "Missing for weeks 2-3: 4 criteria." in before
    assert "Missing for weeks 2-3: 3 criteria." in after
    assert "- [x] The runbooks were exercised: Ben stated on 25 Nov 2026" in after
    expired = replace(stated, at=AS_OF - timedelta(days=9), expires=AS_OF - timedelta(days=1))
    assert "- [ ] The runbooks were exercised" in plan_markdown(plan(Record(attestations=(expired,))))


def test_a_length_that_is_a_poor_plan_says_why():
    poor = plan_markdown(plan(value_per_action=0.01))
    assert "The expected lift (+3.0 %) is below the one that pays for itself" in poor
    slow = plan_markdown(plan(eligible_requests_per_month=2e5, value_per_action=40.0))
    assert "A pilot usually takes 2 to 6 weeks." in slow
    assert "Counted from an assumed baseline" in slow
    unknown = plan_markdown(plan(kpi="time_spent"))
    assert "Spread of the KPI between requests, over its mean" in unknown
    far = plan_markdown(plan(eligible_requests_per_month=2000.0, expected_lift=0.001, value_per_action=1e6))
    assert "would take longer than ten years: more traffic or a larger lift is needed" in far


def test_every_setting_that_is_locked_is_told():
    text = plan_markdown(plan(margin=0.4))
    for name in ("margin", "horizon_months", "engineering_hours", "alpha", "click_window_hours"):
        assert f"`{name}`" in text
