"""What people wrote, in a review: waivers that apply, attestations that hold, deviations from the plan."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from recsys_roi.record.entries import Attestation, LockedPlan, Record, Waiver
from recsys_roi.render.words import reason_sentences
from recsys_roi.review.decision_v1 import to_decision_v1
from recsys_roi.review.document import Review, to_json
from recsys_roi.review.evaluate import evaluate
from recsys_roi.value.scenario import Scenario
from tests.review.small_pilot import AS_OF, START, evidence, spread

MONEY = {
    "guardrails": ("error_rate", "empty_rate"),
    "kpi": "ctr",
    "eligible_requests_per_month": 5e6,
    "value_per_action": 2.0,
    "engineering_hours": 100.0,
}


def waiver(guardrail: str, **more) -> Waiver:
    given = {"id": 1, "who": "Carla", "why": "Cache comes", "at": AS_OF - timedelta(days=1)}
    return Waiver(**{**given, "up_to": None, "expires": None, **more}, guardrail=guardrail)


def plan(settings: dict, *, at, fingerprint: str = "sha256:a", who: str = "Anna") -> LockedPlan:
    return LockedPlan(settings=settings, fingerprint=fingerprint, who=who, why="", at=at)


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    users = [*spread("control", 1500, 300), *spread("candidate", 1500, 390)]
    return evidence(tmp_path_factory.mktemp("logs"), users, Scenario.of(MONEY))


def review_of(counted, record: Record, **settings) -> Review:
    return evaluate(counted, Scenario.of({**MONEY, **settings}), record, as_of=AS_OF)


def test_a_waiver_takes_the_reason_away_and_is_told(counted):
    before = review_of(counted, Record())
    unproven = [guardrail.id for guardrail in before.guardrails if guardrail.status == "warn"]
    assert unproven
    assert "guardrail_unproven" in before.decision.reasons
    record = Record(waivers=tuple(waiver(name, id=place) for place, name in enumerate(unproven)))
    after = review_of(counted, record)
    assert "guardrail_unproven" not in after.decision.reasons
    assert [(one.guardrail, one.who, one.applied) for one in after.record.waivers] == [
        (name, "Carla", True) for name in unproven
    ]
    assert [guardrail.status for guardrail in after.guardrails] == [
        guardrail.status for guardrail in before.guardrails
    ]


def test_a_waiver_is_told_among_the_reasons_in_the_register_and_to_the_suite(counted):
    before = review_of(counted, Record())
    unproven = [guardrail.id for guardrail in before.guardrails if guardrail.status == "warn"]
    until = AS_OF + timedelta(days=3)
    record = Record(waivers=tuple(waiver(name, id=n, expires=until) for n, name in enumerate(unproven)))
    after = review_of(counted, record)
    told = [line for line in reason_sentences(after) if "accepted although not shown safe" in line]
    assert len(told) == len(unproven)
    assert all("Carla on 23 Nov 2026, until 27 Nov 2026. Cache comes." in line for line in told)
    assert not any("accepted" in line for line in reason_sentences(before))
    in_register = [risk for risk in after.risks if "Accepted in writing by Carla until" in risk.evidence]
    assert [risk.status for risk in in_register] == ["watch"] * len(unproven)
    suite = json.loads(to_decision_v1(after))
    assert {one["metric"]: one["waived"] for one in suite["guardrails"]} == {
        guardrail.id: guardrail.id in unproven for guardrail in after.guardrails
    }
    assert [(one["guardrail"], one["who"], one["why"]) for one in suite["waivers"]] == [
        (name, "Carla", "Cache comes") for name in unproven
    ]


@pytest.mark.parametrize(
    "more",
    [{"up_to": 1e-6}, {"expires": AS_OF - timedelta(hours=1)}, {"at": AS_OF + timedelta(hours=1)}],
)
def test_a_waiver_that_does_not_cover_changes_nothing(counted, more):
    before = review_of(counted, Record())
    names = [guardrail.id for guardrail in before.guardrails]
    after = review_of(counted, Record(waivers=tuple(waiver(name, **more) for name in names)))
    assert after.decision == before.decision
    assert not any(one.applied for one in after.record.waivers)


def test_attestations_hold_until_they_expire(counted):
    kinds = {"rollback_practised": AS_OF + timedelta(days=1), "on_call": AS_OF, "retention_policy": None}
    record = Record(
        attestations=tuple(
            Attestation(id=place, kind=kind, who="Ben", at=START, note="", link="", expires=expires)
            for place, (kind, expires) in enumerate(kinds.items())
        )
    )
    found = review_of(counted, record).record.attestations
    assert {one.kind: one.holds for one in found} == {
        "rollback_practised": True,
        "on_call": False,
        "retention_policy": True,
    }


def test_edits_after_the_lock_are_deviations(counted):
    agreed = Scenario.of({**MONEY, "min_days": 14, "p_npv_required": 0.9})
    record = Record(plans=(plan(agreed.dump("ctr"), at=START - timedelta(days=3)),), audit_head="sha256:h")
    same = review_of(counted, record, min_days=14).record
    assert same.plan is not None
    assert (same.plan.before_data, same.plan.deviations, same.audit_head) == (True, (), "sha256:h")
    moved = review_of(counted, record, p_npv_required=0.6, value_per_action=3.0).record.plan
    assert moved is not None
    assert [(one.setting, one.planned, one.now) for one in moved.deviations] == [
        ("p_npv_required", 0.9, 0.6),
        ("value_per_action", 2, 3),
    ]


def test_the_plan_that_counts_is_the_last_one_before_the_data(counted):
    def locked(days: int, name: str) -> LockedPlan:
        return plan({"min_days": 14}, at=START + timedelta(days=days), fingerprint=name)

    early, later, after = locked(-9, "first"), locked(-2, "second"), locked(5, "third")
    found = review_of(counted, Record(plans=(early, later, after))).record.plan
    assert found is not None
    assert (found.fingerprint, found.before_data, found.locks) == ("second", True, 3)
    late = review_of(counted, Record(plans=(after,))).record.plan
    assert late is not None
    assert (late.fingerprint, late.before_data) == ("third", False)
    planned = evaluate(None, Scenario.of({}), Record(plans=(early, later)), as_of=AS_OF).record.plan
    assert planned is not None
    assert (planned.fingerprint, planned.before_data) == ("second", None)


def test_a_setting_that_the_old_plan_does_not_know_is_taken_at_its_default(counted):
    record = Record(plans=(plan({"min_days": 14}, at=START - timedelta(days=1)),))
    found = review_of(counted, record, decision_rule="expected_value").record.plan
    assert found is not None
    changed = {one.setting: one.planned for one in found.deviations}
    assert changed["decision_rule"] == "value_proven"


def test_a_review_with_a_record_opens_again(counted):
    record = Record(
        waivers=(waiver("error_rate"),),
        plans=(plan(Scenario.of(MONEY).dump(), at=START),),
        audit_head="sha256:h",
    )
    text = to_json(review_of(counted, record))
    assert to_json(Review.model_validate_json(text)) == text
