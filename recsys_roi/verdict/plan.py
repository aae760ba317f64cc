"""Where the pilot stands (contracts.md 8): its phase, and the criteria that make it credible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from recsys_roi.evidence.kpis import GUARDRAILS, KPIS
from recsys_roi.verdict.check import JudgedCheck


@dataclass(frozen=True, kw_only=True, slots=True)
class Criterion:
    """One exit criterion; `met` is None where only a person can say."""

    id: str
    title: str
    met: bool | None
    evidence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RequiredField:
    """A field that the chosen KPI and guardrails need."""

    contract: str
    field: str
    why: str


JOIN_CHECKS = ("outcome_join_rate", "assignment_join_rate", "duplicate_requests", "two_arm_users", "srm")


def phase(days: int) -> str:
    """The phase of a pilot that has run for so many days."""
    if days == 0:
        return "Before the logs"
    if days <= 7:
        return "Week 1: one surface end to end"
    if days <= 21:
        return "Weeks 2-3: a better candidate"
    return "Weeks 4-6: production hardening"


def exit_criteria(checks: Iterable[JudgedCheck], *, kpi_measured: bool | None) -> tuple[Criterion, ...]:
    """The four criteria that make a pilot credible; None for `kpi_measured` means no logs yet."""
    by_id = {check.id: check for check in checks}
    schema = by_id.get("schema")
    joins = [by_id[name] for name in JOIN_CHECKS if name in by_id]
    failed = [check for check in joins if check.status == "fail"]
    unknown = [check for check in joins if check.status == "not_measurable"]
    return (
        Criterion(
            id="logs_validate",
            title="Logs validate against the contracts",
            met=None if schema is None else schema.status != "fail",
            evidence="No logs yet." if schema is None else schema.detail,
        ),
        Criterion(
            id="joins_sane",
            title="Join integrity is sane",
            met=None if not joins else False if failed else None if unknown else True,
            evidence=_joins_evidence(joins, failed, unknown),
        ),
        Criterion(
            id="report_exists",
            title="A reproducible control-versus-candidate report exists",
            met=kpi_measured,
            evidence=_report_evidence(kpi_measured),
        ),
        Criterion(
            id="rollback_practised",
            title="A rollback was practised once",
            met=None,
            evidence="Not read from logs: somebody must state who did it, when, and how long it took.",
        ),
    )


def _joins_evidence(joins: list[JudgedCheck], failed: list[JudgedCheck], unknown: list[JudgedCheck]) -> str:
    if not joins:
        return "No logs yet."
    if failed or unknown:
        return " ".join(check.detail for check in failed or unknown)
    return (
        "Outcomes and assignments join; no repeats, two-arm users or sample ratio mismatch over the limits."
    )


def _report_evidence(kpi_measured: bool | None) -> str:
    if kpi_measured is None:
        return "No logs yet."
    if kpi_measured:
        return (
            "This review: the same files and settings give the same figures; the hashes are in every export."
        )
    return "The primary KPI cannot be measured on these logs."


def required_fields(kpi_id: str, guardrail_ids: tuple[str, ...]) -> tuple[RequiredField, ...]:
    """The fields that must be logged to measure this KPI and these guardrails."""
    kpi = KPIS[kpi_id]
    value = "value, " if kpi.needs_value else ""
    fields = [
        RequiredField(
            contract="exposure.v1",
            field="request_id, user_id, ts, items (item_id, rank)",
            why="one record a rendered list: what was shown to whom",
        ),
        RequiredField(contract="exposure.v1", field="context.surface", why="one primary KPI a surface"),
        *(
            RequiredField(
                contract="outcome.v1",
                field=f"request_id, user_id, item_id, event_type = {event}, {value}ts",
                why=f"the KPI {kpi.id}",
            )
            for event in kpi.events
        ),
        RequiredField(
            contract="assignment.v1",
            field="experiment_id, variant, request_id, user_id, ts",
            why="who was in which arm",
        ),
    ]
    fields += [
        RequiredField(
            contract="exposure.v1", field=GUARDRAILS[name].needs.split(" on ")[0], why=f"the guardrail {name}"
        )
        for name in guardrail_ids
        if name in GUARDRAILS
    ]
    return tuple(fields)
