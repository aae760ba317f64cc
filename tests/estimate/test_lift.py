from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import ttest_ind
from statsmodels.stats.proportion import confint_proportions_2indep

from recsys_roi.estimate.figures import NotMeasurable, Reason
from recsys_roi.estimate.lift import (
    Difference,
    difference,
    fieller_bounds,
    fixed_horizon,
    newcombe,
    ratio_variance,
    relative_standard_error,
    wilson,
)
from recsys_roi.evidence.sums import Sums
from tests.estimate.arms import Users, sums, users
from tests.estimate.book_lift import measured_difference
from tests.fixtures import case

ROWS = {
    arm: np.asarray(case("S1.ratio_small").inputs[f"rows_{arm}"], dtype=np.float64).T
    for arm in ("control", "treatment")
}


def found_from_rows() -> Difference:
    return measured_difference(sums(ROWS["control"]), sums(ROWS["treatment"]))


def drawn_difference(control: Users, candidate: Users) -> Difference:
    found = difference(sums(control), sums(candidate))
    assume(isinstance(found, Difference))
    assert isinstance(found, Difference)
    return found


@pytest.mark.parametrize("arm", ["control", "treatment"])
def test_rows_give_the_fixture_sums(arm: str) -> None:
    assert sums(ROWS[arm]) == case("S1.ratio_small").sums(arm)


def test_welch_on_linearised_users_agrees() -> None:
    linearised = []
    for rows in ROWS.values():
        y, x = rows.T
        ratio = y.sum() / x.sum()
        linearised.append(ratio + (y - ratio * x) / x.mean())
    welch = ttest_ind(linearised[1], linearised[0], equal_var=False)
    found = found_from_rows()
    assert found.z == pytest.approx(welch.statistic, rel=1e-9)
    assert found.df == pytest.approx(welch.df, rel=1e-9)
    assert fixed_horizon(found, 0.05).p_value == pytest.approx(welch.pvalue, rel=1e-9)


@pytest.mark.parametrize("arm", ["control", "treatment"])
def test_cluster_robust_regression_of_requests_agrees(arm: str) -> None:
    clicks, user = [], []
    for number, (y, x) in enumerate(ROWS[arm]):
        clicks += [1.0] * int(y) + [0.0] * int(x - y)
        user += [number] * int(x)
    fit = sm.OLS(np.asarray(clicks), np.ones((len(clicks), 1))).fit(
        cov_type="cluster", cov_kwds={"groups": np.asarray(user), "use_correction": False}
    )
    n = len(ROWS[arm])
    assert sums(ROWS[arm]).ratio == pytest.approx(float(fit.params[0]), rel=1e-12)
    assert ratio_variance(sums(ROWS[arm])) == pytest.approx(float(fit.bse[0]) ** 2 * n / (n - 1), rel=1e-9)


@given(users(), users())
def test_swapped_arms_change_the_sign_only(control: Users, candidate: Users) -> None:
    found, swapped = drawn_difference(control, candidate), drawn_difference(candidate, control)
    assert swapped.estimate == -found.estimate
    assert swapped.se == pytest.approx(found.se, rel=1e-12)
    assert swapped.df == pytest.approx(found.df, rel=1e-9)
    assert fixed_horizon(swapped, 0.05).p_value == pytest.approx(fixed_horizon(found, 0.05).p_value, rel=1e-9)


@given(users(), users(), st.sampled_from([0.01, 0.1, 10.0, 1000.0]))
def test_relative_lift_has_no_unit(control: Users, candidate: Users, factor: float) -> None:
    plain = fixed_horizon(drawn_difference(control, candidate), 0.05).relative_lift
    unit = np.asarray([factor, 1.0])
    scaled = fixed_horizon(drawn_difference(control * unit, candidate * unit), 0.05).relative_lift
    assert scaled.reason == plain.reason
    assert scaled.estimate == (None if plain.estimate is None else pytest.approx(plain.estimate, abs=1e-9))
    if plain.interval is not None:
        assert scaled.interval is not None
        width = plain.interval.high - plain.interval.low
        assert scaled.interval.low == pytest.approx(plain.interval.low, rel=1e-6, abs=1e-9 * (1 + width))
        assert scaled.interval.high == pytest.approx(plain.interval.high, rel=1e-6, abs=1e-9 * (1 + width))


