"""Where one input alone would change the decision."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.value.roi import project
from recsys_roi.verdict.flips import Crossing, nearest_crossing
from tests.fixtures import case
from tests.value.book import money_of


@given(st.floats(0.01, 99.99), st.floats(0.01, 99.99))
def test_the_crossing_is_found_and_holds_what_it_says(threshold, now):
    def decide(value: float) -> str:
        return "ship" if value >= threshold else "hold"

    found = nearest_crossing("margin", now, 0.0, 100.0, decide)
    assert found is not None
    assert found.becomes == decide(found.at) != decide(now)
    assert found.at == pytest.approx(threshold, rel=1e-6, abs=1e-5)


def test_the_nearest_of_several_changes():
    def decide(value: float) -> str:
        return "roll_back" if value < 2 else "hold" if value < 10 else "ship"

    found = nearest_crossing("value_per_action", 8.0, 0.0, 1000.0, decide)
    assert found is not None
    assert (found.becomes, found.at) == ("ship", pytest.approx(10.0, rel=1e-5))
    found = nearest_crossing("value_per_action", 3.0, 0.0, 1000.0, decide)
    assert found is not None
    assert (found.becomes, found.at) == ("roll_back", pytest.approx(2.0, rel=1e-5))


def test_no_change_in_the_range_is_none():
    assert nearest_crossing("margin", 0.5, 0.0, 1.0, lambda _: "hold") is None
    assert nearest_crossing("margin", 0.5, 0.5, 0.5, str) is None


@pytest.mark.parametrize("now", [0.0, -0.05, 0.2])
def test_negative_values_and_the_ends_of_the_range_are_scanned(now):
    found = nearest_crossing("growth", now, -0.2, 0.2, lambda value: "ship" if value > 0.1 else "hold")
    assert found == Crossing(
        input="growth", at=pytest.approx(0.1, abs=1e-6), becomes="hold" if now > 0.1 else "ship"
    )


def test_value_at_which_the_npv_is_nothing():
    """S8.roi at a lift of 3 %: NPV is proportional to the value, so it is 0 at cost / benefit times 18."""
    money = money_of(case("S8.roi").inputs)
    expected = case("S8.roi").expected

    def decide(value: float) -> str:
        return "ship" if project(replace(money, value_per_action=value)).npv(0.03) > 0 else "hold"

    found = nearest_crossing("value_per_action", 18.0, 0.0, 1e12, decide)
    assert found is not None
    assert found.at == pytest.approx(18.0 * expected["pv_cost"] / expected["pv_benefit"], rel=1e-5)
