"""The days before the pilot: the same users, nobody in an arm, and the same pilot as without them."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from recsys_roi.demo import FAULT_NAMES
from recsys_roi.demo.behaviour import CLICK
from recsys_roi.demo.pilot import draw_pilot, draw_pre_period
from recsys_roi.demo.serving import EMPTY_RATE
from tests.demo.reviewing import named, review_of

LOGS = ("exposures", "outcomes", "assignments")
START = datetime(2026, 10, 5, tzinfo=UTC)
SMALL = 8000  # requests, where nothing is estimated


def moment(row):
    return datetime.fromisoformat(row["ts"])


def earlier(demo):
    """Exposures before the pilot."""
    return [row for row in demo.rows("exposures") if moment(row) < START]


@pytest.mark.parametrize("fault", [(), ("low_join",), ("srm",), ("personal_data",)])
def test_every_line_of_the_pilot_stays_as_it_is(demo, fault):
    without, beside = demo(*fault, requests=SMALL), demo(*fault, requests=SMALL, pre_days=14)
    lines = {log: (without.lines(log), beside.lines(log)) for log in LOGS}
    assert lines["assignments"][0] == lines["assignments"][1]
    before, after = lines["exposures"]
    assert after[-len(before) :] == before
    assert len(after) > len(before)
    kept, written = lines["outcomes"]
    rest = iter(written)
    assert all(line in rest for line in kept)
    assert {key: value for key, value in beside.truth.items() if key not in {"pre_period", "lines"}} == {
        key: {**value, "pre_days": 14} if key == "settings" else value
        for key, value in without.truth.items()
        if key != "lines"
    }


@pytest.mark.parametrize("days", [1, 14, 28])
def test_the_truth_says_what_is_written_of_the_days_before(demo, days):
    pilot = demo(requests=SMALL, pre_days=days)
    truth, shown = pilot.truth["pre_period"], earlier(pilot)
    assert (truth["days"], truth["start"], truth["end"]) == (
        days,
        (START - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "2026-10-05T00:00:00Z",
    )
    assert START - timedelta(days=days) <= min(map(moment, shown))
    assert {moment(row).date() for row in shown} == {
        (START - timedelta(days=day)).date() for day in range(1, days + 1)
    }
    arms = {row["user_id"]: row["variant"] for row in pilot.rows("assignments")}
    assert len(shown) == truth["requests"]
    assert Counter(arms[user] for user in {row["user_id"] for row in shown}) == truth["users"]
    requests = {row["request_id"] for row in shown}
    acted = [row for row in pilot.rows("outcomes") if row["request_id"] in requests]
    assert Counter(row["event_type"] for row in acted) == truth["events"]
    for log in LOGS:
        assert pilot.truth["lines"][f"{log}.jsonl"] == len(pilot.lines(log))


def test_known_users_come_as_often_as_in_the_pilot_and_new_ones_not_at_all(demo):
    pilot = demo(pre_days=14)
    shown = earlier(pilot)
    assert {row["context"]["segment"] for row in shown} == {"returning", "loyal"}
    known = [row for row in pilot.rows("exposures") if row["context"]["segment"] != "new"]
    in_the_pilot = len(known) - len(shown)
    assert len(shown) == pytest.approx(in_the_pilot, rel=0.1)


def test_the_days_before_have_one_algorithm_no_assignment_and_their_own_sessions(demo):
    pilot = demo(requests=SMALL, pre_days=14)
    shown = earlier(pilot)
    requests = {row["request_id"] for row in shown}
    assert len(requests) == len(shown)
    assert not requests & {row["request_id"] for row in pilot.rows("assignments")}
    assert {row["context"]["algo_version"] for row in shown} == {"matrix-factorisation-7"}
    sessions = {row["context"]["session_id"] for row in shown}
    assert not sessions & {
        row["context"]["session_id"] for row in pilot.rows("exposures") if moment(row) >= START
    }


def test_logs_are_in_order_of_time_and_a_late_order_falls_into_the_pilot(demo):
    pilot = demo(requests=SMALL, pre_days=14)
    for log in LOGS:
        times = [row["ts"] for row in pilot.rows(log)]
        assert times == sorted(times)
    requests = {row["request_id"] for row in earlier(pilot)}
    late = [row for row in pilot.rows("outcomes") if row["request_id"] in requests and moment(row) >= START]
    assert "conversion" in {row["event_type"] for row in late}


@pytest.mark.parametrize("arm", [True, False], ids=["candidate", "control"])
def test_users_of_both_arms_click_before_the_pilot_as_in_control(arm):
    before = draw_pre_period(draw_pilot(requests=40_000, seed=5, lift=1.5), 14)
    mine = before.users.candidate[before.visits.user] == arm
    clicked = np.zeros(before.visits.count)
    clicked[before.outcomes.request[before.outcomes.event == CLICK]] = 1
    chance = (1 - EMPTY_RATE) * before.users.click_rate[before.visits.user][mine]
    spread = float(np.sqrt((chance * (1 - chance)).sum()))
    assert clicked[mine].sum() == pytest.approx(chance.sum(), abs=4 * spread)
    assert 4 * spread < 0.15 * chance.sum()  # a lift of 150 % would show


def per_user(period):
    """(requests with a click, requests) of each user."""
    clicked = np.unique(period.outcomes.request[period.outcomes.event == CLICK])
    users = period.users.count
    return (
        np.bincount(period.visits.user[clicked], minlength=users),
        np.bincount(period.visits.user, minlength=users),
    )


def test_clicks_before_the_pilot_predict_clicks_in_it_by_habit_and_by_readiness():
    pilot = draw_pilot(requests=40_000, seed=9, lift=0.1)
    (clicks, requests), (past_clicks, past_requests) = per_user(pilot), per_user(draw_pre_period(pilot, 14))
    assert np.corrcoef(clicks, past_clicks)[0, 1] > 0.3
    # Beyond how often they come: what is left of the clicks at the mean rate of clicks.
    left = clicks - requests * clicks.sum() / requests.sum()
    past_left = past_clicks - past_requests * past_clicks.sum() / past_requests.sum()
    noise = 1 / np.sqrt(pilot.users.count)
    assert np.corrcoef(left, past_left)[0, 1] > 6 * noise


@pytest.mark.parametrize("days", [1, 28])
def test_the_review_is_that_of_the_pilot_and_the_days_before_are_no_fault(demo, days):
    without = review_of(demo())
    beside = review_of(demo(pre_days=days), covariate="none")  # what is left is the pilot itself
    assert named(beside) == set()
    for part in ("experiment", "kpis", "guardrails", "slices", "decision", "roi"):
        assert getattr(beside, part) == getattr(without, part)
    assert {check.id: check.status for check in beside.integrity} == {
        check.id: check.status for check in without.integrity
    }
    assert datetime.fromisoformat(beside.experiment.window.start) >= START
    said = next(check.detail for check in beside.integrity if check.id == "assignment_join_rate")
    assert f"{len(earlier(demo(pre_days=days))):,} exposures come before" in said
    assert "no assignment" not in said


def test_what_users_did_before_takes_noise_out_of_the_lift(demo):
    pilot = demo(pre_days=14)
    review = review_of(pilot)
    adjustment = review.primary.adjustment
    assert adjustment.used
    assert adjustment.covariate == "pre_period"
    users = pilot.truth["experiment"]["users"]
    share = sum(pilot.truth["pre_period"]["users"].values()) / sum(users.values())
    # A user first seen late in the pilot has a window that reaches less far back.
    assert 0.8 * share < adjustment.coverage <= share
    lift, true = review.primary.relative_lift, pilot.truth["kpis"]["ctr"]["relative_lift"]
    assert lift.lower < true < lift.upper
    assert named(review) == set()


def test_all_faults_are_named_beside_days_before(demo):
    planted = demo(*FAULT_NAMES, pre_days=14)
    assert len(planted.truth["faults"]) == len(FAULT_NAMES)
    assert named(review_of(planted)) == {one["named_by"] for one in planted.truth["faults"]}


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("low_join", "outcome_join_rate"),
        ("duplicate_requests", "duplicate_requests"),
        ("schema_drift", "schema"),
        ("srm", "srm"),
    ],
)
def test_the_longest_past_hides_no_fault_of_the_logs(demo, fault, check):
    assert named(review_of(demo(fault, pre_days=28))) == {f"integrity:{check}"}


def test_faults_of_the_loggers_are_older_than_the_pilot_and_counted_apart(demo):
    clean = demo(requests=SMALL, pre_days=14)
    planted = demo("low_join", "duplicate_requests", "latency_regression", requests=SMALL, pre_days=14)
    truth = {one["name"]: one for one in planted.truth["pre_period"]["faults"]}
    assert set(truth) == {"low_join", "duplicate_requests"}
    assert len(earlier(planted)) - len(earlier(clean)) == truth["duplicate_requests"]["count"] > 0
    shown = {row["request_id"] for row in earlier(clean)}

    def joined(pilot):
        return sum(row["request_id"] in shown for row in pilot.rows("outcomes"))

    assert joined(clean) - joined(planted) == truth["low_join"]["count"] > 0
