"""How long a pilot must run before there is one: the book's sample sizes, and what each assumption does."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.evidence.kpis import KPIS
from recsys_roi.value.pilot import MONEY_VARIATION, PilotDesign, pilot_design
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.waiting import WEEKS_PER_MONTH
from tests.fixtures import Case, case

BOOK = ("S10.days_break_even", "S10.days_upstream_3pct", "S10.days_upstream_1pct")
CONVERSION = KPIS["conversion_rate"]


def book_design(one: Case) -> PilotDesign:
    """The book's own units are users; a request stands for one."""
    spread = math.sqrt(one.expected["variance_per_user"]) / one.expected["metric_mean"]
    return PilotDesign(
        requests_per_week=7 * one.inputs["new_users_per_day_total"],
        candidate_share=0.5,
        variation=spread,
        design_effect=1.0,
    )


@pytest.mark.parametrize("one", [case(name) for name in BOOK], ids=BOOK)
def test_sample_sizes_of_the_book(one):
    asked = {"alpha": one.inputs["alpha"], "power": one.inputs["power"]}
    needed = book_design(one).requests_needed(one.inputs["rel_effect"], **asked)
    assert one.same(needed, "users_total_closed_form")
    weeks = book_design(one).weeks_needed(one.inputs["rel_effect"], **asked, min_days=14)
    assert weeks == max(2, math.ceil(1.7 * one.expected["users_total_closed_form"] / (7 * 1700)))


def test_a_conversion_pilot_by_hand():
    """S8.roi's break-even lift at 1.2 %, 2,000,000 requests a month, half of them on the candidate."""
    design = pilot_design(Scenario.of({}), CONVERSION, 0.012)
    assert isinstance(design, PilotDesign)
    assert design.requests_per_week == pytest.approx(2_000_000 * 12 / 52)
    assert design.variation == pytest.approx(math.sqrt(0.988 / 0.012))
    lift, z = 0.05413523851625, 1.959963985 + 0.841621234
    arm = 1.5 * 2 * 0.012 * 0.988 * (z / (0.012 * lift)) ** 2
    assert design.requests_needed(lift, alpha=0.05, power=0.8) == pytest.approx(2 * arm, rel=1e-8)
    assert design.weeks_needed(lift, alpha=0.05, power=0.8, min_days=14) == math.ceil(
        1.7 * 2 * arm / (2_000_000 * 12 / 52)
    )


@pytest.mark.parametrize(("pilot_share", "in_pilot"), [(0.5, 1.0), (0.1, 0.2), (0.9, 1.0)])
def test_a_small_share_on_the_candidate_is_a_small_pilot_at_the_planned_split(pilot_share, in_pilot):
    design = pilot_design(Scenario.of({"pilot_share": pilot_share}), CONVERSION, 0.012)
    assert isinstance(design, PilotDesign)
    assert design.requests_per_week == pytest.approx(in_pilot * 2_000_000 / WEEKS_PER_MONTH)


def test_never_shorter_than_the_least_days_and_nothing_beyond_ten_years():
    design = PilotDesign(requests_per_week=1e9, candidate_share=0.5, variation=1.0, design_effect=1.0)
    assert design.weeks_needed(0.05, alpha=0.05, power=0.8, min_days=14) == 2
    assert design.weeks_needed(0.05, alpha=0.05, power=0.8, min_days=15) == 3
    tiny = PilotDesign(requests_per_week=1.0, candidate_share=0.5, variation=1.0, design_effect=1.0)
    assert tiny.weeks_needed(0.05, alpha=0.05, power=0.8, min_days=14) is None


@pytest.mark.parametrize(
    ("kpi", "settings", "baseline", "found"),
    [
        ("ctr", {}, 0.1, 3.0),
        ("ctr", {"kpi_variation": 5.0}, 0.1, 5.0),
        ("revenue_per_request", {}, 0.3, MONEY_VARIATION),
        ("ctr", {}, 0.0, "no_variation"),
        ("ctr", {}, 1.5, "no_variation"),
        ("time_spent", {}, 0.5, "no_variation"),
        ("time_spent", {"kpi_variation": 2.0}, 0.5, 2.0),
        ("ctr", {"eligible_requests_per_month": 0.0}, 0.1, "no_traffic"),
        ("ctr", {"pilot_share": 0.0}, 0.1, "no_traffic"),
    ],
)
def test_the_spread_is_given_or_follows_from_the_kpi_or_is_not_known(kpi, settings, baseline, found):
    design = pilot_design(Scenario.of(settings), KPIS[kpi], baseline)
    got = design.variation if isinstance(design, PilotDesign) else design
    assert got == (pytest.approx(found) if isinstance(found, float) else found)


@given(st.floats(1e3, 1e7), st.floats(0.05, 0.95), st.floats(0.1, 50), st.floats(1, 10), st.floats(0.1, 20))
def test_each_week_teaches_what_its_requests_do(requests, split, variation, effect, weeks):
    """1 / variance grows by one week's information a week (numbers book 9.1 with nothing seen so far)."""
    design = PilotDesign(
        requests_per_week=requests, candidate_share=split, variation=variation, design_effect=effect
    )
    sd = 0.02
    week = effect * variation**2 / (split * (1 - split)) / requests
    left = 1 / (1 / sd**2 + weeks / week)
    assert design.belief(0.03, sd).posterior_sd(weeks) ** 2 == pytest.approx(
        left, rel=1e-9, abs=1e-12 * sd**2
    )
