"""What people wrote against what was measured: waivers that apply, attestations that hold, the plan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from recsys_roi.record.entries import Record, Waiver
from recsys_roi.review import document
from recsys_roi.review.agreed_plan import Analysis, plan_note
from recsys_roi.review.part import moment_text


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
    record: Record, analysis: Analysis, *, applied: Iterable[Waiver], as_of: datetime
) -> document.Recorded:
    """The record as the review carries it, its plan held against the analysis."""
    used = {waiver.id for waiver in applied}
    return document.Recorded(
        attestations=tuple(
            document.AttestationNote(
                id=one.id,
                kind=one.kind,
                who=one.who,
                at=moment_text(one.at),
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
                at=moment_text(one.at),
                up_to=one.up_to,
                expires=_text_or_none(one.expires),
                applied=one.id in used,
            )
            for one in record.waivers
        ),
        plan=plan_note(record.plans, analysis, as_of),
        audit_head=record.audit_head,
        audit=tuple(
            document.ChangeNote(
                at=moment_text(one.at), who=one.who, action=one.action, subject=one.subject, hash=one.hash
            )
            for one in record.trail
        ),
    )


def _text_or_none(at: datetime | None) -> str | None:
    return None if at is None else moment_text(at)
