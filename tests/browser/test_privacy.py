"""An owner forgets a user, says how long rows are kept, and deletes them: on Logs, in a real browser."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from acts import REAL, closed, press, write
from playwright.sync_api import expect

from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, pilot_folder
from recsys_roi.record.retention import RetentionStore
from recsys_roi.record.statements import StatementStore

pytestmark = pytest.mark.browser

NAME = "People who ask"
SURE = f"To be sure, type the name of the pilot: {NAME}"


def says(visit, text):
    expect(visit.page.get_by_test_id("stAlert").filter(has_text=text)).to_have_count(1)


def test_a_user_is_forgotten_and_rows_go_when_their_days_are_over(home, reader):
    pilot = Pilot.create_or_open(pilot_folder(home, NAME))
    ingest_files(pilot, REAL)
    exposures = next(path for path in REAL if "exposures" in path.name)
    with gzip.open(exposures, "rt", encoding="utf-8") as lines:
        user = json.loads(next(lines))["user_id"]
    visit = reader()
    visit.open(f"logs?pilot={NAME.replace(' ', '+')}")

    visit.ask("privacy_forget")
    dialog = visit.page.get_by_role("dialog")
    write(visit, "User id, as it stands in the logs", user)
    expect(dialog.get_by_text("2 rows of this user would go.")).to_be_visible()
    write(visit, "Your name", "Ana")
    press(visit, "forget_do")
    expect(dialog.get_by_text("Type the name of the pilot to be sure")).to_be_visible()
    write(visit, SURE, NAME)
    press(visit, "forget_do")
    closed(visit)
    says(visit, "A user was forgotten: 2 rows in 2 files")
    visit.expect_tile("Lines", "40,080")  # of the files; their rows are two fewer
    assert sum(file.records for file in Pilot.open(home, NAME).files) == 40_078

    visit.ask("privacy_days")
    write(visit, "Days", "30")
    expect(dialog.get_by_text("today all 40,078 rows in 3 files would be deleted")).to_be_visible()
    press(visit, "keep_set")
    closed(visit)
    says(visit, "Rows are kept for 30 days.")
    rule = RetentionStore(home, NAME).rule()
    assert rule is not None
    assert (rule.days, rule.who) == (30, "Ana")

    visit.ask("privacy_days")
    write(visit, SURE, NAME)
    press(visit, "keep_do")
    closed(visit)
    says(visit, f"The rows of {NAME} were deleted.")
    visit.go("Lift")
    expect(visit.page.get_by_text("0.420 %").first).to_be_visible()

    counted = Pilot.open(home, NAME).counted
    assert counted is not None
    assert counted.rows_deleted is not None
    assert counted.rows_deleted.date() <= datetime.now(UTC).date()
    trail = StatementStore(home, NAME).trail()
    assert [(change.action, change.who) for change in trail][-1] == ("deleted", "Ana")
    assert "forgot" in [change.action for change in trail]
    folder = pilot_folder(home, NAME)
    assert not [path for path in folder.rglob("*") if path.is_file() and user.encode() in path.read_bytes()]
