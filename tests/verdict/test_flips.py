"""Where one input alone would change the decision: every root is found, and the far side of it is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recsys_roi.value.roi import project
from recsys_roi.verdict.flips import Crossing, Search, nearest_change, roots
from tests.fixtures import case
from tests.value.book import money_of

NODES = np.linspace(0.0, 100.0, 9)


def only(conditions, nodes=NODES, **more):
    (found,) = roots([Search(conditions=conditions, nodes=nodes, **more)])
    return found


def at_threshold(threshold: float):
    return lambda values: ["ship" if value >= threshold else "hold" for value in values]


@given(st.lists(st.floats(0.5, 99.5), min_size=1, max_size=4))
def test_the_root_of_each_straight_line(places):
    def lines(values):
        return np.array([values - place for place in places])

    found = only(lines)
    assert found == pytest.approx(sorted(set(places)), abs=1e-9)


@given(st.lists(st.floats(-50, 150), min_size=1, max_size=5, unique=True), st.floats(0.1, 1e6))
def test_straight_conditions_need_no_search(places, slope):
    seen = []

    def lines(values):
        seen.append(values.size)
        return np.array([slope * (values - place) for place in places])

    found = only(lines, straight=True)
    assert found == pytest.approx(sorted(at for at in places if 0 < at < 100), abs=1e-9)
    assert seen == [2]


@given(st.floats(2, 98), st.floats(1e-3, 1.0), st.floats(0.2, 5.0))
def test_two_roots_of_a_convex_condition_side_by_side_are_not_missed(bottom, half_width, steepness):
    """Far closer together than the nodes are, wherever they lie: no scan of nodes would see them."""

    def valley(values):
        return steepness * ((values - bottom) ** 2 - half_width**2)[np.newaxis]

    found = only(valley)
    assert found == pytest.approx([bottom - half_width, bottom + half_width], abs=1e-6)


@given(st.floats(5, 95), st.floats(0.01, 2.0), st.floats(0.5, 3.0))
def test_a_ridge_that_rises_above_nothing_only_at_its_kink(kink, height, slope):
    """As the net value of a wait does: highest where a launch now is worth nothing."""
    assume(height / slope < 4)

    def ridge(values):
        return (height - slope * np.abs(values - kink))[np.newaxis]

    found = only(ridge, kinks=np.array([kink]))
    assert found == pytest.approx([kink - height / slope, kink + height / slope], abs=1e-6)


@pytest.mark.parametrize("start", [0.05, 99.0])
def test_a_turn_beside_an_end_is_seen(start):
    def valley(values):
        return ((values - start) ** 2 - 1e-4)[np.newaxis]

    assert only(valley) == pytest.approx([start - 0.01, start + 0.01], abs=1e-8)


def test_searches_are_solved_together_as_if_alone():
    def shifted(by):
        return Search(conditions=lambda values: ((values - by) ** 2 - 4.0)[np.newaxis], nodes=NODES)

    found = roots([shifted(20.0), shifted(500.0), shifted(77.0)])
    assert [list(each) for each in found] == [
        pytest.approx([18.0, 22.0]),
        [],
        pytest.approx([75.0, 79.0]),
    ]
    assert roots([]) == []


def test_a_condition_that_keeps_its_sign_has_no_root():
    assert only(lambda values: np.array([values + 1, -np.ones_like(values)])).size == 0


@given(st.floats(0.01, 99.99), st.floats(0.01, 99.99))
def test_the_change_is_at_the_root_and_holds_what_it_says(threshold, now):
    assume(abs(threshold - now) > 1e-6)
    decide = at_threshold(threshold)
    near = threshold + 1e-13 * threshold  # a root as a solver gives it
    found = nearest_change("margin", now, [near], (0.0, 100.0), decide)
    assert found is not None
    assert found.becomes == decide(np.array([found.at]))[0] != decide(np.array([now]))[0]
    assert found.at == pytest.approx(threshold, rel=1e-6)


def test_the_nearest_of_several_changes():
    def decide(values):
        return ["roll_back" if value < 2 else "hold" if value < 10 else "ship" for value in values]

    found = nearest_change("value_per_action", 8.0, [2.0, 10.0], (0.0, 1000.0), decide)
    assert found is not None
    assert (found.becomes, found.at) == ("ship", pytest.approx(10.0))
    found = nearest_change("value_per_action", 3.0, [2.0, 10.0], (0.0, 1000.0), decide)
    assert found is not None
    assert (found.becomes, found.at) == ("roll_back", pytest.approx(2.0))


def test_a_boundary_at_which_nothing_changes_is_passed_over():
    found = nearest_change("margin", 0.2, [0.4, 0.6], (0.0, 1.0), at_threshold(0.6))
    assert found == Crossing(input="margin", at=pytest.approx(0.6), becomes="ship")


def test_no_change_in_the_range_is_none():
    assert nearest_change("margin", 0.5, [0.2], (0.0, 1.0), lambda values: ["hold"] * values.size) is None
    assert nearest_change("margin", 0.5, [], (0.5, 0.5), at_threshold(0.7)) is None


@pytest.mark.parametrize("now", [0.0, -0.05, 0.2, -0.2])
def test_negative_values_and_the_ends_of_the_range(now):
    found = nearest_change("growth", now, [0.1], (-0.2, 0.2), at_threshold(0.1))
    assert found == Crossing(
        input="growth", at=pytest.approx(0.1, abs=1e-6), becomes="hold" if now > 0.1 else "ship"
    )


def test_value_at_which_the_npv_is_nothing():
    """S8.roi at a lift of 3 %: NPV is proportional to the value, so it is 0 at cost / benefit times 18."""
    money = money_of(case("S8.roi").inputs)
    expected = case("S8.roi").expected

    def npv(values):
        return np.array([[project(replace(money, value_per_action=value)).npv(0.03) for value in values]])

    found = only(npv, np.array([0.0, 18.0, 1800.0]))
    assert found == pytest.approx([18.0 * expected["pv_cost"] / expected["pv_benefit"]], rel=1e-9)
