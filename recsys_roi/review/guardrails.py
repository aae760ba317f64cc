"""Evidence to guardrails: non-inferiority tests against their margins (numbers book 5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from recsys_roi.estimate import noninferiority, quantiles
from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import difference
from recsys_roi.evidence.kpis import GUARDRAILS
from recsys_roi.evidence.kpis import Guardrail as GuardrailEntry
from recsys_roi.evidence.view import Evidence, ItemEvidence, Pair
from recsys_roi.review import document
from recsys_roi.review.parts import MIN_USERS, planned_users, ratio_of
from recsys_roi.value.scenario import Scenario
from recsys_roi.verdict.wording import EPOCH_DAY

QUANTILE_NOTE = "The bound for a latency quantile while looking every day is an approximation."
BY_DAY_NOTE = (
    "Compared by day on equally many requests; not corrected for looking early, so it can hold a launch back "
    "but not roll it back."
)
Trend = tuple[document.DayFigures, ...]


def measured_guardrails(evidence: Evidence, scenario: Scenario) -> tuple[document.Guardrail, ...]:
    """The chosen guardrails; one that is not logged stays listed as not measurable (numbers book 5.4)."""
    return tuple(_measured(evidence, scenario, GUARDRAILS[name]) for name in scenario.guardrails)


def status_of(
    entry: GuardrailEntry, estimate: float, lower: float, upper: float | None, margin: float
) -> noninferiority.Status:
    """The status at a margin; what is read once, at a fixed horizon, only warns (numbers book 5.4)."""
    status = noninferiority.status(estimate, lower, upper, margin)
    return "warn" if status == "breach" and not entry.can_roll_back else status


def _measured(evidence: Evidence, scenario: Scenario, entry: GuardrailEntry) -> document.Guardrail:
    margin = float(getattr(scenario, entry.margin_setting))
    if entry.level is not None:
        return _latency(evidence, scenario, entry, entry.level, margin)
    if entry.kind == "by_day":
        return _by_day(evidence, scenario, entry, margin)
    return _rate(evidence, scenario, entry, margin)


def _rate(evidence: Evidence, scenario: Scenario, entry: GuardrailEntry, margin: float) -> document.Guardrail:
    rate = evidence.rates[entry.id]
    if rate.sums is None:
        return _unguarded(entry, margin, rate.reason or "missing")
    control, candidate = rate.sums.control, rate.sums.candidate
    arms: Pair[float | None] = Pair(control=ratio_of(control), candidate=ratio_of(candidate))
    trend = _trend(evidence, rate.by_day)
    found = difference(control, candidate, min_users=MIN_USERS)
    if isinstance(found, NotMeasurable):
        return _unguarded(entry, margin, found.reason, arms, trend)
    test = noninferiority.relative_harm if entry.unit == "relative" else noninferiority.absolute_harm
    bounds = test(found, alpha=scenario.guardrail_alpha, planned_users=planned_users(scenario))
    if isinstance(bounds, NotMeasurable):
        return _unguarded(entry, margin, bounds.reason, arms, trend)
    return _guarded(evidence, entry, margin, arms=arms, bounds=bounds, note="", trend=trend)


def _latency(
    evidence: Evidence, scenario: Scenario, entry: GuardrailEntry, level: float, margin: float
) -> document.Guardrail:
    counted = evidence.latency[level]
    control, candidate = counted.sums.control, counted.sums.candidate
    if control is None or candidate is None:
        return _unguarded(entry, margin, "missing")
    arms: Pair[float | None] = Pair(control=control.q, candidate=candidate.q)
    trend = _trend(evidence, counted.by_day)
    found = quantiles.compare_quantiles(control, candidate, min_users=MIN_USERS)
    if isinstance(found, NotMeasurable):
        return _unguarded(entry, margin, found.reason, arms, trend)
    bounds = noninferiority.quantile_harm(
        found, alpha=scenario.guardrail_alpha, planned_users=planned_users(scenario)
    )
    return _guarded(evidence, entry, margin, arms=arms, bounds=bounds, note=QUANTILE_NOTE, trend=trend)


def _by_day(
    evidence: Evidence, scenario: Scenario, entry: GuardrailEntry, margin: float
) -> document.Guardrail:
    """Coverage and diversity: one figure a day and arm, compared in pairs."""
    items = evidence.items
    if items is None:
        return _unguarded(entry, margin, "missing")
    days = items.coverage if entry.id == "coverage" else items.diversity
    arms: Pair[float | None] = Pair(control=_mean(days.control), candidate=_mean(days.candidate))
    trend = _item_trend(items, days)
    if entry.unit == "relative":
        if not all(days.control):
            return _unguarded(entry, margin, "control_near_zero", arms, trend)
        ratios = [after / before for before, after in zip(days.control, days.candidate, strict=True)]
        days = Pair(control=(1.0,) * len(ratios), candidate=tuple(ratios))
    bounds = noninferiority.paired_harm(
        days.control,
        days.candidate,
        alpha=scenario.guardrail_alpha,
        lower_is_worse=entry.lower_is_worse,
    )
    if isinstance(bounds, NotMeasurable):
        return _unguarded(entry, margin, bounds.reason, arms, trend)
    return _guarded(evidence, entry, margin, arms=arms, bounds=bounds, note=BY_DAY_NOTE, trend=trend)


def _guarded(
    evidence: Evidence,
    entry: GuardrailEntry,
    margin: float,
    *,
    arms: Pair[float | None],
    bounds: noninferiority.Harm,
    note: str,
    trend: Trend,
) -> document.Guardrail:
    status = status_of(entry, bounds.estimate, bounds.lower, bounds.upper, margin)
    worse = "Slightly worse. " if status == "pass" and bounds.lower > 0 else ""
    return document.Guardrail(
        id=entry.id,
        status=status,
        reason=None,
        control=arms.control,
        candidate=arms.candidate,
        harm=document.Estimate(estimate=bounds.estimate, lower=bounds.lower, upper=bounds.upper),
        margin=margin,
        unit=entry.unit,
        arm_unit=entry.arm_unit,
        more_days=noninferiority.more_days(bounds.estimate, bounds.upper, margin, evidence.days)
        if status == "warn"
        else None,
        note=worse + note,
        needs=entry.needs,
        fixed_horizon=not entry.can_roll_back,
        trend=trend,
    )


def _unguarded(
    entry: GuardrailEntry,
    margin: float,
    reason: str,
    arms: Pair[float | None] | None = None,
    trend: Trend = (),
) -> document.Guardrail:
    return document.Guardrail(
        id=entry.id,
        status="not_measurable",
        reason=str(reason),
        control=arms.control if arms else None,
        candidate=arms.candidate if arms else None,
        harm=None,
        margin=margin,
        unit=entry.unit,
        arm_unit=entry.arm_unit,
        more_days=None,
        note="",
        needs=entry.needs,
        fixed_horizon=not entry.can_roll_back,
        trend=trend,
    )


def _trend(evidence: Evidence, days: Sequence[Pair[float | None]]) -> Trend:
    """Single days of the window, in order."""
    if evidence.start is None:
        return ()
    first = evidence.start.date()
    return tuple(
        document.DayFigures(
            day=(first + timedelta(days=number)).isoformat(), control=day.control, candidate=day.candidate
        )
        for number, day in enumerate(days)
    )


def _item_trend(items: ItemEvidence, days: Pair[tuple[float, ...]]) -> Trend:
    return tuple(
        document.DayFigures(
            day=(EPOCH_DAY + timedelta(days=day)).isoformat(), control=control, candidate=candidate
        )
        for day, control, candidate in zip(items.days, days.control, days.candidate, strict=False)
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
