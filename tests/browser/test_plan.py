"""A plan is made before any log, locked, taken away; logs that break it come in; each departure is told."""

import io
import json
import zipfile

import pytest
from acts import REAL, closed, press, write
from browsing import WAIT_MS
from playwright.sync_api import expect

from recsys_roi.cli import main
from recsys_roi.value.scenario import Scenario

pytestmark = pytest.mark.browser

PLANNED = "Planned ahead"
NAMES = "control=random&candidate=bts&planned_end=2019-12-31"


def shows(found, text):
    """It has this text, or comes to."""
    expect(found).to_contain_text(text, timeout=WAIT_MS)


def tab(visit, name):
    visit.page.get_by_role("tab", name=name, exact=True).click()
    visit.settled()


def number(visit, key, text):
    field = visit.page.locator(f".st-key-page_{key} input")
    field.fill(text)
    field.press("Enter")
    visit.settled()


def taken(visit, key):
    with visit.page.expect_download() as download:
        visit.page.locator(f".st-key-{key} button").first.click()
    return download.value.path().read_bytes()


def new_pilot(visit, name):
    """An empty pilot, made on the Logs page."""
    visit.go("Logs")
    visit.page.get_by_text("Add logs or a new pilot").click()
    field = visit.page.get_by_role("textbox", name="Into the pilot")
    field.fill(name)
    field.press("Tab")
    visit.page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    expect(visit.page.locator(".st-key-side_pilot input")).to_have_value(name)
    visit.settled()


def add_to(visit, files, name):
    """Logs into the session's empty pilot, whose form stands open with its name."""
    visit.go("Logs")
    expect(visit.page.get_by_role("textbox", name="Into the pilot")).to_have_value(name)
    visit.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files)
    expect(visit.page.get_by_test_id("stFileChipName")).to_have_count(len(files), timeout=WAIT_MS)
    expect(visit.page.get_by_test_id("stFileChipIconSpinner")).to_have_count(0, timeout=WAIT_MS)
    visit.page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    visit.expect_tile("Lines", "40,080")
    visit.settled()


def lock(visit, who, why=None):
    tab(visit, "Lock")
    press(visit, "lock_plan")
    if why is not None:
        write(visit, "Why is it locked again?", why)
    write(visit, "Your name", who)
    press(visit, "lock_now")
    closed(visit)


def test_a_plan_that_logs_break_is_told_on_summary_departure_by_departure(reader, tmp_path):
    visit = reader()
    visit.open()
    new_pilot(visit, PLANNED)
    visit.open(f"plan?pilot={PLANNED.replace(' ', '+')}&{NAMES}")
    document = visit.page.locator(".st-key-plan_document")
    visit.choose("page_domain", "content")
    visit.choose("page_kpi", "Completion rate")
    shows(document, '"event_type": "complete"')
    visit.choose("page_kpi", "Click-through rate")
    expect(document).not_to_contain_text('"event_type": "complete"', timeout=WAIT_MS)
    shows(document, '"event_type": "click"')
    expect(visit.page.get_by_text("Draft: not locked yet.").first).to_be_visible()

    kit = zipfile.ZipFile(io.BytesIO(taken(visit, "download_kit")))
    kit.extractall(tmp_path)
    assert main(["validate", *map(str, sorted(tmp_path.glob("starter-kit/*.jsonl")))]) == 0

    lock(visit, "Anna")
    banner = visit.page.get_by_test_id("stAlert").first
    shows(banner, "Locked by Anna on")
    locked = json.loads(taken(visit, "download_locked"))
    assert (locked["locked_by"], locked["settings"]["kpi"]) == ("Anna", "ctr")
    assert locked["fingerprint"] == Scenario.of(locked["settings"]).fingerprint
    shows(banner, locked["fingerprint"])
    assert locked["fingerprint"] in taken(visit, "download_plan").decode()
    (tmp_path / "plan.json").write_text(json.dumps(locked), encoding="utf-8")

    add_to(visit, REAL, PLANNED)
    visit.go("Summary")
    agreed = visit.page.locator(".st-key-agreed_plan")
    shows(agreed, "Plan locked by Anna on")
    shows(agreed, "after the first request. 1 change from it.")
    shows(agreed, "Last day in the logs")

    visit.choose("side_kpi", "Clicks per request")
    visit.go("Plan")
    number(visit, "click_window_hours", "1")
    visit.slide("page_margin_error_rate", "ArrowRight", 3)
    visit.go("Summary")
    shows(agreed, "4 changes from it.")
    rows = [row.inner_text().split("\t") for row in agreed.get_by_role("row").all()[1:]]
    found = {name.strip(): (planned.strip(), now.strip()) for name, planned, now in rows}
    assert found.pop("Last day in the logs")[0] == "31 Dec 2019"
    assert {value for pair in found.values() for value in pair} == {
        *("click-through rate", "clicks per request", "24 hours", "1 hour"),
        *("0.2\u00a0%", "0.26\u00a0%"),
    }

    visit.go("Plan")
    shows(banner, "4 changes from the plan that was locked by Anna")
    lock(visit, "Ben", "Clicks are what the home page sells")
    shows(visit.page.locator(".st-key-locks"), "Clicks are what the home page sells")
    expect(visit.page.get_by_text("No changes from Base")).to_be_visible()
    visit.go("Summary")
    shows(agreed, "4 changes from it.")  # what was agreed first still counts
    shows(agreed, "Locked again by Ben")

    _opened_elsewhere(reader(), tmp_path / "plan.json")


def _opened_elsewhere(visit, file):
    """On a pilot that knows nothing of it, as on another machine; then one that somebody edited."""
    visit.open()
    new_pilot(visit, "Elsewhere")
    visit.go("Plan")
    tab(visit, "Lock")
    press(visit, "open_plan")
    dialog = visit.page.get_by_role("dialog")
    edited = file.read_text(encoding="utf-8").replace('"Anna"', '"Mallory"')
    choose = dialog.get_by_test_id("stFileUploaderDropzoneInput")
    choose.set_input_files(
        [{"name": "edited.json", "mimeType": "application/json", "buffer": edited.encode()}]
    )
    expect(dialog.get_by_text("was changed after the plan was locked")).to_be_visible()
    choose.set_input_files([file])
    expect(dialog.get_by_text("Locked by Anna on")).to_be_visible()
    write(visit, "Your name", "Cleo")
    press(visit, "bring_plan")
    closed(visit)
    shows(visit.page.get_by_test_id("stAlert").first, "Locked by Anna on")
    shows(visit.page.locator(".st-key-locks"), "Anna, opened here by Cleo")
    expect(visit.page.locator(".st-key-side_kpi input")).to_have_value("Click-through rate")
