from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm

from recsys_roi.estimate.anytime import always_valid, multiplier, one_sided_multiplier, p_value
from recsys_roi.estimate.figures import Reason
from recsys_roi.evidence.sums import Sums
from tests.estimate.arms import Users, users
from tests.estimate.book_lift import measured_difference
from tests.estimate.test_lift import drawn_difference
from tests.fixtures import case

ALPHAS = st.sampled_from([0.001, 0.01, 0.05, 0.1, 0.2])
COUNTS = st.integers(2, 10_000_000)


@given(users(), users(), ALPHAS, st.integers(10, 100_000))
def test_intervals_leave_0_out_where_p_is_below_alpha(
    control: Users, candidate: Users, alpha: float, planned: int
) -> None:
    reading = always_valid(drawn_difference(control, candidate), alpha, planned)
    absolute, relative = reading.difference, reading.relative_lift.interval
    assume(abs(reading.p_value - alpha) > 1e-9)
    assert (absolute.low > 0 or absolute.high < 0) == (reading.p_value < alpha)
    if relative is not None:
        assert (relative.low > 0 or relative.high < 0) == (reading.p_value < alpha)


@given(ALPHAS, COUNTS, COUNTS)
def test_p_is_alpha_at_the_multiplier(alpha: float, count: int, planned: int) -> None:
    assert p_value(multiplier(alpha, count, planned), alpha, count, planned) == pytest.approx(alpha, rel=1e-9)


@given(ALPHAS, COUNTS, COUNTS)
def test_looking_early_costs(alpha: float, count: int, planned: int) -> None:
    assert multiplier(alpha, count, planned) > norm.isf(alpha / 2)
    assert one_sided_multiplier(alpha, count, planned) > norm.isf(alpha)


@given(st.floats(-1e6, 1e6), ALPHAS, COUNTS, COUNTS)
def test_p_is_a_probability_and_has_no_side(z: float, alpha: float, count: int, planned: int) -> None:
    p = p_value(z, alpha, count, planned)
    assert 0 <= p <= 1
    assert p == p_value(-z, alpha, count, planned)


def test_methods_and_level_are_named() -> None:
    one = case("S3.seq_planned")
    reading = always_valid(measured_difference(one.sums("control"), one.sums("treatment")), 0.05, 60_000)
    assert reading.relative_lift.interval is not None
    assert (reading.difference.method, reading.difference.level) == ("always_valid", 0.95)
    assert reading.relative_lift.interval.method == "fieller_always_valid"


def test_wider_multiplier_can_lose_the_relative_interval() -> None:
    found = measured_difference(
        Sums.of_users([0.0] * 90 + [1.0] * 10), Sums.of_users([0.0] * 80 + [1.0] * 20)
    )
    assert always_valid(found, 0.05, 200).relative_lift.reason is None
    assert always_valid(found, 0.05, 20_000).relative_lift.reason == Reason.CONTROL_NEAR_ZERO


def test_looking_every_day_stays_below_5_percent_without_an_effect() -> None:
    """Two arms alike, 28 looks, 2,000 runs (numbers book 14): fixed-horizon alarms in one run of four."""
    rng = np.random.default_rng(20261124)
    runs, days, new_users = 2000, 28, 500
    bought = rng.binomial(new_users, 0.05, size=(2, runs, days)).cumsum(axis=2)
    seen = new_users * np.arange(1, days + 1)
    share = bought / seen
    se = np.sqrt((share * (1 - share)).sum(axis=0) / (seen - 1))
    z = np.abs(share[1] - share[0]) / se
    bounds = np.asarray([multiplier(0.05, 2 * int(count), 2 * days * new_users) for count in seen])
    assert np.mean((z > bounds).any(axis=1)) < 0.05
    assert 0.2 < np.mean((z > 1.96).any(axis=1)) < 0.35
