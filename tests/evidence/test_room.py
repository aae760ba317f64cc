"""What keeps memory bounded changes no figure: parts of users, columns of 32 bits, one result at a time."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.evidence import cumulative
from recsys_roi.evidence.columns import compact, first_of_runs
from recsys_roi.evidence.cumulative import Growth
from recsys_roi.evidence.kept import OneKept


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=60), st.integers(1, 9))
def test_squares_by_parts_of_users_are_those_of_all_at_once(rows, size):
    rows = sorted(rows)
    user = np.unique([row[0] for row in rows], return_inverse=True)[1]
    day = np.array([row[1] for row in rows])
    candidate = np.arange(user.max() + 1) % 2 == 1
    counts, squares = np.zeros((2, 4)), np.zeros((2, 4))
    for arm in (0, 1):
        for last in range(4):
            chosen = (candidate[user] == arm) & (day <= last)
            totals = np.bincount(user[chosen])
            counts[arm, last], squares[arm, last] = totals.sum(), (totals**2).sum()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cumulative, "ROWS", size)
        found = Growth(user=user, day=day).squares(candidate, 4)
    np.testing.assert_array_equal(found, (counts, squares))


@pytest.mark.parametrize(
    ("numbers", "bits"), [([], 32), ([-(2**31), 2**31 - 1], 32), ([2**31], 64), ([-(2**31) - 1], 64)]
)
def test_numbers_take_32_bits_where_they_fit(numbers, bits):
    column = np.array(numbers, dtype=np.int64)
    assert compact(column).dtype.itemsize * 8 == bits
    assert compact(column).tolist() == numbers
    assert first_of_runs(compact(column)).tolist() == [True] * len(numbers)


def test_a_result_is_let_go_of_before_the_next_is_made():
    class Large:
        pass

    known: list[weakref.ref[Large]] = []

    def make(_: int) -> Large:
        gc.collect()
        assert not [one for one in known if one() is not None]
        made = Large()
        known.append(weakref.ref(made))
        return made

    kept = OneKept(make)
    assert kept(1) is kept(1)
    kept(2)
    assert [one() is not None for one in known] == [False, True]
