"""The register as a file: every risk once, hostile text inert, overdue ones marked."""

import csv
import io
import json
from datetime import UTC, datetime

import sample_review as sample

from recsys_roi.record.entries import Change
from recsys_roi.render import register

HOSTILE = "=cmd|' /C calc'!A0\nnext"


def with_risk(**changes):
    review = sample.ship()
    risk = review.risks[0].model_copy(update=changes)
    return review.model_copy(update={"risks": (risk, *review.risks[1:])}), risk


def test_every_risk_is_a_row_in_the_order_of_the_review(monkeypatch):
    monkeypatch.setenv("RECSYS_ROI_DOCS_URL", "https://docs.example.org")
    review = sample.ship()
    rows = list(csv.DictReader(io.StringIO(register.register_csv(review))))
    assert [row["id"] for row in rows] == [risk.id for risk in review.risks]
    assert rows[0]["evidence"] == review.risks[0].evidence
    assert rows[0]["link"] == f"https://docs.example.org/{review.risks[0].document}"


def test_a_cell_cannot_start_a_formula():
    review, _ = with_risk(title=HOSTILE, owner=HOSTILE)
    (row, *_) = csv.DictReader(io.StringIO(register.register_csv(review)))
    assert row["risk"] == row["owner"] == "'=cmd|' /C calc'!A0 next"


def test_a_day_that_has_passed_is_overdue_while_the_risk_is_open():
    made = sample.ship().made_at[:10]
    review, late = with_risk(status="watch", due="2020-01-01", owner="Ana")
    assert register.is_overdue(late, review)
    assert register.owner_text(late, review) == "Owner: Ana. Due: 1 Jan 2020, overdue."
    assert register.duty_text(late, review) == "Ana, 1 Jan 2020, overdue"
    assert not register.is_overdue(*reversed(with_risk(status="ok", due="2020-01-01")))
    assert not register.is_overdue(*reversed(with_risk(status="act", due=made)))
    review, nobody = with_risk(owner=None, due=None, role="analyst")
    assert register.owner_text(nobody, review) == "Owner: the analyst (nobody is named). Due: no date."
    assert register.duty_text(nobody, review) == ""


def test_the_trail_holds_what_was_written():
    change = Change(
        at=datetime(2026, 11, 24, 9, tzinfo=UTC),
        who="Ana",
        action="attested",
        subject="attestation 1",
        detail=json.dumps({"kind": "aa_run", "note": "", "settings": {"margin": 1}, "done_on": "2026-11-20"}),
        hash="sha256:ab",
    )
    assert register.change_text(change) == "kind aa_run, done on 2026-11-20"
    (row,) = csv.DictReader(io.StringIO(register.trail_csv([change])))
    assert json.loads(row["detail"])["settings"] == {"margin": 1}
    assert row["at"] == "2026-11-24T09:00:00+00:00"
