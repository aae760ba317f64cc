"""What an adjustment may and may not change, whatever the users."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recsys_roi.estimate.cuped import Adjustment, adjust, coverage_balance
from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import Difference, difference
from recsys_roi.evidence.sums import CovariateSums
from tests.estimate.arms import Users, users


@st.composite
def arms(draw):
    """One arm's users with a covariate of the same kind."""
    now = draw(users())
    before = draw(
        st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), min_size=len(now), max_size=len(now))
    )
    return now, np.asarray(before, dtype=np.float64)


def sums(now: Users, before: Users) -> CovariateSums:
    return CovariateSums.of_users(now[:, 0], now[:, 1], before[:, 0], before[:, 1])


def measured(control: CovariateSums, candidate: CovariateSums) -> Adjustment:
    found = adjust(control, candidate)
    assume(isinstance(found, Adjustment))
    assert isinstance(found, Adjustment)
    return found


@given(arms(), arms())
def test_swapped_arms_swap_the_sign_only(one, other):
    first, second = measured(sums(*one), sums(*other)), measured(sums(*other), sums(*one))
    assert first.difference.estimate == pytest.approx(-second.difference.estimate, rel=1e-9, abs=1e-9)
    assert first.difference.se == pytest.approx(second.difference.se, rel=1e-9)
    assert first.theta == pytest.approx(second.theta, rel=1e-9, abs=1e-12)


@given(arms(), arms(), st.floats(0.1, 50))
def test_the_covariates_own_unit_changes_nothing(one, other, scale):
    found = measured(sums(*one), sums(*other))
    scaled = [(now, before * [scale, 1.0]) for now, before in (one, other)]
    again = measured(*(sums(*arm) for arm in scaled))
    assert again.difference.estimate == pytest.approx(found.difference.estimate, rel=1e-6, abs=1e-9)
    # A covariate that tells nearly all leaves a difference of large squares, of which half the digits hold.
    assert again.difference.se == pytest.approx(found.difference.se, rel=1e-6, abs=1e-6)


@given(arms(), arms())
def test_a_covariate_that_does_not_vary_changes_nothing(one, other):
    same = [np.tile([2.0, 4.0], (len(now), 1)) for now, _ in (one, other)]
    control, candidate = (sums(now, before) for (now, _), before in zip((one, other), same, strict=True))
    raw = difference(control.sums, candidate.sums)
    found = measured(control, candidate)
    assert isinstance(raw, Difference)
    assert found.theta == 0
    assert found.difference == replace(raw, design_effect=None)


@given(arms(), arms())
def test_a_covariate_that_tells_all_leaves_no_difference(one, other):
    control, candidate = (sums(now, now) for now, _ in (one, other))
    found = adjust(control, candidate)
    if isinstance(found, Adjustment):
        assert found.difference.estimate == pytest.approx(0, abs=1e-9)
    else:
        assert found.reason == "zero_variance"


def test_the_slope_is_that_of_least_squares_over_both_arms():
    draw = np.random.default_rng(3)
    u = draw.normal(10, 3, 400)
    y = 2 + 0.7 * u + draw.normal(0, 1, 400)
    ones = np.ones(200)
    found = adjust(
        CovariateSums.of_users(y[:200], ones, u[:200], ones),
        CovariateSums.of_users(y[200:], ones, u[200:], ones),
    )
    assert isinstance(found, Adjustment)
    assert found.theta == pytest.approx(np.polyfit(u, y, 1)[0], rel=1e-9)
    assert found.variance_reduction == pytest.approx(np.corrcoef(u, y)[0, 1] ** 2, abs=0.02)


def test_history_of_nobody_cannot_adjust():
    ones, nothing = np.ones(5), np.zeros(5)
    arm = CovariateSums.of_users(np.arange(5.0), ones, nothing, nothing)
    found = adjust(arm, arm)
    assert isinstance(found, NotMeasurable)
    assert found.reason == "zero_denominator"


@pytest.mark.parametrize(
    ("known", "users_of_arms", "p_value"),
    [
        ((0, 0), (100, 100), 1.0),
        ((100, 100), (100, 100), 1.0),
        ((30, 45), (100, 100), 0.02845973691631061),  # scipy.stats.chi2_contingency, no correction
        ((500, 900), (1000, 2000), 0.009660622997484965),
    ],
)
def test_balance_is_the_chi_square_of_a_table(known, users_of_arms, p_value):
    assert coverage_balance(known, users_of_arms) == pytest.approx(p_value, rel=1e-6)
