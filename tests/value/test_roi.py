"""The money model: worked examples, a second route, and what must hold whatever the inputs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recsys_roi.evidence.kpis import KPIS
from recsys_roi.value.roi import Economics, economics, present_values, priced, project, time_sums
from recsys_roi.value.scenario import Scenario
from tests.fixtures import case
from tests.value.book import money_of

SMALL = money_of(case("S8.roi").inputs)
LARGE = money_of(case("S8.roi_positive").inputs)


def economies() -> st.SearchStrategy[Economics]:
    share, amount = st.floats(0, 1), st.floats(0, 1e5)
    fields: dict[str, st.SearchStrategy[Any]] = {
        "baseline_kpi": st.floats(1e-4, 10),
        "eligible_requests_per_month": st.floats(1, 1e9),
        "traffic_growth_monthly": st.floats(-0.2, 0.2),
        "ramp": st.lists(share, min_size=1, max_size=6).map(tuple),
        "value_per_action": st.floats(1e-3, 1e4),
        "margin": share,
        "cannibalisation": share,
        "horizon_months": st.integers(1, 60),
        "discount_rate": share,
        "novelty_share": share,
        "novelty_half_life_months": st.floats(0.01, 60),
        "lift_decay_monthly": share,
        **dict.fromkeys(
            ("engineering_hours", "engineering_rate", "shared_cost", "ops_hours_per_month"), amount
        ),
        **dict.fromkeys(("ops_rate", "one_off_cost", "infra_per_month"), amount),
        "infra_per_1000_requests": st.floats(0, 10),
        "sunk_cost": amount,
    }
    return st.builds(Economics, **fields)


def npv_by_months(money: Any, lift: float) -> float:
    """A month loop in the book's own order (8.1): flows first, then discounting at the monthly rate."""
    rate = (1 + money.discount_rate) ** (1 / 12) - 1
    requests, total = money.eligible_requests_per_month, 0.0
    for month in range(1, money.horizon_months + 1):
        served = requests * money.ramp[min(month, len(money.ramp)) - 1]
        fading = money.novelty_share * 0.5 ** ((month - 1) / money.novelty_half_life_months)
        left = ((1 - money.novelty_share) + fading) * (1 - money.lift_decay_monthly) ** (month - 1)
        actions = served * money.baseline_kpi * lift * left
        benefit = actions * money.value_per_action * money.margin * (1 - money.cannibalisation)
        hosting = money.infra_per_month + money.infra_per_1000_requests * served / 1000
        total += (benefit - hosting - money.ops_hours_per_month * money.ops_rate) / (1 + rate) ** month
        requests *= 1 + money.traffic_growth_monthly
    return total - money.engineering_hours * money.engineering_rate - money.one_off_cost - money.shared_cost


def test_worked_example_where_traffic_is_too_small():
    projection = project(SMALL)
    first, second, third = projection.flows(0.03)[:3]
    assert (first.benefit, first.cost, first.net) == pytest.approx((963.90, 2360.0, -1396.10))
    assert second.net == pytest.approx(-595.450933)
    assert third.net == pytest.approx(968.213109)
    assert projection.npv(0.03) == pytest.approx(-26_188.572083)
    assert projection.roi(0.03) == pytest.approx(-0.4458, abs=5e-5)
    assert projection.break_even_lift == pytest.approx(0.05413523851625)
    assert projection.payback_months(0.03) is None


def test_worked_example_where_the_same_lift_pays():
    projection = project(LARGE)
    assert projection.npv(0.035) == pytest.approx(127_692.609828)
    assert projection.roi(0.035) == pytest.approx(2.053077, abs=1e-6)
    assert projection.payback_months(0.035) == pytest.approx(3.190784, abs=1e-6)
    assert projection.payback_months(0.035, discounted=True) == pytest.approx(3.231654, abs=1e-6)
    assert projection.npv(0.03) > 0 > project(SMALL).npv(0.03)


@given(economies(), st.floats(-0.9, 5))
def test_npv_is_that_of_a_plain_month_loop(money, lift):
    projection = project(money)
    size = projection.pv_cost + abs(projection.pv_benefit(lift))
    assert projection.npv(lift) == pytest.approx(npv_by_months(money, lift), abs=1e-9 * size + 1e-9)


