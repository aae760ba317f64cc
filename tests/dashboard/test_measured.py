"""Lift and Guardrails in the app: charts with the review's figures, chosen groups, run time."""

from __future__ import annotations

import json

import pytest
from app_driver import open_app, text_of

from recsys_roi.dashboard.samples import SAMPLES, base_settings
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.pilot import Pilot
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario
from tests.review.small_pilot import AS_OF

SHOP = SAMPLES[0].name


@pytest.fixture(scope="module")
def shop(home):
    scenario = Scenario.of(base_settings(SHOP))
    return evaluate(evidence_of(Pilot.open(home, SHOP), view_of(scenario)), scenario, as_of=AS_OF)


def charts(app):
    """The plotly figures on the page by their titles, which may be empty."""
    found = {}
    for element in app.get("plotly_chart"):
        spec = json.loads(element.proto.spec)
        found.setdefault(spec["layout"]["title"].get("text", ""), []).append(spec)
    return found


def test_the_lift_page_shows_every_evening(shop):
    app = open_app("lift")
    (path,) = charts(app)["How did the lift stand each evening?"]
    measured = next(trace for trace in path["data"] if trace["name"] == "measured")
    days = [day for day in shop.primary.path if day.relative_lift is not None]
    assert measured["x"] == [day.day for day in days]
    assert measured["y"] == [day.relative_lift.estimate for day in days]


def test_groups_are_chosen_by_key(shop):
    app = open_app("lift")
    (pills,) = [group for group in app.main.button_group if group.label == "Groups by"]
    assert list(pills.value) == ["device", "locale", "segment"]
    pills.set_value(["day"]).run()
    assert not app.exception
    said = text_of(app)
    assert "day: by each request, so a user can be in several." in said
    assert "Exploratory: you chose the groups." in said


def test_the_run_time_follows_the_slider(shop):
    app = open_app("lift")
    (slider,) = [found for found in app.main.select_slider if found.label == "Days from the start"]
    slider.set_value(28).run()
    point = next(point for point in shop.run_time.curve if point.days == 28)
    assert f"After 28 days, with about {point.users:,.0f} users: a lift of" in text_of(app)


def test_every_guardrail_has_its_single_days(shop):
    app = open_app("guardrails")
    small = charts(app)[""]
    assert len(small) == len(shop.guardrails)
    for spec, guardrail in zip(small, shop.guardrails, strict=True):
        candidate = next(trace for trace in spec["data"] if trace["name"] == "candidate")
        assert candidate["y"] == [day.candidate for day in guardrail.trend]


@pytest.mark.parametrize("page", ["lift", "guardrails"])
def test_formulas_are_one_click_away(page):
    app = open_app(page)
    assert "Formulas and their sources" in [expander.label for expander in app.main.expander]
    assert not app.exception
