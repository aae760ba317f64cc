"""What waiting is worth: identities of the value of information."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import integrate, stats

from recsys_roi.value.roi import priced, project, time_sums
from recsys_roi.value.waiting import (
    WEEKS_PER_MONTH,
    Belief,
    WaitingRow,
    delayed_sums,
    flat_waiting,
    information_value,
    slope_of,
    sums_by_horizon,
    value_of_waiting,
    weeks_within,
)
from tests.fixtures import case
from tests.value.book import flat_value, money_of

LARGE = money_of(case("S8.roi_positive").inputs)
BOOK = Belief(mean=0.018, sd=0.014, se_now=0.0155, weeks_so_far=2)


def beliefs() -> st.SearchStrategy[Belief]:
    return st.builds(
        Belief,
        mean=st.floats(-0.1, 0.1),
        sd=st.floats(0.001, 0.1),
        se_now=st.floats(0.001, 0.2),
        weeks_so_far=st.floats(0.5, 20),
        slope=st.floats(-0.5, -0.1),
    )


@given(st.floats(-1e4, 1e4), st.floats(1.0, 1e4))
def test_information_value_is_the_expected_loss_of_the_better_action(mean, sd):
    assume(abs(mean) < 5 * sd)
    gain, _ = integrate.quad(
        lambda z: max(0.0, mean + sd * z) * stats.norm.pdf(z), -12, 12, points=[-mean / sd]
    )
    assert information_value(mean, sd) == pytest.approx(gain - max(0.0, mean), rel=1e-6, abs=1e-6 * sd)


def test_nothing_is_learnt_where_nothing_is_uncertain():
    assert information_value(500.0, 0.0) == 0.0
    known = replace(BOOK, sd=0.0)
    found = value_of_waiting(LARGE, known, pilot_share=0.5, pilot_cost_per_week=0.0)
    assert found.evpi == 0.0
    assert {(row.evsi, row.p_flip) for row in found.rows} == {(0.0, 0.0)}


@given(beliefs(), st.floats(0.1, 50))
def test_weeks_split_the_variance_into_learnt_and_left(belief, weeks):
    learnt, left = belief.preposterior_sd(weeks), belief.posterior_sd(weeks)
    assert learnt**2 + left**2 == pytest.approx(belief.sd**2)
    assert belief.preposterior_sd(2 * weeks) >= learnt


@given(beliefs(), st.floats(0.1, 50))
def test_information_grows_with_time_for_independent_users(belief, weeks):
    """The book's two forms: v_k = se^2 w / k, and the one with the slope, agree at a slope of -1/2."""
    independent = replace(belief, slope=-0.5)
    variance = belief.se_now**2 * belief.weeks_so_far / weeks
    expected = belief.sd**2 / np.sqrt(belief.sd**2 + variance)
    assert independent.preposterior_sd(weeks) == pytest.approx(expected)
    assert belief.preposterior_sd(weeks) <= expected * (1 + 1e-9)


@given(beliefs(), st.floats(1e3, 1e6), st.floats(0, 1e5), st.floats(0, 5e3))
def test_evsi_is_below_evpi_and_grows_before_the_horizon_is_lost(belief, value, rollout, running):
    """At an equal horizon (one so long that a week is nothing of it), as the identity asks."""
    horizon = 1e7
    found = flat_waiting(
        belief,
        value_per_week=value / horizon,
        rollout_cost=rollout,
        run_cost_per_week=running / horizon,
        horizon_weeks=horizon,
        pilot_share=0.0,
        pilot_cost_per_week=0.0,
    )
    evsis = [row.evsi for row in found.rows]
    slack = 1e-5 * found.sd_now
    assert all(evsi <= found.evpi + slack for evsi in evsis)
    assert all(later >= sooner - slack for sooner, later in pairwise(evsis))


@given(beliefs(), st.floats(0, 1), st.floats(0, 5000))
def test_waiting_then_deciding_against_deciding_now(belief, share, cost):
    """net = E[waiting k weeks, then deciding] - deciding now, by quadrature over what will be believed."""
    found = value_of_waiting(LARGE, belief, pilot_share=share, pilot_cost_per_week=cost, weeks_offered=(3,))
    (row,) = found.rows
    values = priced(LARGE, time_sums(LARGE, 3 / WEEKS_PER_MONTH))
    unit, cost_later = float(values.unit_value), float(values.cost)
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    means = belief.mean + row.preposterior_sd * nodes
    decided = float(weights @ np.maximum(0.0, means * unit - cost_later)) / np.sqrt(2 * np.pi)
    weekly = 10_000_000 * 0.012 * 18 * 0.35 * 0.85 * 12 / 52
    pilot = sum((share * weekly * belief.mean - cost) / 1.1 ** (week / 52) for week in (1, 2, 3))
    now = max(0.0, project(LARGE).npv(belief.mean))
    assert row.net == pytest.approx(decided + pilot - now, abs=0.01 * unit * row.preposterior_sd + 1e-6)


def test_value_now_is_the_npv():
    found = value_of_waiting(LARGE, BOOK, pilot_share=0.5, pilot_cost_per_week=0.0)
    projection = project(LARGE)
    assert found.value_now == pytest.approx(projection.npv(0.018))
    assert found.sd_now == pytest.approx(projection.pv_unit_value * 0.014)
    assert [row.weeks for row in found.rows] == list(range(1, 13))
    assert found.best == max(found.rows, key=lambda row: row.net)


