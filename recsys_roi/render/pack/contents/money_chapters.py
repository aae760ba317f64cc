"""The report's sections on money: value, what moves it, and what waiting is worth."""

from __future__ import annotations

import plotly.graph_objects as go

from recsys_roi.render import charts, words
from recsys_roi.render.pack.contents.blocks import (
    Cell,
    Column,
    Picture,
    Section,
    Table,
    cells,
    filled,
    heading,
    sentences,
)
from recsys_roi.render.palette import Palette
from recsys_roi.review.document import Review, Roi

NONE = "-"


def roi_section(review: Review) -> Section:
    """The formula, the sentences, three pictures, the cases and the months."""
    roi = review.roi
    formula = words.formula_sentence(review) if words.formula_factors(review) else None
    return Section(
        title="Value and return",
        blocks=filled(
            sentences(*words.money_sentences(review), style="list"),
            sentences(formula),
            _cash(roi) if roi.months else None,
            heading("How likely, and what moves it") if roi.p50 is not None or roi.tornado else None,
            _spread(roi) if roi.p50 is not None else None,
            _tornado(roi) if roi.tornado else None,
            heading("Low, middle and high case") if roi.p50 is not None else None,
            case_table(roi),
            heading("Where the value is zero") if roi.break_even is not None else None,
            zero_table(review),
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


def zero_table(review: Review) -> Table:
    """The value of each input at which the pilot neither earns nor loses, the others as they are."""
    roi, found = review.roi, review.roi.break_even
    columns = (
        Column(title="Input", part=2),
        Column(title="Value is zero at", right=True),
        Column(title="Now"),
    )
    if found is None:
        return Table(columns=columns, rows=())
    counts_money = review.primary is not None and review.primary.unit.startswith("money")
    priced = () if counts_money else (("value_per_action", found.value_per_action),)
    names = (*priced, (found.traffic_setting, found.traffic))
    lift = NONE if roi.lift is None else words.percent(roi.lift)
    at = NONE if found.lift is None else words.percent(found.lift)
    cost, most = (
        NONE if value is None else words.money(value, roi.currency) for value in (roi.pv_cost, found.cost)
    )
    return Table(
        columns=columns,
        rows=(
            cells("Lift", at, lift),
            *(
                cells(
                    words.capitalised(words.setting_name(name)), _at(review, name, value), _now(review, name)
                )
                for name, value in names
            ),
            cells("Costs (present value)", most, cost),
        ),
    )


def _at(review: Review, name: str, value: float | None) -> str:
    shown = None if value is None else float(f"{value:.4g}")
    return "no allowed value" if shown is None else words.setting_value(name, shown, review.roi.currency)


def _now(review: Review, name: str) -> str:
    value = review.inputs.scenario.get(name)
    return NONE if value is None else words.setting_value(name, value, review.roi.currency)


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
    said = sentences(words.waiting_line(review), words.run_time_sentence(review.waiting), style="list")
    return Section(title="Waiting", blocks=filled(said, waiting_table(review)))


def waiting_table(review: Review) -> Table:
    """Each wait that is offered, with its worth, its cost and the chance that it changes the answer."""
    currency, best = review.roi.currency, review.waiting.best_weeks
    titles = ("Worth", "Cost of delay", "Worth less cost", "Another answer")
    return Table(
        columns=(
            Column(title="More weeks", part=0.8),
            *(Column(title=title, right=True) for title in titles),
        ),
        rows=tuple(
            tuple(
                Cell(text=text, strong=row.weeks == best)
                for text in (
                    f"{row.weeks} (best)" if row.weeks == best else f"{row.weeks}",
                    *(words.money(value, currency) for value in (row.evsi, row.delay_cost, row.net)),
                    words.chance(row.p_flip),
                )
            )
            for row in review.waiting.rows
        ),
    )
