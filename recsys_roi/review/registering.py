"""The risk register of a review: findings from checks, guardrails, the lift and what people stated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from recsys_roi.evidence.kpis import GUARDRAILS
from recsys_roi.evidence.view import Evidence
from recsys_roi.record.entries import Duty, OwnRisk, Record, Waiver
from recsys_roi.review import document
from recsys_roi.review.recorded import applied_waivers
from recsys_roi.value.scenario import Scenario
from recsys_roi.verdict import findings
from recsys_roi.verdict.attesting import agreed_days, attested
from recsys_roi.verdict.form_checks import (
    artifact_findings,
    key_findings,
    retention_findings,
    schema_findings,
)
from recsys_roi.verdict.publish_checks import MEASURES, publish_findings
from recsys_roi.verdict.risk_entry import FAMILIES, PILOT_PLAN
from recsys_roi.verdict.risks import ORDER, RiskFinding, find_risks
from recsys_roi.verdict.traffic_checks import traffic_findings
from recsys_roi.verdict.wording import date_text


def risk_parts(
    evidence: Evidence | None,
    scenario: Scenario,
    *,
    checks: tuple[document.Check, ...],
    guardrails: tuple[document.Guardrail, ...],
    primary: document.Kpi | None,
    record: Record,
    as_of: datetime,
) -> tuple[document.Risk, ...]:
    """Every known risk, worst first; `evidence` and `primary` are None where there are no logs."""
    accepted = {one.guardrail: one for one in applied_waivers(record, guardrails, as_of)}
    found = {
        **findings.of_checks(checks),
        **findings.of_guardrails(_reading(guardrail, accepted) for guardrail in guardrails),
        **attested(record.attestations, as_of),
    }
    if evidence is not None:
        found |= _drift(evidence, scenario, record, as_of)
    if primary is not None:
        found |= findings.of_lift(primary.implausible_p, implausible=primary.implausible)
    risks = [_risk(finding) for finding in find_risks(found, logs=evidence is not None)]
    risks += [_own_risk(own) for own in record.own_risks]
    duties = {duty.risk: duty for duty in record.duties}
    owned = [_with_owner(risk, duties.get(risk.id)) for risk in risks]
    return tuple(sorted(owned, key=lambda risk: (ORDER[risk.status], _place(risk.family))))


def _drift(
    evidence: Evidence, scenario: Scenario, record: Record, as_of: datetime
) -> dict[str, findings.Finding]:
    """What the days, versions, names and artifacts tell."""
    margins = {
        entry.id: float(getattr(scenario, entry.margin_setting))
        for entry in GUARDRAILS.values()
        if entry.id in MEASURES
    }
    spans = evidence.facts.spans
    return {
        **publish_findings(evidence.drift, margins),
        **traffic_findings(evidence.drift, evidence.slices),
        **schema_findings(evidence.drift),
        **key_findings(evidence.drift.names, scenario.slice_keys or ()),
        **artifact_findings(evidence.artifacts, spans, scenario.artifact_interval_hours),
        **retention_findings(
            spans,
            agreed_days(record.attestations, as_of),
            as_of,
            rule=None if record.retention is None else record.retention.days,
            rows_deleted=evidence.rows_deleted,
        ),
    }


def _reading(guardrail: document.Guardrail, accepted: Mapping[str, Waiver]) -> findings.GuardrailReading:
    harm = guardrail.harm
    return findings.GuardrailReading(
        id=guardrail.id,
        status=guardrail.status,
        harm=harm.estimate if harm else None,
        upper=harm.upper if harm else None,
        margin=guardrail.margin,
        relative=guardrail.unit == "relative",
        accepted=_by_whom(accepted.get(guardrail.id)),
    )


def _by_whom(waiver: Waiver | None) -> str:
    if waiver is None:
        return ""
    return waiver.who if waiver.expires is None else f"{waiver.who} until {date_text(waiver.expires)}"


def _risk(finding: RiskFinding) -> document.Risk:
    known = finding.risk
    return document.Risk(
        id=known.id,
        title=known.title,
        family=known.family,
        status=finding.status,
        evidence=finding.evidence,
        page=known.page,
        mitigation=known.mitigation,
        escalation=known.cue.text,
        owner=None,
        due=None,
        document=known.document,
        role=known.role,
        statements=known.attestations,
    )


def _own_risk(own: OwnRisk) -> document.Risk:
    return document.Risk(
        id=f"own-{own.id}",
        title=own.title,
        family=own.family,
        status=own.status,
        evidence=f"{own.evidence} Judged by {own.who} on {date_text(own.at)}.",
        page="Risks",
        mitigation=own.mitigation,
        escalation=own.escalation,
        owner=None,
        due=None,
        document=PILOT_PLAN,
        role=own.who,
        own=True,
    )


def _with_owner(risk: document.Risk, duty: Duty | None) -> document.Risk:
    if duty is None:
        return risk
    due = None if duty.due is None else duty.due.isoformat()
    return risk.model_copy(update={"owner": duty.owner, "due": due})


def _place(family: str) -> int:
    """The four families first, in their order."""
    return FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)
