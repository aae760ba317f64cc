"""Three scenarios saved, put side by side, and the same figures after a reload and for a colleague."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

VALUE = "side_value_per_action"
SHOP = "roi?pilot=Sample+shop"


def fill(visit, label, text):
    field = visit.page.get_by_role("textbox", name=label, exact=True)
    field.fill(text)
    field.press("Tab")
    visit.settled()
    expect(field).to_have_value(text)


def save(visit, name):
    fill(visit, "Name of the scenario", name)
    visit.page.get_by_role("button", name="Save as it stands").click()
    expect(visit.page.get_by_role("button", name=f"Open: {name}").or_(saved(visit, name))).to_be_visible()
    visit.settled()


def saved(visit, name):
    return visit.page.locator(".st-key-page_compared").get_by_role("button", name=name, exact=True)


def table(visit):
    return visit.page.get_by_test_id("stTable").filter(has_text="Lift that counts")


def side_by_side(visit):
    """The table's rows, by the name in their first cell."""
    expect(table(visit)).to_have_count(1)
    rows = [row.get_by_role("cell").all_inner_texts() for row in table(visit).get_by_role("row").all()]
    return {row[0]: row[1:] for row in rows if row}


def test_three_scenarios_show_a_colleague_the_same_figures(reader):
    visit = reader()
    visit.open(SHOP)
    fill(visit, "Your name", "Anna")
    for name, arrow, times in (
        ("As planned", "", 0),
        ("Better price", "ArrowRight", 4),
        ("Poor", "ArrowLeft", 8),
    ):
        if times:
            visit.slide(VALUE, arrow, times)
        save(visit, name)
    for name in ("As planned", "Better price", "Poor"):
        saved(visit, name).click()
        expect(table(visit)).to_contain_text(name)
        visit.settled()
    found = side_by_side(visit)
    values = [
        float(text.replace("EUR", "").replace(",", "").replace("\u00a0", "")) for text in found["Value"]
    ]
    assert values[1] > values[0] > values[2]
    assert [found["Verdict"][0], found["Lift is"]] == ["SHIP", ["measured"] * 3]

    visit.page.reload()
    visit.settled()
    expect(saved(visit, "Poor")).to_have_attribute("aria-pressed", "true")
    assert side_by_side(visit) == found

    colleague = reader(width=1920, height=1080)
    colleague.open(visit.page.url)
    expect(saved(colleague, "Poor")).to_have_attribute("aria-pressed", "true")
    assert side_by_side(colleague) == found
    assert colleague.tiles() == visit.tiles()


def test_a_range_given_by_hand_is_in_the_link(reader):
    visit = reader()
    visit.open(SHOP)
    before = visit.tile("Chance of making money")
    visit.page.locator(".st-key-range_added").evaluate("e => e.scrollIntoView({block: 'center'})")
    visit.choose("range_added", "Margin on that value")
    low = visit.page.get_by_role("spinbutton", name="Low (%)", exact=True)
    low.fill("2")
    low.press("Enter")
    visit.settled()
    chance = visit.page.get_by_test_id("stMetric").filter(has_text="Chance of making money")
    expect(chance.get_by_test_id("stMetricValue")).not_to_have_text(before)
    expect(visit.page).to_have_url(re.compile("ranges=margin"))
    colleague = reader()
    colleague.open(visit.page.url)
    assert colleague.tiles() == visit.tiles()
