"""The whole review as one tidy table: one row a figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from recsys_roi.render import words
from recsys_roi.render.pack.contents import particulars
from recsys_roi.render.pack.spreadsheet_text import Value, to_csv
from recsys_roi.review.document import Estimate, Guardrail, Kpi, Review, Roi
from recsys_roi.value.settings import SETTINGS

HEADER = ("section", "id", "measure", "value", "lower", "upper", "unit", "basis")
MEASURED, DERIVED, STATED = "measured", "derived", "stated"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One figure; `basis` is measured, assumed, given, default, stated or derived."""

    section: str
    id: str
    measure: str
    value: Value
    lower: float | None = None
    upper: float | None = None
    unit: str = ""
    basis: str = DERIVED

    @property
    def cells(self) -> tuple[Value, ...]:
        return (
            self.section,
            self.id,
            self.measure,
            self.value,
            self.lower,
            self.upper,
            self.unit,
            self.basis,
        )


def tidy_csv(review: Review) -> str:
    """Every figure of the review as CSV; numbers at full precision, empty where there is none."""
    return to_csv(HEADER, (row.cells for row in rows_of(review)))


def rows_of(review: Review) -> Iterator[Row]:
    """The rows in the order of the review."""
    yield from _verdict(review)
    yield from _scope(review)
    for kpi in review.kpis:
        yield from _kpi(kpi, review.roi.currency)
    for guardrail in review.guardrails:
        yield from _guardrail(guardrail)
    yield from _slices(review)
    yield from _roi(review.roi)
    yield from _waiting(review)
    yield from _integrity(review)
    yield from _risks(review)
    yield from _plan(review)
    yield from _record(review)
    yield from _inputs(review)


def _verdict(review: Review) -> Iterator[Row]:
    decision = review.decision
    verdict = "plan" if decision.decision is None else decision.decision
    yield Row(section="decision", id="decision", measure="verdict", value=verdict)
    yield Row(section="decision", id="decision", measure="headline", value=words.verdict_headline(review))
    yield Row(section="decision", id="decision", measure="preliminary", value=decision.preliminary)
    yield Row(section="decision", id="decision", measure="valid_from", value=decision.valid_from)
    for code in decision.reasons:
        yield Row(section="decision", id=code, measure="reason", value=words.reason_sentence(code, review))
    for flip in decision.flips:
        yield Row(
            section="decision",
            id=flip.input,
            measure=f"becomes {flip.becomes} at",
            value=flip.at,
            unit=_unit(flip.input, review.roi.currency),
        )


def _unit(name: str, currency: str) -> str:
    """Of a setting; a saved review may have one that this version does not know."""
    return SETTINGS[name].unit.replace("money", currency, 1) if name in SETTINGS else ""


def _scope(review: Review) -> Iterator[Row]:
    experiment = review.experiment
    if experiment is None:
        return
    given = {
        "id": experiment.id,
        "control": experiment.control,
        "candidate": experiment.candidate,
        "surface": experiment.surface,
        "start": experiment.window.start,
        "end": experiment.window.end,
        "days": experiment.window.days,
        "users_control": experiment.users.control,
        "users_candidate": experiment.users.candidate,
        "requests_control": experiment.requests.control,
        "requests_candidate": experiment.requests.candidate,
    }
    for name, value in given.items():
        yield Row(section="experiment", id="experiment", measure=name, value=value, basis=MEASURED)


def _estimate(section: str, of: str, measure: str, found: Estimate | None, unit: str) -> Iterator[Row]:
    if found is not None:
        yield Row(
            section=section,
            id=of,
            measure=measure,
            value=found.estimate,
            lower=found.lower,
            upper=found.upper,
            unit=unit,
            basis=MEASURED,
        )


