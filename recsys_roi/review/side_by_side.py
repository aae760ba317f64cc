"""Reports of recsys-eval beside our figures: what has no figure of the same definition says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from recsys_roi.evidence.reported import Reported, ReportedArm
from recsys_roi.evidence.view import Evidence
from recsys_roi.review import document
from recsys_roi.review.part import moment_text
from recsys_roi.review.side_by_side_document import (
    Agreement,
    EvaluationNote,
    OurLift,
    ReportedFigure,
    SideBySide,
)

_SMALL = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True)
class _Metric:
    """A rate of recsys-eval: a total over requests, and our KPI that is the same."""

    name: str
    total: str  # field of ReportedArm
    kpi: str


_METRICS = (
    _Metric(name="ctr", total="clicks", kpi="clicks_per_request"),
    _Metric(name="conversion_rate", total="conversions", kpi="conversions_per_request"),
    _Metric(name="revenue_per_request", total="revenue", kpi="revenue_per_request"),
)
_OTHER_MODES = {
    "offline": "It is a figure of an offline replay, of lists that were not tested on users.",
    "ope": "The run is an off-policy estimate, not a test on users.",
    "interleaving": "The run mixed both lists on one page, so it has no arms.",
    "aa-check": "The run is a check of A against A, without a candidate.",
}


def beside_reports(evidence: Evidence, kpis: Iterable[document.Kpi]) -> tuple[EvaluationNote, ...]:
    """Each report that was given with the logs, with a row for each of its figures."""
    ours = {kpi.id: kpi for kpi in kpis}
    return tuple(
        EvaluationNote(
            name=report.name,
            hash=report.hash,
            run_id=report.run_id,
            mode=report.mode,
            made_at=moment_text(report.made_at),
            software=report.software,
            experiment=report.experiment,
            rows=tuple(_rows(report, evidence, ours)),
        )
        for report in evidence.evaluations
    )


def _rows(report: Reported, evidence: Evidence, ours: dict[str, document.Kpi]) -> Iterator[SideBySide]:
    if report.mode != "experiment":
        yield from _other_mode(report)
        return
    arms = {arm.variant: arm for arm in report.arms}
    control, candidate = arms.get(evidence.control), arms.get(evidence.candidate)
    why = _other_test(report, evidence, control, candidate)
    for metric in _METRICS:
        before, after = _rate(control, metric), _rate(candidate, metric)
        theirs = ReportedFigure(
            control=before,
            candidate=after,
            relative_lift=after / before - 1 if before and after is not None else None,
            p_value=None if candidate is None else candidate.p_values.get(metric.name),
        )
        yield _row(metric, theirs, ours.get(metric.kpi), why)


def _other_mode(report: Reported) -> Iterator[SideBySide]:
    """The figures of a run that is no experiment; none of them is a KPI of ours."""
    why = _OTHER_MODES[report.mode]
    for metric in report.metrics:
        yield SideBySide(
            metric=metric.name,
            kpi=None,
            theirs=ReportedFigure(
                control=None,
                candidate=metric.value,
                relative_lift=None,
                p_value=None,
                lower=metric.lower,
                upper=metric.upper,
                level=metric.level,
            ),
            ours=None,
            agreement="not_comparable",
            note=why,
        )
    if not report.metrics:
        nothing = ReportedFigure(control=None, candidate=None, relative_lift=None, p_value=None)
        yield SideBySide(
            metric=report.mode, kpi=None, theirs=nothing, ours=None, agreement="not_comparable", note=why
        )


def _other_test(
    report: Reported, evidence: Evidence, control: ReportedArm | None, candidate: ReportedArm | None
) -> str:
    """Why the report is not of this comparison; empty where it is."""
    if report.experiment != evidence.experiment:
        return f"The report is of the experiment {report.experiment}, this review of {evidence.experiment}."
    missing = [
        name
        for name, found in ((evidence.control, control), (evidence.candidate, candidate))
        if found is None
    ]
    if missing:
        return f"The report has no variant {' and no variant '.join(missing)}."
    if len(evidence.surfaces) > 1 and evidence.surface is not None:
        return f"The report takes all surfaces together, this review {evidence.surface} only."
    return ""


def _rate(arm: ReportedArm | None, metric: _Metric) -> float | None:
    """Total over requests, from the totals, so that what was rounded in the report does not matter."""
    if arm is None or arm.requests == 0:
        return None
    return float(getattr(arm, metric.total)) / arm.requests


def _row(metric: _Metric, theirs: ReportedFigure, kpi: document.Kpi | None, why: str) -> SideBySide:
    lift = kpi.relative_lift if kpi is not None else None
    ours = lift and OurLift(estimate=lift.estimate, lower=lift.lower, upper=lift.upper)
    agreement: Agreement = "not_comparable"
    if why == "":
        if theirs.relative_lift is None:
            why = "The report has no lift: one arm has no requests, or the control's figure is 0."
        elif ours is None:
            why = "Our own lift cannot be measured (see All KPIs)."
        elif ours.lower is None or ours.upper is None:
            why = "Our own lift has no range to hold it against."
        else:
            agreement = _agreement(theirs.relative_lift, ours.estimate, ours.lower, ours.upper)
    return SideBySide(
        metric=metric.name, kpi=metric.kpi, theirs=theirs, ours=ours, agreement=agreement, note=why
    )


def _agreement(theirs: float, ours: float, lower: float, upper: float) -> Agreement:
    """The report's lift is a point, since recsys-eval gives experiments no interval."""
    if not lower - _SMALL <= theirs <= upper + _SMALL:
        return "outside_range"
    return "other_direction" if theirs * ours < 0 else "agrees"
