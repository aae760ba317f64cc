"""Slices of the primary KPI: intervals, adjusted p-values, shrunken lifts, harm (numbers book 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from recsys_roi.estimate import slices
from recsys_roi.estimate.anytime import always_valid
from recsys_roi.estimate.figures import Interval, NotMeasurable
from recsys_roi.estimate.lift import difference, relative_standard_error
from recsys_roi.estimate.ratio_mismatch import ratio_mismatch
from recsys_roi.evidence.kpis import Kpi as KpiEntry
from recsys_roi.evidence.view import Evidence, SliceEvidence
from recsys_roi.review import document
from recsys_roi.review.parts import MIN_USERS, planned_users
from recsys_roi.value.scenario import Scenario

FALSE_DISCOVERY_RATE = 0.10  # numbers book 0.3
HARM_SHARE = 0.10  # of users; a smaller slice raises no alarm (numbers book 6.2)
NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    """One slice that can be read."""

    lift: float  # relative
    se: float
    interval: Interval
    p_value: float


def measured_slices(evidence: Evidence, scenario: Scenario, kpi: KpiEntry) -> tuple[document.Slice, ...]:
    """Every slice of the view; one that cannot be read keeps its place with a reason."""
    readings = [_read(part, evidence, scenario, kpi) for part in evidence.slices]
    found = [reading for reading in readings if isinstance(reading, _Reading)]
    adjusted = iter(slices.benjamini_hochberg([reading.p_value for reading in found]))
    shrunken = iter(_shrunken(evidence.slices, readings))
    users = evidence.users.control + evidence.users.candidate
    return tuple(
        _slice(
            part,
            reading,
            kpi=kpi,
            adjusted_p=next(adjusted),
            shrunken=next(shrunken),
            large=_users(part) >= HARM_SHARE * users,
            harm_threshold=scenario.harm_threshold,
        )
        if isinstance(reading, _Reading)
        else _unread(part, kpi, reading)
        for part, reading in zip(evidence.slices, readings, strict=True)
    )


def _read(part: SliceEvidence, evidence: Evidence, scenario: Scenario, kpi: KpiEntry) -> _Reading | str:
    """A slice's always-valid reading, or the reason why there is none."""
    if not evidence.kpis[kpi.id].logged:
        return "missing"
    split = ratio_mismatch(
        (part.users.control, part.users.candidate), (1 - scenario.candidate_share, scenario.candidate_share)
    )
    if not isinstance(split, NotMeasurable) and split.mismatch:
        return NOT_COMPARABLE
    pair = part.kpis[kpi.id]
    found = difference(pair.control, pair.candidate, min_users=MIN_USERS)
    if isinstance(found, NotMeasurable):
        return found.reason
    se = relative_standard_error(found)
    reading = always_valid(found, scenario.alpha, planned_users(scenario))
    lift = reading.relative_lift
    if isinstance(se, NotMeasurable):
        return se.reason
    if lift.estimate is None or lift.interval is None:
        return lift.reason or "missing"
    return _Reading(lift=lift.estimate, se=se, interval=lift.interval, p_value=reading.p_value)


def _shrunken(parts: Sequence[SliceEvidence], readings: Sequence[_Reading | str]) -> list[float | None]:
    """Each read slice drawn towards the others of its key; None where fewer than three can be read."""
    found = [
        (part.key, reading)
        for part, reading in zip(parts, readings, strict=True)
        if isinstance(reading, _Reading)
    ]
    drawn: list[float | None] = []
    for _, of_key in groupby(found, key=lambda entry: entry[0]):
        group = [reading for _, reading in of_key]
        shrinkage = slices.shrink([r.lift for r in group], [r.se for r in group])
        drawn += [None if shrinkage.mean is None else lift.mean for lift in shrinkage.lifts]
    return drawn


def _slice(
    part: SliceEvidence,
    reading: _Reading,
    *,
    kpi: KpiEntry,
    adjusted_p: float,
    shrunken: float | None,
    large: bool,
    harm_threshold: float,
) -> document.Slice:
    return document.Slice(
        key=part.key,
        value=part.value,
        kpi=kpi.id,
        users=_users(part),
        relative_lift=document.Estimate(
            estimate=reading.lift, lower=reading.interval.low, upper=reading.interval.high
        ),
        adjusted_p=adjusted_p,
        shrunken=shrunken,
        harm=large and reading.interval.high < -harm_threshold and adjusted_p <= FALSE_DISCOVERY_RATE,
        reason=None,
    )


def _users(part: SliceEvidence) -> int:
    return part.users.control + part.users.candidate


def _unread(part: SliceEvidence, kpi: KpiEntry, reason: str) -> document.Slice:
    return document.Slice(
        key=part.key,
        value=part.value,
        kpi=kpi.id,
        users=_users(part),
        relative_lift=None,
        adjusted_p=None,
        shrunken=None,
        harm=False,
        reason=str(reason),
    )
