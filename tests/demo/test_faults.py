"""Each fault is named by the review, counted in the truth, and changes nothing but what it is about."""

from collections import Counter

import pytest

from bench.faults import CLEAN, Outcome, judged
from recsys_roi.demo import FAULT_NAMES
from recsys_roi.logs.checking import errors_of
from recsys_roi.verdict.known_risks import KNOWN_RISKS
from tests.demo.reviewing import named, review_of

NAMED_BY = {
    "duplicate_requests": "integrity:duplicate_requests",
    "empty_spike": "guardrail:empty_rate",
    "error_spike": "guardrail:error_rate",
    "implausible_lift": "kpi:implausible",
    "latency_regression": "guardrail:p95_latency",
    "low_join": "integrity:outcome_join_rate",
    "personal_data": "integrity:personal_data",
    "schema_drift": "integrity:schema",
    "srm": "integrity:srm",
    "stale": "integrity:freshness",
    "two_arm_users": "integrity:two_arm_users",
}
REASONS = {"integrity": "integrity", "guardrail": "guardrail_breach", "kpi": "implausible_lift"}

SMALL = 8000  # requests, where nothing is estimated

# By log: the fields a fault may change, or that lines go ("fewer") or come ("more"). Others stay as they are.
CHANGES = {
    "duplicate_requests": {"exposures": "more"},
    "empty_spike": {"exposures": {"items"}, "outcomes": "fewer"},
    "error_spike": {"exposures": {"error"}},
    "implausible_lift": {"outcomes": "more"},
    "latency_regression": {"exposures": {"latency_ms"}},
    "low_join": {"outcomes": {"request_id"}},
    "personal_data": {log: {"user_id"} for log in ("exposures", "outcomes", "assignments")},
    "schema_drift": {
        "exposures": {"latency_ms", "host"},
        "outcomes": {"event_type"},
        "assignments": {"host"},
    },
    "srm": dict.fromkeys(("exposures", "outcomes", "assignments"), "fewer"),
    "stale": dict.fromkeys(("exposures", "outcomes", "assignments"), "fewer"),
    "two_arm_users": {"assignments": {"variant"}},
}


@pytest.mark.parametrize("seed", [3, 4, 5])
@pytest.mark.parametrize("requests", [30_000, 40_000])
def test_a_clean_demo_names_nothing(demo, requests, seed):
    review = review_of(demo(requests=requests, seed=seed))
    assert named(review) == set()
    assert {check.id for check in review.integrity if check.status != "pass"} == {"covariate_balance"}
    assert {guardrail.status for guardrail in review.guardrails} == {"pass"}
    assert {kpi.status for kpi in review.kpis} == {"ok"}


@pytest.mark.parametrize("fault", FAULT_NAMES)
def test_the_review_names_the_fault_and_no_other(demo, fault):
    planted = demo(fault)
    review = review_of(planted)
    assert named(review) == {NAMED_BY[fault]}
    assert REASONS[NAMED_BY[fault].partition(":")[0]] in review.decision.reasons
    risk = next(risk.id for risk in KNOWN_RISKS if NAMED_BY[fault] in risk.sources)
    assert [found.id for found in review.risks if found.status == "act"] == [risk]
    assert [(one["name"], one["named_by"]) for one in planted.truth["faults"]] == [(fault, NAMED_BY[fault])]


@pytest.mark.parametrize("seed", [3, 8])
@pytest.mark.parametrize("fault", FAULT_NAMES)
def test_the_risk_that_names_a_fault_tells_the_planted_number(demo, fault, seed):
    planted = demo(fault, seed=seed)
    (truth,) = planted.truth["faults"]
    assert judged(fault, truth, review_of(planted)) == Outcome(named=True, numbered=True, unrelated=())


@pytest.mark.parametrize("seed", [3, 8])
def test_a_clean_demo_sets_no_risk_to_act_or_watch(demo, seed):
    assert judged(CLEAN, {}, review_of(demo(seed=seed))).unrelated == ()


def test_a_number_that_was_not_planted_is_seen(demo):
    planted = demo("low_join")
    (truth,) = planted.truth["faults"]
    review = review_of(planted)
    more = {**truth, "count": truth["count"] + 1}
    assert not judged("low_join", more, review).numbered
    clean = review_of(demo())
    assert judged("low_join", truth, clean) == Outcome(named=False, numbered=False, unrelated=())


def test_all_faults_together_are_all_named(demo):
    everything = demo(*FAULT_NAMES)
    assert named(review_of(everything)) == set(NAMED_BY.values())
    assert {one["name"] for one in everything.truth["faults"]} == set(FAULT_NAMES)


@pytest.mark.parametrize("kpi", ["revenue_per_request", "conversion_rate", "ctr"])
def test_an_implausible_lift_is_implausible_in_every_kpi(demo, kpi):
    primary = review_of(demo("implausible_lift"), kpi=kpi).primary
    assert primary.id == kpi
    assert primary.implausible


