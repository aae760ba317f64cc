"""Chance of making money, percentiles, and the tornado."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from recsys_roi.errors import InputError
from recsys_roi.value.distributions import Lognormal, Pert, Triangular, distribution
from recsys_roi.value.roi import project
from recsys_roi.value.uncertainty import DRAWS, lift_and_value, lift_only, monte_carlo, outlook, tornado
from tests.fixtures import case
from tests.value.book import money_of

SMALL = money_of(case("S8.roi").inputs)
LARGE = money_of(case("S8.roi_positive").inputs)
RANGED = {"margin": (0.2, 0.35, 0.5), "engineering_hours": (200.0, 320.0, 900.0)}


@given(st.floats(1, 1e7), st.floats(0, 1e6), st.floats(-0.5, 0.5), st.floats(1e-4, 0.5))
def test_normal_outlook_is_scipy_s(pv_unit_value, pv_cost, mean, sd):
    sure = lift_only(pv_unit_value, pv_cost, mean, sd)
    npv = stats.norm(mean * pv_unit_value - pv_cost, pv_unit_value * sd)
    assert sure.p_npv_positive == pytest.approx(npv.sf(0), abs=1e-12)
    assert (sure.p10, sure.p50, sure.p90) == pytest.approx(tuple(npv.ppf([0.1, 0.5, 0.9])))


def test_a_lift_known_exactly_leaves_no_doubt():
    assert lift_only(1000.0, 10.0, 0.02, 0.0).p_npv_positive == 1.0
    assert lift_only(1000.0, 20.0, 0.02, 0.0).p_npv_positive == 0.0
    assert outlook(SMALL, 0.03, 0.0).sd == 0.0


@pytest.mark.parametrize(
    ("ranges", "method"),
    [
        (None, "normal"),
        ({}, "normal"),
        ({"value_per_action": (12.0, 18.0, 30.0)}, "quadrature"),
        ({"value_per_action": (12.0, 30.0)}, "quadrature"),
        (RANGED, "monte_carlo"),
        ({"value_per_action": (12.0, 18.0, 30.0), "margin": (0.2, 0.35, 0.5)}, "monte_carlo"),
    ],
)
def test_the_exact_way_is_taken_where_there_is_one(ranges, method):
    assert outlook(LARGE, 0.035, 0.012, ranges).method == method


def test_the_value_of_a_revenue_kpi_has_no_range():
    revenue = replace(LARGE, counts_money=True)
    assert outlook(revenue, 0.035, 0.012, {"value_per_action": (1.0, 2.0, 3.0)}) == outlook(
        revenue, 0.035, 0.012
    )
    assert "value_per_action" not in {bar.input for bar in tornado(revenue, 0.035, 0.012)}


def test_the_outlook_of_the_book_s_case_comes_from_the_whole_model():
    one = case("S8.mc")
    sure = outlook(SMALL, 0.03, 0.012, {"value_per_action": (12.0, 18.0, 30.0)})
    assert sure.p_npv_positive == pytest.approx(one.expected["p_npv_positive_exact"], rel=1e-7)
    assert sure.mean == pytest.approx(one.expected["npv_mean"], rel=1e-7)


def test_draws_agree_with_the_integral_within_four_standard_errors():
    value = Pert(low=12.0, likely=18.0, high=30.0)
    drawn = monte_carlo(LARGE, 0.01, 0.012, {"value_per_action": value})
    exact = outlook(LARGE, 0.01, 0.012, {"value_per_action": (12.0, 18.0, 30.0)})
    chance = exact.p_npv_positive
    assert 0.1 < chance < 0.9
    assert abs(drawn.p_npv_positive - chance) < 4 * math.sqrt(chance * (1 - chance) / DRAWS)
    assert abs(drawn.mean - exact.mean) < 4 * exact.sd / math.sqrt(DRAWS)
    assert drawn.sd == pytest.approx(exact.sd, rel=0.05)
    for got, expected in ((drawn.p10, exact.p10), (drawn.p50, exact.p50), (drawn.p90, exact.p90)):
        assert abs(got - expected) < 8 * exact.sd / math.sqrt(DRAWS)


def test_mean_of_independent_draws_is_the_mean_of_the_inputs():
    """NPV is linear in margin and hours, so its mean is the NPV at the inputs' means."""
    drawn = outlook(LARGE, 0.035, 0.012, RANGED)
    margin, hours = (distribution(numbers).mean for numbers in RANGED.values())
    at_means = project(replace(LARGE, margin=margin, engineering_hours=hours)).npv(0.035)
    assert abs(drawn.mean - at_means) < 4 * drawn.sd / math.sqrt(DRAWS)


