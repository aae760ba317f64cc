"""The locked plan against the analysis: what counts is compared, not what was typed; nothing is hidden."""

from __future__ import annotations

import json
import math
from datetime import timedelta

import pytest

from recsys_roi.errors import InputError
from recsys_roi.record.entries import LockedPlan, Record
from recsys_roi.review.agreed_plan import plan_scenario, scenario_to_lock, with_plan
from recsys_roi.review.evaluate import evaluate
from recsys_roi.review.plan_file import from_file, to_file
from recsys_roi.value.scenario import Scenario, fingerprint_of
from tests.review.small_pilot import AS_OF, START, evidence, spread

BEFORE = START - timedelta(days=3)
DAY = 86_400  # seconds
HOME = {"context": {"surface": "home"}}


def locked(at=BEFORE, why="", who="Anna", **settings) -> LockedPlan:
    scenario = Scenario.of(settings)
    return LockedPlan(settings=scenario.dump(), fingerprint=scenario.fingerprint, who=who, why=why, at=at)


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    visitors = [*spread("control", 300, 60, **HOME), *spread("candidate", 300, 66, **HOME)]
    return evidence(tmp_path_factory.mktemp("pilot"), visitors, Scenario.of({}))


def departures(counted, plan, as_of=AS_OF, **settings):
    record = Record(plans=(plan,))
    found = evaluate(counted, Scenario.of(settings), record, as_of=as_of, flips=False).record.plan
    return {one.setting: (one.planned, one.now) for one in found.deviations}


def test_names_chosen_from_the_data_as_planned_are_no_deviation(counted):
    plan = locked(kpi="ctr", surface="home", experiment="e", control="control", candidate="candidate")
    assert departures(counted, plan, kpi="ctr") == {}


def test_names_that_the_data_chose_otherwise_are_deviations(counted):
    plan = locked(kpi="ctr", surface="search", candidate="two-tower")
    assert departures(counted, plan, kpi="ctr") == {
        "surface": ("search", "home"),
        "candidate": ("two-tower", "candidate"),
    }


def test_a_plan_that_left_a_name_open_is_not_departed_from_by_naming_it(counted):
    assert departures(counted, locked(kpi="ctr"), kpi="ctr", surface="home", control="control") == {}


def test_the_kpi_window_margin_and_guardrails_that_were_changed_are_each_told(counted):
    plan = locked(kpi="ctr", guardrails=("error_rate", "empty_rate"))
    found = departures(
        counted,
        plan,
        kpi="clicks_per_request",
        click_window_hours=1.0,
        margin_error_rate=0.004,
        margin_coverage=0.05,  # of a guardrail that neither watches
        guardrails=("error_rate", "p95_latency"),
        alpha=0.1,
    )
    assert found == {
        "kpi": ("ctr", "clicks_per_request"),
        "click_window_hours": (24.0, 1.0),
        "alpha": (0.05, 0.1),
        "guardrails": (["error_rate", "empty_rate"], ["error_rate", "p95_latency"]),
        "margin_error_rate": (0.002, 0.004),
    }


def test_the_same_guardrails_in_another_order_are_the_same(counted):
    plan = locked(kpi="ctr", guardrails=("error_rate", "empty_rate"))
    assert departures(counted, plan, kpi="ctr", guardrails=("empty_rate", "error_rate")) == {}


@pytest.mark.parametrize("same", [{"prior_sd": 0.1}, {"lift_decay_monthly": 0.018}, {"planned_users": 5000}])
def test_a_default_that_the_kpi_or_book_gives_is_the_same_written_out(counted, same):
    assert departures(counted, locked(kpi="ctr"), kpi="ctr", **same) == {}


def test_what_follows_from_another_kpi_is_not_told_beside_it(counted):
    plan = locked(kpi="revenue_per_user")  # with another prior and decay than a click
    assert departures(counted, plan, kpi="ctr") == {"kpi": ("revenue_per_user", "ctr")}
    chosen = departures(counted, plan, kpi="ctr", prior_sd=0.2)
    assert chosen == {"kpi": ("revenue_per_user", "ctr"), "prior_sd": (0.03, 0.2)}


def test_the_plans_kpi_is_the_default_when_none_is_given(counted):
    record = Record(plans=(locked(kpi="clicks_per_request"),))
    found = evaluate(counted, Scenario.of({}), record, as_of=AS_OF, flips=False)
    assert found.primary.id == "clicks_per_request"
    assert "kpi = clicks_per_request (of the locked plan; not given)" in found.experiment.notes
    assert found.record.plan.deviations == ()


def test_a_window_that_leaves_out_the_first_days_does_not_make_a_late_lock_an_early_one(counted):
    late = locked(at=START + timedelta(days=4), kpi="ctr")
    scenario = Scenario.of({"kpi": "ctr", "start": (START + timedelta(days=6)).isoformat()})
    found = evaluate(counted, scenario, Record(plans=(late,)), as_of=AS_OF, flips=False).record.plan
    assert found.before_data is False
    assert {one.setting for one in found.deviations} == {"start"}


@pytest.mark.parametrize(
    ("end", "as_of", "told"),
    [
        (START + timedelta(days=40), AS_OF, True),
        (START + timedelta(days=40), START + timedelta(days=39), False),  # its time is not over
        (START + timedelta(days=14), AS_OF, False),  # the logs run through its last day
    ],
)
def test_logs_that_end_before_the_planned_end_are_told_once_its_time_is_over(counted, end, as_of, told):
    plan = locked(kpi="ctr", planned_end=end.isoformat())
    found = departures(counted, plan, as_of, kpi="ctr", planned_end=end.isoformat())
    assert set(found) == ({"logs_end"} if told else set())


