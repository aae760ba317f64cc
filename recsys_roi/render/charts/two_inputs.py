"""The map of two inputs: what the value would be, and the line on which it is nothing."""

from __future__ import annotations

from math import copysign, log10, sqrt

import plotly.graph_objects as go

from recsys_roi.render import words
from recsys_roi.render.charts.template import BASE_SIZE, figure, safe, see_through, short
from recsys_roi.render.palette import Palette
from recsys_roi.review.document import HeatMap, Roi

PALE = 1.8
MAP_TITLE = "What if two inputs change together?"
TICKS = (0.25, 0.5, 1.0, 2.0, 4.0)  # of the present value


def heat_chart(roi: Roi, found: HeatMap, palette: Palette) -> go.Figure:
    """Value over both inputs on logarithmic axes, a dashed break-even line, and where we stand."""
    chart = figure(palette, MAP_TITLE, words.heat_sentence(roi, found), height=430)
    chart.add_trace(_surface(roi, found, palette))
    if found.line:
        chart.add_trace(_line(found, palette))
    chart.add_trace(_here(found, palette))
    _region_words(chart, palette, found)
    for axis, name, now, update in (
        (found.x, found.x_input, found.x_now, chart.update_xaxes),
        (found.y, found.y_input, found.y_now, chart.update_yaxes),
    ):
        shown = [now * part for part in TICKS if axis[0] <= now * part * (1 + 1e-9) <= axis[-1] * (1 + 2e-9)]
        update(
            type="log",
            title_text=safe(words.capitalised(words.setting_name(name))),
            range=[log10(axis[0]), log10(axis[-1])],
            tickmode="array",
            tickvals=shown,
            ticktext=[short(words.axis_value(name, place, roi.currency), 16) for place in shown],
            showgrid=False,
        )
    chart.update_layout(showlegend=False, margin_t=96)
    return chart


def _surface(roi: Roi, found: HeatMap, palette: Palette) -> go.Heatmap:
    reach = max(abs(value) for row in found.npv for value in row) or 1.0
    depth = 1.0 if found.line else PALE  # a map of one colour need not shout
    marks = (-reach, -reach / 4, 0.0, reach / 4, reach)
    named = [safe(words.setting_name(name)) for name in (found.x_input, found.y_input)]
    return go.Heatmap(
        x=list(found.x),
        y=list(found.y),
        z=[[_shade(value, reach) for value in row] for row in found.npv],
        zmin=-depth,
        zmax=depth,
        colorscale=[
            [0.0, palette.act.text],
            [0.5, palette.background],
            [1.0, palette.candidate],
        ],
        zsmooth="best",
        colorbar={
            "title": {
                "text": f"Value ({short(roi.currency, 8)})",
                "side": "top",
                "font": {"color": palette.text, "size": BASE_SIZE},
            },
            "tickvals": [_shade(mark, reach) for mark in marks],
            "ticktext": [words.compact(mark) for mark in marks],
            "thickness": 14,
            "len": 0.84,
            "y": 0.4,
            "ticks": "",
            "outlinewidth": 0,
            "tickfont": {"color": palette.text, "size": BASE_SIZE},
        },
        customdata=[
            [
                [
                    words.money(value, roi.currency),
                    words.axis_value(found.x_input, x, roi.currency),
                    words.axis_value(found.y_input, y, roi.currency),
                ]
                for x, value in zip(found.x, row, strict=True)
            ]
            for y, row in zip(found.y, found.npv, strict=True)
        ],
        hovertemplate=(
            f"%{{customdata[0]}}<br>{named[0]} %{{customdata[1]}}<br>{named[1]} %{{customdata[2]}}"
            "<extra></extra>"
        ),
        name="value",
    )


def _shade(value: float, reach: float) -> float:
    """The place on the colour scale, by the root of the size: a small loss must not look like nothing."""
    return copysign(sqrt(abs(value) / reach), value)


def _line(found: HeatMap, palette: Palette) -> go.Scatter:
    return go.Scatter(
        x=[x for x, _ in found.line],
        y=[y for _, y in found.line],
        mode="lines",
        line={"color": palette.text, "width": 3, "dash": "dash"},
        name="break even",
        hoverinfo="skip",
    )


def _here(found: HeatMap, palette: Palette) -> go.Scatter:
    return go.Scatter(
        x=[found.x_now],
        y=[found.y_now],
        mode="markers",
        marker={
            "symbol": "diamond",
            "size": 16,
            "color": palette.text,
            "line": {"color": palette.background, "width": 2},
        },
        name="now",
        hoverinfo="skip",
    )


def _region_words(chart: go.Figure, palette: Palette, found: HeatMap) -> None:
    """What each side of the line means, where that side is on the map."""
    if not found.line:
        said = "loses money" if found.npv[0][0] < 0 else "makes money"
        chart.add_annotation(
            xref="paper",
            x=0.5,
            y=log10(found.y[-2]),
            text=f"{said} everywhere on this map",
            yanchor="top",
            bgcolor=see_through(palette),
            borderpad=3,
        )
        return
    corners = ((found.x[1], found.y[1], found.npv[1][1]), (found.x[-2], found.y[-2], found.npv[-2][-2]))
    for (x, y, value), anchors in zip(corners, (("left", "bottom"), ("right", "top")), strict=True):
        chart.add_annotation(
            x=log10(x),
            y=log10(y),
            text="loses money" if value < 0 else "makes money",
            xanchor=anchors[0],
            yanchor=anchors[1],
            bgcolor=see_through(palette),
            borderpad=3,
        )
    x, y = found.line[len(found.line) // 5]
    chart.add_annotation(
        x=log10(x),
        y=log10(y),
        text="break even",
        xanchor="left",
        xshift=8,
        yshift=8,
        bgcolor=see_through(palette),
        borderpad=2,
    )
