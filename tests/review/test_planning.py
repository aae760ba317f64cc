"""Before any log: the plan's own lift gives the whole of the money, marked assumed, and a pilot's length."""

from __future__ import annotations

import json
import math

import pytest

from recsys_roi.cli import main
from recsys_roi.review.document import Review
from recsys_roi.review.evaluate import evaluate
from recsys_roi.value.scenario import Scenario
from tests.fixtures import Case, case
from tests.review.small_pilot import AS_OF

SETTING_OF = {
    "rel_lift": "expected_lift",
    "lift_se": "expected_lift_sd",
    "monthly_decay": "lift_decay_monthly",
    "eng_hours": "engineering_hours",
    "eng_rate": "engineering_rate",
    "one_off_infra": "one_off_cost",
    "annual_discount_rate": "discount_rate",
}
BOOK = ("S8.roi", "S8.roi_positive")


def settings_of(one: Case) -> dict[str, object]:
    """The book's inputs as a scenario file has them."""
    return {SETTING_OF.get(name, name): value for name, value in one.inputs.items()}


def plan(**settings: object) -> Review:
    return evaluate(None, Scenario.of(settings), as_of=AS_OF)


@pytest.mark.parametrize("one", [case(name) for name in BOOK], ids=BOOK)
def test_the_command_line_reproduces_the_book_from_a_scenario_file(one, tmp_path, capsys):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(settings_of(one)), encoding="utf-8")
    assert main(["review", "--scenario", str(file), "--format", "json"]) == 0
    review = json.loads(capsys.readouterr().out)
    roi = review["roi"]
    got = {
        "npv": roi["npv"],
        "roi_ratio": roi["roi"],
        "break_even_rel_lift": roi["break_even_lift"],
        "payback_months_undiscounted": roi["payback_months"],
        "pv_benefit": roi["pv_benefit"],
        "pv_cost": roi["pv_cost"],
        "pv_net_value_per_unit_lift": roi["pv_per_unit_lift"],
        "p_npv_positive_if_lift_normal": roi["p_npv_positive"],
        "monthly_net": [month["net"] for month in roi["months"]],
    }
    for key, value in got.items():
        if key in one.expected:
            assert one.same(value, key), key
    assert len(got.keys() & one.expected.keys()) >= 8
    assert (roi["basis"], review["waiting"]["basis"]) == ("assumed", "assumed")
    assert {bar["basis"] for bar in roi["tornado"]} == {"assumed"}
    assert (review["kpis"], review["experiment"], review["decision"]["decision"]) == ([], None, None)


def test_the_pilot_that_settles_the_book_s_plan():
    found = plan(**settings_of(case("S8.roi"))).plan.pilot
    assert found is not None
    assert (found.status, found.settled_by) == ("ok", "break_even")
    z = 1.959963985 + 0.841621234
    requests = 1.7 * 4 * 1.5 * (0.988 / 0.012) * (z / 0.05413523851625) ** 2
    goals = {goal.goal: goal for goal in found.goals}
    assert goals["break_even"].requests == pytest.approx(requests, rel=1e-8)
    assert found.weeks == goals["break_even"].weeks == math.ceil(requests / (2_000_000 * 12 / 52)) == 5
    assert goals["expected"].lift == 0.03
    assert {assumption.name for assumption in found.assumptions} == {
        *("baseline_kpi", "eligible_requests_per_month", "pilot_share", "candidate_share"),
        *("design_effect", "kpi_variation"),
    }
    sources = {assumption.name: assumption.source for assumption in found.assumptions}
    assert sources["baseline_kpi"] == "given"
    assert sources["design_effect"] != "given"


def test_where_any_gain_pays_the_smallest_one_worth_shipping_settles_it():
    free = dict.fromkeys(
        ("engineering_hours", "one_off_cost", "infra_per_month", "infra_per_1000_requests", "ops_rate"), 0.0
    )
    found = plan(**free).plan.pilot
    assert found is not None
    assert (found.settled_by, found.goals[0].lift, found.goals[0].weeks) == ("min_effect", 0.0, None)
    assert found.weeks == next(goal.weeks for goal in found.goals if goal.goal == "min_effect")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"eligible_requests_per_month": 0.0}, "no_traffic"),
        ({"baseline_kpi": 2.0}, "no_variation"),
        ({"margin": 0.0}, "no_lift"),
    ],
)
def test_a_pilot_that_cannot_be_sized_says_why(settings, reason):
    found = plan(**settings).plan.pilot
    assert found is not None
    assert (found.status, found.reason, found.weeks) == ("not_measurable", reason, None)