@given(users())
def test_twice_the_users_halve_the_variance(rows: Users) -> None:
    n = len(rows)
    twice = ratio_variance(sums(np.concatenate([rows, rows])))
    assert twice == pytest.approx(ratio_variance(sums(rows)) * (n - 1) / (2 * n - 1), rel=1e-9)


@given(users(), st.data())
def test_how_requests_come_changes_nothing(rows: Users, data: st.DataObject) -> None:
    sessions = [
        (user, part)
        for user, (y, x) in enumerate(rows)
        for cut in [data.draw(st.tuples(st.integers(0, int(y)), st.integers(0, int(x))))]
        for part in (cut, (y - cut[0], x - cut[1]))
    ]
    totals = np.zeros_like(rows)
    for user, part in data.draw(st.permutations(sessions)):
        totals[user] += part
    assert sums(totals) == sums(rows)


@given(users(), users(), st.sampled_from([0.01, 0.05, 0.1]))
def test_fieller_leaves_0_out_where_p_is_below_alpha(control: Users, candidate: Users, alpha: float) -> None:
    reading = fixed_horizon(drawn_difference(control, candidate), alpha)
    absolute, relative = reading.difference, reading.relative_lift.interval
    assume(abs(reading.p_value - alpha) > 1e-9)
    assert (absolute.low > 0 or absolute.high < 0) == (reading.p_value < alpha)
    if relative is not None:
        assert (relative.low > 0 or relative.high < 0) == (reading.p_value < alpha)


@given(users(), users())
def test_fieller_ends_solve_the_definition(control: Users, candidate: Users) -> None:
    found = drawn_difference(control, candidate)
    bounds = fieller_bounds(found, 2.0)
    assume(not isinstance(bounds, NotMeasurable))
    assert not isinstance(bounds, NotMeasurable)
    for end in bounds:
        ratio = 1 + end
        left = (found.candidate - ratio * found.control) ** 2
        right = 4.0 * (found.candidate_variance + ratio**2 * found.control_variance)
        assert left == pytest.approx(right, rel=1e-6, abs=1e-12 * (1 + ratio**2))


@pytest.mark.parametrize("value", [0.1, 1 / 3, 19.99, 1e-9, 1e12])
@pytest.mark.parametrize("n", [2, 3, 1000, 100_000])
@pytest.mark.parametrize("one_by_one", [True, False])
def test_users_all_alike_have_no_variance(value: float, n: int, one_by_one: bool) -> None:
    """Sums of floats err; the error must not pass for variance."""
    arm = Sums.of_users(np.full(n, value), np.full(n, 0.7))
    if one_by_one:
        arm = replace(
            arm,
            sy=sum_in_turn(value, n),
            sx=sum_in_turn(0.7, n),
            syy=sum_in_turn(value * value, n),
            sxx=sum_in_turn(0.7 * 0.7, n),
            sxy=sum_in_turn(value * 0.7, n),
        )
    assert ratio_variance(arm) == 0.0
    assert difference(arm, arm) == NotMeasurable(reason=Reason.ZERO_VARIANCE)


def sum_in_turn(value: float, n: int) -> float:
    return float(np.cumsum(np.full(n, value))[-1])


def test_one_odd_user_of_a_million_is_variance() -> None:
    y, x = np.full(1_000_000, 10.0), np.full(1_000_000, 10.0)
    y[0] = 9.0
    assert ratio_variance(Sums.of_users(y, x)) == pytest.approx(1e-14, rel=1e-4)


def arm_of(n: int, sy: float, sx: float) -> Sums:
    return Sums(n=n, sy=sy, sx=sx, syy=sy * sy, sxx=sx * sx, sxy=sx * sy)


