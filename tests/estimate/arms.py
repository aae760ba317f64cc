"""Arms of a few users, drawn by hypothesis: events and requests of each user."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from recsys_roi.evidence.sums import Sums

Users = NDArray[np.float64]  # shape (users, 2): numerator, denominator


@st.composite
def users(draw: st.DrawFn, max_users: int = 30) -> Users:
    """Users of one arm, two or more, with 1 to 20 requests each and not all alike."""
    one = st.tuples(st.integers(0, 20), st.integers(1, 20)).map(lambda pair: (min(pair), pair[1]))
    rows = draw(st.lists(one, min_size=2, max_size=max_users).filter(lambda drawn: len(set(drawn)) > 1))
    return np.asarray(rows, dtype=np.float64)


def sums(rows: Users) -> Sums:
    """The arm's sums."""
    return Sums.of_users(rows[:, 0], rows[:, 1])
