"""What readers do in several stories: bring logs in, write in a dialog, press a button."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from browsing import Reader
from playwright.sync_api import expect

REAL = sorted((Path(__file__).parents[1] / "data" / "open_bandit_all").glob("*.jsonl.gz"))


def add_logs(visit: Reader, files: Sequence[Path], name: str) -> None:
    """Fills and sends the form on the Logs page."""
    visit.go("Logs")
    visit.page.get_by_text("Add logs or a new pilot").click()
    visit.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files)
    field = visit.page.get_by_role("textbox", name="Into the pilot")
    field.fill(name)
    field.press("Tab")
    visit.page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    expect(visit.page.locator(".st-key-side_pilot input")).to_have_value(name)
    expect(visit.page.get_by_text("lines,").first).to_be_visible(timeout=60_000)
    visit.settled()


def press(visit: Reader, key: str) -> None:
    """Presses a button."""
    visit.page.locator(f".st-key-{key} button").click()
    visit.settled()


def write(visit: Reader, label: str, text: str) -> None:
    """Fills a field of the open dialog."""
    field = visit.page.get_by_role("dialog").get_by_label(label, exact=True)
    field.fill(text)
    field.blur()
    visit.settled()


def closed(visit: Reader) -> None:
    """The dialog is gone."""
    expect(visit.page.get_by_role("dialog")).to_have_count(0)
    visit.settled()
