"""review.v1 as frozen values: the shape that pages, exports and the command line share.

What cannot be measured is None beside a status and a reason; numbers are at full precision.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from recsys_roi.numerals import ENGLISH, locale_id
from recsys_roi.review.lift_document import (
    Adjustment,
    Arms,
    ArmSums,
    Capping,
    DayFigures,
    Estimate,
    FixedHorizon,
    Guardrail,
    GuardrailStatus,
    Kpi,
    Mature,
    PathDay,
    Posterior,
    Reading,
    RunTime,
    RunTimePoint,
    Slice,
    SliceKey,
    SumsByArm,
    TestedEstimate,
)
from recsys_roi.review.money_document import (
    BreakEven,
    Costs,
    HeatMap,
    MonthFlow,
    PilotAssumption,
    PilotGoal,
    PilotLength,
    Roi,
    Spread,
    Tornado,
    Waiting,
    WaitingRow,
)
from recsys_roi.review.part import Part
from recsys_roi.review.record_document import (
    AttestationNote,
    ChangeNote,
    Deviation,
    LaterLock,
    LockedPlanNote,
    Recorded,
    WaiverNote,
)
from recsys_roi.review.side_by_side_document import EvaluationNote, SideBySide

__all__ = [
    "VERSION",
    "Adjustment",
    "ArmSums",
    "Arms",
    "AttestationNote",
    "BreakEven",
    "Capping",
    "ChangeNote",
    "Check",
    "CheckStatus",
    "Costs",
    "DayFigures",
    "Decision",
    "Deviation",
    "Estimate",
    "EvaluationNote",
    "ExitCriterion",
    "Experiment",
    "FixedHorizon",
    "Flip",
    "Guardrail",
    "GuardrailStatus",
    "HeatMap",
    "InputFile",
    "Inputs",
    "Kpi",
    "LaterLock",
    "LockedPlanNote",
    "Mature",
    "MonthFlow",
    "Part",
    "PathDay",
    "PilotAssumption",
    "PilotGoal",
    "PilotLength",
    "PilotPhase",
    "Plan",
    "Posterior",
    "Reading",
    "Recorded",
    "Review",
    "Risk",
    "RiskStatus",
    "Roi",
    "RunTime",
    "RunTimePoint",
    "SideBySide",
    "Slice",
    "SliceKey",
    "Software",
    "Spread",
    "SumsByArm",
    "TestedEstimate",
    "Tornado",
    "Waiting",
    "WaitingRow",
    "WaiverNote",
    "Window",
    "to_json",
]

VERSION: Literal["review.v1"] = "review.v1"


class Software(Part):
    name: str
    version: str


class InputFile(Part):
    name: str
    hash: str  # "blake3:" + hex
    kind: str  # exposure.v1, outcome.v1 or assignment.v1
    lines: int
    accepted: int
    rejected: int
    extended: int = 0  # accepted outcomes whose event type the suite's strict validator would refuse
    null_for_absent: int = 0  # accepted lines that write an optional field as null


class Inputs(Part):
    files: tuple[InputFile, ...]
    scenario: dict[str, Any]  # every setting with its value
    changed: tuple[str, ...]  # settings whose value a person gave
    rows_deleted: str | None = None  # RFC 3339: when the log lines were deleted, of which counts are left


class Window(Part):
    start: str | None  # RFC 3339, UTC: first request counted
    end: str | None
    days: int  # calendar days, UTC


class Experiment(Part):
    id: str
    control: str
    candidate: str
    surface: str | None  # None: all surfaces
    window: Window
    users: Arms
    requests: Arms
    notes: tuple[str, ...]  # what was chosen for the user, and why


CheckStatus = Literal["pass", "warn", "fail", "not_measurable"]


class Check(Part):
    id: str
    status: CheckStatus
    value: float | None
    threshold: float | None
    detail: str
    fix: str  # what to do about it; empty where nothing is wrong


class Flip(Part):
    input: str
    at: float
    becomes: str


class Decision(Part):
    decision: Literal["ship", "hold", "roll_back"] | None  # None: plan only, nothing measured
    primary_reason: str | None
    reasons: tuple[str, ...]
    preliminary: bool
    valid_from: str | None  # date, when min_days will have passed
    incident: bool  # an integrity failure beside an apparent breach: consider switching off now
    flips: tuple[Flip, ...]
    rule: Literal["value_proven", "expected_value"] = "value_proven"
    rule_label: str = "value must be proven"


RiskStatus = Literal["ok", "watch", "act", "cannot_tell"]


class Risk(Part):
    id: str
    title: str
    family: str
    status: RiskStatus
    evidence: str
    page: str  # where the evidence is shown
    mitigation: str
    escalation: str
    owner: str | None
    due: str | None
    document: str
    role: str = ""  # who answers for it where nobody is named
    statements: tuple[str, ...] = ()  # kinds of attestation that settle it
    own: bool = False  # added and judged by people


class ExitCriterion(Part):
    id: str
    title: str
    met: bool | None
    evidence: str
    statements: tuple[str, ...] = ()  # kinds of attestation that meet it; none: the logs do


class PilotPhase(Part):
    id: str
    title: str
    weeks: str
    done: bool
    criteria: tuple[ExitCriterion, ...]


class Plan(Part):
    phase: str  # where the pilot should be by its days
    exit_criteria: tuple[ExitCriterion, ...]
    pilot: PilotLength | None = None  # from the measured baseline where there is one
    phases: tuple[PilotPhase, ...] = ()


class Review(Part):
    """The whole review: frozen, and the same to the last digit for the same logs, settings and moment."""

    version: Literal["review.v1"] = VERSION
    made_at: str
    software: Software
    inputs: Inputs
    evaluations: tuple[EvaluationNote, ...] = ()  # reports of recsys-eval beside our figures
    experiment: Experiment | None  # None: plan only
    integrity: tuple[Check, ...]
    kpis: tuple[Kpi, ...]
    guardrails: tuple[Guardrail, ...]
    slices: tuple[Slice, ...]
    slice_keys: tuple[SliceKey, ...] = ()
    run_time: RunTime | None = None  # None where no lift was measured
    roi: Roi
    waiting: Waiting
    decision: Decision
    risks: tuple[Risk, ...]
    plan: Plan
    record: Recorded = Recorded()

    @property
    def primary(self) -> Kpi | None:
        """The primary KPI, or None in a plan without logs."""
        return next((kpi for kpi in self.kpis if kpi.primary), None)

    @property
    def kpi_id(self) -> str | None:
        """The KPI that counts: the primary one, or the plan's; None where neither is named."""
        chosen = self.inputs.scenario.get("kpi")
        return self.primary.id if self.primary else None if chosen is None else str(chosen)

    @property
    def locale(self) -> str:
        """The locale that its figures are written for; English where that is not known."""
        return locale_id(str(self.inputs.scenario.get("locale"))) or ENGLISH

    def check(self, check_id: str) -> Check | None:
        """The integrity check of that id."""
        return next((check for check in self.integrity if check.id == check_id), None)


def to_json(review: Review) -> str:
    """The review as JSON: keys sorted, full precision, one trailing newline."""
    return json.dumps(review.model_dump(mode="json"), sort_keys=True, indent=1, ensure_ascii=False) + "\n"
