"""The report's sections on what was measured: lift, slices, guardrails, risks, plan."""

from __future__ import annotations

import plotly.graph_objects as go

from recsys_roi.numerals import full
from recsys_roi.render import charts, intervals, words
from recsys_roi.render.pack.contents import particulars
from recsys_roi.render.pack.contents.blocks import (
    Block,
    Cell,
    Column,
    Picture,
    Section,
    Table,
    cells,
    filled,
    heading,
    met_cell,
    sentences,
    status_cell,
)
from recsys_roi.render.palette import Palette
from recsys_roi.review.document import EvaluationNote, Guardrail, Kpi, Review, Risk, Slice
from recsys_roi.verdict.risks import ORDER


def verdict_section(review: Review) -> Section:
    """Every reason and every line that would change the verdict."""
    reasons = words.reason_sentences(review)
    flips = words.flip_sentences(review)
    return Section(
        title="Verdict and reasons",
        blocks=filled(
            sentences(words.verdict_headline(review) + ".", words.verdict_sentence(review)),
            sentences(*reasons, style="list"),
            sentences(f"Rule: {review.decision.rule_label}.", style="quiet"),
            heading("What would change it") if flips else None,
            sentences(*flips, style="list"),
        ),
    )


def lift_section(review: Review) -> Section | None:
    """The primary KPI's interval, its readings, and all KPIs."""
    primary = review.primary
    if primary is None:
        return None
    rows = intervals.kpi_rows(primary)

    def draw(palette: Palette) -> go.Figure:
        title = "How large is the lift?"
        line = charts.break_even_line(review)
        return charts.interval_chart(rows, "relative_lift", "no change", line, palette=palette, title=title)

    def draw_path(palette: Palette) -> go.Figure:
        return charts.path_chart(primary, charts.break_even_line(review), palette)

    said = words.path_sentences(primary)
    return Section(
        title="Lift",
        blocks=filled(
            Picture(name="lift", draw=draw, alt=words.intervals_alt(rows)),
            sentences(
                words.difference_sentence(primary, review.roi.currency),
                words.kpi_sentence(primary, review.roi.currency),
                *words.belief_sentences(primary),
                words.fixed_horizon_sentence(primary),
                style="list",
            ),
            Picture(name="path", draw=draw_path, alt=" ".join(said)) if primary.path else None,
            sentences(*said, style="list"),
            heading("All KPIs"),
            kpi_table(review),
            *side_by_side_blocks(review),
        ),
    )


def side_by_side_blocks(review: Review) -> tuple[Block, ...]:
    """Reports of recsys-eval that came with the logs, beside our figures."""
    if not review.evaluations:
        return ()
    tables = (
        (sentences(words.report_sentence(note)), _side_by_side_table(note)) for note in review.evaluations
    )
    caption = sentences(words.SIDE_BY_SIDE_CAPTION, style="quiet")
    return filled(heading("Beside recsys-eval"), *(block for pair in tables for block in pair), caption)


def _side_by_side_table(note: EvaluationNote) -> Table:
    return Table(
        columns=tuple(
            Column(title=title, part=part)
            for title, part in zip(words.SIDE_BY_SIDE_COLUMNS, (1.4, 1.6, 1.2, 1.5, 2.3), strict=True)
        ),
        rows=tuple(cells(*words.side_by_side_row(row)) for row in note.rows),
    )


def kpi_table(review: Review) -> Table:
    """Every KPI with both arms, measured and counted lift."""
    return Table(
        columns=(
            Column(title="KPI", part=1.5),
            Column(title="Control", right=True),
            Column(title="Candidate", right=True),
            Column(title="Measured", right=True, part=0.8),
            Column(title="Counted", right=True, part=0.8),
            Column(title="Reading", part=3.2),
        ),
        rows=tuple(_kpi_row(kpi, review.roi.currency) for kpi in review.kpis),
    )


def _kpi_row(kpi: Kpi, currency: str) -> tuple[Cell, ...]:
    name, *others = words.kpi_cells(kpi, currency)
    return (Cell(text=f"{name} (primary)" if kpi.primary else name, strong=kpi.primary), *cells(*others))


def slices_section(review: Review) -> Section | None:
    """Every slice as an interval and as a row."""
    if not review.slices:
        return None
    rows = intervals.slice_rows(review.slices)

    def draw(palette: Palette) -> go.Figure:
        title = "Does it hold for every group of users?"
        line = charts.break_even_line(review)
        return charts.interval_chart(rows, "relative_lift", "no change", line, palette=palette, title=title)

    return Section(
        title="Slices",
        blocks=(
            Picture(name="slices", draw=draw, alt=words.intervals_alt(rows)),
            slice_table(review),
        ),
    )


