"""Evidence: the sums of one view of a pilot. Everything above this floor is a function of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

from recsys_roi.evidence.drift_facts import Artifact, Drift
from recsys_roi.evidence.facts import Facts
from recsys_roi.evidence.quantiles import QuantileSums
from recsys_roi.evidence.reported import Reported
from recsys_roi.evidence.sums import CovariateSums, Sums

T = TypeVar("T")
MOST_DAYS = 1_100  # of one view: three years, each day of which is looked at


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
    return_days: int = 7
    slow_threshold_ms: float = 500.0
    revenue_cap: float | None = None  # money a user; None: the pooled quantile (numbers book 2.4)
    covariate: str | None = None  # "pre_period", a numeric context key or "none"; None: pre_period if logged
    slice_keys: tuple[str, ...] | None = None  # None: every context key with 2 to 50 values


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
class Capping:
    """One cap for both arms, and what it takes away."""

    cap: float  # of a user's total, in the total's unit
    basis: Literal["fixed", "pooled"]  # given beforehand, or a quantile of these users
    removed: Pair[float | None]  # share of the arm's total; None where that is 0
    users: Pair[int]  # users cut


@dataclass(frozen=True, kw_only=True, slots=True)
class KpiEvidence:
    """One KPI counted; `logged` is False where its event is in no outcome of the pilot."""

    logged: bool
    sums: Pair[Sums]  # capped where the KPI is
    mature: Pair[Sums]  # the same of requests older than the KPI's attribution window only
    numerator_total: float  # control, mature (or all where none is), uncapped: money's baseline, in actions
    requests_total: int  # control, the same requests; of the return rate: the users it is a rate of
    mature_share: float | None  # share of the compared requests that are mature
    capping: Capping | None
    uncapped: Pair[Sums] | None  # None where nothing is capped
    by_day: tuple[Pair[Sums], ...]  # at the end of each day of the window; the last is `sums`
    covariate: Pair[CovariateSums] | None
    mature_covariate: Pair[CovariateSums] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RateEvidence:
    """A guardrail rate counted; `sums` is None with a reason where it was not logged."""

    sums: Pair[Sums] | None
    reason: str | None
    by_day: tuple[Pair[float | None], ...]  # the rate of each single day


@dataclass(frozen=True, kw_only=True, slots=True)
class LatencyEvidence:
    """One latency quantile counted."""

    sums: Pair[QuantileSums | None]
    by_day: tuple[Pair[float | None], ...]  # ms


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemEvidence:
    """What was shown on equally many requests of both arms a day (numbers book 5.4); all by day."""

    days: tuple[int, ...]  # since the epoch, UTC
    catalogue: int  # items that either arm showed in the window
    coverage: Pair[tuple[float, ...]]  # share of the catalogue
    diversity: Pair[tuple[float, ...]]  # normalised entropy; empty for a catalogue of one item


@dataclass(frozen=True, kw_only=True, slots=True)
class CovariateEvidence:
    """What is known of the users from before the experiment."""

    name: str  # "pre_period" or a context key
    known: Pair[int]  # users that have it


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceEvidence:
    """The sums of the logged KPIs, of the users with one value of a context key."""

    key: str
    value: str
    users: Pair[int]
    kpis: dict[str, Pair[Sums]]


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceKey:
    """A key that the slices are of."""

    key: str
    values: int  # different values in the logs
    grouped: int  # of these, taken together as one slice
    of: Literal["user", "request"]  # the user's value at the first exposure, or each request's own


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
    surface_share: float  # of all compared requests, at any time; 1 where no surface was chosen
    notes: tuple[str, ...]  # what was chosen for the user
    start: datetime | None  # UTC, first compared request
    end: datetime | None
    days: int  # calendar days, UTC
    users: Pair[int]
    arm_users_by_day: Pair[tuple[int, ...]]  # seen by the end of day 1, 2, ...
    requests: Pair[int]
    requests_per_user: Pair[Sums]
    kpis: dict[str, KpiEvidence]
    rates: dict[str, RateEvidence]
    latency: dict[float, LatencyEvidence]  # by quantile level
    items: ItemEvidence | None  # None where no item was shown
    covariate: CovariateEvidence | None
    slices: tuple[SliceEvidence, ...]
    slice_keys: tuple[SliceKey, ...]
    facts: Facts
    drift: Drift
    artifacts: tuple[Artifact, ...]  # in the order in which their manifests came
    evaluations: tuple[Reported, ...] = ()  # of recsys-eval; nothing is counted from them
    rows_deleted: datetime | None = None  # the log lines, of which these counts are left

    @property
    def users_by_day(self) -> tuple[int, ...]:
        """Users of both arms seen by the end of each day."""
        both = zip(self.arm_users_by_day.control, self.arm_users_by_day.candidate, strict=True)
        return tuple(control + candidate for control, candidate in both)
