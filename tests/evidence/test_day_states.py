"""Days are merged by the state of each user: totals add up, squares and products of days do not."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.evidence.sums import Sums

VISITS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 6), st.integers(1, 3), st.floats(0, 50)),
    min_size=1,
    max_size=40,
)
"""(user, day, requests, revenue)."""


def totals(visits):
    """Requests and revenue of each user: the state."""
    state = defaultdict(lambda: np.zeros(2))
    for user, _, requests, revenue in visits:
        state[user] += (requests, revenue)
    return state


def sums(state):
    rows = np.array([state[user] for user in sorted(state)])
    return Sums.of_users(rows[:, 1], rows[:, 0])


def same(found, wanted):
    names = ("n", "sy", "sx", "syy", "sxx", "sxy")
    return [getattr(found, name) for name in names] == pytest.approx(
        [getattr(wanted, name) for name in names]
    )


@given(VISITS)
def test_states_of_days_added_by_user_give_the_sums_of_the_window(visits):
    merged = defaultdict(lambda: np.zeros(2))
    for day in range(7):
        for user, state in totals([visit for visit in visits if visit[1] == day]).items():
            merged[user] += state
    assert same(sums(merged), sums(totals(visits)))


@given(VISITS)
def test_buckets_of_users_are_pooled_by_adding_their_sums(visits):
    whole = totals(visits)
    buckets = [{user: state for user, state in whole.items() if user % 3 == part} for part in range(3)]
    first, *others = [sums(bucket) for bucket in buckets if bucket]
    for other in others:
        first += other
    assert same(first, sums(whole))


def test_sums_of_days_are_wrong_for_users_who_come_back():
    visits = [(1, day, 1, 1.0) for day in range(3)]
    by_day = [sums(totals([visit])) for visit in visits]
    added = by_day[0] + by_day[1] + by_day[2]
    window = sums(totals(visits))
    assert (window.n, window.sy, window.syy, window.sxy) == (1, 3.0, 9.0, 9.0)
    assert (added.n, added.sy, added.syy, added.sxy) == (3, 3.0, 3.0, 3.0)
