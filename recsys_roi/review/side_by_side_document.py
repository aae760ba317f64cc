"""The part of review.v1 that sets the figures of recsys-eval beside ours."""

from __future__ import annotations

from typing import Literal

from recsys_roi.review.part import Part

Agreement = Literal["agrees", "other_direction", "outside_range", "not_comparable"]


class ReportedFigure(Part):
    """One figure as recsys-eval reports it; the relative lift is made from its two arms."""

    control: float | None
    candidate: float | None
    relative_lift: float | None
    p_value: float | None
    lower: float | None = None  # of `candidate`, where the report gives an interval
    upper: float | None = None
    level: float | None = None


class OurLift(Part):
    """Our relative lift of the same KPI with its always-valid range."""

    estimate: float
    lower: float | None
    upper: float | None


class SideBySide(Part):
    metric: str  # as recsys-eval names it
    kpi: str | None  # ours, with the same definition; None: we have none
    theirs: ReportedFigure
    ours: OurLift | None
    agreement: Agreement
    note: str  # why it cannot be compared; empty where it is


class EvaluationNote(Part):
    """A report of recsys-eval (report.v1) that was given with the logs; no figure of ours is made from it."""

    name: str
    hash: str
    run_id: str
    mode: str
    made_at: str
    software: str
    experiment: str
    rows: tuple[SideBySide, ...]
