"""Where the NPV is 0: by the month loop's own sum, for one input and along the line of two."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.value.break_even import break_even, heat_map
from recsys_roi.value.roi import project
from tests.fixtures import case
from tests.value.book import money_of
from tests.value.test_roi import economies, npv_by_months

SMALL = money_of(case("S8.roi").inputs)
LARGE = money_of(case("S8.roi_positive").inputs)


def test_the_book_s_plan():
    found, expected = break_even(SMALL, 0.03), case("S8.roi").expected
    assert found.lift == pytest.approx(expected["break_even_rel_lift"], rel=1e-12)
    assert found.cost == pytest.approx(expected["pv_benefit"], rel=1e-12)
    assert found.value_per_action == pytest.approx(
        18.0 * expected["pv_cost"] / expected["pv_benefit"], rel=1e-12
    )
    assert found.traffic_setting == "eligible_requests_per_month"
    assert found.traffic is not None
    at = replace(SMALL, eligible_requests_per_month=found.traffic)
    assert npv_by_months(at, 0.03) == pytest.approx(0, abs=1e-6)


@given(economies(), st.floats(-0.5, 5))
def test_npv_is_nothing_there_to_a_millionth_of_the_cost(money, lift):
    found, projection = break_even(money, lift), project(money)
    near = 1e-6 * projection.pv_cost + 1e-9
    if found.lift is not None and found.lift < 1e12:  # beyond it the products lose their digits
        assert npv_by_months(money, found.lift) == pytest.approx(0, abs=near)
    if found.value_per_action is not None:
        at_value = replace(money, value_per_action=found.value_per_action)
        assert npv_by_months(at_value, lift) == pytest.approx(0, abs=near)
    if found.traffic is not None:
        at_traffic = replace(money, eligible_requests_per_month=found.traffic)
        cost = project(at_traffic).pv_cost
        assert npv_by_months(at_traffic, lift) == pytest.approx(0, abs=1e-6 * cost + 1e-9)
    if found.cost is not None:
        assert found.cost - projection.pv_cost == pytest.approx(projection.npv(lift), abs=near)


def test_at_a_loss_nothing_but_another_lift_helps():
    found = break_even(SMALL, -0.01)
    assert (found.value_per_action, found.traffic, found.cost) == (None, None, None)
    assert found.lift is not None


def test_traffic_that_costs_more_than_it_brings_never_breaks_even():
    assert break_even(replace(SMALL, infra_per_1000_requests=100.0), 0.03).traffic is None


def test_a_revenue_kpi_has_no_value_per_action_and_new_users_are_the_traffic():
    money = replace(SMALL, counts_money=True, value_per_action=1.0, eligible_new_users_per_month=1e5)
    found = break_even(money, 0.03)
    assert (found.value_per_action, found.traffic_setting) == (None, "eligible_new_users_per_month")
    mapped = heat_map(money, 0.03)
    assert mapped is not None
    assert (mapped.x_input, mapped.y_input) == ("eligible_new_users_per_month", "margin")
    assert mapped.y[-1] == 1.0


def test_the_map_holds_the_npv_of_the_month_loop():
    mapped = heat_map(LARGE, 0.035)
    assert mapped is not None
    assert mapped.x[8] == pytest.approx(LARGE.eligible_requests_per_month)
    assert mapped.y[8] == pytest.approx(18.0)
    assert mapped.npv[8][8] == pytest.approx(case("S8.roi_positive").expected["npv"])
    for column, row in ((0, 0), (0, 16), (16, 0), (5, 11)):
        at = replace(LARGE, eligible_requests_per_month=mapped.x[column], value_per_action=mapped.y[row])
        assert mapped.npv[row][column] == pytest.approx(npv_by_months(at, 0.035))


def test_along_the_line_of_the_map_the_npv_is_nothing():
    mapped = heat_map(LARGE, 0.035)
    assert mapped is not None
    assert len(mapped.line) > 20
    for traffic, value in mapped.line:
        at = replace(LARGE, eligible_requests_per_month=traffic, value_per_action=value)
        assert npv_by_months(at, 0.035) == pytest.approx(0, abs=1e-6 * project(at).pv_cost)


def test_no_map_around_nothing_and_no_line_for_a_loss():
    assert heat_map(replace(LARGE, value_per_action=0.0), 0.035) is None
    mapped = heat_map(LARGE, -0.01)
    assert mapped is not None
    assert mapped.line == ()