def test_waits_beyond_the_horizon_are_not_offered():
    short = replace(LARGE, horizon_months=1)
    found = value_of_waiting(short, BOOK, pilot_share=0.5, pilot_cost_per_week=0.0)
    assert [row.weeks for row in found.rows] == [1, 2, 3, 4]
    none = value_of_waiting(short, BOOK, pilot_share=0.5, pilot_cost_per_week=0.0, weeks_offered=(5, 6))
    assert (none.rows, none.best) == ((), None)


def test_a_losing_pilot_makes_waiting_dearer_with_its_share():
    losing = replace(BOOK, mean=-0.02)
    small, large = (
        value_of_waiting(LARGE, losing, pilot_share=share, pilot_cost_per_week=0.0) for share in (0.1, 0.9)
    )
    assert all(one.delay_cost < other.delay_cost for one, other in zip(small.rows, large.rows, strict=True))
    assert [row.evsi for row in small.rows] == [row.evsi for row in large.rows]


def test_screen_text_of_the_book():
    three = flat_value(case("S9.voi"), [3]).rows[0]
    assert (round(three.delay_cost), round(three.evsi), round(three.net)) == (3315, 4961, 1646)
    assert round(100 * three.p_flip) == 19


def row(weeks: int, evsi: float, delay_cost: float, p_flip: float) -> WaitingRow:
    return WaitingRow(
        weeks=weeks,
        preposterior_sd=0.0,
        posterior_sd=0.0,
        evsi=evsi,
        delay_cost=delay_cost,
        net=evsi - delay_cost,
        p_flip=p_flip,
    )


@pytest.mark.parametrize(
    ("evsi", "delay_cost", "p_flip", "pays"),
    [
        (10.0, 4.0, 0.06, True),  # what is learnt is worth more than it costs
        (10.0, 4.0, 0.01, False),  # and yet the answer stays what it is
        (4.0, 10.0, 0.3, False),
        (10.0, 10.0, 0.3, False),
        (0.01, -500.0, 0.0001, False),  # only the pilot earns; nothing is learnt
        (0.0, -500.0, 0.0, False),
        (300.0, -500.0, 0.2, True),
        (300.0, -500.0, 0.05, True),
        (300.0, -500.0, 0.0499, False),
    ],
)
def test_a_wait_pays_by_what_is_learnt_not_by_what_the_pilot_earns(evsi, delay_cost, p_flip, pays):
    assert row(3, evsi, delay_cost, p_flip).pays is pays


def test_a_known_loss_is_not_worth_testing_however_free_the_pilot_runs():
    """A lift far below the break-even: the book's net is above 0 and grows for ever, as the pilot earns."""
    sure = Belief(mean=0.002, sd=0.001, se_now=0.001, weeks_so_far=4)
    found = value_of_waiting(LARGE, sure, pilot_share=0.5, pilot_cost_per_week=0.0)
    assert found.value_now < 0
    assert found.best is not None
    assert (found.best.weeks, found.best.net > 0) == (12, True)
    assert found.advised is None


def test_the_advised_wait_is_the_best_one_where_every_wait_costs():
    found = flat_value(case("S9.voi"), list(range(1, 13)))
    assert all(one.delay_cost > 0 for one in found.rows)
    assert found.advised == found.best


@pytest.mark.parametrize(("exponent", "slope"), [(1.0, -0.5), (0.5, -0.25), (0.0, -0.1)])
def test_returning_users_slow_the_learning(exponent, slope):
    assert slope_of({}, exponent) == slope
    slow = replace(BOOK, slope=slope_of({}, exponent))
    assert slow.preposterior_sd(3) <= BOOK.preposterior_sd(3)


@given(st.floats(-0.49, -0.11), st.integers(4, 30))
def test_the_slope_of_the_observed_standard_errors_is_found(slope, days):
    seen = {day: 0.03 * day**slope for day in range(1, days + 1)}
    assert slope_of(seen, 1.0) == pytest.approx(slope)


@pytest.mark.parametrize(
    ("seen", "slope"),
    [
        ({1: 0.03, 2: 0.02, 3: 0.015}, -0.4),  # too few days: by the users
        ({day: 1.0 / day for day in range(1, 9)}, -0.5),  # never faster than independent users
        (dict.fromkeys(range(1, 9), 0.03), -0.1),
        (dict.fromkeys(range(1, 9), 0.0), -0.4),
    ],
)
def test_the_slope_stays_between_a_closed_panel_and_independent_users(seen, slope):
    assert slope_of(seen, 0.8) == pytest.approx(slope)


@given(
    st.lists(st.integers(1, 30), max_size=6, unique=True).map(sorted),
    st.floats(0, 0.9),
    st.floats(-0.1, 0.1),
    st.floats(0, 0.4),
    st.floats(0.1, 9),
    st.floats(0, 0.3),
)
def test_sums_of_every_horizon_at_once_are_those_of_each(weeks, novelty, growth, rate, half_life, decay):
    money = replace(
        money_of(case("S8.roi").inputs),
        horizon_months=14,
        novelty_share=novelty,
        traffic_growth_monthly=growth,
        discount_rate=rate,
        novelty_half_life_months=half_life,
        lift_decay_monthly=decay,
    )
    together = sums_by_horizon(money, weeks)
    for months in range(1, 15):
        within = weeks_within(months, weeks)
        alone = delayed_sums(replace(money, horizon_months=months), within)
        rows = slice(None, 1 + len(within))
        for name in ("months", "served", "retained"):
            one, all_ = getattr(alone, name)[:, 0], getattr(together, name)[:, months - 1]
            assert all_[rows] == pytest.approx(one, rel=1e-12), (months, name)
            assert (all_[1 + len(within) :] == 0).all()
