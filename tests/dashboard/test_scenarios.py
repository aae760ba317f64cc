"""Scenarios on the ROI page: saved, opened, told when somebody else was quicker, put side by side; ranges."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from app_driver import open_app, read, text_of, tiles

from recsys_roi.dashboard.samples import base_settings
from recsys_roi.dashboard.scenarios import NOW
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.pilot import Pilot
from recsys_roi.record.given import FILE_NAME
from recsys_roi.record.plans import PlanStore
from recsys_roi.record.scenarios import ScenarioStore
from recsys_roi.render import words
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario
from tests.review.small_pilot import AS_OF

SHOP = "Sample shop"


@pytest.fixture(autouse=True)
def empty_record(home):
    for file in home.glob(f"{FILE_NAME}*"):
        file.unlink()


def roi_page(**query):
    return open_app("roi", pilot=SHOP, **query)


def save(app, name, who="Anna"):
    app.text_input(key="page_who").set_value(who).run()
    app.text_input(key="scenario_name").set_value(name).run()
    return app.button(key="scenario_save").click().run()


def warnings(app):
    return [read(warning.value) for warning in app.warning]


def value_of(app, number):
    app.sidebar.select_slider(key="side_value_per_action").set_value(number).run()


def test_a_saved_scenario_opens_with_the_same_figures_in_another_session(home):
    app = roi_page()
    value_of(app, 5.0)
    before = tiles(app)
    save(app, "Five euros")
    assert warnings(app) == []
    assert ScenarioStore(home, SHOP).named("Five euros").settings["value_per_action"] == 5
    other = roi_page()
    assert tiles(other) != before
    other.button(key="scenario_Open_Five euros").click().run()
    assert tiles(other) == before


def test_a_name_or_somebody_to_write_it_is_asked_for(home):
    app = roi_page()
    save(app, "", who="Anna")
    assert "The name of a scenario must be one line" in warnings(app)[0]
    save(app, "Base", who="")
    assert "Who saves must be one line" in warnings(app)[0]
    assert ScenarioStore(home, SHOP).all() == ()


def test_the_second_who_saves_over_one_scenario_is_told(home):
    anna = save(roi_page(), "Base")
    ben = roi_page()
    ben.button(key="scenario_Open_Base").click().run()
    value_of(anna, 5.0)
    anna.button(key="scenario_Save over_Base").click().run()
    ben.text_input(key="page_who").set_value("Ben").run()
    value_of(ben, 7.0)
    ben.button(key="scenario_Save over_Base").click().run()
    assert "Scenario 'Base' was saved since you opened it: version 2, by Anna" in warnings(ben)[0]
    assert ScenarioStore(home, SHOP).named("Base").settings["value_per_action"] == 5


def test_copies_and_deletions(home):
    app = save(roi_page(), "Base")
    app.button(key="scenario_Copy_Base").click().run()
    assert [one.name for one in ScenarioStore(home, SHOP).all()] == ["Base", "Base (2)"]
    app.button(key="scenario_Delete_Base").click().run()
    assert [one.name for one in ScenarioStore(home, SHOP).all()] == ["Base (2)"]


def shop_review(home, **settings):
    scenario = Scenario.of({**base_settings(SHOP), **settings})
    return evaluate(evidence_of(Pilot.open(home, SHOP), view_of(scenario)), scenario, as_of=AS_OF)


def compared(app):
    """The table side by side, by its first column."""
    table = next(table.value for table in app.main.table if "Now" in table.value.columns)
    return {read(str(row.iloc[0])): [read(str(cell)) for cell in row.iloc[1:]] for _, row in table.iterrows()}


def test_up_to_four_stand_side_by_side_with_each_review_s_figures_and_the_link_keeps_them(home):
    app = roi_page()
    value_of(app, 5.0)
    save(app, "Five euros")
    value_of(app, base_settings(SHOP)["value_per_action"])
    chosen = [NOW, "preset:Conservative", "preset:Optimistic", "saved:Five euros"]
    app.pills(key="page_compared").set_value(chosen).run()
    found = compared(app)
    now, five = shop_review(home), shop_review(home, value_per_action=5.0)
    assert [found["Value"][0], found["Value"][3]] == [
        f"EUR {round(review.roi.npv):,}" for review in (now, five)
    ]
    assert [found["Value"][1], found["Value"][2]] == [
        f"EUR {round(end):,}" for end in (now.roi.p10, now.roi.p90)
    ]
    assert found["Lift is"] == ["measured", "assumed", "assumed", "measured"]
    assert found["Verdict"][0] == "SHIP"
    assert found["Value per action"] == ["EUR 4.30", "EUR 4.30", "EUR 4.30", "EUR 5.00"]
    again = roi_page(**{name: value for name, value in app.query_params.items() if name != "pilot"})
    assert compared(again) == found
    app.pills(key="page_compared").set_value([*chosen, "preset:Base"]).run()
    assert "Up to 4 scenarios" in warnings(app)[0]
    assert compared(app) == found


def test_a_link_to_a_scenario_that_is_not_here_says_so():
    app = roi_page(compare=json.dumps(["saved:Theirs", NOW]))
    assert "Not saved on this machine: Theirs." in text_of(app)
    assert "Value" in compared(app)
    assert not roi_page(compare='{"broken').exception


def test_ranges_change_the_chance_and_follow_their_input(home):
    app = roi_page()
    app.selectbox(key="range_added").set_value("margin").run()
    margin = base_settings(SHOP)["margin"]
    assert app.number_input(key="range_low_margin").value == pytest.approx(100 * margin * 0.8)
    app.number_input(key="range_low_margin").set_value(1.0).run()
    ranged = shop_review(home, ranges={"margin": [0.01, margin, min(1.0, margin * 1.2)]})
    assert ranged.roi.spread.method == "monte_carlo"
    assert f"{ranged.roi.p_npv_positive * 100:.0f} %" in tiles(app)["Chance of making money"][0]
    app.number_input(key="range_high_margin").set_value(0.1).run()
    assert "must run from low over likely to high" in warnings(app)[0]
    app.main.number_input(key="page_margin").set_value(90.0).run()
    assert warnings(app) == []
    assert app.number_input(key="range_high_margin").value == pytest.approx(90.0)
    app.button(key="range_remove_margin").click().run()
    assert "ranges" not in app.query_params


def test_a_record_that_cannot_be_read_is_said_and_the_page_still_stands(home):
    (home / FILE_NAME).write_bytes(b"no database at all, but long enough to look at " * 30)
    app = roi_page()
    assert "damaged or no record" in warnings(app)[0]
    assert tiles(app)
    assert not app.exception


def test_the_page_shows_what_breaks_even_and_the_map(home):
    app = roi_page()
    review = shop_review(home)
    assert "What would break even" in text_of(app)
    assert f"Value per action: EUR {review.roi.break_even.value_per_action:.2f} (now EUR 4.30)." in text_of(
        app
    )
    titles = [json.loads(chart.proto.spec)["layout"]["title"]["text"] for chart in app.get("plotly_chart")]
    assert "What if two inputs change together?" in titles


def test_the_page_says_what_waiting_is_worth_week_by_week(home):
    review = shop_review(home)
    app = roi_page()
    said = text_of(app)
    assert (
        f"Knowing the lift exactly would be worth about {words.about_money(review.waiting.evpi, 'EUR')}"
        in said
    )
    table = next(table.value for table in app.main.table if "Cost of delay (EUR)" in table.value.columns)
    assert list(table["Cost of delay (EUR)"].map(read)) == [
        words.bare_money(row.delay_cost, "EUR") for row in review.waiting.rows
    ]


def test_figures_are_written_as_in_the_chosen_locale(home):
    app = roi_page(**Scenario.of({**base_settings(SHOP), "locale": "de", "currency": "COP"}).to_query())
    value = shop_review(home).roi.npv
    assert tiles(app)["Net present value"][0] == f"{value / 1000:.1f}k COP".replace(".", ",")
    assert "400.000 eligible requests a month" in text_of(app)
    assert app.text_input(key="page_eligible_requests_per_month").value == "400.000"
    app.text_input(key="page_eligible_requests_per_month").set_value("2,5 million").run()
    assert app.text_input(key="page_eligible_requests_per_month").value == "2.500.000"
    as_base = Scenario.of({**base_settings(SHOP), "locale": "de"}).to_query()
    assert any("No changes from Base" in line.value for line in roi_page(**as_base).sidebar.markdown)


def test_departures_from_the_locked_plan_stand_beside_the_money(home):
    plan = Scenario.of(base_settings(SHOP))
    PlanStore(home, SHOP).lock(
        plan.dump(), fingerprint=plan.fingerprint, who="Anna", at=datetime(2026, 10, 1, tzinfo=UTC)
    )
    assert "As planned" not in text_of(roi_page(value_per_action="7.5"))
    said = text_of(roi_page(value_per_action="7.5"))
    assert "Plan locked by Anna on 1 Oct 2026" in said
    assert plan.fingerprint in said
    assert "EUR 7.50" in said
