"""Four kinds of people, each from the running app to what they came for."""

from __future__ import annotations

import io
import json
import subprocess

import openpyxl
import pypdf
import pytest
from acts import add_logs
from browsing import APP, Reader
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

VALUE_TILE = "Value over 12 months"


def export(visit: Reader, label: str) -> bytes:
    """A file of the export menu on Summary."""
    visit.page.get_by_role("button", name="Export", exact=True).click()
    with visit.page.expect_download() as waiting:
        visit.page.get_by_role("button", name=label).click()
    found = waiting.value.path().read_bytes()
    visit.page.keyboard.press("Escape")
    return found


def steps_done(visit: Reader) -> int:
    """How many of the first steps are ticked."""
    visit.page.get_by_role("button", name="First steps").click()
    steps = visit.page.get_by_test_id("stPopoverBody")
    expect(steps.get_by_text("Bring your own logs")).to_be_visible()
    done = steps.get_by_text("(done)").count()
    visit.page.keyboard.press("Escape")
    return done


def test_a_product_manager_reads_the_verdict_tries_a_doubt_and_takes_the_page_along(reader):
    visit = reader()
    visit.open()
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("SHIP: worth about EUR")
    before = steps_done(visit)

    visit.page.get_by_role("button", name="Words", exact=True).click()
    words = visit.page.get_by_role("dialog")
    words.get_by_role("textbox", name="Find a word").fill("must not get worse")
    words.get_by_role("textbox", name="Find a word").press("Enter")
    expect(words.get_by_text("A/A run", exact=True)).to_have_count(0)
    expect(words.get_by_text("Guardrail", exact=True)).to_be_visible()
    visit.page.keyboard.press("Escape")

    visit.slide("side_value_per_action", "ArrowLeft", 3)
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("HOLD")
    expect(visit.page.get_by_text("1 change from Base").first).to_be_visible()
    assert steps_done(visit) == before + 1

    (page,) = pypdf.PdfReader(io.BytesIO(export(visit, "One page to hand round"))).pages
    text = page.extract_text().replace("\u00a0", " ")
    assert "HOLD" in text
    assert visit.tile(VALUE_TILE) in text


def test_an_analyst_checks_the_page_against_the_command_line(reader, home):
    visit = reader()
    visit.open("?pilot=Sample Open Bandit")
    taken = json.loads(export(visit, "Every figure and setting"))
    visit.go("Lift")
    visit.expect_tile("Candidate (bts): click-through rate", "0.420 %")
    visit.page.get_by_text("How sure: sums, design effect and method").click()
    expect(visit.page.get_by_text("Design effect").first).to_be_visible()

    said = subprocess.run(
        [APP, "review", "--pilot", "Sample Open Bandit", "--set", "control=random", "--format", "json"],
        capture_output=True,
        check=True,
        env={"RECSYS_ROI_HOME": str(home)},
    )
    own = json.loads(said.stdout)
    measured = ("id", "status", "control", "candidate", "difference", "relative_lift", "fixed_horizon")
    shown, told = ([{key: kpi[key] for key in measured} for kpi in one["kpis"]] for one in (taken, own))
    assert shown == told
    assert taken["guardrails"] == own["guardrails"]
    assert taken["integrity"] == own["integrity"]
    assert [kpi["control"] for kpi in shown if kpi["id"] == "ctr"] == [0.0038]


def test_a_finance_partner_doubts_the_margin_and_finds_the_same_value_in_the_workbook(reader):
    visit = reader()
    visit.open()
    visit.go("ROI")
    visit.expect_tile("Net present value", "EUR 23.2k")
    margin = visit.page.get_by_role("spinbutton", name="Margin on that value (%)")
    margin.fill("20")
    margin.press("Enter")
    visit.settled()
    expect(visit.page.get_by_text("Margin on that value", exact=False).first).to_be_visible()
    visit.go("Summary")
    expect(visit.page.get_by_role("heading", level=1)).not_to_contain_text("SHIP")
    book = openpyxl.load_workbook(io.BytesIO(export(visit, "Workbook with live formulas")), data_only=True)
    review = json.loads(export(visit, "Every figure and setting"))
    shown = {
        round(cell.value, 4) for sheet in book for row in sheet for cell in row if _is_number(cell.value)
    }
    assert review["inputs"]["scenario"]["margin"] == 0.2
    assert round(review["roi"]["npv"], 4) in shown


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def test_an_engineer_makes_logs_checks_them_and_sees_them_in_the_app(reader, tmp_path):
    logs = tmp_path / "my-pilot"
    subprocess.run([APP, "demo", logs, "--fault", "srm"], check=True, capture_output=True)
    files = sorted(logs.glob("*.jsonl"))
    assert len(files) == 3
    subprocess.run([APP, "validate", *files], check=True, capture_output=True)
    visit = reader()
    visit.open()
    add_logs(visit, files, "Engineer")
    visit.go("Summary")
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("HOLD")
    visit.go("Logs")
    expect(visit.page.get_by_text("Chance of a split at least this uneven").first).to_be_visible()
    expect(visit.page.get_by_test_id("stMain")).to_contain_text("Failed")
