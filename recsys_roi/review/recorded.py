"""What people wrote against what was measured: waivers that apply, attestations that hold, deviations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from recsys_roi.record.entries import LockedPlan, Record, Waiver
from recsys_roi.review import document
from recsys_roi.value.scenario import CONFIRMED, Scenario
from recsys_roi.value.settings import LOOK_SETTINGS, SETTINGS


def applied_waivers(
    record: Record, guardrails: Iterable[document.Guardrail], as_of: datetime
) -> tuple[Waiver, ...]:
    """The waivers that accept a guardrail which is not shown safe; none accepts a breach."""
    unproven = {guardrail.id: guardrail for guardrail in guardrails if guardrail.status == "warn"}
    return tuple(
        waiver
        for waiver in record.waivers
        if waiver.guardrail in unproven and waiver.covers(_worst(unproven[waiver.guardrail]), as_of)
    )


def _worst(guardrail: document.Guardrail) -> float | None:
    return None if guardrail.harm is None else guardrail.harm.upper


def recorded(
    record: Record,
    scenario: Scenario,
    *,
    applied: Iterable[Waiver],
    first_request: datetime | None,
    as_of: datetime,
) -> document.Recorded:
    """The record as the review carries it; `first_request` is None where there are no logs."""
    used = {waiver.id for waiver in applied}
    return document.Recorded(
        attestations=tuple(
            document.AttestationNote(
                id=one.id,
                kind=one.kind,
                who=one.who,
                at=_text(one.at),
                note=one.note,
                link=one.link,
                expires=_text_or_none(one.expires),
                holds=one.holds(as_of),
                done_on=None if one.done_on is None else one.done_on.isoformat(),
                amount=one.amount,
            )
            for one in record.attestations
        ),
        waivers=tuple(
            document.WaiverNote(
                id=one.id,
                guardrail=one.guardrail,
                who=one.who,
                why=one.why,
                at=_text(one.at),
                up_to=one.up_to,
                expires=_text_or_none(one.expires),
                applied=one.id in used,
            )
            for one in record.waivers
        ),
        plan=_plan(record.plans, scenario, first_request),
        audit_head=record.audit_head,
        audit=tuple(
            document.ChangeNote(
                at=_text(one.at), who=one.who, action=one.action, subject=one.subject, hash=one.hash
            )
            for one in record.trail
        ),
    )


def _plan(
    plans: tuple[LockedPlan, ...], scenario: Scenario, first_request: datetime | None
) -> document.LockedPlanNote | None:
    if not plans:
        return None
    before = [plan for plan in plans if first_request is None or plan.at < first_request]
    agreed = before[-1] if before else plans[0]
    return document.LockedPlanNote(
        fingerprint=agreed.fingerprint,
        who=agreed.who,
        at=_text(agreed.at),
        why=agreed.why,
        before_data=None if first_request is None else bool(before),
        locks=len(plans),
        deviations=_deviations(agreed, scenario),
    )


def _deviations(plan: LockedPlan, scenario: Scenario) -> tuple[document.Deviation, ...]:
    """Settings that differ; one that the plan does not know yet is taken at its default."""
    defaults, now = Scenario.of({}).dump(), scenario.dump()
    planned = {**defaults, **plan.settings}
    return tuple(
        document.Deviation(setting=name, planned=planned[name], now=now[name])
        for name in SETTINGS
        if name not in {CONFIRMED, *LOOK_SETTINGS} and planned[name] != now[name]
    )


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text_or_none(at: datetime | None) -> str | None:
    return None if at is None else _text(at)