@given(economies())
def test_npv_is_nothing_at_the_break_even_lift(money):
    projection = project(money)
    assume(projection.break_even_lift is not None)
    assert projection.npv(projection.break_even_lift) == pytest.approx(
        0, abs=1e-6 * projection.pv_cost + 1e-300
    )


@given(economies(), st.floats(-0.9, 5), st.floats(-0.9, 5))
def test_npv_is_linear_in_the_lift(money, one, other):
    projection = project(money)
    size = projection.pv_cost + projection.pv_unit_value * (abs(one) + abs(other))
    middle = (projection.npv(one) + projection.npv(other)) / 2
    assert projection.npv((one + other) / 2) == pytest.approx(middle, abs=1e-9 * size + 1e-9)


@given(economies())
def test_twice_the_traffic_at_half_the_value_changes_only_what_traffic_costs(money):
    before = project(money)
    doubled = 2 * money.eligible_requests_per_month
    after = project(
        replace(money, eligible_requests_per_month=doubled, value_per_action=money.value_per_action / 2)
    )
    served = sum(month.served * month.discount for month in before.months)
    assert after.pv_unit_value == pytest.approx(before.pv_unit_value)
    assert after.one_off_cost == before.one_off_cost
    assert after.pv_operations == before.pv_operations
    assert after.pv_infrastructure - before.pv_infrastructure == pytest.approx(
        money.infra_per_1000_requests * served / 1000, abs=1e-9 * after.pv_cost + 1e-9
    )