def _kpi(kpi: Kpi, currency: str) -> Iterator[Row]:
    def row(measure: str, value: Value, unit: str = "", basis: str = MEASURED) -> Row:
        return Row(section="kpi", id=kpi.id, measure=measure, value=value, unit=unit, basis=basis)

    yield row("status", kpi.status)
    if kpi.reason:
        yield row("reason", kpi.reason)
    yield row("control", kpi.control, kpi.unit)
    yield row("candidate", kpi.candidate, kpi.unit)
    yield from _estimate("kpi", kpi.id, "difference", kpi.difference, kpi.unit)
    if kpi.difference is not None:
        yield row("p_value", kpi.difference.p_value, "probability")
    yield from _estimate("kpi", kpi.id, "relative_lift", kpi.relative_lift, "relative")
    fixed = kpi.fixed_horizon
    if fixed is not None:
        yield from _estimate("kpi", kpi.id, "difference at the planned end", fixed.difference, kpi.unit)
        yield from _estimate(
            "kpi", kpi.id, "relative_lift at the planned end", fixed.relative_lift, "relative"
        )
    belief = kpi.counted
    if belief is not None:
        yield row("counted_lift", belief.mean, "relative", DERIVED)
        yield row("counted_lift_sd", belief.sd, "relative", DERIVED)
        yield row("p_better", belief.p_better, "probability", DERIVED)
    yield row("reading", words.kpi_sentence(kpi, currency))
    for day in kpi.path:
        yield from _estimate("path", day.day, f"{kpi.id} relative_lift", day.relative_lift, "relative")
        yield Row(
            section="path", id=day.day, measure=f"{kpi.id} p_running", value=day.p_running, basis=MEASURED
        )


def _guardrail(guardrail: Guardrail) -> Iterator[Row]:
    def row(measure: str, value: Value, unit: str = "", basis: str = MEASURED) -> Row:
        return Row(section="guardrail", id=guardrail.id, measure=measure, value=value, unit=unit, basis=basis)

    yield row("status", guardrail.status)
    yield row("control", guardrail.control, guardrail.arm_unit)
    yield row("candidate", guardrail.candidate, guardrail.arm_unit)
    yield from _estimate("guardrail", guardrail.id, "harm", guardrail.harm, guardrail.unit)
    yield row("margin", guardrail.margin, guardrail.unit, "assumed")
    yield row("reading", words.guardrail_sentence(guardrail))
    for day in guardrail.trend:
        for arm, value in (("control", day.control), ("candidate", day.candidate)):
            yield Row(
                section="trend",
                id=day.day,
                measure=f"{guardrail.id} {arm}",
                value=value,
                unit=guardrail.arm_unit,
                basis=MEASURED,
            )


def _slices(review: Review) -> Iterator[Row]:
    for part in review.slices:
        name = words.slice_name(part)
        yield Row(section="slice", id=name, measure="users", value=part.users, unit="users", basis=MEASURED)
        yield from _estimate("slice", name, "relative_lift", part.relative_lift, "relative")
        yield Row(section="slice", id=name, measure="counted_lift", value=part.shrunken, unit="relative")
        yield Row(section="slice", id=name, measure="adjusted_p", value=part.adjusted_p, unit="probability")
        yield Row(section="slice", id=name, measure="harm", value=part.harm)
        if part.reason:
            yield Row(section="slice", id=name, measure="reason", value=part.reason)


def _roi(roi: Roi) -> Iterator[Row]:
    money = ("npv", "pv_benefit", "pv_cost", "pv_per_unit_lift", "p10", "p50", "p90", "sunk_cost")
    units = {
        **dict.fromkeys(money, roi.currency),
        **{"baseline": "units a request", "payback_months": "months", "p_npv_positive": "probability"},
        **dict.fromkeys(("lift", "lift_sd", "roi", "break_even_lift", "programme_roi"), "relative"),
    }
    yield Row(section="roi", id="roi", measure="status", value=roi.status)
    if roi.reason:
        yield Row(section="roi", id="roi", measure="reason", value=roi.reason)
    for measure, unit in units.items():
        basis = roi.basis if measure in ("baseline", "lift", "lift_sd") else DERIVED
        value = getattr(roi, measure)
        yield Row(section="roi", id="roi", measure=measure, value=value, unit=unit, basis=basis)
    if roi.pv_costs is not None:
        for name, value in roi.pv_costs.model_dump().items():
            yield Row(section="roi", id=name, measure="pv_cost", value=value, unit=roi.currency)
    for flow in roi.months:
        for measure in ("benefit", "cost", "net", "cumulative"):
            value = getattr(flow, measure)
            yield Row(section="month", id=f"{flow.month}", measure=measure, value=value, unit=roi.currency)
    for bar in roi.tornado:
        yield Row(
            section="tornado",
            id=bar.input,
            measure="npv_swing",
            value=bar.swing,
            lower=bar.low,
            upper=bar.high,
            unit=roi.currency,
            basis=bar.basis,
        )


