"""Several surfaces on Summary: side by side when asked, and never added up from presets."""

from __future__ import annotations

import pytest
from app_driver import open_app, text_of

from recsys_roi.logs.pilot import Pilot, pilot_folder
from tests.review.small_pilot import keep, spread

NAME = "Two surfaces"
GIVEN = {"kpi": "ctr", "eligible_requests_per_month": "300000", "value_per_action": "0.4"}


@pytest.fixture(scope="module", autouse=True)
def two_surfaces(home):
    visitors = [
        *spread("control", 900, 180, context={"surface": "home"}),
        *spread("candidate", 900, 270, context={"surface": "home"}),
        *spread("control", 300, 60, context={"surface": "cart"}),
        *spread("candidate", 300, 60, context={"surface": "cart"}),
        *spread("third", 20, 5, context={"surface": "only the third"}),
    ]
    pilot = Pilot.create_or_open(pilot_folder(home, NAME))
    keep(pilot, home, visitors)


def opened(**query):
    app = open_app(pilot=NAME, surface="home", control="control", candidate="candidate", **query)
    app.toggle(key="every_surface").set_value(True).run()
    assert not app.exception
    return app


def test_every_surface_stands_in_the_table_with_its_traffic():
    app = opened(**GIVEN, economics_confirmed="true")
    table = app.main.table[0].value
    assert list(table["Surface"]) == ["cart", "home"]
    assert list(table["Requests a month"]) == ["100,000", "300,000"]
    assert "Launched on every surface: " in text_of(app)


def test_presets_are_not_added_up():
    said = text_of(opened(kpi="ctr"))
    assert "Enter or confirm traffic, value and costs before surfaces are added up." in said
    assert "Launched on" not in said


def test_a_pilot_of_one_surface_offers_nothing():
    assert not [
        toggle for toggle in open_app(pilot="Sample shop").main.toggle if toggle.key == "every_surface"
    ]
