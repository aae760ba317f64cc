"""Logs under other names, on the server, stopped half-way: in a real browser."""

import csv
import fcntl
import gzip
import json
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from browsing import Reader, served
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

DATA = Path(__file__).parents[1] / "data" / "open_bandit_all"
PLAIN = "outcomes.jsonl.gz"  # under its own names
NAMES = {"request_id": "key", "ts": "when", "variant": "arm", "user_id": "visitor"}


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """The real logs as CSV under other names, in a folder that the app may read."""
    folder = tmp_path_factory.mktemp("logs") / "export"
    folder.mkdir()
    for log in ("exposures", "outcomes", "assignments"):
        with gzip.open(DATA / f"{log}.jsonl.gz", "rt", encoding="utf-8") as file:
            records = [json.loads(line) for line in file]
        rows = [
            {NAMES.get(k, k): v if isinstance(v, str) else json.dumps(v) for k, v in record.items()}
            for record in records
        ]
        with (folder / f"{log}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    shutil.copy(DATA / PLAIN, folder.parent)
    return folder


@pytest.fixture
def visit(browser, home, export, monkeypatch):
    monkeypatch.setenv("RECSYS_ROI_LOGS_DIR", str(export.parent))
    with served(home) as base:
        reader = Reader(browser, base, height=1000)
        reader.open("logs")
        yield reader
        reader.leave()


def add(visit, name, path):
    """Fills and sends the form with a path on the server."""
    page = visit.page
    visit.settled()
    form = page.get_by_test_id("stForm")
    if not form.is_visible():
        page.get_by_text("Add logs or a new pilot").click()
    for label, text in (("Or a path on the machine", path), ("Into the pilot", name)):
        page.get_by_role("textbox", name=label).fill(text)
        page.get_by_role("textbox", name=label).press("Tab")
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()


def choose(dialog, page, field, column):
    dialog.get_by_role("combobox", name=field).click()
    page.get_by_role("option", name=column, exact=True).click()


def test_columns_are_named_once_and_then_known(visit, export):
    page = visit.page
    add(visit, "Other names", "export/*")
    dialog = page.get_by_role("dialog")
    for log in ("assignments", "exposures", "outcomes"):
        expect(dialog.get_by_text(f"{log}.csv (CSV)")).to_be_visible(timeout=60_000)
        add_button = dialog.get_by_role("button", name="Add with these columns")
        expect(dialog.get_by_text("Choose the column for request_id.")).to_be_visible()
        expect(add_button).to_be_disabled()
        choose(dialog, page, "request_id (required)", "key")
        expect(add_button).to_be_enabled()
        add_button.click()
    expect(page.get_by_text("outcomes.csv: outcome.v1, CSV, 80 lines, 80 accepted")).to_be_visible()
    expect(dialog).to_have_count(0)
    visit.settled()
    visit.expect_tile("Lines", "40,080")
    visit.expect_tile("Joined", "100.00 %")

    with (export / "outcomes.csv").open(encoding="utf-8") as file:
        header, first = file.readline(), file.readline()
    (export / "next.csv").write_text(header + first, encoding="utf-8")
    add(visit, "Other names", "export/next.csv")
    said = page.get_by_test_id("stAlert").filter(has_text="next.csv: outcome.v1, CSV, 1 lines, 1 accepted")
    expect(said).to_contain_text("Read as in outcomes.csv, with request_id from key")
    expect(page.get_by_role("dialog")).to_have_count(0)


@contextmanager
def held(folder):
    """Another program writes the pilot."""
    with (folder / ".lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_stop_leaves_the_pilot_as_it_was_and_another_page_stops_nothing(visit, home):
    page, folder = visit.page, home / "pilots" / "Stopped"
    add(visit, "Stopped", "")
    expect(page.get_by_text("The pilot Stopped was made.")).to_be_visible()
    with held(folder):
        add(visit, "Stopped", PLAIN)
        expect(page.get_by_text("Waiting: another program is writing this pilot")).to_be_visible()
        page.get_by_role("button", name="Stop reading").click()
        expect(page.get_by_text(f"Stopped. {PLAIN} was not kept")).to_be_visible()
    assert not list(folder.glob("*.parquet"))

    with held(folder):
        add(visit, "Stopped", PLAIN)
        expect(page.get_by_role("button", name="Stop reading")).to_be_visible()
        page.get_by_role("link", name="Plan", exact=True).click()
        expect(page.get_by_role("button", name="Stop reading")).to_have_count(0)
    visit.settled()
    visit.go("Logs")
    expect(page.get_by_text(f"{PLAIN}: outcome.v1, JSON Lines in .gz, 80 lines")).to_be_visible()
    visit.expect_tile("Lines", "80")