def slice_table(review: Review) -> Table:
    """Every slice with its users, whether it is harmed, and its reading."""
    return Table(
        columns=(
            Column(title="Slice", part=1.6),
            Column(title="Users", right=True, part=0.7),
            Column(title="Harmed", part=1.0),
            Column(title="Reading", part=3.2),
        ),
        rows=tuple(_slice_row(part) for part in review.slices),
    )


def _slice_row(part: Slice) -> tuple[Cell, ...]:
    harmed = (
        status_cell("cannot_tell")
        if part.relative_lift is None
        else status_cell("act", "Yes")
        if part.harm
        else Cell(text="no")
    )
    name, users, said = cells(words.slice_name(part), full(part.users), words.slice_sentence(part))
    return (name, users, harmed, said)


def guardrails_section(review: Review) -> Section | None:
    """Each guardrail's harm as a share of its limit, and its row."""
    if not review.guardrails:
        return None
    rows = intervals.guardrail_rows(review.guardrails)

    def draw(palette: Palette) -> go.Figure:
        limit = charts.Reference(value=1.0, label="limit")
        title = "How much of each limit is used up?"
        return charts.interval_chart(rows, "share_of_limit", "no harm", limit, palette=palette, title=title)

    return Section(
        title="Guardrails",
        blocks=(
            Picture(name="guardrails", draw=draw, alt=words.intervals_alt(rows)),
            guardrail_table(review),
        ),
    )


def guardrail_table(review: Review) -> Table:
    """Every guardrail with its status, both arms, its limit and its reading."""
    return Table(
        columns=(
            Column(title="Guardrail", part=1.3),
            Column(title="Status", part=1.3),
            Column(title="Control", right=True, part=0.8),
            Column(title="Candidate", right=True, part=0.85),
            Column(title="Limit", right=True, part=0.9),
            Column(title="Reading", part=2.8),
        ),
        rows=tuple(_guardrail_row(guardrail) for guardrail in review.guardrails),
    )


def _guardrail_row(guardrail: Guardrail) -> tuple[Cell, ...]:
    name, _, *others = words.guardrail_cells(guardrail)
    return (Cell(text=name, strong=True), status_cell(guardrail.status), *cells(*others))


def by_urgency(risks: tuple[Risk, ...]) -> list[Risk]:
    """Risks to act on first."""
    return sorted(risks, key=lambda risk: ORDER[risk.status])


def risks_section(review: Review) -> Section | None:
    """Every risk, the worst first, with what lowers it and when to call whom."""
    return Section(title="Risks", blocks=(risk_table(review),)) if review.risks else None


def risk_table(review: Review) -> Table:
    """Every risk: status, evidence, mitigation and escalation, owner with date and document."""
    return Table(
        columns=(
            Column(title="Risk", part=1.5),
            Column(title="Status", part=1.25),
            Column(title="Evidence", part=2.0),
            Column(title="Mitigation and escalation", part=2.6),
            Column(title="Owner, due, document", part=1.8),
        ),
        rows=tuple(_risk_row(risk) for risk in by_urgency(review.risks)),
    )


def _risk_row(risk: Risk) -> tuple[Cell, ...]:
    due = "no date" if risk.due is None else f"due {words.day(risk.due)}"
    owner = risk.owner or "No owner named"
    return (
        Cell(text=risk.title, strong=True),
        status_cell(risk.status),
        *cells(risk.evidence, f"{risk.mitigation} {risk.escalation}", f"{owner}, {due}. {risk.document}"),
    )


def plan_section(review: Review) -> Section:
    """Where the pilot stands against its exit criteria."""
    rows = tuple(
        (Cell(text=item.title, strong=True), met_cell(item.met), Cell(text=item.evidence))
        for item in review.plan.exit_criteria
    )
    columns = (
        Column(title="Exit criterion", part=2),
        Column(title="Status"),
        Column(title="Evidence", part=3),
    )
    phase = f"Phase: {review.plan.phase}." if review.plan.phase else None
    stated = particulars.record_lines(review)
    return Section(
        title="Plan",
        blocks=filled(
            sentences(phase, words.pilot_headline(review)),
            *_pilot_length(review),
            Table(columns=columns, rows=rows),
            heading("What people agreed and stated") if stated else None,
            sentences(*stated, style="list"),
        ),
    )


def _pilot_length(review: Review) -> tuple[Block, ...]:
    """Before the logs: how long each goal takes, and on what assumptions."""
    pilot = review.plan.pilot
    if pilot is None or review.experiment is not None:
        return ()
    columns = (
        Column(title="Assumed", part=2),
        Column(title="Value", right=True),
        Column(title="From", part=2.4),
    )
    return (
        sentences(*words.pilot_sentences(pilot), style="list"),
        Table(columns=columns, rows=tuple(cells(*row) for row in words.assumption_rows(review))),
    )
