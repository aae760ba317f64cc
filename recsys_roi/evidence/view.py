"""Evidence: the sums of one view of a pilot. Everything above this floor is a function of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from recsys_roi.evidence.facts import Facts
from recsys_roi.evidence.quantiles import QuantileSums
from recsys_roi.evidence.sums import Sums

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair(Generic[T]):
    """The same thing in both arms."""

    control: T
    candidate: T


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What a person asks to see counted; None is chosen from the data, and said."""

    experiment: str | None = None
    control: str | None = None
    candidate: str | None = None
    surface: str | None = None
    start: datetime | None = None  # UTC, inclusive
    end: datetime | None = None  # UTC, exclusive
    click_window_hours: float = 24.0
    outcome_window_hours: float = 168.0
    mature_only: bool = False
    slice_keys: tuple[str, ...] | None = None  # None: every key with 2 to 10 values


@dataclass(frozen=True, kw_only=True, slots=True)
class CountedFile:
    """One file of the pilot with its line counts; good + rejected = lines."""

    name: str
    hash: str
    kind: str
    lines: int
    accepted: int
    rejected: int
    extended: int
    null_for_absent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class KpiEvidence:
    """One KPI counted; `logged` is False where its event is in no outcome of the pilot."""

    logged: bool
    sums: Pair[Sums]
    mature: Pair[Sums]  # requests older than the KPI's attribution window only
    numerator_total: float  # control, mature (or all where none is): money's baseline numerator
    requests_total: int  # control, the same requests
    mature_share: float | None  # share of the compared requests that are mature


@dataclass(frozen=True, kw_only=True, slots=True)
class RateEvidence:
    """A guardrail rate counted; `sums` is None with a reason where it was not logged."""

    sums: Pair[Sums] | None
    reason: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceEvidence:
    """The KPIs' sums of the users with one value of a context key."""

    key: str
    value: str
    users: Pair[int]
    kpis: dict[str, Pair[Sums]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Sums of one view: the only thing that estimates, money, verdict and pages read."""

    files: tuple[CountedFile, ...]
    fingerprint: str  # of the files
    experiment: str
    control: str
    candidate: str
    surface: str | None
    surfaces: tuple[str, ...]  # of the compared requests, whatever the view's surface
    notes: tuple[str, ...]  # what was chosen for the user
    start: datetime | None  # UTC, first compared request
    end: datetime | None
    days: int  # calendar days, UTC
    users: Pair[int]
    users_by_day: tuple[int, ...]  # of both arms, seen by the end of day 1, 2, ...
    requests: Pair[int]
    requests_per_user: Pair[Sums]
    kpis: dict[str, KpiEvidence]
    rates: dict[str, RateEvidence]
    latency: dict[float, Pair[QuantileSums | None]]  # by quantile level
    slices: tuple[SliceEvidence, ...]
    grouped_keys: tuple[str, ...]  # context keys with more than ten values, left out of the slices
    facts: Facts
