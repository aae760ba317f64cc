"""Steps after a change of version, and days that stand out: told with their figures, and never by chance."""

import math

import numpy as np
import pytest

from recsys_roi.evidence.drift_facts import VersionStep
from recsys_roi.verdict.publish_checks import publish_findings
from tests.verdict.drifts import DAYS, LOG_100_MS, MARGINS, REQUESTS, drift, log_sums, moment, on, rate_sums


def versions(**more):
    return publish_findings(drift(**more), MARGINS)["drift:versions"]


def bad_days(**more):
    return publish_findings(drift(**more), MARGINS)["drift:bad_days"]


def step(errors=(8, 9), empties=(9, 9), ms=(100.0, 101.0), users=1000):
    return VersionStep(
        arm="candidate",
        key="config_version",
        before="c7",
        after="c8",
        at=moment(12, 10),
        errors=tuple(rate_sums(users, 3, hits) for hits in errors),
        empties=tuple(rate_sums(users, 3, hits) for hits in empties),
        log_latency=tuple(log_sums(users, 3, math.log(value), 0.2) for value in ms),
    )


def test_without_a_version_nothing_can_be_told():
    found = versions(versions=())
    assert found.status == "cannot_tell"
    assert "algo_version, config_version or rules_version" in found.evidence


def test_without_a_change_there_is_no_step():
    found = versions()
    assert (found.status, found.evidence) == ("ok", "No version changed within an arm (algo_version logged).")


def test_a_publish_that_changes_nothing_is_no_step():
    found = versions(steps=(step(),))
    assert found.status == "ok"
    assert found.evidence.startswith("1 change of version within an arm; ")


def test_a_publish_that_breaks_calls_is_told_with_both_rates():
    found = versions(steps=(step(errors=(3, 90)),))
    assert found.status == "act"
    assert found.evidence == (
        "1 change of version within an arm. Worse after it: candidate, config_version c7 to c8, "
        "12 Oct 2026 10:00 UTC: failed requests 0.10 % to 3.00 %."
    )


def test_a_slower_publish_is_told_with_both_latencies():
    found = versions(steps=(step(ms=(100.0, 125.0)),))
    assert found.status == "act"
    assert "typical latency 100 ms to 125 ms (+25.0 %)" in found.evidence


def test_a_small_but_certain_step_is_watched():
    found = versions(steps=(step(ms=(100.0, 106.0)),))
    assert found.status == "watch"
    assert "(+6.0 %)" in found.evidence


def test_an_improvement_is_no_risk():
    assert versions(steps=(step(errors=(90, 3), ms=(125.0, 100.0)),)).status == "ok"


def test_a_few_users_prove_nothing():
    found = versions(steps=(step(errors=(0, 30), users=60),))
    assert found.status == "ok"
    assert found.evidence.endswith("Too few users on one side to tell more.")


def test_chance_alone_makes_no_step():
    draw = np.random.default_rng(5)
    raised = 0
    for _ in range(400):
        errors, empties = draw.binomial(3000, 0.002, 2), draw.binomial(3000, 0.004, 2)
        raised += versions(steps=(step(errors=errors, empties=empties),)).status != "ok"
    assert raised <= 3  # one in a thousand, one-sided


def test_calm_days_are_calm():
    found = bad_days()
    assert (found.status, "28 days of an arm" in found.evidence) == ("ok", True)


def test_a_day_of_empty_lists_is_told_with_its_share():
    found = bad_days(candidate={"empties": on((3,) * DAYS, 8, 150)})
    assert found.status == "watch"
    assert found.evidence == "13 Oct 2026: 15.5 % empty lists in the candidate, usually 0.28 %."


def test_a_day_that_is_still_going_on_calls_for_somebody():
    found = bad_days(control={"errors": on((1,) * DAYS, 13, 80)})
    assert found.status == "act"
    assert found.evidence.startswith("18 Oct 2026: 6.9 % failed requests in the control")


def test_a_slow_day_is_told_against_the_usual_latency():
    slow = LOG_100_MS + math.log(1.5)
    count = REQUESTS[4]
    base = tuple(one * LOG_100_MS for one in REQUESTS)
    squares = tuple(one * (LOG_100_MS**2 + 0.09) for one in REQUESTS)
    found = bad_days(
        candidate={
            "log_latency": on(base, 4, count * slow),
            "log_latency_squares": on(squares, 4, count * (slow**2 + 0.09)),
        }
    )
    assert found.status == "watch"
    assert found.evidence == "9 Oct 2026: typical latency +50 % in the candidate, to 150 ms."


def test_an_excess_within_the_margin_is_no_bad_day():
    assert bad_days(candidate={"empties": on((3,) * DAYS, 8, 7)}).status == "ok"


@pytest.mark.parametrize("rate", [0.0005, 0.003, 0.02])
def test_days_that_differ_by_chance_alone_are_calm(rate):
    draw = np.random.default_rng(7)
    raised = sum(
        bad_days(
            candidate={"errors": tuple(draw.binomial(REQUESTS, rate).tolist())},
            control={"empties": tuple(draw.binomial(REQUESTS, rate).tolist())},
        ).status
        != "ok"
        for _ in range(300)
    )
    assert raised == 0


def test_an_arm_that_does_not_say_whether_calls_failed_has_no_bad_day():
    nothing = (0,) * DAYS
    found = bad_days(candidate={"errors": nothing, "error_logged": nothing, "timed": nothing})
    assert found.status == "ok"
