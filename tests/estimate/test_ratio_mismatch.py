from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from recsys_roi.estimate.figures import NotMeasurable, Reason
from recsys_roi.estimate.ratio_mismatch import RatioMismatch, ratio_mismatch


def measured(users: list[int], weights: list[float]) -> RatioMismatch:
    found = ratio_mismatch(users, weights)
    assert isinstance(found, RatioMismatch)
    return found


@pytest.mark.parametrize(
    ("users", "reason"),
    [([0, 0], Reason.NO_USERS), ([99, 0], Reason.TOO_FEW_USERS), ([49, 50], Reason.TOO_FEW_USERS)],
)
def test_under_100_users_it_cannot_be_told(users: list[int], reason: Reason) -> None:
    assert ratio_mismatch(users, [0.5, 0.5]) == NotMeasurable(reason=reason)


def test_even_split_of_100_users_passes() -> None:
    found = measured([50, 50], [0.5, 0.5])
    assert (found.chi2, found.p_value, found.mismatch) == (0.0, 1.0, False)


def test_uneven_split_is_a_mismatch() -> None:
    found = measured([50_000, 51_500], [0.5, 0.5])
    assert found.cause == "uneven_split"
    assert found.p_value < 0.001


def test_empty_arm_is_a_mismatch_even_where_chance_allows_it() -> None:
    found = measured([100, 0], [0.99, 0.01])
    assert found.p_value > 0.001
    assert (found.mismatch, found.cause) == (True, "empty_arm")


@pytest.mark.parametrize("weights", [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
def test_users_in_an_arm_that_was_not_planned_are_a_mismatch(weights: list[float]) -> None:
    found = measured([5000, 5000, 1], weights)
    assert (found.cause, found.p_value, found.chi2) == ("unplanned_arm", 0.0, None)


def test_arm_that_was_not_planned_and_is_empty_is_left_out() -> None:
    assert measured([5100, 4900, 0], [0.5, 0.5, 0.0]) == measured([5100, 4900], [0.5, 0.5])
    alone = measured([5000, 0], [1.0, 0.0])
    assert (alone.p_value, alone.mismatch) == (1.0, False)


@given(
    st.integers(100, 1_000_000),
    st.integers(100, 1_000_000),
    st.sampled_from([0.01, 0.1, 0.5, 0.9]),
    st.sampled_from([1.0, 3.0, 100.0]),
)
def test_any_split(control: int, candidate: int, share: float, scale: float) -> None:
    weights = [1 - share, share]
    found = measured([control, candidate], [scale * weight for weight in weights])
    total = control + candidate
    expected = chisquare([control, candidate], [total * weight for weight in weights])
    swapped = measured([candidate, control], weights[::-1])
    assert found.chi2 == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-300)
    assert 0 <= found.p_sequential <= 1
    assert swapped.p_value == pytest.approx(found.p_value, rel=1e-6, abs=1e-300)
    assert found.mismatch == (found.p_value < 0.001)