def test_the_same_inputs_give_the_same_draws_and_small_moves_move_them_little():
    first = outlook(LARGE, 0.035, 0.012, RANGED)
    assert outlook(LARGE, 0.035, 0.012, RANGED) == first
    nearby = outlook(LARGE, 0.035, 0.012, {**RANGED, "margin": (0.2, 0.3501, 0.5)})
    assert abs(nearby.p50 - first.p50) < 0.002 * first.sd
    assert abs(nearby.p_npv_positive - first.p_npv_positive) < 0.002


def test_a_constant_range_adds_nothing_but_draws():
    fixed = outlook(LARGE, 0.035, 0.012, {"margin": (0.35, 0.35, 0.35)})
    sure = outlook(LARGE, 0.035, 0.012)
    assert abs(fixed.mean - sure.mean) < 4 * sure.sd / math.sqrt(DRAWS)
    assert fixed.sd == pytest.approx(sure.sd, rel=0.03)


@given(st.floats(0.01, 100), st.floats(0, 100), st.floats(0, 100), st.floats(0.001, 0.999))
def test_quantiles_are_scipy_s(low, up, down, share):
    likely, high = low + up, low + up + down
    if high - low < 1e-3:
        return
    at = np.array(share)
    place = (likely - low) / (high - low)
    pert = stats.beta(1 + 4 * place, 5 - 4 * place, loc=low, scale=high - low)
    triangular = stats.triang(place, loc=low, scale=high - low)
    for ours, theirs in (
        (Pert(low=low, likely=likely, high=high), pert),
        (Triangular(low=low, likely=likely, high=high), triangular),
    ):
        assert float(ours.quantiles(at)) == pytest.approx(theirs.ppf(share), rel=1e-6)
        assert (ours.mean, ours.sd) == pytest.approx((theirs.mean(), theirs.std()))


def test_a_range_out_of_order_is_an_input_error():
    with pytest.raises(InputError, match="low over likely to high"):
        Pert(low=2.0, likely=1.0, high=3.0)
    with pytest.raises(InputError, match="low over likely to high"):
        Triangular(low=1.0, likely=4.0, high=3.0)
    with pytest.raises(InputError, match="P10 and P90"):
        Lognormal(p10=0.0, p90=3.0)


def test_triangular_on_request():
    wide = outlook(LARGE, 0.035, 0.012, RANGED, shape="triangular")
    assert wide.sd > outlook(LARGE, 0.035, 0.012, RANGED).sd


@given(
    st.floats(0.5, 20), st.floats(0, 10), st.floats(0.1, 10), st.floats(-0.05, 0.1), st.floats(0.002, 0.05)
)
def test_percentiles_of_lift_and_value_are_in_order_and_hold_their_share(low, up, down, mean, sd):
    value = Pert(low=low, likely=low + up, high=low + up + down)
    sure = lift_and_value(3e5, 40_000.0, mean, sd, value)
    assert sure.p10 < sure.p50 < sure.p90
    above_p90 = lift_and_value(3e5, 40_000.0 + sure.p90, mean, sd, value).p_npv_positive
    assert above_p90 == pytest.approx(0.1, abs=1e-5)


def test_tornado_spans_a_range_where_one_is_given():
    bars = {bar.input: bar for bar in tornado(LARGE, 0.035, 0.012, {**RANGED, "ops_rate": (50.0, 90.0)})}
    assert (bars["margin"].low_value, bars["margin"].high_value) == (0.2, 0.5)
    assert (bars["ops_rate"].low_value, bars["ops_rate"].high_value) == (50.0, 90.0)
    assert bars["ops_rate"].npv_low == pytest.approx(project(replace(LARGE, ops_rate=50.0)).npv(0.035))
    assert bars["lift"].basis == "measured"
    assert {bar.basis for name, bar in bars.items() if name != "lift"} == {"assumed"}


def test_default_spans_stay_within_the_settings_range():
    bars = {bar.input: bar for bar in tornado(replace(LARGE, margin=0.95, novelty_share=0.7), 0.035, 0.012)}
    assert (bars["margin"].low_value, bars["margin"].high_value) == (pytest.approx(0.76), 1.0)
    assert bars["novelty_share"].high_value == 1.0


def test_tornado_in_a_plan_marks_the_lift_as_assumed():
    bars = tornado(LARGE, 0.035, 0.012, lift_basis="assumed")
    assert {bar.basis for bar in bars} == {"assumed"}
    assert [bar.swing for bar in bars] == sorted((bar.swing for bar in bars), reverse=True)


def test_draws_that_differ_by_rounding_only_have_no_bins():
    """A benefit of a million beside a cost of 1e22, whose last digit is worth as much."""
    money = replace(LARGE, infra_per_1000_requests=1e12, eligible_requests_per_month=1e12)
    found = outlook(money, 0.1, 0.05, {"margin": (0.5e-5, 1e-5, 1.5e-5), "ops_rate": (60.0, 70.0, 80.0)})
    assert found.method == "monte_carlo"
    assert found.p10 < found.p90
    assert (found.edges, found.shares) == ((), ())
