from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower

from recsys_roi.errors import SettingError
from recsys_roi.estimate.figures import NotMeasurable, Reason
from recsys_roi.estimate.lift import Difference
from recsys_roi.estimate.power import (
    UserGrowth,
    days_to_lift,
    detectable_now,
    requests_for_margin,
    users_needed,
)
from recsys_roi.evidence.sums import Sums
from tests.estimate.book_lift import measured_difference
from tests.fixtures import case

EVERY_DAY = UserGrowth(users=1700, days=1, exponent=1.0)


def control() -> Difference:
    sums = case("S1.ratio_big").sums("control")
    return measured_difference(sums, sums)


def needed(lift: float, share: float = 0.5) -> float:
    found = control()
    users = users_needed(
        found.control,
        found.control_variance_per_user,
        lift=lift,
        alpha=0.05,
        power=0.8,
        candidate_share=share,
    )
    assert isinstance(users, float)
    return users


@pytest.mark.parametrize(
    ("lift", "fixed", "anytime"),
    [(0.05413523851624733, 14, 28), (0.03, 49, 84), (0.01, None, None)],
)
def test_days_of_the_book_in_whole_weeks(lift: float, fixed: int | None, anytime: int | None) -> None:
    """Numbers book 10: 14 and 24, 46 and 78, 411 and 698 days before rounding to weeks."""
    assert days_to_lift(needed(lift), EVERY_DAY, always_valid=False) == fixed
    assert days_to_lift(needed(lift), EVERY_DAY, always_valid=True) == anytime


@pytest.mark.parametrize("days", range(14, 91, 7))
def test_whole_weeks_are_not_rounded_up(days: int) -> None:
    growth = UserGrowth(users=300, days=3, exponent=0.7)
    users = 300 * (days / 3) ** 0.7
    assert days_to_lift(users, growth, always_valid=False) == days


def test_unequal_split_needs_more_users() -> None:
    assert needed(0.03, 0.1) == pytest.approx(needed(0.03) * 0.25 / 0.09)


@pytest.mark.parametrize("share", [0.5, 0.2, 0.05])
def test_users_needed_agree_with_statsmodels(share: float) -> None:
    found = control()
    effect = 0.03 * found.control / math.sqrt(found.control_variance_per_user)
    first = NormalIndPower().solve_power(effect, alpha=0.05, power=0.8, ratio=(1 - share) / share)
    assert needed(0.03, share) == pytest.approx(first / share, rel=1e-4)


def test_harm_needs_as_many_users_as_benefit() -> None:
    assert needed(-0.03) == needed(0.03)


@pytest.mark.parametrize(
    ("ratio", "variance", "reason"), [(0.1, 0.0, Reason.ZERO_VARIANCE), (0.0, 0.1, Reason.CONTROL_NEAR_ZERO)]
)
def test_what_has_no_spread_cannot_be_planned(ratio: float, variance: float, reason: Reason) -> None:
    got = users_needed(ratio, variance, lift=0.03, alpha=0.05, power=0.8)
    assert got == NotMeasurable(reason=reason)


def test_error_of_no_lift_to_detect() -> None:
    with pytest.raises(SettingError, match="lift to detect must not be 0"):
        needed(0.0)


def test_looking_every_day_detects_less() -> None:
    one = case("S1.ratio_big")
    found = measured_difference(one.sums("control"), one.sums("treatment"))
    fixed = detectable_now(found, alpha=0.05, power=0.8)
    anytime = detectable_now(found, alpha=0.05, power=0.8, planned_users=60_000)
    assert isinstance(fixed, float)
    assert isinstance(anytime, float)
    multiplier = case("S3.seq_planned").expected["multiplier"]
    assert anytime / fixed == pytest.approx((multiplier + 0.8416212) / (1.9599640 + 0.8416212), rel=1e-6)


def test_control_of_nothing_has_no_detectable_lift() -> None:
    found = measured_difference(Sums.of_users([0.0, 0.0]), Sums.of_users([0.0, 1.0]))
    assert detectable_now(found, alpha=0.05, power=0.8) == NotMeasurable(reason=Reason.CONTROL_NEAR_ZERO)


def test_always_valid_guardrail_needs_about_twice_the_requests() -> None:
    once, anytime = (
        requests_for_margin(0.004, 1.6, margin=0.002, alpha=0.05, power=0.8, always_valid=looked)
        for looked in (False, True)
    )
    assert anytime / once == pytest.approx(2.1)


def test_growth_is_fitted_on_the_last_week() -> None:
    curve = [7, 20] + [round(1_000_000 * day**0.6) for day in range(3, 15)]
    growth = UserGrowth.observed(curve)
    assert growth.exponent == pytest.approx(0.6, abs=1e-4)
    assert growth.days_until(1_000_000 * 40**0.6) == pytest.approx(40, rel=1e-3)


def test_growth_of_a_closed_panel_never_gets_there() -> None:
    growth = UserGrowth.observed([500] * 9)
    assert growth.exponent == pytest.approx(0, abs=1e-12)
    assert days_to_lift(501.0, UserGrowth(users=500, days=9, exponent=0.0), always_valid=False) is None
    assert days_to_lift(400.0, UserGrowth(users=500, days=9, exponent=0.0), always_valid=False) == 14


@pytest.mark.parametrize("curve", [[300], [0, 0, 300], [100, 400, 900, 1600]])
def test_growth_is_never_faster_than_by_the_day(curve: list[int]) -> None:
    assert UserGrowth.observed(curve) == UserGrowth(users=curve[-1], days=len(curve), exponent=1.0)


@given(st.floats(1, 1e12), st.integers(1, 10**7), st.integers(1, 100), st.floats(0, 1), st.booleans())
def test_days_are_whole_weeks_within_the_horizon(
    users: float, seen: int, days: int, exponent: float, always_valid: bool
) -> None:
    growth = UserGrowth(users=seen, days=days, exponent=exponent)
    got = days_to_lift(users, growth, always_valid=always_valid)
    assert got is None or (got % 7 == 0 and 14 <= got <= 90)
    longer = days_to_lift(users, growth, always_valid=always_valid, horizon_days=1000)
    assert got is None or longer == got


def test_horizon_and_shortest_run_can_be_set() -> None:
    assert days_to_lift(needed(0.01), EVERY_DAY, always_valid=False, horizon_days=500) == 413
    assert days_to_lift(1.0, EVERY_DAY, always_valid=False, min_days=21) == 21
