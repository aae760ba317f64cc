from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from recsys_roi.estimate.slices import ShrunkenLift, benjamini_hochberg, shrink

SLICES = st.lists(st.tuples(st.floats(-0.5, 0.5), st.floats(0.001, 0.3)), min_size=3, max_size=12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjusted_p_agrees_with_statsmodels(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(
        multipletests(p_values, method="fdr_bh")[1], rel=1e-12, abs=1e-300
    )


def test_no_slices_have_no_adjusted_p() -> None:
    assert benjamini_hochberg([]) == ()


@pytest.mark.parametrize("lifts", [[], [0.1], [0.1, -0.3]])
def test_fewer_than_three_slices_stay_raw(lifts: list[float]) -> None:
    found = shrink(lifts, [0.05] * len(lifts))
    assert found.lifts == tuple(ShrunkenLift(weight=1.0, mean=lift, sd=0.05) for lift in lifts)
    assert (found.mean, found.tau2, found.heterogeneity, found.i2) == (None, None, None, None)


def test_slices_that_agree_all_stand_at_the_common_lift() -> None:
    found = shrink([0.02, 0.021, 0.019], [0.02, 0.02, 0.01])
    assert (found.tau2, found.i2) == (0.0, 0.0)
    assert {one.mean for one in found.lifts} == {found.mean}
    assert found.lifts[0].sd == pytest.approx((2 / 0.02**2 + 1 / 0.01**2) ** -0.5)


def test_slices_all_alike_do_not_divide_by_0() -> None:
    found = shrink([0.02] * 4, [0.01] * 4)
    assert (found.tau2, found.i2) == (0.0, 0.0)


@given(SLICES)
def test_shrunken_lifts_lie_between_raw_and_common(drawn: list[tuple[float, float]]) -> None:
    lifts, errors = zip(*drawn, strict=True)
    found = shrink(lifts, errors)
    assert found.mean is not None
    for one, raw in zip(found.lifts, lifts, strict=True):
        assert 0 <= one.weight < 1
        assert min(raw, found.mean) - 1e-12 <= one.mean <= max(raw, found.mean) + 1e-12
    assert found.i2 is not None
    assert 0 <= found.i2 < 1


@given(SLICES)
def test_order_of_slices_does_not_matter(drawn: list[tuple[float, float]]) -> None:
    forward = shrink(*zip(*drawn, strict=True))
    backward = shrink(*zip(*drawn[::-1], strict=True))
    assert np.allclose(
        [one.mean for one in forward.lifts], [one.mean for one in backward.lifts[::-1]], atol=1e-9
    )