@given(economies(), st.lists(st.floats(0, 1), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_months_does_not_matter_where_time_does_nothing(money, ramp, random):
    shuffled = random.sample(ramp, len(ramp))
    still = {"traffic_growth_monthly": 0.0, "novelty_share": 0.0, "lift_decay_monthly": 0.0}
    still |= {"discount_rate": 0.0, "horizon_months": len(ramp)}
    one, other = (project(replace(money, ramp=tuple(order), **still)) for order in (ramp, shuffled))
    assert one.pv_unit_value == pytest.approx(other.pv_unit_value, rel=1e-12, abs=1e-300)
    assert one.pv_cost == pytest.approx(other.pv_cost, rel=1e-12, abs=1e-300)


@given(economies(), st.floats(-0.5, 5))
def test_flows_and_parts_add_up(money, lift):
    projection = project(money)
    flows = projection.flows(lift)
    nets = math.fsum(flow.benefit - flow.cost for flow in flows)
    size = projection.one_off_cost + math.fsum(abs(flow.benefit) + flow.cost for flow in flows)
    assert flows[-1].cumulative == pytest.approx(nets - projection.one_off_cost, abs=1e-9 * size + 1e-9)
    parts = projection.pv_engineering + projection.pv_operations + projection.pv_infrastructure
    assert parts == pytest.approx(projection.pv_cost)
    assert len(flows) == money.horizon_months


@given(economies(), st.floats(0.001, 5))
def test_payback_is_where_the_cumulative_money_crosses_nothing(money, lift):
    projection = project(money)
    months = projection.payback_months(lift)
    totals = [-projection.one_off_cost, *(flow.cumulative for flow in projection.flows(lift))]
    if months is None:
        assert max(totals[1:]) < 0 or projection.pv_unit_value == 0
    else:
        at = float(np.interp(months, range(len(totals)), totals))
        assert at == pytest.approx(0, abs=1e-6 * max(map(abs, totals)) + 1e-9)


@given(economies(), st.integers(1, 59), st.floats(0.1, 0.9))
def test_a_later_launch_to_the_same_end_is_a_shorter_horizon(money, months, part):
    """Without growth a launch after whole months is today's launch with a shorter horizon, discounted."""
    assume(months < money.horizon_months)
    still = replace(money, traffic_growth_monthly=0.0)
    later = priced(still, time_sums(still, months))
    shorter = project(replace(still, horizon_months=money.horizon_months - months))
    factor = (1 + money.discount_rate) ** (-months / 12)
    assert float(later.unit_value) == pytest.approx(shorter.pv_unit_value * factor)
    assert float(later.recurring) == pytest.approx(shorter.pv_recurring_cost * factor)
    between = float(priced(still, time_sums(still, months - part)).unit_value)
    assert float(later.unit_value) <= between * (1 + 1e-12)


def test_a_launch_at_the_end_of_the_horizon_earns_nothing():
    values = priced(LARGE, time_sums(LARGE, 12.0))
    assert (float(values.unit_value), float(values.recurring)) == (0.0, 0.0)
    assert float(values.one_off) == 31_200.0


def test_draws_are_projected_one_by_one():
    margins, growths = np.array([[0.1], [0.35], [0.9]]), np.array([[0.0], [0.01], [-0.1]])
    together = present_values(replace(LARGE, margin=margins, traffic_growth_monthly=growths))
    alone = [
        present_values(replace(LARGE, margin=margin, traffic_growth_monthly=growth))
        for (margin,), (growth,) in zip(margins.tolist(), growths.tolist(), strict=True)
    ]
    assert together.unit_value == pytest.approx([float(values.unit_value) for values in alone])
    assert np.broadcast_to(together.cost, 3) == pytest.approx([float(values.cost) for values in alone])


def test_what_is_undefined_is_none():
    worthless = project(replace(LARGE, margin=0.0))
    assert worthless.break_even_lift is None
    assert worthless.payback_months(0.05) is None
    free = project(
        replace(
            LARGE,
            engineering_hours=0.0,
            one_off_cost=0.0,
            infra_per_month=0.0,
            infra_per_1000_requests=0.0,
            ops_rate=0.0,
        )
    )
    assert (free.roi(0.03), free.benefit_cost_ratio(0.03), free.programme_roi(0.03)) == (None, None, None)
    assert free.break_even_lift == 0.0
    assert free.payback_months(0.03) == 0.0
    assert project(LARGE).payback_months(0.0) is None
    assert project(LARGE).payback_months(-0.02) is None


def test_money_already_spent_is_in_the_programme_only():
    spent = project(replace(LARGE, sunk_cost=50_000.0))
    assert spent.npv(0.035) == project(LARGE).npv(0.035)
    assert spent.roi(0.035) == project(LARGE).roi(0.035)
    benefit, cost = spent.pv_benefit(0.035), spent.pv_cost + 50_000
    assert spent.programme_roi(0.035) == pytest.approx((benefit - cost) / cost)


def test_economics_of_a_scenario_for_a_kpi():
    scenario = Scenario.of({"value_per_action": 18.0, "shared_cost": 9000.0, "margin": 0.4})
    clicks = economics(scenario, KPIS["ctr"], 0.1, shared_part=0.25)
    assert (clicks.value_per_action, clicks.baseline_kpi, clicks.margin) == (18.0, 0.1, 0.4)
    assert (clicks.lift_decay_monthly, clicks.shared_cost, clicks.counts_money) == (0.018, 2250.0, False)
    revenue = economics(scenario, KPIS["revenue_per_request"], 2.0)
    assert (revenue.value_per_action, revenue.counts_money, revenue.lift_decay_monthly) == (1.0, True, 0.008)
    assert (
        economics(scenario.updated({"lift_decay_monthly": 0.05}), KPIS["ctr"], 0.1).lift_decay_monthly == 0.05
    )


def test_new_users_are_an_audience_that_is_counted_once_and_requests_still_cost():
    """The return rate pays for users who come back; serving is paid for every request (numbers book 8.1)."""
    returns = replace(SMALL, eligible_new_users_per_month=50_000.0)
    by_users, by_requests = project(returns), project(SMALL)
    assert by_users.pv_cost == by_requests.pv_cost
    assert by_users.pv_unit_value == pytest.approx(by_requests.pv_unit_value * 50_000 / 2_000_000)
    assert sum(flow.benefit for flow in by_users.flows(0.03)) == pytest.approx(
        sum(flow.benefit for flow in by_requests.flows(0.03)) * 50_000 / 2_000_000
    )
    assert (returns.reads("eligible_new_users_per_month"), SMALL.reads("eligible_new_users_per_month")) == (
        True,
        False,
    )
