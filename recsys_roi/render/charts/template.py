"""What every chart shares: one template, text made safe and wrapped, ticks in words, the hatched box."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from math import ceil, floor, isclose, log10
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from recsys_roi.numerals import written
from recsys_roi.render import words
from recsys_roi.render.palette import Palette

FONT = '"IBM Plex Sans", "DejaVu Sans", sans-serif'
BASE_SIZE = 14
TITLE_SIZE = 17
EDGE = 0.02  # of an axis without a tick at either end, where its text would be cut
LABEL_LIMIT = 40  # characters of a label that came from a log
SAME = 1e-6  # of the larger of two amounts: nearer ones are drawn as one
MONEY_TICKS = 5  # on an axis of amounts, about
LEAST_DIGITS, MOST_DIGITS = 3, 15  # significant ones of an amount on an axis


@cache
def template(palette: Palette) -> go.layout.Template:
    """The one template of every chart; show charts without another theme over it."""
    axis = {
        "automargin": True,
        "gridcolor": palette.grid,
        "linecolor": palette.grid,
        "zeroline": False,
        "fixedrange": True,
        "tickfont": {"color": palette.muted, "size": BASE_SIZE},
        "title": {"font": {"color": palette.text, "size": BASE_SIZE}, "standoff": 12},
    }
    return go.layout.Template(
        layout={
            "colorway": list(palette.colorway),
            "font": {"family": FONT, "size": BASE_SIZE, "color": palette.text},
            "title": {
                "font": {"size": TITLE_SIZE, "color": palette.text, "weight": 600},
                "subtitle": {"font": {"size": BASE_SIZE, "color": palette.muted}},
                "x": 0,
                "xref": "container",
                "xanchor": "left",
                "yref": "container",
                "y": 1,
                "yanchor": "top",
                "pad": {"t": 6, "l": 2},
            },
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 12, "r": 12, "t": 64, "b": 48},
            "xaxis": axis,
            "yaxis": axis,
            "legend": {
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "yref": "container",
                "y": 0,
                "yanchor": "bottom",
                "font": {"color": palette.text, "size": BASE_SIZE},
            },
            "hoverlabel": {
                "bgcolor": palette.surface,
                "bordercolor": palette.muted,
                "font": {"family": FONT, "size": BASE_SIZE, "color": palette.text},
                "align": "left",
            },
            "annotationdefaults": {
                "showarrow": False,
                "font": {"family": FONT, "size": BASE_SIZE, "color": palette.text},
            },
            "dragmode": False,
            "separators": f"{written('0.0')[1]}{written('1,000')[1]}",
        }
    )


def figure(palette: Palette, title: str, subtitle: str = "", *, height: int) -> go.Figure:
    """An empty chart with its title; `height` in pixels, the width is the page's."""
    chart = go.Figure(_validate=False)  # half the time of every chart; the tests validate each of them
    chart.update_layout(
        template=template(palette),
        height=height,
        title={"text": safe(title), "subtitle": {"text": safe(subtitle)}},
    )
    if subtitle:
        chart.update_layout(margin_t=80)
    return chart


@dataclass(frozen=True, slots=True)
class Parts:
    """What a chart is put together from; gathered first, since plotly is slow at adding one by one."""

    traces: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)

    def points(self, **given: Any) -> None:
        """Points, joined or filled or not: a trace of plotly's type scatter."""
        self.traces.append({"type": "scatter", **given})

    def shape(self, **given: Any) -> None:
        """A line or a box."""
        self.shapes.append(given)

    def annotation(self, **given: Any) -> None:
        """Text; an attribute that is None is left to the template."""
        self.annotations.append({name: value for name, value in given.items() if value is not None})


def put_together(
    palette: Palette, title: str, subtitle: str, parts: Parts, **layout: int | bool | Mapping[str, Any]
) -> go.Figure:
    """A chart of these parts at once, with its title; `layout` gives its height in pixels and its axes."""
    return go.Figure(
        data=parts.traces,
        layout={
            "template": template(palette),
            "title": {"text": safe(title), "subtitle": {"text": safe(subtitle)}},
            "shapes": parts.shapes,
            "annotations": parts.annotations,
            **layout,
        },
        _validate=False,
    )


