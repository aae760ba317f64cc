"""What people wrote changes the register of a review, survives a restart, and can be read from its JSON."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from recsys_roi.record.entries import NOTHING_WRITTEN, Attestation
from recsys_roi.record.register import RegisterStore
from recsys_roi.record.statements import StatementStore
from recsys_roi.review.document import to_json
from recsys_roi.review.evaluate import evaluate
from recsys_roi.value.scenario import Scenario
from recsys_roi.verdict.attesting import STATEMENTS, expiry
from tests.review.small_pilot import AS_OF, evidence, spread

SCENARIO = Scenario.of({"kpi": "ctr"})


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    visitors = [*spread("control", 300, 60), *spread("candidate", 300, 66)]
    return evidence(tmp_path_factory.mktemp("pilot"), visitors, SCENARIO)


def review(counted, record, as_of=AS_OF):
    return evaluate(counted, SCENARIO, record, as_of=as_of, flips=False)


def risk(found, risk_id):
    return next(one for one in found.risks if one.id == risk_id)


def drill(home, done_on, at=AS_OF):
    StatementStore(home, "p").attest(
        "rollback_practised",
        who="Ana",
        at=at,
        note="By Ben.",
        done_on=done_on,
        amount=12,
        expires=expiry(STATEMENTS["rollback_practised"], done_on),
    )


def test_a_drill_settles_its_risk_and_criterion_and_reopens_them_after_ninety_days(counted, tmp_path):
    assert risk(review(counted, NOTHING_WRITTEN), "rollback_untested").status == "cannot_tell"
    drill(tmp_path, date(2026, 11, 20))
    record = StatementStore(tmp_path, "p").record()  # as after a restart: read from the file
    found = review(counted, record)
    assert risk(found, "rollback_untested").status == "ok"
    assert "(done on 20 Nov 2026, 12 minutes): By Ben." in risk(found, "rollback_untested").evidence
    assert {one.id: one.met for one in found.plan.exit_criteria}["rollback_practised"] is True
    later = review(counted, record, datetime(2027, 2, 18, tzinfo=UTC))
    assert risk(later, "rollback_untested").status == "watch"
    assert {one.id: one.met for one in later.plan.exit_criteria}["rollback_practised"] is False


def test_owners_and_due_dates_stand_beside_their_risks(counted, tmp_path):
    RegisterStore(tmp_path, "p").name_owner(
        "rollback_untested", "Ben", due=date(2026, 12, 1), who="Ana", at=AS_OF
    )
    found = review(counted, StatementStore(tmp_path, "p").record())
    assert (risk(found, "rollback_untested").owner, risk(found, "rollback_untested").due) == (
        "Ben",
        "2026-12-01",
    )
    assert risk(found, "logs_stopped").owner is None
    assert risk(found, "logs_stopped").role == "pipeline owner"


def test_an_own_risk_takes_its_place_by_its_status(counted, tmp_path):
    register = RegisterStore(tmp_path, "p")
    told = {"evidence": "Cancelled.", "mitigation": "Ask again.", "escalation": "Now.", "who": "Ana"}
    number = register.add_risk("The vendor leaves", family="Vendors", status="act", at=AS_OF, **told)
    found = review(counted, StatementStore(tmp_path, "p").record())
    own = risk(found, f"own-{number}")
    assert (own.own, own.family, own.evidence) == (
        True,
        "Vendors",
        "Cancelled. Judged by Ana on 24 Nov 2026.",
    )
    statuses = [one.status for one in found.risks]
    assert statuses == sorted(statuses, key=["act", "watch", "cannot_tell", "ok"].index)


def test_the_agreed_days_judge_the_age_of_the_oldest_event(counted):
    def kept(days):
        stated = Attestation(
            id=1,
            kind="retention_policy",
            who="Ana",
            at=AS_OF - timedelta(days=1),
            note="",
            link="",
            expires=None,
            amount=days,
        )
        return risk(review(counted, replace(NOTHING_WRITTEN, attestations=(stated,))), "kept_too_long")

    assert kept(90.0).status == "ok"
    assert kept(30.0).status == "act"
    assert "The oldest event is 50 days old; logs may be kept 30 days." in kept(30.0).evidence
    assert kept(None).status == "cannot_tell"  # agreed, but not for how long


def test_attestations_and_the_trail_are_in_the_json(counted, tmp_path):
    drill(tmp_path, date(2026, 11, 20))
    RegisterStore(tmp_path, "p").name_owner("logs_stopped", "Ben", due=None, who="Cleo", at=AS_OF)
    statements = StatementStore(tmp_path, "p")
    found = json.loads(to_json(review(counted, statements.record())))["record"]
    (stated,) = found["attestations"]
    assert (stated["kind"], stated["who"], stated["done_on"], stated["amount"], stated["holds"]) == (
        "rollback_practised",
        "Ana",
        "2026-11-20",
        12.0,
        True,
    )
    assert [(one["who"], one["action"], one["subject"]) for one in found["audit"]] == [
        ("Ana", "attested", "attestation 1"),
        ("Cleo", "named the owner of", "risk logs_stopped"),
    ]
    assert found["audit"][-1]["hash"] == found["audit_head"] == statements.trail()[-1].hash


def test_every_undrifted_source_of_a_small_clean_pilot_is_calm(counted):
    found = review(counted, NOTHING_WRITTEN)
    assert [one.id for one in found.risks if one.status == "act"] == []
