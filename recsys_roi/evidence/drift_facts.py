"""What shows drift and bad publishes, as counted; days are calendar days (UTC) since the epoch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from recsys_roi.evidence.sums import Sums

Arm = Literal["control", "candidate"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmDays:
    """One arm day by day; every tuple has an entry a day of the window."""

    arm: Arm
    requests: tuple[int, ...]
    error_logged: tuple[int, ...]  # requests that say whether they failed
    errors: tuple[int, ...]
    empties: tuple[int, ...]
    timed: tuple[int, ...]  # requests with a latency above 0
    log_latency: tuple[float, ...]  # sum of the logarithms of ms
    log_latency_squares: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mix:
    """Requests by day and by one context key's value, the users' own at their first exposure."""

    key: str
    values: tuple[str, ...]
    by_day: tuple[tuple[int, ...], ...]  # a row a day, a column a value


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionStep:
    """A change of version within an arm, with the days on both sides of it; the user is the unit."""

    arm: Arm
    key: str  # algo_version, config_version or rules_version
    before: str
    after: str
    at: datetime  # UTC, the hour in which the new version took over
    errors: tuple[Sums, Sums] | None  # before and after, failed by known requests; None: not logged
    empties: tuple[Sums, Sums]
    log_latency: tuple[Sums, Sums] | None  # logarithms of ms by timed requests


@dataclass(frozen=True, kw_only=True, slots=True)
class NameDays:
    """A context key or event type that accepted lines carry."""

    kind: str  # "context key" or "event type"
    name: str
    lines: int
    first_day: int
    last_day: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectDay:
    """Lines of one kind of log on one day, as their neighbours tell."""

    kind: str
    day: int
    accepted: int
    rejected: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NewName:
    """A name that no contract has."""

    kind: str  # "key" or "event type"
    name: str
    lines: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """One update of the recommender's artifacts, as a manifest tells."""

    tenant: str
    surface: str  # empty where the manifest names none
    version: str
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """What is read of drift in one view."""

    first_day: int  # of the window
    arms: tuple[ArmDays, ArmDays]  # control, candidate
    mixes: tuple[Mix, ...]
    versions: tuple[str, ...]  # version keys that are logged in the view's arms
    steps: tuple[VersionStep, ...]
    names: tuple[NameDays, ...]  # over the whole pilot
    exposures_by_day: tuple[tuple[int, int], ...]  # (day, accepted exposures) over the whole pilot
    reject_days: tuple[RejectDay, ...]
    new_names: tuple[NewName, ...]  # the most frequent ones