@pytest.mark.parametrize(
    ("control", "candidate", "min_users", "reason"),
    [
        (arm_of(0, 0, 0), arm_of(1, 0, 0), 2, Reason.NO_USERS),
        (arm_of(50, 9, 90), arm_of(0, 0, 0), 100, Reason.NO_USERS),
        (arm_of(1, 0, 0), arm_of(50, 9, 90), 0, Reason.TOO_FEW_USERS),
        (arm_of(100, 9, 90), arm_of(99, 9, 90), 100, Reason.TOO_FEW_USERS),
        (arm_of(50, 0, 0), arm_of(50, 9, 90), 2, Reason.ZERO_DENOMINATOR),
        (arm_of(50, 9, 90), arm_of(50, 0, 0), 2, Reason.ZERO_DENOMINATOR),
        (arm_of(50, math.inf, 90), arm_of(50, 9, 90), 2, Reason.ZERO_VARIANCE),
        (arm_of(50, 1e200, 90), arm_of(50, 9, 90), 2, Reason.ZERO_VARIANCE),
    ],
)
def test_what_cannot_be_measured_says_why(
    control: Sums, candidate: Sums, min_users: int, reason: Reason
) -> None:
    assert difference(control, candidate, min_users=min_users) == NotMeasurable(reason=reason)


def test_one_arm_without_variance_is_measured_by_the_other() -> None:
    still, moving = Sums.of_users(np.full(10, 0.3)), Sums.of_users([0.1, 0.5, 0.2, 0.4])
    found = measured_difference(still, moving)
    assert found.control_variance == 0
    assert found.df == pytest.approx(3)
    assert found.se == pytest.approx(math.sqrt(moving.var_y / 4))


def test_control_below_zero_has_no_relative_lift() -> None:
    found = measured_difference(Sums.of_users([-3.0, -2.0, -2.5]), Sums.of_users([1.0, 2.0, 3.0]))
    lift = fixed_horizon(found, 0.05).relative_lift
    assert (lift.estimate, lift.interval, lift.reason) == (None, None, Reason.CONTROL_NEAR_ZERO)
    assert relative_standard_error(found) == NotMeasurable(reason=Reason.CONTROL_NEAR_ZERO)
    assert found.design_effect is None


def test_unbounded_lift_keeps_its_estimate() -> None:
    one = case("S1.fieller_unbounded")
    lift = fixed_horizon(measured_difference(one.sums("control"), one.sums("treatment")), 0.05).relative_lift
    assert one.same(lift.estimate, "rel_lift")
    assert lift.reason == Reason.CONTROL_NEAR_ZERO


def test_candidate_that_is_nothing_is_not_minus_100_percent_for_sure() -> None:
    found = measured_difference(Sums.of_users([1.0, 2.0, 3.0, 2.0]), Sums.of_users([0.0, 0.0, 0.0]))
    lift = fixed_horizon(found, 0.05).relative_lift
    assert (lift.estimate, lift.interval, lift.reason) == (-1.0, None, Reason.ZERO_VARIANCE)
    assert relative_standard_error(found) == NotMeasurable(reason=Reason.ZERO_VARIANCE)


@pytest.mark.parametrize(
    ("counts", "alpha"), [((0, 20, 20, 20), 0.05), ((1, 500, 0, 400), 0.1), ((7, 90, 9, 100), 0.01)]
)
def test_newcombe_agrees_with_statsmodels(counts: tuple[int, int, int, int], alpha: float) -> None:
    control, control_users, candidate, candidate_users = counts
    got = newcombe(control, control_users, candidate, candidate_users, alpha)
    low, high = confint_proportions_2indep(
        candidate, candidate_users, control, control_users, method="newcomb", alpha=alpha
    )
    assert [got.low, got.high] == pytest.approx([low, high], abs=1e-12)
    assert (got.level, got.method) == (1 - alpha, "newcombe")


@given(st.integers(1, 10_000), st.data())
def test_wilson_holds_the_share_and_stays_a_share(n: int, data: st.DataObject) -> None:
    converted = data.draw(st.integers(0, n))
    interval = wilson(converted, n, 0.05)
    assert 0 <= interval.low <= converted / n <= interval.high <= 1
    assert interval.high - interval.low > 0