def safe(text: str) -> str:
    """Text for a chart: nothing in it is read as markup."""
    return escape(" ".join(text.split()), quote=False)


def wrapped(text: str, width: int) -> str:
    """Safe text broken into lines of at most `width` characters."""
    return "<br>".join(safe(line) for line in wrap(" ".join(text.split()), width)) or ""


def short(text: str, limit: int = LABEL_LIMIT) -> str:
    """Safe text cut to `limit` characters, with an ellipsis where it was cut."""
    whole = " ".join(text.split())
    return safe(whole if len(whole) <= limit else whole[: limit - 1] + "…")


def see_through(palette: Palette) -> str:
    """The background at four fifths, under a label that a line may cross."""
    red, green, blue = (int(palette.background[index : index + 2], 16) for index in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.8)"


def ticks(low: float, high: float, text: Callable[[float], str], about: int = 7) -> dict[str, object]:
    """Round tick places between two ends with their texts, as axis properties; zero is one when inside."""
    places = _round_places(low, high, about)
    return {"tickmode": "array", "tickvals": places, "ticktext": [text(place) for place in places]}


def apart(low: float, high: float) -> tuple[float, float]:
    """The ends of an axis of amounts; moved apart where they are next to the same, so that ticks fit in."""
    size = max(abs(low), abs(high))
    if high - low > SAME * size:
        return (low, high)
    return (low - 0.05 * size, high + 0.05 * size) if size else (-1.0, 1.0)


def money_ticks(low: float, high: float) -> dict[str, object]:
    """`ticks` of an amount, each with all its digits: 127.5k and 128k, where three digits say 128k twice."""
    digits = money_digits(low, high)
    return ticks(low, high, lambda place: words.compact(place, digits), MONEY_TICKS)


def money_digits(low: float, high: float) -> int:
    """Significant digits that every tick between two amounts needs, at least three."""
    places = _round_places(low, high, MONEY_TICKS)
    return next(
        digits
        for digits in range(LEAST_DIGITS, MOST_DIGITS + 1)
        if digits == MOST_DIGITS or all(isclose(float(f"{place:.{digits}g}"), place) for place in places)
    )


def _round_places(low: float, high: float, about: int) -> list[float]:
    rough = (high - low) / about
    size = 10.0 ** floor(log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough)
    inner = (low + EDGE * (high - low), high - EDGE * (high - low))
    return [round(step * index, 12) for index in range(ceil(inner[0] / step), floor(inner[1] / step) + 1)]


def hatched_box(
    chart: go.Figure,
    palette: Palette,
    reason: str,
    *,
    x: tuple[float, float],
    y: tuple[float, float],
    width: int,
) -> None:
    """A hatched box with the reason, where there is nothing to measure; `width` in characters."""
    parts = Parts()
    hatch(parts, palette, reason, x=x, y=y, width=width)
    chart.add_traces(parts.traces)
    for note in parts.annotations:
        chart.add_annotation(note)


def hatch(
    parts: Parts,
    palette: Palette,
    reason: str,
    *,
    x: tuple[float, float],
    y: tuple[float, float],
    width: int,
) -> None:
    """The hatched box of `hatched_box`, among the parts of a chart."""
    parts.points(
        x=[x[0], x[1], x[1], x[0], x[0]],
        y=[y[0], y[0], y[1], y[1], y[0]],
        mode="lines",
        fill="toself",
        line={"color": palette.muted, "width": 1},
        fillpattern={
            "shape": "/",
            "size": 9,
            "solidity": 0.18,
            "fgcolor": palette.muted,
            "bgcolor": palette.cannot_tell.ground,
        },
        name="not measurable",
        hoverinfo="skip",
        showlegend=False,
    )
    parts.annotation(
        x=(x[0] + x[1]) / 2,
        y=(y[0] + y[1]) / 2,
        text=wrapped(reason, width),
        bgcolor=palette.cannot_tell.ground,
        font={"color": palette.cannot_tell.text},
        borderpad=5,
    )
