"""NPVs as sums of powers: the same as month by month, and no change of sign that is not found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.evidence.kpis import KPIS
from recsys_roi.value.powers import BASES, PowerSums, enough_above, npv_powers
from recsys_roi.value.roi import economics, present_values
from recsys_roi.value.scenario import Scenario

LOW = {"traffic_growth_monthly": -0.2, "novelty_half_life_months": 0.05}
HIGH = {"traffic_growth_monthly": 0.2, "novelty_half_life_months": 60.0}
share = st.floats(0, 1)


def money_of(**settings):
    return economics(Scenario.of({"kpi": "conversion_rate", **settings}), KPIS["conversion_rate"], 0.012)


def drawn(money, size, seed):
    """Some inputs of money, time's among them, drawn for each of `size` launches."""
    random = np.random.default_rng(seed)
    return replace(
        money,
        discount_rate=random.uniform(0, 0.5, (size, 1)),
        novelty_share=random.uniform(0, 1, (size, 1)),
        lift_decay_monthly=random.uniform(0, 0.2, (size, 1)),
        margin=random.uniform(0.1, 0.6, (size, 1)),
        infra_per_month=random.uniform(0, 5000, (size, 1)),
    )


@given(
    st.sampled_from(list(BASES)),
    share,
    st.integers(1, 60),
    st.lists(share, min_size=1, max_size=4),
    st.floats(-0.05, 0.1),
    st.integers(0, 9),
)
def test_powers_are_the_money_of_the_months(name, place, months, ramp, lift, seed):
    money = drawn(money_of(horizon_months=months, ramp=ramp, infra_per_1000_requests=0.5), 7, seed)
    lifts = np.linspace(lift, lift + 0.02, 7)
    low, high = LOW.get(name, 0.0), HIGH.get(name, 1.0)
    value = low + place * (high - low)
    counted = present_values(replace(money, **{name: value}))
    expected = lifts * counted.unit_value - counted.cost
    scale = np.abs(lifts * counted.unit_value) + counted.cost
    assert np.all(np.abs(npv_powers(money, lifts, name).at(value) - expected) <= 1e-9 * scale)


@pytest.mark.parametrize("name", BASES)
@pytest.mark.parametrize("needed", [1, 30, 150, 190, 200])
def test_no_change_between_two_samples_is_missed(name, needed):
    money = drawn(money_of(eligible_requests_per_month=4e6, traffic_growth_monthly=0.02), 200, 3)
    sums = npv_powers(money, np.random.default_rng(4).normal(0.03, 0.012, 200), name)
    low, high = LOW.get(name, 0.0), HIGH.get(name, 1.0)
    pieces = enough_above(sums, needed, low, high)
    assert list(pieces.holds[1:]) == [not holds for holds in pieces.holds[:-1]]
    scanned = np.linspace(low, high, 4001)
    scanned = scanned[np.abs(scanned[:, np.newaxis] - pieces.edges).min(axis=1, initial=1) > 1e-9]
    enough = [int((sums.at(value) > 0).sum()) >= needed for value in scanned]
    assert list(pieces.at(scanned)) == enough
    for edge in pieces.edges:
        reach = 1e-9 * (high - low)
        before, after = ((sums.at(edge + side * reach) > 0).sum() >= needed for side in (-1, 1))
        assert before != after


@given(st.floats(0.85, 1.15), st.floats(1e-5, 0.05))
def test_two_places_side_by_side_are_both_found(middle, apart):
    """(y - a)(y - b): between them it is below 0, however near they lie."""
    one, other = middle - apart / 2, middle + apart / 2
    sums = PowerSums.of(
        np.array([one * other]),
        np.array([[-(one + other), 1.0]]),
        np.array([1.0, 2.0]),
        BASES["traffic_growth_monthly"],
    )
    pieces = enough_above(sums, 1, -0.2, 0.2)
    assert list(pieces.at(np.array([-0.2, middle - 1, 0.2]))) == [True, False, True]
    assert {int(np.argmin(np.abs(edge + 1 - np.array([one, other])))) for edge in pieces.edges} == {0, 1}
    assert all(min(abs(edge + 1 - one), abs(edge + 1 - other)) < 1e-9 for edge in pieces.edges)
