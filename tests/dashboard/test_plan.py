"""The Plan page: each setting of a plan has its place, a locked plan is the base, departures are told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from app_driver import go, open_app, text_of

from recsys_roi.logs.pilot import Pilot, pilot_folder
from recsys_roi.record.plans import PlanStore
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.settings import SETTINGS

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def locked(home):
    """A pilot without logs whose plan is locked; its store."""
    Pilot.create_or_open(pilot_folder(home, "Locked"))
    store = PlanStore(home, "Locked")
    if not store.all():
        plan = Scenario.of({"kpi": "add_to_cart_rate", "min_effect": 0.02, "surface": "basket"})
        store.lock(plan.dump(), fingerprint=plan.fingerprint, who="Anna", at=AT)
    return store


def keys(app):
    """The settings whose widgets stand on the page."""
    kinds = (app.number_input, app.slider, app.selectbox, app.text_input, app.pills, app.toggle)
    found = {widget.key for kind in kinds for widget in kind if widget.key}
    found |= {widget.key for widget in app.get("datetime_input")}
    return {key.removeprefix("page_") for key in found if key.startswith("page_")}


def test_every_setting_of_a_plan_and_of_its_rule_has_its_place():
    wanted = {name for name, one in SETTINGS.items() if one.group in {"plan", "statistics"}}
    assert wanted - keys(open_app("plan", pilot="Empty")) == set()


def test_the_product_chosen_puts_its_own_kpis_first():
    app = open_app("plan", pilot="Empty", domain="content")
    kpi = next(one for one in app.selectbox if one.key == "page_kpi")
    assert kpi.options[:3] == ["Time spent", "Return rate", "Completion rate"]


def test_a_new_session_starts_from_the_locked_plan(locked):
    app = open_app("plan", pilot="Locked")
    text = text_of(app)
    assert "Locked by Anna on 24 Nov 2026 at 09:00 UTC" in text
    assert locked.all()[0].fingerprint in text
    assert '"event_type": "add_to_cart"' in text
    assert '"surface": "basket"' in text


def test_what_departs_from_it_is_told_on_plan_and_summary(locked):
    app = open_app("plan", pilot="Locked", kpi="ctr", surface="basket", min_effect="0.02", alpha="0.1")
    for page in ("plan", "summary"):
        text = text_of(go(app, page))
        assert "add-to-cart rate" in text
        assert "click-through rate" in text
        assert "2 changes from" in text
    assert "The plan says" in text


def test_every_criterion_that_people_meet_can_be_stated_where_it_stands(locked):
    app = open_app("plan", pilot="Locked")
    offered = {button.key for button in app.button if (button.key or "").startswith("meet_")}
    stated = ("runbooks_exercised", "offline_compared", "rollback_practised", "alerts_in_place")
    assert offered == {f"meet_{one}" for one in stated}