def _waiting(review: Review) -> Iterator[Row]:
    waiting, currency = review.waiting, review.roi.currency
    yield Row(section="waiting", id="waiting", measure="evpi", value=waiting.evpi, unit=currency)
    yield Row(section="waiting", id="waiting", measure="best_weeks", value=waiting.best_weeks, unit="weeks")
    for measure, unit in (("days_to_detect_break_even", "days"), ("mde_now", "relative")):
        value = getattr(waiting, measure)
        yield Row(section="waiting", id="waiting", measure=measure, value=value, unit=unit)
    for row in waiting.rows:
        for measure, unit in (
            ("evsi", currency),
            ("delay_cost", currency),
            ("net", currency),
            ("p_flip", ""),
        ):
            value = getattr(row, measure)
            yield Row(
                section="waiting",
                id=f"{row.weeks} weeks",
                measure=measure,
                value=value,
                unit=unit or "probability",
            )


def _integrity(review: Review) -> Iterator[Row]:
    for check in review.integrity:
        yield Row(section="integrity", id=check.id, measure="status", value=check.status, basis=MEASURED)
        unit, limit_unit = words.check_units(check.id)
        yield Row(
            section="integrity", id=check.id, measure="value", value=check.value, unit=unit, basis=MEASURED
        )
        yield Row(
            section="integrity",
            id=check.id,
            measure="threshold",
            value=check.threshold,
            unit=limit_unit,
            basis="assumed",
        )
        yield Row(section="integrity", id=check.id, measure="detail", value=check.detail, basis=MEASURED)


def _texts(section: str, of: str, texts: Iterable[tuple[str, Any]], basis: str) -> Iterator[Row]:
    for measure, value in texts:
        yield Row(section=section, id=of, measure=measure, value=value, basis=basis)


def _risks(review: Review) -> Iterator[Row]:
    for risk in review.risks:
        names = (
            "title",
            "family",
            "status",
            "evidence",
            "mitigation",
            "escalation",
            "owner",
            "due",
            "document",
        )
        yield from _texts("risk", risk.id, ((name, getattr(risk, name)) for name in names), DERIVED)


def _plan(review: Review) -> Iterator[Row]:
    yield Row(section="plan", id="plan", measure="phase", value=review.plan.phase)
    for item in review.plan.exit_criteria:
        texts = (("met", item.met), ("evidence", item.evidence))
        yield from _texts("plan", item.id, texts, DERIVED)


def _record(review: Review) -> Iterator[Row]:
    record, currency = review.record, review.roi.currency
    for waiver in record.waivers:
        said: tuple[tuple[str, Any], ...] = (
            ("applied", waiver.applied),
            ("reading", words.waiver_sentence(waiver, review)),
        )
        yield from _texts("waiver", waiver.guardrail, said, STATED)
    for stated in record.attestations:
        said = (("holds", stated.holds), ("reading", words.attestation_sentence(stated)))
        yield from _texts("attestation", stated.kind, said, STATED)
    if record.plan is not None:
        said = (("fingerprint", record.plan.fingerprint), ("reading", words.locked_plan_sentence(review)))
        yield from _texts("plan", "locked", said, STATED)
        for one in record.plan.deviations:
            departs = words.deviation_sentence(one, currency)
            yield from _texts("plan", one.setting, (("deviation", departs),), STATED)
    if record.audit_head is not None:
        yield Row(section="review", id="review", measure="audit_head", value=record.audit_head, basis=STATED)


def _inputs(review: Review) -> Iterator[Row]:
    for _, name, value, origin in particulars.setting_rows(review):
        raw = review.inputs.scenario[name]
        plain = raw if isinstance(raw, int | float | bool | None) else value
        unit = "" if isinstance(plain, str) else _unit(name, review.roi.currency)
        yield Row(section="setting", id=name, measure="value", value=plain, unit=unit, basis=origin)
    for file in review.inputs.files:
        names = ("kind", "lines", "accepted", "rejected", "hash")
        yield from _texts("file", file.name, ((name, getattr(file, name)) for name in names), MEASURED)
    for measure, text in (
        ("made_at", review.made_at),
        ("software", f"{review.software.name} {review.software.version}"),
        ("format", review.version),
        ("review_hash", particulars.fingerprint(review)),
    ):
        yield Row(section="review", id="review", measure=measure, value=text)
