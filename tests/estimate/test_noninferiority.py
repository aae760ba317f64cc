from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import t

from recsys_roi.estimate.anytime import one_sided_multiplier
from recsys_roi.estimate.figures import NotMeasurable, Reason
from recsys_roi.estimate.lift import Difference
from recsys_roi.estimate.noninferiority import (
    Harm,
    Status,
    absolute_harm,
    more_days,
    noninferiority_p,
    paired_harm,
    relative_harm,
    status,
)
from recsys_roi.evidence.sums import Sums
from tests.estimate.arms import Users, users
from tests.estimate.book_lift import measured_difference
from tests.estimate.test_lift import drawn_difference
from tests.fixtures import case


def margin_test(found: Difference, margin: float, c1: float) -> tuple[float, float]:
    """T = R_B - (1 + M) R_A and its upper bound (numbers book 5.4)."""
    t_estimate = found.candidate - (1 + margin) * found.control
    se = math.sqrt(found.candidate_variance + (1 + margin) ** 2 * found.control_variance)
    return t_estimate, t_estimate + c1 * se


@given(users(), users(), st.floats(0.0, 3.0), st.sampled_from([None, 50, 1000]))
def test_relative_bound_is_the_test_of_the_margin(
    control: Users, candidate: Users, margin: float, planned: int | None
) -> None:
    found = drawn_difference(control, candidate)
    harm = relative_harm(found, alpha=0.05, planned_users=planned)
    assume(isinstance(harm, Harm))
    assert isinstance(harm, Harm)
    c1 = float(t.isf(0.05, found.df)) if planned is None else one_sided_multiplier(0.05, found.users, planned)
    _, upper = margin_test(found, margin, c1)
    assume(abs(upper) > 1e-9)
    assert (harm.upper is not None and harm.upper <= margin) == (upper <= 0)
    at_no_harm = found.estimate - c1 * found.se
    assume(abs(at_no_harm) > 1e-9)
    assert (harm.lower > 0) == (at_no_harm > 0)
    assert harm.lower >= -1


def test_relative_harm_far_from_0_is_near_the_linear_one() -> None:
    one = case("S1.ratio_big")
    found = measured_difference(one.sums("control"), one.sums("treatment"))
    harm = relative_harm(found, alpha=0.025, planned_users=None)
    assert isinstance(harm, Harm)
    assert [harm.lower, harm.upper] == pytest.approx(one.expected["rel_ci_fieller_t"], rel=1e-8)


def test_breach_is_seen_although_the_control_is_near_0() -> None:
    found = measured_difference(Sums.of_users([0.0] * 999 + [1.0]), Sums.of_users([0.0] * 900 + [1.0] * 100))
    harm = relative_harm(found, alpha=0.05, planned_users=2000)
    assert isinstance(harm, Harm)
    assert harm.upper is None
    assert harm.lower > 1
    assert status(harm.estimate, harm.lower, harm.upper, 0.1) == "breach"


@pytest.mark.parametrize(
    ("control", "candidate", "reason"),
    [([0.0] * 5, [0.0, 1.0], Reason.CONTROL_NEAR_ZERO), ([0.0, 1.0, 1.0], [0.0] * 5, Reason.ZERO_VARIANCE)],
)
def test_relative_harm_of_an_arm_without_events_is_not_measurable(
    control: list[float], candidate: list[float], reason: Reason
) -> None:
    found = measured_difference(Sums.of_users(control), Sums.of_users(candidate))
    assert relative_harm(found, alpha=0.05, planned_users=None) == NotMeasurable(reason=reason)


def test_lower_is_worse_turns_the_sign() -> None:
    one = case("S5.error_rate_2")
    found = measured_difference(one.sums("control"), one.sums("treatment"))
    up = absolute_harm(found, alpha=0.05, planned_users=20_000)
    down = absolute_harm(found, alpha=0.05, planned_users=20_000, lower_is_worse=True)
    assert up.upper is not None
    assert (down.estimate, down.lower, down.upper) == (-up.estimate, -up.upper, -up.lower)
    assert noninferiority_p(found, 0.0, lower_is_worse=True) == pytest.approx(
        1 - noninferiority_p(found, 0.0)
    )


@given(users(), users(), st.floats(0.0, 0.5))
def test_p_agrees_with_the_bound(control: Users, candidate: Users, margin: float) -> None:
    found = drawn_difference(control, candidate)
    harm = absolute_harm(found, alpha=0.05, planned_users=None)
    assert harm.upper is not None
    assume(abs(harm.upper - margin) > 1e-9)
    assert (noninferiority_p(found, margin) < 0.05) == (harm.upper < margin)


@pytest.mark.parametrize(
    ("estimate", "lower", "upper", "expected"),
    [
        (0.5, 0.1, 0.9, "pass"),  # slightly worse, within the budget
        (0.5, -0.1, 1.0, "pass"),
        (0.5, 0.1, 1.1, "warn"),
        (1.5, -0.1, 3.0, "warn"),
        (1.5, 0.1, 3.0, "breach"),
        (1.5, 0.1, None, "breach"),
        (0.5, -0.1, None, "warn"),
        (1.0, 0.5, 1.5, "warn"),  # at the margin is not over it
    ],
)
def test_status_in_the_order_of_the_book(
    estimate: float, lower: float, upper: float | None, expected: Status
) -> None:
    assert status(estimate, lower, upper, 1.0) == expected


@pytest.mark.parametrize(
    ("estimate", "upper", "days", "expected"),
    [
        (0.0, 2.0, 14, 42),  # twice the width: four times the days
        (0.5, 1.5, 10, 30),
        (0.0, 0.5, 14, 0),
        (1.0, 2.0, 14, None),
        (1.5, 2.0, 14, None),
        (0.0, None, 14, None),
        (0.999, 2.0, 14, None),  # thousands of years
        (1 - 1e-16, 2.0, 14, None),
    ],
)
def test_more_days(estimate: float, upper: float | None, days: int, expected: int | None) -> None:
    assert more_days(estimate, upper, 1.0, days) == expected


@given(st.floats(-1.0, 0.9), st.floats(1.01, 5.0), st.integers(1, 100))
def test_after_more_days_the_bound_is_within_the_margin(estimate: float, upper: float, days: int) -> None:
    more = more_days(estimate, upper, 1.0, days)
    assume(more is not None)
    assert more is not None

    def bound(extra: int) -> float:
        return estimate + (upper - estimate) * math.sqrt(days / (days + extra))

    assert bound(more) <= 1.0 + 1e-9
    assert more > 0
    assert bound(more - 1) > 1.0 - 1e-9


def test_paired_days_say_why_they_cannot_tell() -> None:
    week = [0.4, 0.5, 0.45, 0.41, 0.42, 0.43, 0.44]
    few = paired_harm(week[:6], week[1:], alpha=0.05, lower_is_worse=True)
    same = paired_harm(week, [value + 0.1 for value in week], alpha=0.05, lower_is_worse=True)
    assert few == NotMeasurable(reason=Reason.TOO_FEW_DAYS)
    assert same == NotMeasurable(reason=Reason.ZERO_VARIANCE)
