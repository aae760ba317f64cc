"""From three real files to a verdict that a colleague opens by its link, in a real browser."""

import re

import pytest
from acts import REAL, add_logs
from browsing import Reader, served
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

VALUE, TRAFFIC = "side_value_per_action", "side_eligible_requests_per_month"
HOSTILE = "<img src=x onerror=alert(1)>[x](www.example.org) www.example.org.jsonl"


def test_from_three_files_to_a_link_that_shows_a_colleague_the_same(reader):
    assert len(REAL) == 3
    visit = reader()
    visit.open()
    add_logs(visit, REAL, "Bandit")
    expect(
        visit.page.get_by_text("exposures.jsonl.gz: exposure.v1, JSON Lines in .gz, 20,000 lines")
    ).to_be_visible()
    visit.expect_tile("Lines", "40,080")
    expect(visit.page.get_by_text("bts is taken as control only because")).to_be_visible()
    visit.choose("page_control", "random")
    expect(visit.page.get_by_text("bts is taken as control only because")).to_have_count(0)

    visit.go("Lift")
    visit.expect_tile("Control (random): click-through rate", "0.380 %")
    visit.expect_tile("Candidate (bts): click-through rate", "0.420 %")

    visit.go("Summary")
    before = visit.tile("Value over 12 months")
    visit.slide(VALUE, "ArrowRight", 5)
    value = visit.page.get_by_test_id("stMetric").filter(has_text="Value over 12 months")
    expect(value.get_by_test_id("stMetricValue")).not_to_have_text(before)
    visit.expect_slid(VALUE, "EUR 5")

    visit.page.get_by_role("button", name="Copy link").click()
    link = visit.page.get_by_test_id("stCode").inner_text().strip()
    assert link.startswith(visit.base)
    assert "value_per_action=5" in link

    colleague = reader()
    colleague.open(link)
    assert colleague.tiles() == visit.tiles()
    colleague.expect_slid(VALUE, "EUR 5")
    colleague.go("Lift")
    colleague.expect_tile("Control (random): click-through rate", "0.380 %")


def test_inputs_outlive_a_page_switch(reader):
    visit = reader()
    visit.open()
    visit.slide(TRAFFIC, "ArrowRight", 2)
    moved = "700,000"
    visit.expect_slid(TRAFFIC, moved)
    visit.go("ROI")
    margin = visit.page.get_by_role("spinbutton", name="Margin on that value (%)")
    margin.fill("42")
    margin.press("Enter")
    visit.settled()
    visit.go("Guardrails")
    visit.slide("page_margin_error_rate", "ArrowRight", 3)
    limit = visit.slid("page_margin_error_rate")
    for title in ("Risks", "Summary", "ROI"):
        visit.go(title)
        visit.expect_slid(TRAFFIC, moved)
    expect(margin).to_have_value("42")
    visit.go("Guardrails")
    visit.expect_slid("page_margin_error_rate", limit)
    visit.page.get_by_role("button", name=re.compile("3 changes from Base - Reset")).click()
    expect(visit.page.get_by_text("No changes from Base")).to_be_visible()
    visit.expect_slid(TRAFFIC, "400,000")


def test_a_link_to_a_page_is_the_first_thing_a_new_server_is_asked_for(browser, home, reader):
    reader().open()  # the samples are loaded
    with served(home) as base:
        visit = Reader(browser, base)
        visit.open("roi?pilot=Sample+shop&kpi=ctr&value_per_action=4.37&eligible_requests_per_month=1234567")
        expect(visit.page.get_by_role("heading", name="Is it worth the money?")).to_be_visible()
        visit.expect_slid(VALUE, "EUR 4.37")
        visit.expect_slid(TRAFFIC, "1,234,567")
        visit.leave()


def test_a_hostile_file_name_is_only_a_name(reader):
    visit = reader()
    visit.open()
    add_logs(
        visit, [{"name": HOSTILE, "mimeType": "text/plain", "buffer": b"\x89PNG" + bytes(99)}], "Hostile"
    )
    message = visit.page.get_by_test_id("stAlert").first
    expect(message).to_contain_text("onerror=alert(1)")
    assert visit.page.locator("img[src=x]").count() == 0
    links = [
        link.get_attribute("href") for link in visit.page.get_by_test_id("stMain").get_by_role("link").all()
    ]
    assert not [link for link in links if link and "example.org" in link]


def test_a_pilot_that_cannot_be_reviewed_says_what_to_do_on_every_page(reader):
    visit = reader()
    visit.open()
    add_logs(visit, [file for file in REAL if "assignments" not in file.name], "No arms")
    for title in ("Summary", "Lift", "Guardrails", "ROI", "Risks", "Plan", "Logs"):
        visit.go(title)
        expect(visit.page.get_by_text("add an assignment.v1 log").first).to_be_visible()
