"""Days of unusual traffic and mixes that move."""

import numpy as np
import pytest

from recsys_roi.evidence.drift_facts import Mix
from recsys_roi.evidence.view import Pair, SliceEvidence
from recsys_roi.verdict.traffic_checks import traffic_findings
from tests.verdict.drifts import REQUESTS, drift, on


def volume(control=REQUESTS, candidate=REQUESTS):
    made = drift(control={"requests": control}, candidate={"requests": candidate})
    return traffic_findings(made, ())["drift:volume"]


def test_a_calm_fortnight_tells_its_usual_day():
    found = volume()
    assert found.status == "ok"
    assert found.evidence.endswith("1,000 in the control and 1,000 in the candidate.")


def test_a_surge_in_both_arms_is_watched():
    found = volume(on(REQUESTS, 2, 3000), on(REQUESTS, 2, 3100))
    assert found.status == "watch"
    assert found.evidence.startswith("7 Oct 2026: 3,100 requests in the candidate, 3.0 times the usual")


@pytest.mark.parametrize("count", [4000, 250])
def test_a_surge_or_a_fall_in_one_arm_alone_calls_for_somebody(count):
    assert volume(candidate=on(REQUESTS, 9, count)).status == "act"


def test_a_short_first_and_last_day_are_no_fall():
    short = on(on(REQUESTS, 0, 80), 13, 40)
    assert volume(short, short).status == "ok"


def test_a_silent_day_is_left_to_the_check_of_silences():
    assert volume(candidate=on(REQUESTS, 9, 0)).status == "ok"


def test_three_days_have_no_usual_day():
    assert volume(REQUESTS[:3], REQUESTS[:3]).status == "cannot_tell"


def mix_over_time(*rows, values=("new", "old")):
    made = drift(mixes=(Mix(key="segment", values=values, by_day=rows),))
    return traffic_findings(made, ())["drift:mix_over_time"]


def test_a_steady_mix_tells_its_largest_shift():
    found = mix_over_time(*[(400, 600), (410, 590)] * 7)
    assert found.status == "ok"
    assert "largest stability index between the halves 0.00 (watch from 0.10)" in found.evidence


@pytest.mark.parametrize(("later", "status"), [((570, 430), "watch"), ((800, 200), "act")])
def test_a_mix_that_moves_between_the_halves_is_told_with_both_shares(later, status):
    found = mix_over_time(*[(400, 600)] * 7, *[later] * 7)
    assert found.status == status
    share = later[0] / 10
    assert f"segment new: 40.0 % to {share:.1f} % of requests from the first half" in found.evidence


def test_one_odd_day_is_told_with_its_date():
    found = mix_over_time(*[(400, 600)] * 9, (900, 100), *[(400, 600)] * 4)
    assert found.status == "watch"
    assert "segment new: 40.0 % to 90.0 % of requests on 14 Oct 2026" in found.evidence


def test_too_few_requests_tell_nothing():
    assert mix_over_time(*[(3, 4)] * 14).status == "cannot_tell"
    assert traffic_findings(drift(), ())["drift:mix_over_time"].status == "cannot_tell"


def test_a_mix_that_differs_by_chance_alone_is_steady():
    draw = np.random.default_rng(3)
    for size in (60, 400, 3000):
        rows = [tuple(draw.multinomial(size, (0.4, 0.3, 0.2, 0.06, 0.04)).tolist()) for _ in range(14)]
        assert mix_over_time(*rows, values=tuple("abcde")).status == "ok"


def between(control, candidate, key="device"):
    slices = [
        SliceEvidence(key=key, value=f"v{place}", users=Pair(control=one, candidate=other), kpis={})
        for place, (one, other) in enumerate(zip(control, candidate, strict=True))
    ]
    return traffic_findings(drift(), slices)["drift:mix_between_arms"]


def test_arms_alike_are_alike():
    found = between((500, 300, 200), (510, 310, 180))
    assert found.status == "ok"
    assert "v2: 20.0 % of users in control, 18.0 % in candidate" in found.evidence


@pytest.mark.parametrize(
    ("candidate", "status"), [((5000, 3300, 1700), "watch"), ((4000, 4000, 2000), "act")]
)
def test_arms_that_hold_other_users_are_told(candidate, status):
    found = between((5000, 3000, 2000), candidate)
    assert found.status == status
    assert "in candidate; chance of this with one mix" in found.evidence


def test_without_slices_the_arms_cannot_be_compared():
    assert between((), ()).status == "cannot_tell"
    assert between((500, 500), (100, 900), key="day").status == "cannot_tell"
