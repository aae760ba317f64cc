import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.evidence.sums import Sums

users = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 20)), min_size=2, max_size=40)


@given(users, users)
def test_pooling_disjoint_users_is_the_sums_of_all_rows(first, second):
    def sums(rows):
        return Sums.of_users([y for y, _ in rows], [x for _, x in rows])

    assert sums(first) + sums(second) == sums(first + second)


@given(users)
def test_moments_are_those_of_numpy(rows):
    y, x = np.array(rows, dtype=float).T
    sums = Sums.of_users(y, x)
    covariance = np.cov(y, x, ddof=1)
    assert np.isclose(sums.var_y, covariance[0, 0], atol=1e-9)
    assert np.isclose(sums.var_x, covariance[1, 1], atol=1e-9)
    assert np.isclose(sums.cov_xy, covariance[0, 1], atol=1e-9)
    assert sums.ratio == y.sum() / x.sum()


def test_a_user_seen_on_three_days_is_one_unit_and_daily_squares_must_not_be_added():
    whole_window = Sums.of_users([3.0, 1.0], [3.0, 2.0])
    by_day = Sums.of_users([1.0, 1.0], [1.0, 1.0]) + Sums.of_users([2.0, 0.0], [2.0, 1.0])
    assert by_day.sy == whole_window.sy
    assert by_day.syy != whole_window.syy
