"""Several surfaces: the shared cost is spread by requests, and the surfaces are added up once."""

from __future__ import annotations

import pytest

from recsys_roi.render import words
from recsys_roi.render.pack.workbook.model import inputs, model_of
from recsys_roi.review.comparing import BASE, preset_scenarios
from recsys_roi.review.evaluate import evaluate
from recsys_roi.review.programme import Programme, on_surface
from recsys_roi.value.scenario import Scenario
from tests.review.small_pilot import AS_OF, evidence, spread

GIVEN = {
    "kpi": "ctr",
    "eligible_requests_per_month": 300_000.0,
    "value_per_action": 0.4,
    "economics_confirmed": True,
}
SHARED = 9000.0


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """Evidence by surface: 900 users on home and 300 on cart, with two requests a user on both."""
    visitors = [
        *spread("control", 900, 180, context={"surface": "home"}),
        *spread("candidate", 900, 270, context={"surface": "home"}),
        *spread("control", 300, 60, context={"surface": "cart"}),
        *spread("candidate", 300, 60, context={"surface": "cart"}),
    ]
    folder = tmp_path_factory.mktemp("pilot")
    return {
        surface: evidence(folder, visitors, Scenario.of({"surface": surface})) for surface in ("home", "cart")
    }


def reviewed(counted, surface, **settings):
    scenario = Scenario.of({**GIVEN, "surface": surface, **settings})
    return evaluate(counted[surface], scenario, as_of=AS_OF)


def test_each_surface_has_its_part_of_the_requests(counted):
    assert counted["home"].surfaces == ("cart", "home")
    assert {name: found.surface_share for name, found in counted.items()} == {"home": 0.75, "cart": 0.25}


def test_a_pilot_of_one_surface_has_all_of_them(tmp_path):
    visitors = [*spread("control", 20, 5), *spread("candidate", 20, 5)]
    assert evidence(tmp_path, visitors, Scenario.of({})).surface_share == 1.0


def test_the_shared_cost_is_spread_by_requests(counted):
    for surface, part in (("home", 0.75), ("cart", 0.25)):
        without, with_it = reviewed(counted, surface), reviewed(counted, surface, shared_cost=SHARED)
        assert with_it.roi.shared_part == part
        assert with_it.roi.npv == pytest.approx(without.roi.npv - SHARED * part)
        assert with_it.roi.pv_cost == pytest.approx(without.roi.pv_cost + SHARED * part)


def test_the_shared_cost_is_said_where_it_is_spread(counted):
    said = words.money_sentences(reviewed(counted, "cart", shared_cost=SHARED))
    assert (
        "Of the cost that surfaces share (EUR 9,000) this one carries 25.0 %, its part of the requests: "
        "EUR 2,250." in said
    )
    assert not any("surfaces share" in line for line in words.money_sentences(reviewed(counted, "cart")))


def test_the_workbook_has_the_part_and_its_own_figures_agree(counted):
    review = reviewed(counted, "cart", shared_cost=SHARED)
    model = model_of(review)
    assert model.projection.npv(model.lift) == pytest.approx(review.roi.npv)
    shared = next(one for one in inputs(model) if one.name == "shared_cost")
    assert (shared.value, shared.label) == (2250.0, "Shared cost, this surface's part")


def programme(counted, **settings):
    chosen = Scenario.of({**GIVEN, "surface": "home", **settings})
    scenarios = {
        name: on_surface(chosen, name, share=found.surface_share, here=counted["home"].surface_share)
        for name, found in counted.items()
    }
    reviews = tuple(evaluate(counted[name], found, as_of=AS_OF) for name, found in scenarios.items())
    return Programme(surfaces=tuple(scenarios), reviews=reviews)


def test_together_the_surfaces_carry_the_shared_cost_once(counted):
    assert programme(counted, shared_cost=SHARED).npv == pytest.approx(programme(counted).npv - SHARED)


def test_each_surface_is_worth_what_its_own_scenario_says(counted):
    found = programme(counted, shared_cost=SHARED)
    cart = reviewed(counted, "cart", shared_cost=SHARED, eligible_requests_per_month=100_000.0)
    assert found.reviews[1].roi == cart.roi
    assert found.npv == pytest.approx(sum(review.roi.npv for review in found.reviews))


def test_only_what_ships_is_added_where_it_ships(counted):
    home, cart = programme(counted).reviews
    shipped = home.model_copy(update={"decision": home.decision.model_copy(update={"decision": "ship"})})
    found = Programme(surfaces=("home", "cart"), reviews=(shipped, cart))
    assert found.npv_where_shipped == home.roi.npv
    assert found.npv == pytest.approx(home.roi.npv + cart.roi.npv)
    rows = words.programme_rows(found)
    assert [(row["Surface"], row["Verdict"], row["Requests a month"]) for row in rows] == [
        ("home", "SHIP", "300,000"),
        ("cart", "HOLD", "100,000"),
    ]
    assert "KPI" not in rows[0]
    everywhere, where_shipped = words.programme_sentences(found)
    assert everywhere == f"Launched on every surface: loses about {words.about_money(-found.npv, 'EUR')}."
    assert where_shipped.endswith(f": loses about {words.about_money(-home.roi.npv, 'EUR')}.")
    nowhere = Programme(surfaces=("home", "cart"), reviews=(home, cart))
    assert words.programme_sentences(nowhere)[1] == "No surface is ready to ship."


def test_presets_are_not_added_up(counted):
    chosen = Scenario.of({"kpi": "ctr", "surface": "home"})
    elsewhere = on_surface(chosen, "cart", share=0.25, here=0.75)
    assert elsewhere.given == {"kpi": "ctr", "surface": "cart"}
    reviews = tuple(evaluate(counted[one.surface], one, as_of=AS_OF) for one in (chosen, elsewhere))
    found = Programme(surfaces=("home", "cart"), reviews=reviews)
    assert words.programme_sentences(found) == (
        "Enter or confirm traffic, value and costs before surfaces are added up.",
    )


def test_a_range_of_the_audience_goes_with_it():
    ranges = {
        "eligible_requests_per_month": (200_000.0, 300_000.0, 450_000.0),
        "value_per_action": (0.2, 0.4, 0.6),
    }
    elsewhere = on_surface(Scenario.of({**GIVEN, "ranges": ranges}), "cart", share=0.2, here=0.6)
    assert elsewhere.eligible_requests_per_month == pytest.approx(100_000.0)
    assert elsewhere.ranges["eligible_requests_per_month"] == pytest.approx((200e3 / 3, 100e3, 150e3))
    assert elsewhere.ranges["value_per_action"] == (0.2, 0.4, 0.6)


def test_a_preset_of_a_surface_pays_its_part_of_the_shared_cost(counted):
    review = reviewed(counted, "home", shared_cost=SHARED)
    preset = preset_scenarios(review, Scenario.of({**GIVEN, "surface": "home", "shared_cost": SHARED}))[BASE]
    assert preset.shared_cost == SHARED * 0.75
    assert evaluate(None, preset, as_of=AS_OF).roi.npv == pytest.approx(review.roi.npv, rel=1e-9)
