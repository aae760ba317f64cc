"""The report's sections on money: value, what moves it, and what waiting is worth."""

from __future__ import annotations

from datetime import datetime

import plotly.graph_objects as go

from recsys_roi.render import charts, words
from recsys_roi.render.pack.contents.blocks import (
    Block,
    Cell,
    Column,
    Lines,
    Picture,
    Section,
    Table,
    cells,
    filled,
    heading,
    sentences,
)
from recsys_roi.render.palette import Palette
from recsys_roi.review.comparing import BASE, Comparison, compare, preset_scenarios
from recsys_roi.review.document import Review, Roi
from recsys_roi.review.evaluate import evaluate
from recsys_roi.review.saved import known_scenario
from recsys_roi.value.scenario import Scenario

OTHER_VERSION = "Not counted: the settings of this review are of another version of the software."


def roi_section(review: Review) -> Section:
    """The formula, the sentences, three pictures, the cases and the months."""
    roi = review.roi
    return Section(
        title="Value and return",
        blocks=filled(
            sentences(*words.money_sentences(review), style="list"),
            sentences(words.formula_line(review)),
            _cash(roi) if roi.months else None,
            heading("How likely, and what moves it") if roi.p50 is not None or roi.tornado else None,
            _spread(roi) if roi.p50 is not None else None,
            _tornado(roi) if roi.tornado else None,
            heading("Low, middle and high case") if roi.p50 is not None else None,
            case_table(roi),
            heading("What breaks even, each alone") if roi.break_even is not None else None,
            _break_even(review),
            _map(roi),
            *_scenarios(review),
            heading("What it costs") if roi.pv_costs is not None else None,
            cost_table(roi),
            heading("Month by month") if roi.months else None,
            month_table(roi),
        ),
    )


def _cash(roi: Roi) -> Picture:
    return Picture(name="cash", draw=lambda palette: charts.cash_chart(roi, palette), alt=words.cash_alt(roi))


def _spread(roi: Roi) -> Picture:
    return Picture(name="spread", draw=lambda palette: charts.npv_chart(roi, palette), alt=words.npv_alt(roi))


def _tornado(roi: Roi) -> Picture:
    def draw(palette: Palette) -> go.Figure:
        return charts.tornado_chart(roi, palette)

    return Picture(name="tornado", draw=draw, alt=words.tornado_alt(roi))


def _break_even(review: Review) -> Lines | None:
    roi = review.roi
    if roi.break_even is None:
        return None
    return sentences(*words.break_even_lines(roi.break_even, roi, review.inputs.scenario), style="list")


def _map(roi: Roi) -> Picture | None:
    found = roi.heat_map
    if found is None:
        return None

    def draw(palette: Palette) -> go.Figure:
        return charts.heat_chart(roi, found, palette)

    return Picture(name="map", draw=draw, alt=words.heat_alt(roi, found))


def comparison_of(review: Review, scenario: Scenario) -> Comparison | None:
    """The review beside plans with the lift at its low end and at its high end."""
    made = datetime.fromisoformat(review.made_at)
    presets = preset_scenarios(review, scenario)
    if not presets:
        return None
    plans = [
        (f"{name} lift", evaluate(None, preset, as_of=made, flips=False))
        for name, preset in presets.items()
        if name != BASE
    ]
    return compare([("This review", review), *plans])


def _scenarios(review: Review) -> tuple[Block, ...]:
    title, scenario = heading("Scenarios side by side"), known_scenario(review)
    if scenario is None:
        return (title, sentences(OTHER_VERSION, style="quiet"))
    found = comparison_of(review, scenario)
    if found is None:
        return ()
    rows = words.comparison_rows(found)
    figures = rows[: len(rows) - len(found.settings)]  # the presets' own settings say the lift once more
    return (
        title,
        Picture(
            name="scenarios",
            draw=lambda palette: charts.comparison_chart(found, palette),
            alt=words.comparison_alt(found),
        ),
        Table(
            columns=(
                Column(title="Figure", part=1.3),
                *(Column(title=name, right=True) for name in found.names),
            ),
            rows=tuple((Cell(text=name, strong=True), *cells(*values)) for name, *values in figures),
        ),
    )


def case_table(roi: Roi) -> Table:
    """The value with one chance in ten of less, the middle, and one chance in ten of more."""
    cases = (
        ("Low case", roi.p10, "one chance in ten of less"),
        ("Middle case", roi.p50, "as likely more as less"),
        ("High case", roi.p90, "one chance in ten of more"),
    )
    return Table(
        columns=(Column(title="Case"), Column(title="Value", right=True), Column(title="Meaning", part=2)),
        rows=tuple(
            cells(name, words.money(value, roi.currency), meaning)
            for name, value, meaning in cases
            if value is not None
        ),
    )


def cost_table(roi: Roi) -> Table:
    """Present value of what is still to be paid, by kind."""
    costs = roi.pv_costs
    rows = (
        ()
        if costs is None or roi.pv_cost is None
        else (
            cells("Engineering", words.money(costs.engineering, roi.currency)),
            cells("Operations", words.money(costs.operations, roi.currency)),
            cells("Infrastructure", words.money(costs.infrastructure, roi.currency)),
            (
                Cell(text="Together", strong=True),
                Cell(text=words.money(roi.pv_cost, roi.currency), strong=True),
            ),
        )
    )
    return Table(columns=(Column(title="Cost", part=2), Column(title="Present value", right=True)), rows=rows)


def month_table(roi: Roi) -> Table:
    """Benefit, cost, net and cumulative money by month, not discounted."""
    titles = ("Benefit", "Cost", "Net", "Cumulative")
    return Table(
        columns=(Column(title="Month", part=0.5, right=True), *(Column(title=t, right=True) for t in titles)),
        rows=tuple(
            cells(
                f"{flow.month}",
                *(
                    words.money(value, roi.currency)
                    for value in (flow.benefit, flow.cost, flow.net, flow.cumulative)
                ),
            )
            for flow in roi.months
        ),
    )


def waiting_section(review: Review) -> Section | None:
    """What more weeks of the same pilot cost and are worth."""
    if review.experiment is None:
        return None
    lines = (words.waiting_line(review), words.knowing_sentence(review), words.run_time_sentence(review))
    said = sentences(*filter(None, lines), style="list")
    return Section(title="Waiting", blocks=filled(said, waiting_table(review)))


def waiting_table(review: Review) -> Table:
    """Each wait that is offered, with its worth, its cost and the chance that it changes the answer."""
    weeks, *titles = words.WAIT_COLUMNS
    best = review.waiting.best_weeks
    return Table(
        columns=(Column(title=weeks, part=0.8), *(Column(title=title, right=True) for title in titles)),
        rows=tuple(
            tuple(Cell(text=text, strong=row.weeks == best) for text in texts)
            for row, texts in zip(review.waiting.rows, words.wait_rows(review), strict=True)
        ),
    )
