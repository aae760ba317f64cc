"""The review's tables with numbers as numbers: for the workbook, and as CSV files in the archive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from recsys_roi.render import words
from recsys_roi.render.pack.contents import particulars
from recsys_roi.render.pack.contents.blocks import Cell, cells, met_cell, status_cell
from recsys_roi.render.pack.contents.chapters import by_urgency
from recsys_roi.review.document import Estimate, Guardrail, Kpi, Review, Slice
from recsys_roi.verdict.check import ORDER

Style = Literal["money", "share", "number", "whole"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """A number and how it is shown; None where there is no figure."""

    value: float | None
    style: Style


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A titled table of text and numbers."""

    name: str
    title: str
    header: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[Cell | Number, ...], ...]


def sheets(review: Review) -> Iterator[Sheet]:
    """Every table of the review that has rows."""
    return (sheet for sheet in every_sheet(review) if sheet.rows)


def every_sheet(review: Review) -> Iterator[Sheet]:
    """Every table, those without rows too."""
    makers = (
        *(_lift, _guardrails, _slices, _money, _waiting),
        *(_risks, _plan, _record, _integrity, _settings, _files),
    )
    return (make(review) for make in makers)


def _share(value: float | None) -> Number:
    return Number(value=value, style="share")


def _money_of(value: float | None) -> Number:
    return Number(value=value, style="money")


def _number(value: float | None) -> Number:
    return Number(value=value, style="number")


def _whole(value: int | None) -> Number:
    return Number(value=value, style="whole")


def _ends(found: Estimate | None) -> tuple[Number, Number, Number]:
    if found is None:
        return (_share(None), _share(None), _share(None))
    return (_share(found.estimate), _share(found.lower), _share(found.upper))


def _lift(review: Review) -> Sheet:
    figures = ("Lift", "Lower", "Upper", "Counted lift", "Chance of better")
    return Sheet(
        name="Lift",
        title="KPIs: always-valid ranges of the relative lift",
        header=("KPI", "Primary", "Unit", "Control", "Candidate", *figures, "Reading"),
        widths=(26, 9, 20, 12, 12, 10, 10, 10, 12, 12, 70),
        rows=tuple(_kpi_row(kpi, review.roi.currency) for kpi in review.kpis),
    )


def _kpi_row(kpi: Kpi, currency: str) -> tuple[Cell | Number, ...]:
    arm = _share if kpi.unit.startswith("share") else _number
    belief = kpi.counted
    return (
        Cell(text=words.capitalised(words.kpi_name(kpi.id)), strong=kpi.primary),
        *cells("yes" if kpi.primary else "no", kpi.unit),
        arm(kpi.control),
        arm(kpi.candidate),
        *_ends(kpi.relative_lift),
        _share(None if belief is None else belief.mean),
        _share(None if belief is None else belief.p_better),
        Cell(text=words.kpi_sentence(kpi, currency)),
    )


def _guardrails(review: Review) -> Sheet:
    figures = ("Control", "Candidate", "Harm", "Lower", "Upper", "Limit")
    return Sheet(
        name="Guardrails",
        title="Guardrails: positive harm is worse",
        header=("Guardrail", "Status", "Unit of the arms", *figures, "Unit of harm", "Reading"),
        widths=(26, 18, 18, 12, 12, 10, 10, 10, 10, 18, 70),
        rows=tuple(_guardrail_row(guardrail) for guardrail in review.guardrails),
    )


def _guardrail_row(guardrail: Guardrail) -> tuple[Cell | Number, ...]:
    arm = _share if guardrail.arm_unit.startswith("share") else _number
    return (
        Cell(text=words.capitalised(words.guardrail_name(guardrail.id)), strong=True),
        status_cell(guardrail.status),
        Cell(text=guardrail.arm_unit),
        arm(guardrail.control),
        arm(guardrail.candidate),
        *_ends(guardrail.harm),
        _share(guardrail.margin),
        *cells(guardrail.unit, words.guardrail_sentence(guardrail)),
    )


def _slices(review: Review) -> Sheet:
    figures = ("Users", "Lift", "Lower", "Upper", "Counted lift", "Adjusted p")
    return Sheet(
        name="Slices",
        title="Slices of the primary KPI",
        header=("Key", "Value", *figures, "Harmed", "Reading"),
        widths=(18, 34, 12, 10, 10, 10, 12, 12, 14, 70),
        rows=tuple(_slice_row(part) for part in review.slices),
    )


def _slice_row(part: Slice) -> tuple[Cell | Number, ...]:
    harmed = "cannot tell" if part.relative_lift is None else "yes" if part.harm else "no"
    return (
        *cells(part.key, part.value),
        _whole(part.users),
        *_ends(part.relative_lift),
        _share(part.shrunken),
        _number(part.adjusted_p),
        Cell(text=harmed, tone="act" if part.harm else None),
        Cell(text=words.slice_sentence(part)),
    )


