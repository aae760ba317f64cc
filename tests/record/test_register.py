"""Owners, due dates and own risks are kept, and every change of them can be followed."""

import json
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from recsys_roi.errors import InputError
from recsys_roi.record import file
from recsys_roi.record.given import FILE_NAME
from recsys_roi.record.register import RegisterStore
from recsys_roi.record.statements import StatementStore

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
OWN = {
    "family": "Operations",
    "status": "watch",
    "evidence": "The vendor's contract ends in March.",
    "mitigation": "Ask for an extension.",
    "escalation": "No answer by January: tell the product owner.",
}


def stores(home, pilot="shop"):
    return RegisterStore(home, pilot), StatementStore(home, pilot)


def test_who_answers_by_when_is_there_for_another_reader(tmp_path):
    register, _ = stores(tmp_path)
    register.name_owner("logs_stopped", "Ana", due=date(2026, 12, 1), who="Ben", at=AT)
    register.name_owner("logs_stopped", "Cleo", due=None, who="Ben", at=AT + timedelta(hours=1))
    register.name_owner("volume_moved", "Ana", due=date(2026, 12, 2), who="Ben", at=AT)
    _, again = stores(tmp_path)
    assert [(one.risk, one.owner, one.due) for one in again.record().duties] == [
        ("logs_stopped", "Cleo", None),
        ("volume_moved", "Ana", date(2026, 12, 2)),
    ]
    assert [(change.who, change.action, change.subject) for change in again.record().trail] == [
        ("Ben", "named the owner of", "risk logs_stopped"),
        ("Ben", "named the owner of", "risk logs_stopped"),
        ("Ben", "named the owner of", "risk volume_moved"),
    ]
    assert json.loads(again.trail()[0].detail) == {"owner": "Ana", "due": "2026-12-01"}
    assert stores(tmp_path, "another")[1].record().duties == ()


def test_an_own_risk_is_judged_anew_and_closed(tmp_path):
    register, statements = stores(tmp_path)
    number = register.add_risk("The vendor may leave", **OWN, who="Ben", at=AT)
    register.judge_risk(number, status="act", evidence="It was cancelled.", who="Ana", at=AT)
    (found,) = statements.record().own_risks
    assert (found.title, found.status, found.evidence, found.who) == (
        "The vendor may leave",
        "act",
        "It was cancelled.",
        "Ana",
    )
    assert found.mitigation == OWN["mitigation"]
    register.close_risk(number, why="Another vendor signed.", who="Ana", at=AT)
    assert statements.record().own_risks == ()
    assert [change.action for change in statements.trail()] == ["added", "judged", "closed"]
    assert json.loads(statements.trail()[0].detail) == {"title": "The vendor may leave", **OWN}
    assert statements.first_broken_change() is None
    with pytest.raises(InputError, match="No risk own-1 stands here"):
        register.close_risk(number, why="Again.", who="Ana", at=AT)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"status": "cannot_tell"}, "one of ok, watch, act; 'cannot_tell' was given"),
        ({"evidence": " "}, "must be said in a few words"),
        ({"family": ""}, "must be one line of 1 to 80 characters"),
        ({"who": "\n"}, "must be one line of 1 to 80 characters"),
        ({"mitigation": "x" * 2001}, "at most 2,000 characters"),
    ],
)
def test_a_risk_that_is_not_told_properly_is_refused(tmp_path, wrong, said):
    register, statements = stores(tmp_path)
    with pytest.raises(InputError, match=said):
        register.add_risk("A risk", **{**OWN, "who": "Ben", "at": AT, **wrong})
    assert statements.record().own_risks == ()
    assert statements.trail() == ()


def test_an_attestation_says_when_it_was_done_and_how_much(tmp_path):
    _, statements = stores(tmp_path)
    statements.attest(
        "rollback_practised", who="Ana", at=AT, done_on=date(2026, 11, 20), amount=12, note="By Ben."
    )
    (found,) = statements.record().attestations
    assert (found.done_on, found.amount) == (date(2026, 11, 20), 12.0)
    for wrong in ({"done_on": date(2026, 11, 25)}, {"amount": -1.0}, {"amount": float("nan")}):
        with pytest.raises(InputError):
            statements.attest("rollback_practised", who="Ana", at=AT, **wrong)
    assert len(statements.record().attestations) == 1


def test_a_record_of_the_first_layout_is_brought_up_to_date(tmp_path):
    path = tmp_path / FILE_NAME
    first = (Path(file.__file__).parent / "schema.sql").read_text(encoding="utf-8")
    with sqlite3.connect(path) as connection:
        connection.executescript(first)
        connection.execute("PRAGMA user_version = 1")
        connection.execute(
            "INSERT INTO attestations (pilot, kind, who, at, note, link) VALUES (?, ?, ?, ?, ?, ?)",
            ("shop", "aa_run", "Ana", AT.isoformat(), "", ""),
        )
    register, statements = stores(tmp_path)
    (kept,) = statements.record().attestations
    assert (kept.kind, kept.done_on, kept.amount) == ("aa_run", None, None)
    register.name_owner("volume_moved", "Ana", due=None, who="Ben", at=AT)
    assert len(statements.record().duties) == 1
