"""A person attests, names an owner, adds a risk; it is all there for another reader after a restart."""

import csv
import re

import pytest
from acts import closed, press, write
from browsing import Reader, served
from playwright.sync_api import expect

from recsys_roi.render.documents import BASE_SETTING

pytestmark = pytest.mark.browser

PILOT = "risks?pilot=Sample+Open+Bandit"
DRILL = "A bad publish cannot be undone quickly"


def row(visit, title):
    return visit.page.get_by_test_id("stExpander").filter(has_text=title)


def opened(visit, title):
    found = row(visit, title)
    if found.locator("details[open]").count() == 0:
        found.locator("summary").click()
    visit.settled()
    return found


def test_what_people_state_settles_risks_and_survives_a_restart(browser, home, reader, tmp_path):
    visit = reader()
    visit.open(PILOT)
    found = opened(visit, DRILL)
    expect(found.locator("summary")).to_contain_text("Cannot tell")

    visit.ask("state_rollback_untested")
    press(visit, "register_state")
    dialog = visit.page.get_by_role("dialog")
    expect(dialog.get_by_text("Say how many minutes.")).to_be_visible()
    write(visit, "Minutes", "12")
    write(visit, "Note", "By Ben, <b>bold</b> [x](https://example.org)")
    write(visit, "Your name", "Ana")
    press(visit, "register_state")
    closed(visit)
    expect(row(visit, DRILL).locator("summary")).to_contain_text("OK")
    said = opened(visit, DRILL)
    expect(said).to_contain_text("Ana stated on")
    expect(said).to_contain_text("12 minutes): By Ben, <b>bold</b> [x](https://example.org)")
    assert said.get_by_role("link", name="x", exact=True).count() == 0

    opened(visit, "Nobody answers for the logs")
    visit.ask("own_logging_unowned")
    write(visit, "Owner", "Cleo")
    press(visit, "register_keep")
    closed(visit)
    expect(row(visit, "Nobody answers for the logs").locator("summary")).to_contain_text("Cleo")

    visit.ask("add_risk")
    write(visit, "What could go wrong?", "The vendor leaves")
    write(visit, "What does it rest on?", "Their letter of May.")
    visit.page.get_by_role("dialog").get_by_text("Act", exact=True).click()
    press(visit, "register_add")
    closed(visit)
    expect(visit.page.get_by_test_id("stExpander").first.locator("summary")).to_contain_text(
        "The vendor leaves"
    )
    assert visit.tile("Act") == "1"

    with visit.page.expect_download() as download:
        visit.page.locator(".st-key-download_register button").click()
    rows = list(csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines()))
    assert [rows[0]["risk"], rows[0]["status"]] == ["The vendor leaves", "Act"]
    assert {one["id"]: one["owner"] for one in rows}["logging_unowned"] == "Cleo"

    with served(home) as again:  # another process, which has only what is on the disk
        later = Reader(browser, again)
        later.open(PILOT)
        expect(row(later, DRILL).locator("summary")).to_contain_text("OK")
        trail = row(later, re.compile("Audit trail: 3 changes"))
        expect(trail).to_have_count(1)
        later.go("Plan")
        expect(later.page.get_by_text("Ana stated on").first).to_be_visible()
        later.leave()


def test_documents_are_linked_only_where_the_deployment_says_where(browser, home, reader, monkeypatch):
    visit = reader()
    visit.open(PILOT)
    name = "start-here/operational-reliability-and-rollback.md"
    found = opened(visit, DRILL)
    expect(found).to_contain_text(f"Read: {name}")
    assert found.get_by_role("link", name=re.compile("Read")).count() == 0

    monkeypatch.setenv(BASE_SETTING, "https://docs.example.org/suite/")
    with served(home) as linked:
        other = Reader(browser, linked)
        other.open(PILOT)
        link = opened(other, DRILL).get_by_role("link", name=re.compile("Read"))
        expect(link).to_have_attribute("href", f"https://docs.example.org/suite/{name}")
        other.leave()


def test_families_and_open_ones_can_be_shown_alone(reader):
    visit = reader()
    visit.open("risks?pilot=Sample+shop")
    rows = visit.page.get_by_test_id("stExpander")
    everything = rows.count()
    visit.page.get_by_text("Privacy and compliance", exact=True).click()
    expect(rows).not_to_have_count(everything)
    visit.settled()
    assert 1 < rows.count() < everything
    expect(row(visit, "Personal data in the logs")).to_have_count(1)
    visit.page.get_by_text("Open ones only").click()
    visit.settled()
    expect(row(visit, "Personal data in the logs")).to_have_count(0)
