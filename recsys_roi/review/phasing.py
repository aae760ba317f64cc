"""The plan part of a review: the pilot's phases, their exit criteria, and how long it must run."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from recsys_roi.evidence.view import Evidence
from recsys_roi.record.entries import Record
from recsys_roi.review import document
from recsys_roi.value.scenario import Scenario
from recsys_roi.verdict.attesting import attested
from recsys_roi.verdict.phases import Criterion, Progress, credible, phase_by_calendar, pilot_phases


def plan_part(
    evidence: Evidence | None,
    scenario: Scenario,
    *,
    checks: tuple[document.Check, ...],
    primary: document.Kpi | None,
    record: Record,
    as_of: datetime,
    pilot: document.PilotLength,
) -> document.Plan:
    """The plan; `evidence` and `primary` are None where there are no logs."""
    progress = None
    if evidence is not None:
        progress = Progress(
            checks=checks,
            kpi_measured=primary is not None and primary.status == "ok",
            days=evidence.days,
            smallest_arm=min(evidence.users.control, evidence.users.candidate),
            min_days=scenario.min_days,
        )
    phases = pilot_phases(progress, attested(record.attestations, as_of))
    return document.Plan(
        phase=phase_by_calendar(0 if evidence is None else evidence.days),
        exit_criteria=tuple(map(_criterion, credible(phases))),
        pilot=pilot,
        phases=tuple(
            document.PilotPhase(
                id=phase.id,
                title=phase.title,
                weeks=phase.weeks,
                done=phase.done,
                criteria=tuple(map(_criterion, phase.criteria)),
            )
            for phase in phases
        ),
    )


def _criterion(criterion: Criterion) -> document.ExitCriterion:
    return document.ExitCriterion(**asdict(criterion))