def _money(review: Review) -> Sheet:
    roi = review.roi
    figures = (
        ("Net present value", _money_of(roi.npv)),
        ("Low case (one chance in ten of less)", _money_of(roi.p10)),
        ("Middle case", _money_of(roi.p50)),
        ("High case (one chance in ten of more)", _money_of(roi.p90)),
        ("Chance of making money", _share(roi.p_npv_positive)),
        ("Return on the costs", _share(roi.roi)),
        ("Break-even lift", _share(roi.break_even_lift)),
        ("Payback in months", _number(roi.payback_months)),
        *(
            (f"Value when {words.setting_name(bar.input)} is {side} ({bar.basis})", _money_of(value))
            for bar in roi.tornado
            for side, value in (("low", bar.low), ("high", bar.high))
        ),
    )
    return Sheet(
        name="Money",
        title=f"Money as the review has it ({roi.currency}); the sheet Result follows the inputs",
        header=("Figure", "Value"),
        widths=(64, 20),
        rows=tuple((Cell(text=label), number) for label, number in figures),
    )


def _waiting(review: Review) -> Sheet:
    return Sheet(
        name="Waiting",
        title=f"What more weeks of the same pilot are worth ({review.roi.currency})",
        header=("More weeks", "Worth", "Cost of delay", "Worth less cost", "Chance of another answer"),
        widths=(14, 18, 18, 18, 26),
        rows=tuple(
            (
                _whole(row.weeks),
                _money_of(row.evsi),
                _money_of(row.delay_cost),
                _money_of(row.net),
                _share(row.p_flip),
            )
            for row in review.waiting.rows
        ),
    )


def _risks(review: Review) -> Sheet:
    return Sheet(
        name="Risks",
        title="Risks, the worst first",
        header=(
            "Risk",
            "Status",
            "Family",
            "Evidence",
            "Mitigation",
            "Escalation",
            "Owner",
            "Due",
            "Document",
        ),
        widths=(34, 14, 22, 46, 46, 46, 16, 14, 40),
        rows=tuple(
            (
                Cell(text=risk.title, strong=True),
                status_cell(risk.status),
                *cells(risk.family, risk.evidence, risk.mitigation, risk.escalation),
                *cells(risk.owner or "nobody is named", risk.due or "no date", risk.document),
            )
            for risk in by_urgency(review.risks)
        ),
    )


def _plan(review: Review) -> Sheet:
    return Sheet(
        name="Plan",
        title=f"Exit criteria. Phase: {review.plan.phase or 'not known'}",
        header=("Exit criterion", "Status", "Evidence"),
        widths=(44, 16, 90),
        rows=tuple(
            (Cell(text=item.title, strong=True), met_cell(item.met), Cell(text=item.evidence))
            for item in review.plan.exit_criteria
        ),
    )


def _record(review: Review) -> Sheet:
    return Sheet(
        name="Record",
        title="What people agreed and stated",
        header=("Stated",),
        widths=(140,),
        rows=tuple(cells(line) for line in particulars.record_lines(review)),
    )


def _integrity(review: Review) -> Sheet:
    return Sheet(
        name="Integrity",
        title="Checks on the logs, failures first",
        header=("Check", "Status", "Value", "Unit", "Threshold", "Unit of threshold", "Found", "What to do"),
        widths=(36, 16, 14, 16, 14, 18, 80, 50),
        rows=tuple(
            (
                Cell(text=words.check_title(check.id), strong=True),
                status_cell(check.status, words.check_status_word(check.status)),
                _number(check.value),
                Cell(text=words.check_units(check.id)[0]),
                _number(check.threshold),
                *cells(words.check_units(check.id)[1], check.detail, check.fix),
            )
            for check in sorted(review.integrity, key=lambda check: ORDER[check.status])
        ),
    )


def _settings(review: Review) -> Sheet:
    return Sheet(
        name="Settings",
        title=f"Every setting. {words.changes_sentence(review)}",
        header=("Setting", "Name", "Value", "From"),
        widths=(44, 34, 44, 12),
        rows=tuple(cells(*row) for row in particulars.setting_rows(review)),
    )


def _files(review: Review) -> Sheet:
    return Sheet(
        name="Files",
        title=f"Files that were read; the review is {particulars.fingerprint(review)}",
        header=("File", "Kind", "Lines", "Accepted", "Rejected", "Hash"),
        widths=(40, 18, 14, 14, 14, 80),
        rows=tuple(
            (
                *cells(file.name, file.kind),
                *(_whole(count) for count in (file.lines, file.accepted, file.rejected)),
                Cell(text=file.hash),
            )
            for file in review.inputs.files
        ),
    )
