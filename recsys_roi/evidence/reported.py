"""What recsys-eval reports of the same pilot, as it was given; nothing is counted from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ReportMode = Literal["offline", "experiment", "ope", "interleaving", "aa-check"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedArm:
    """The totals of one variant."""

    variant: str
    requests: int
    clicks: int
    conversions: int
    revenue: float
    p_values: dict[str, float]  # by metric, of its test against the control


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedMetric:
    """One figure of an offline run with its interval, where one is given."""

    name: str
    value: float
    lower: float | None
    upper: float | None
    level: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reported:
    """One report."""

    name: str  # of the file
    hash: str
    run_id: str
    mode: ReportMode
    made_at: datetime  # UTC
    software: str  # version of recsys-eval
    experiment: str  # empty where the run was of no experiment
    arms: tuple[ReportedArm, ...]
    metrics: tuple[ReportedMetric, ...]