@pytest.mark.parametrize("fault", FAULT_NAMES)
def test_a_fault_changes_nothing_but_what_it_is_about(demo, fault):
    clean, planted = demo(requests=SMALL), demo(fault, requests=SMALL)
    for log in ("exposures", "outcomes", "assignments"):
        change = CHANGES[fault].get(log)
        before, after = clean.lines(log), planted.lines(log)
        if change is None:
            assert before == after
        elif change == "fewer":
            assert is_within(after, before)
        elif change == "more":
            assert is_within(before, after)
        else:
            assert changed_fields(clean.rows(log), planted.rows(log)) == change


def is_within(part, whole):
    """`part` is `whole` with some lines left out, in the same order."""
    lines = iter(whole)
    return len(part) < len(whole) and all(line in lines for line in part)


def changed_fields(before, after):
    assert len(before) == len(after)
    fields = set()
    for old, new in zip(before, after, strict=True):
        if old != new:
            fields |= {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    return fields


def differing(clean, planted, log):
    return [(old, new) for old, new in zip(clean.rows(log), planted.rows(log), strict=True) if old != new]


def gone(clean, planted, log, field):
    return {row[field] for row in clean.rows(log)} - {row[field] for row in planted.rows(log)}


def clicked(demo):
    return {row["request_id"] for row in demo.rows("outcomes") if row["event_type"] == "click"}


COUNTED = {
    "duplicate_requests": lambda c, p: len(p.rows("exposures")) - len(c.rows("exposures")),
    "empty_spike": lambda c, p: len(differing(c, p, "exposures")),
    "error_spike": lambda c, p: len(differing(c, p, "exposures")),
    "implausible_lift": lambda c, p: len(clicked(p) - clicked(c)),
    "latency_regression": lambda c, p: len(differing(c, p, "exposures")),
    "low_join": lambda c, p: len(differing(c, p, "outcomes")),
    "personal_data": lambda c, p: len(gone(c, p, "exposures", "user_id")),
    "schema_drift": lambda c, p: len(differing(c, p, "assignments")),
    "srm": lambda c, p: len(gone(c, p, "exposures", "user_id")),
    "stale": lambda c, p: len(gone(c, p, "exposures", "request_id")),
    "two_arm_users": lambda c, p: len({old["user_id"] for old, _ in differing(c, p, "assignments")}),
}


@pytest.mark.parametrize("fault", FAULT_NAMES)
def test_the_truth_holds_how_much_was_planted(demo, fault):
    clean, planted = demo(requests=SMALL), demo(fault, requests=SMALL)
    (truth,) = planted.truth["faults"]
    assert truth["count"] == COUNTED[fault](clean, planted) > 0
    assert 0 < truth["share"] <= 1
    assert truth["of"]
    assert planted.truth["kpis"] == clean.truth["kpis"]
    for log in ("exposures", "outcomes", "assignments"):
        assert planted.truth["lines"][f"{log}.jsonl"] == len(planted.lines(log))
    assert planted.truth["settings"]["faults"] == [fault]


@pytest.mark.parametrize("fault", ["empty_spike", "error_spike", "latency_regression", "srm", "stale"])
def test_only_the_candidate_is_touched(demo, fault):
    clean, planted = demo(requests=SMALL), demo(fault, requests=SMALL)
    arms = {row["request_id"]: row["variant"] for row in clean.rows("assignments")}
    before = {row["request_id"]: row for row in clean.rows("exposures")}
    after = {row["request_id"]: row for row in planted.rows("exposures")}
    touched = Counter(arms[request] for request, row in before.items() if after.get(request) != row)
    assert set(touched) == {"candidate"}


def test_logs_of_the_candidate_stop_three_days_before_the_end(demo):
    stale = demo("stale", requests=SMALL)
    arms = {row["request_id"]: row["variant"] for row in stale.rows("assignments")}
    for log in ("exposures", "outcomes"):
        newest = max(row["ts"] for row in stale.rows(log) if arms[row["request_id"]] == "candidate")
        assert "2026-10-15" < newest < "2026-10-16"
    assert max(row["ts"] for row in stale.rows("exposures")) > "2026-10-18"


def test_drifted_requests_break_the_contract_in_every_log_so_that_joins_hold(demo):
    drifted = demo("schema_drift", requests=SMALL)
    broken = {}
    for log, kind in (
        ("exposures", "exposure.v1"),
        ("outcomes", "outcome.v1"),
        ("assignments", "assignment.v1"),
    ):
        lines = zip(drifted.lines(log), drifted.rows(log), strict=True)
        broken[log] = {row["request_id"] for line, row in lines if errors_of(kind, line)}
    assert broken["exposures"] == broken["assignments"] >= broken["outcomes"] > set()


def test_a_fault_given_twice_is_planted_once(demo):
    once, twice = demo("srm", requests=SMALL), demo("srm", "srm", requests=SMALL)
    assert twice.truth == once.truth
    assert twice.lines("exposures") == once.lines("exposures")
