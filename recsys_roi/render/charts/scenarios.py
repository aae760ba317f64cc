"""Scenarios side by side: each one's value with its spread, on one axis with zero."""

from __future__ import annotations

import plotly.graph_objects as go

from recsys_roi.render import words
from recsys_roi.render.charts.template import figure, money_ticks, safe, see_through, short
from recsys_roi.render.palette import Palette
from recsys_roi.review.comparing import Comparison

COMPARED_TITLE = "Which scenario is worth what?"
ROW_HEIGHT = 64
FRAME_HEIGHT = 170


def comparison_chart(found: Comparison, palette: Palette) -> go.Figure:
    """A line a scenario: from one chance in ten below to one in ten above, a diamond at the value."""
    rows = list(zip(found.names, *(found.figure(name) for name in ("npv", "p10", "p90")), strict=True))
    shown = [value for _, *values in rows for value in values if value is not None]
    chart = figure(
        palette,
        COMPARED_TITLE,
        "Diamond: the value. Bar: eight chances in ten, where the lift is uncertain.",
        height=FRAME_HEIGHT + ROW_HEIGHT * len(rows),
    )
    for place, (name, npv, low, high) in enumerate(rows):
        if npv is not None:
            _row(chart, palette, name, (npv, low, high), y=-place, currency=found.currencies[place])
    span = max([0.0, *shown]) - min([0.0, *shown]) or 1.0
    limits = (min([0.0, *shown]) - 0.14 * span, max([0.0, *shown]) + 0.14 * span)
    chart.add_vline(x=0, line={"color": palette.text, "width": 2, "dash": "dash"})
    chart.add_annotation(x=0, y=1, yref="paper", yanchor="bottom", text="break even")
    currency = short(found.currencies[0], 8)
    chart.update_xaxes(
        title_text=f"Value ({currency}, present value)",
        range=list(limits),
        **money_ticks(*limits),
    )
    chart.update_yaxes(
        showgrid=False,
        range=[-len(rows) + 0.4, 0.6],
        tickmode="array",
        tickvals=[-place for place in range(len(rows))],
        ticktext=[short(name, 24) for name in found.names],
        tickfont={"color": palette.text},
    )
    chart.update_layout(showlegend=False, margin_t=96)
    return chart


def _row(
    chart: go.Figure,
    palette: Palette,
    name: str,
    figures: tuple[float, float | None, float | None],
    *,
    y: float,
    currency: str,
) -> None:
    npv, low, high = figures
    said = words.money(npv, currency)
    hover = f"<b>{safe(name)}</b><br>{said}<extra></extra>"
    if low is not None and high is not None and low < high:
        chart.add_trace(
            go.Scatter(
                x=[low, high],
                y=[y, y],
                mode="lines",
                line={"color": palette.candidate, "width": 14},
                opacity=0.45,
                hoverinfo="skip",
            )
        )
    marker = {"symbol": "diamond", "size": 15, "color": palette.candidate}
    marker["line"] = {"color": palette.background, "width": 2}
    chart.add_trace(go.Scatter(x=[npv], y=[y], mode="markers", marker=marker, name=name, hovertemplate=hover))
    chart.add_annotation(
        x=npv, y=y, text=words.tile_money(npv, currency), yshift=22, bgcolor=see_through(palette)
    )