def test_a_later_lock_is_told_with_its_reason_and_the_first_still_counts(counted):
    first, second = (
        locked(kpi="ctr"),
        locked(at=AS_OF, why="A holiday week", who="Ben", kpi="ctr", min_days=7),
    )
    record = Record(plans=(first, second))
    scenario = with_plan(Scenario.of({}), record)
    assert scenario.min_days == 7  # new analyses start from what was locked last
    found = evaluate(counted, scenario, record, as_of=AS_OF, flips=False).record.plan
    assert (found.fingerprint, found.locks, found.before_data) == (first.fingerprint, 2, True)
    assert [(one.who, one.why) for one in found.later] == [("Ben", "A holiday week")]
    assert {one.setting: (one.planned, one.now) for one in found.deviations} == {"min_days": (14, 7)}


def test_what_is_given_goes_before_the_plan(counted):
    record = Record(plans=(locked(kpi="ctr", min_effect=0.02, alpha=0.1),))
    found = with_plan(Scenario.of({"alpha": 0.01}), record)
    assert (found.kpi, found.min_effect, found.alpha) == ("ctr", 0.02, 0.01)
    assert with_plan(Scenario.of({"alpha": 0.01}), Record()) == Scenario.of({"alpha": 0.01})


def test_a_plan_that_is_locked_names_its_kpi(counted):
    planned = evaluate(None, Scenario.of({"surface": "home"}), as_of=AS_OF)
    assert scenario_to_lock(planned).kpi == "conversion_rate"
    measured = evaluate(counted, Scenario.of({}), as_of=AS_OF, flips=False)
    assert scenario_to_lock(measured).kpi == measured.primary.id


def test_a_locked_plan_opens_elsewhere_as_it_was():
    plan = locked(why="After the A/A run", kpi="ctr", surface="Startseite \u00fc", ramp=(0.5, 1.0))
    opened = from_file(to_file(plan, "shop"), "plan.json")
    assert opened == plan
    assert plan_scenario(opened) == Scenario.of(
        {"kpi": "ctr", "surface": "Startseite \u00fc", "ramp": (0.5, 1.0)}
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"locked_at": "2026-01-01T00:00:00+00:00"}, "plan.json: was changed after the plan was locked"),
        ({"locked_by": "Mallory"}, "was changed after the plan was locked. Ask Mallory"),
        ({"settings": {"kpi": "ctr"}}, "was changed after the plan was locked"),
        ({"version": "plan.v9"}, "plan.json: is no locked plan"),
        ({"more": 1}, "plan.json: is no locked plan"),
        ({"locked_at": "2026-01-01T00:00:00"}, "plan.json: is no locked plan"),
    ],
)
def test_a_plan_file_that_was_changed_or_is_none_is_refused(change, said):
    content = json.loads(to_file(locked(kpi="ctr"), "shop"))
    with pytest.raises(InputError, match=said):
        from_file(json.dumps({**content, **change}), "plan.json")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"kpi": "ctr"}', "null"])
def test_what_is_no_plan_at_all_is_said(text):
    with pytest.raises(InputError, match=r"plan\.json: is no locked plan"):
        from_file(text, "plan.json")


def test_a_plan_of_another_version_says_which_setting_is_not_known():
    settings = {"kpi": "ctr", "moon_phase": 3}
    plan = LockedPlan(settings=settings, fingerprint=fingerprint_of(settings), who="Anna", why="", at=BEFORE)
    with pytest.raises(InputError, match=r"plan\.json: was locked with another version.*moon_phase"):
        from_file(to_file(plan, "shop"), "plan.json")


def test_the_length_of_a_pilot_comes_from_the_controls_own_baseline_and_spread(counted):
    settings = {"kpi": "ctr", "eligible_requests_per_month": 520_000.0, "value_per_action": 0.5}
    found = evaluate(counted, Scenario.of(settings), as_of=AS_OF, flips=False)
    pilot = found.plan.pilot
    assert pilot.basis == "measured"
    # By hand: 300 users with 1 to 3 requests a day apart, of whom the first 60 click on each of theirs; those
    # of the last 24 hours are left out, as they are too young to be clicked on for sure.
    requests = [
        sum((number % 12 + index) * DAY + number <= 12 * DAY + 599 for index in range(1 + number % 3))
        for number in range(300)
    ]
    assert min(requests) == 1
    clicks = [asked if number < 60 else 0 for number, asked in enumerate(requests)]
    ratio = sum(clicks) / sum(requests)
    residuals = [y - ratio * x for x, y in zip(requests, clicks, strict=True)]
    mean = sum(requests) / 300
    per_user = sum(one * one for one in residuals) / 299 / mean**2
    z = 1.959963985 + 0.841621234
    users = 1.7 * 4 * per_user * (z / (0.01 * ratio)) ** 2
    goal = next(one for one in pilot.goals if one.goal == "min_effect")
    assert goal.requests == pytest.approx(users * mean, rel=1e-6)
    assert goal.weeks == math.ceil(users * mean / (520_000 * 12 / 52))
    taken = {one.name: (one.value, one.source) for one in pilot.assumptions}
    assert taken["baseline_kpi"] == (pytest.approx(ratio), "measured in these logs")
    unmeasured = evaluate(counted, Scenario.of({"kpi": "time_spent"}), as_of=AS_OF, flips=False)
    assert unmeasured.plan.pilot.basis == "assumed"
