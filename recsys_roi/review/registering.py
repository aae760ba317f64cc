"""The risk register of a review: findings from checks, guardrails, the lift and what people stated."""

from __future__ import annotations

from datetime import datetime

from recsys_roi.evidence.kpis import GUARDRAILS
from recsys_roi.evidence.view import Evidence
from recsys_roi.record.entries import Record
from recsys_roi.review import document
from recsys_roi.value.scenario import Scenario
from recsys_roi.verdict import findings
from recsys_roi.verdict.attesting import attested
from recsys_roi.verdict.form_checks import (
    artifact_findings,
    key_findings,
    retention_findings,
    schema_findings,
)
from recsys_roi.verdict.publish_checks import MEASURES, publish_findings
from recsys_roi.verdict.risks import RiskFinding, find_risks
from recsys_roi.verdict.traffic_checks import traffic_findings


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
    found = {
        **findings.of_checks(checks),
        **findings.of_guardrails(_reading(guardrail) for guardrail in guardrails),
        **attested(record.attestations, as_of),
    }
    if evidence is not None:
        found |= _drift(evidence, scenario, as_of)
    if primary is not None:
        found |= findings.of_lift(primary.implausible_p, implausible=primary.implausible)
    return tuple(_risk(finding) for finding in find_risks(found, logs=evidence is not None))


def _drift(evidence: Evidence, scenario: Scenario, as_of: datetime) -> dict[str, findings.Finding]:
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
        **retention_findings(spans, scenario.retention_days, as_of),
    }


def _reading(guardrail: document.Guardrail) -> findings.GuardrailReading:
    harm = guardrail.harm
    return findings.GuardrailReading(
        id=guardrail.id,
        status=guardrail.status,
        harm=harm.estimate if harm else None,
        upper=harm.upper if harm else None,
        margin=guardrail.margin,
        relative=guardrail.unit == "relative",
    )


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
