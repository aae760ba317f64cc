"""Slices of the primary KPI: intervals, adjusted p-values, shrunken lifts, harm (numbers book 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from recsys_roi.estimate import slices
from recsys_roi.estimate.anytime import always_valid
from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import Difference, Reading, difference, relative_standard_error
from recsys_roi.estimate.ratio_mismatch import ratio_mismatch
from recsys_roi.evidence.kpis import Kpi as KpiEntry
from recsys_roi.evidence.view import Evidence, SliceEvidence
from recsys_roi.personal import mask
from recsys_roi.review import document
from recsys_roi.review.parts import MIN_USERS, planned_users, ratio_of, relative_part, tested_part
from recsys_roi.value.scenario import Scenario

FALSE_DISCOVERY_RATE = 0.10  # numbers book 0.3
HARM_SHARE = 0.10  # of users; a smaller slice raises no alarm (numbers book 6.2)
NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """One slice whose difference can be measured."""

    found: Difference
    reading: Reading
    se: float | None  # of the relative lift; None where that cannot be measured


def measured_slices(evidence: Evidence, scenario: Scenario, kpi: KpiEntry) -> tuple[document.Slice, ...]:
    """Every slice of the view; one that cannot be read keeps its place with a reason."""
    reads = [_read(part, evidence, scenario, kpi) for part in evidence.slices]
    found = [read for read in reads if isinstance(read, _Read)]
    adjusted = iter(slices.benjamini_hochberg([read.reading.p_value for read in found]))
    shrunken = _shrunken(evidence.slices, reads)
    users = evidence.users.control + evidence.users.candidate
    return tuple(
        _slice(
            part,
            read,
            kpi=kpi,
            adjusted_p=next(adjusted),
            shrunken=drawn,
            large=_users(part) >= HARM_SHARE * users,
            harm_threshold=scenario.harm_threshold,
        )
        if isinstance(read, _Read)
        else _unread(part, kpi, read)
        for part, read, drawn in zip(evidence.slices, reads, shrunken, strict=True)
    )


def measured_slice_keys(evidence: Evidence) -> tuple[document.SliceKey, ...]:
    """What the slices are of, and how many values of a key were taken together."""
    return tuple(
        document.SliceKey(key=key.key, values=key.values, grouped=key.grouped, of=key.of)
        for key in evidence.slice_keys
    )


def _read(part: SliceEvidence, evidence: Evidence, scenario: Scenario, kpi: KpiEntry) -> _Read | str:
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
    reading = always_valid(found, scenario.alpha, planned_users(scenario))
    se = relative_standard_error(found)
    measurable = reading.relative_lift.interval is not None and not isinstance(se, NotMeasurable)
    return _Read(found=found, reading=reading, se=se if measurable and isinstance(se, float) else None)


def _shrunken(parts: Sequence[SliceEvidence], reads: Sequence[_Read | str]) -> list[float | None]:
    """Each lift drawn towards the others of its key; None where fewer than three can be read."""
    drawn: list[float | None] = []
    for _, of_key in groupby(zip(parts, reads, strict=True), key=lambda entry: entry[0].key):
        group = [read for _, read in of_key]
        lifts = [
            (read.found.candidate / read.found.control - 1, read.se)
            for read in group
            if isinstance(read, _Read) and read.se is not None
        ]
        shrinkage = slices.shrink([lift for lift, _ in lifts], [se for _, se in lifts])
        means = iter(shrinkage.lifts)
        drawn += [
            next(means).mean
            if isinstance(read, _Read) and read.se is not None and shrinkage.mean is not None
            else None
            for read in group
        ]
    return drawn


def _slice(
    part: SliceEvidence,
    read: _Read,
    *,
    kpi: KpiEntry,
    adjusted_p: float,
    shrunken: float | None,
    large: bool,
    harm_threshold: float,
) -> document.Slice:
    lift = relative_part(read.reading)
    harmed = lift is not None and lift.upper is not None and lift.upper < -harm_threshold
    return document.Slice(
        key=part.key,
        value=mask(part.value),
        kpi=kpi.id,
        users=_users(part),
        control=read.found.control,
        candidate=read.found.candidate,
        difference=tested_part(read.reading, read.found),
        relative_lift=lift,
        adjusted_p=adjusted_p,
        shrunken=shrunken,
        harm=large and harmed and adjusted_p <= FALSE_DISCOVERY_RATE,
        reason=None if lift is not None else str(read.reading.relative_lift.reason or "missing"),
    )


def _users(part: SliceEvidence) -> int:
    return part.users.control + part.users.candidate


def _unread(part: SliceEvidence, kpi: KpiEntry, reason: str) -> document.Slice:
    pair = None if reason == NOT_COMPARABLE else part.kpis.get(kpi.id)
    return document.Slice(
        key=part.key,
        value=mask(part.value),
        kpi=kpi.id,
        users=_users(part),
        control=ratio_of(pair.control) if pair else None,
        candidate=ratio_of(pair.candidate) if pair else None,
        relative_lift=None,
        adjusted_p=None,
        shrunken=None,
        harm=False,
        reason=str(reason),
    )