def test_a_pilot_of_more_than_ten_years_is_said_to_be_too_long():
    found = plan(eligible_requests_per_month=2000.0, expected_lift=0.001, value_per_action=1e6).plan.pilot
    assert found is not None
    assert (found.status, found.reason, found.weeks) == ("ok", "too_long", None)


def test_waits_of_a_plan_are_pilots_that_last_long_enough():
    waiting = plan(**settings_of(case("S8.roi_positive")), min_days=20).waiting
    assert [row.weeks for row in waiting.rows] == list(range(3, 13))
    assert waiting.evpi is not None
    assert all(row.evsi >= 0 for row in waiting.rows)
    assert waiting.mde_now is None


def test_a_plan_that_is_sure_learns_nothing():
    waiting = plan(expected_lift_sd=0.0).waiting
    assert waiting.evpi == 0
    assert {row.evsi for row in waiting.rows} == {0.0}
    assert waiting.advised_weeks is None


def test_the_return_rate_is_planned_by_new_users():
    missing = plan(kpi="return_rate")
    assert (missing.roi.status, missing.roi.reason) == (
        "not_measurable",
        "eligible_new_users_per_month_not_set",
    )
    assert missing.plan.pilot is not None
    assert missing.plan.pilot.reason == missing.waiting.reason == missing.roi.reason
    unvalued = plan(kpi="return_rate", eligible_new_users_per_month=50_000.0)
    assert unvalued.roi.reason == "value_per_action_not_set"
    whole = plan(
        kpi="return_rate", eligible_new_users_per_month=50_000.0, value_per_action=4.0, baseline_kpi=0.3
    )
    roi, pilot = whole.roi, whole.plan.pilot
    months = 50_000 * 0.3 * 4.0 * 0.35 * 0.8 * 0.03
    assert roi.months[2].benefit == pytest.approx(months * (0.8 + 0.2 * 0.5 ** (2 / 1.5)) * 0.982**2)
    assert pilot is not None
    z = 1.959963985 + 0.841621234
    users = 1.7 * 4 * 1.5 * (0.7 / 0.3) * (z / roi.break_even_lift) ** 2
    assert pilot.counted == "new users"
    assert pilot.goals[0].requests == pytest.approx(users, rel=1e-8)
    assert pilot.goals[0].weeks == max(2, math.ceil(users / (50_000 * 12 / 52)))


def test_a_plan_names_its_rule():
    found = plan(decision_rule="expected_value").decision
    assert (found.decision, found.rule, found.rule_label) == (None, "expected_value", "expected value rule")


@pytest.mark.parametrize("setting", ["expected_lift", "min_effect", "ops_rate"])
def test_a_lift_next_to_nothing_is_no_goal_and_no_error(setting):
    """The last one makes a break-even lift of 1e-200."""
    free = dict.fromkeys(
        ("engineering_hours", "one_off_cost", "infra_per_month", "infra_per_1000_requests", "ops_rate"), 0.0
    )
    found = plan(**{**free, setting: 1e-200})
    assert found.plan.pilot is not None
    goals = {goal.goal: goal for goal in found.plan.pilot.goals}
    name = {"expected_lift": "expected", "min_effect": "min_effect", "ops_rate": "break_even"}[setting]
    assert found.plan.pilot.status == ("not_measurable" if setting == "min_effect" else "ok")
    assert goals == {} or (goals[name].requests, goals[name].weeks) == (None, None)


def test_where_any_gain_pays_the_same_lift_stands_in_for_the_days_as_for_the_weeks():
    free = dict.fromkeys(
        ("engineering_hours", "one_off_cost", "infra_per_month", "infra_per_1000_requests", "ops_rate"), 0.0
    )
    found = plan(**free, min_effect=0.05)
    assert found.plan.pilot is not None
    assert found.plan.pilot.settled_by == "min_effect"
    assert found.waiting.days_to_detect_break_even == 7 * found.plan.pilot.weeks


def test_nothing_is_paid_back_where_a_lift_brings_nothing():
    free = dict.fromkeys(
        ("engineering_hours", "one_off_cost", "infra_per_month", "infra_per_1000_requests", "ops_rate"), 0.0
    )
    roi = plan(**free, margin=0.0).roi
    assert (roi.npv, roi.break_even_lift, roi.payback_months) == (0.0, None, None)
    assert plan(**free).roi.payback_months == 0.0
