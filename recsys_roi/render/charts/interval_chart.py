"""Rows of intervals on one axis: KPI readings, slices, guardrails as a share of their limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import plotly.graph_objects as go

from recsys_roi.render import words
from recsys_roi.render.charts.template import figure, hatched_box, safe, see_through, short, ticks, wrapped
from recsys_roi.render.intervals import IntervalRow, Unit
from recsys_roi.render.palette import Palette, Tone
from recsys_roi.review.document import Review

ROW_HEIGHT = 60
FRAME_HEIGHT = 176  # title, axis and its words
THIN_SHIFT = 0.26  # rows, from a label's main interval to its fixed-horizon one
OFF_CHART = 1.2  # widths of the axis beyond its end after which a line is left off
NEAR_RIGHT = 0.8  # share of the axis beyond which a line's label stands left of it
CLIP = 3.0  # median widths beyond the estimates after which an interval is cut and marked with an arrow
AXIS_TITLES: dict[Unit, str] = {
    "relative_lift": "Lift, candidate against control (%)",
    "share_of_limit": "Harm as a share of its limit (%; 100 % is the limit)",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """A dashed line with its name, such as the break-even lift or the limit."""

    value: float
    label: str
    needed: bool = True  # False: left off, and said, where it would crush the rows


def break_even_line(review: Review) -> Reference | None:
    """The break-even lift as a line, where some lift pays."""
    lift = review.roi.break_even_lift
    if lift is None or lift <= 0:
        return None
    return Reference(value=lift, label=f"break-even {words.percent(lift)}", needed=False)


def interval_chart(
    rows: Sequence[IntervalRow],
    unit: Unit,
    zero_line: str,
    reference: Reference | None = None,
    *,
    palette: Palette,
    title: str,
) -> go.Figure:
    """One line a label: the interval, the measured circle and, where used, the counted diamond.

    `rows` are in drawing order from the top, in units of 1 = 100 %; `zero_line` names the line at zero.
    Fixed-horizon rows share the line of their label; a row without an estimate becomes a hatched box.
    """
    labels = list(dict.fromkeys(row.label for row in rows))
    chart = figure(palette, title, _legend(rows), height=FRAME_HEIGHT + ROW_HEIGHT * max(1, len(labels)))
    low, high = _limits(rows, reference)
    off = reference is not None and not low <= reference.value <= high
    for row in rows:
        y = -labels.index(row.label) - (THIN_SHIFT if row.role == "fixed_horizon" else 0.0)
        if row.estimate is None:
            box = (low + 0.01 * (high - low), high - 0.01 * (high - low))
            hatched_box(chart, palette, row.note, x=box, y=(y - 0.32, y + 0.32), width=58)
        else:
            _interval(chart, palette, row, y=y, limits=(low, high))
            _figures(chart, palette, row, y=y, limits=(low, high))
    side = 0 if reference is None else -1 if reference.value >= 0 else 1
    _line(chart, 0.0, zero_line, palette.muted, side=side)
    if reference is not None and off:
        _off_chart(chart, reference.label, at=high if reference.value > 0 else low, right=reference.value > 0)
    elif reference is not None:
        near_right = (reference.value - low) / (high - low) > NEAR_RIGHT
        _line(
            chart,
            reference.value,
            reference.label,
            palette.text,
            side=-1 if near_right else -side,
            dash="dash",
        )
    text = words.percent_tick if unit == "relative_lift" else words.whole_percent
    chart.update_xaxes(title_text=AXIS_TITLES[unit], range=[low, high], **ticks(low, high, text))
    chart.update_yaxes(
        range=[-len(labels) + 0.45, 0.6],
        showgrid=False,
        tickmode="array",
        tickvals=[-index for index in range(len(labels))],
        ticktext=[short(label, 30) for label in labels],
        tickfont={"color": palette.text},
    )
    chart.update_layout(showlegend=False, margin_t=96)
    return chart


def _limits(rows: Sequence[IntervalRow], reference: Reference | None) -> tuple[float, float]:
    """The axis: all estimates, and interval ends unless they would crush the other rows."""
    held = [0.0] + [value for row in rows for value in (row.estimate, row.counted) if value is not None]
    if reference is not None and reference.needed:
        held.append(reference.value)
    ends = [end for row in rows for end in (row.lower, row.upper) if end is not None]
    widths = [row.upper - row.lower for row in rows if row.upper is not None and row.lower is not None]
    room = CLIP * median(widths) if widths else 0.0
    low, high = min(held), max(held)
    low = max(min([low, *ends]), low - room)
    high = min(max([high, *ends]), high + room)
    if reference is not None and low - OFF_CHART * (high - low) < reference.value < high + OFF_CHART * (
        high - low
    ):
        low, high = min(low, reference.value), max(high, reference.value)
    span = high - low or 0.02
    return low - 0.06 * span, high + 0.06 * span


def _interval(
    chart: go.Figure, palette: Palette, row: IntervalRow, *, y: float, limits: tuple[float, float]
) -> None:
    """The interval as a bar, its marks on it, and an arrow at an end that lies off the chart."""
    lower = limits[0] if row.lower is None else max(row.lower, limits[0])
    upper = limits[1] if row.upper is None else min(row.upper, limits[1])
    thin = row.role == "fixed_horizon"
    hover = f"<b>{safe(row.label)}</b><br>{wrapped(row.note, 60)}<extra></extra>"
    chart.add_trace(
        go.Scatter(
            x=[lower, upper],
            y=[y, y],
            mode="lines",
            line={"color": _colour(palette, row), "width": 3 if thin else 12},
            opacity=1.0 if thin else 0.5,
            name=row.label,
            hovertemplate=hover,
        )
    )
    for place, marker in _markers(palette, row, limits):
        chart.add_trace(
            go.Scatter(
                x=[place],
                y=[y],
                mode="markers",
                marker=marker,
                name=row.label,
                hovertemplate=hover,
                cliponaxis=False,
            )
        )


def _figures(
    chart: go.Figure, palette: Palette, row: IntervalRow, *, y: float, limits: tuple[float, float]
) -> None:
    """The row's figures above its interval, kept inside the chart."""
    if not row.text or row.estimate is None:
        return
    part = (row.estimate - limits[0]) / (limits[1] - limits[0])
    at, anchor = row.estimate, "center"
    if part < 0.3:
        at, anchor = limits[0] if row.lower is None else max(row.lower, limits[0]), "left"
    elif part > 0.7:
        at, anchor = limits[1] if row.upper is None else min(row.upper, limits[1]), "right"
    chart.add_annotation(
        x=at, y=y, text=safe(row.text), xanchor=anchor, yshift=18, bgcolor=see_through(palette), borderpad=0
    )


def _markers(
    palette: Palette, row: IntervalRow, limits: tuple[float, float]
) -> list[tuple[float, dict[str, object]]]:
    """Where the marks of a row stand and how they look: arrows, the hollow circle, the solid diamond."""
    colour = _colour(palette, row)
    thin = row.role == "fixed_horizon"
    found: list[tuple[float, dict[str, object]]] = []
    for end, edge, side in ((row.lower, limits[0], "left"), (row.upper, limits[1], "right")):
        if end is None or not limits[0] <= end <= limits[1]:
            found.append((edge, {"symbol": f"triangle-{side}", "size": 13, "color": colour}))
    if row.estimate is not None:
        ring = {"color": colour, "width": 2 if thin else 3}
        size = 8 if thin else 13
        found.append(
            (row.estimate, {"symbol": "circle", "size": size, "color": palette.background, "line": ring})
        )
    if row.counted is not None:
        ring = {"color": palette.background, "width": 1}
        found.append((row.counted, {"symbol": "diamond", "size": 12, "color": colour, "line": ring}))
    return found


def _colour(palette: Palette, row: IntervalRow) -> str:
    if row.role == "candidate":
        return palette.candidate
    if row.role == "fixed_horizon":
        return palette.control
    tone: Tone = row.role
    return palette.tone(tone).text


def _legend(rows: Sequence[IntervalRow]) -> str:
    """What the marks of these rows mean, in a line."""
    said = ["Circle: measured."] if any(row.estimate is not None for row in rows) else []
    if any(row.counted is not None for row in rows):
        said.append("Diamond: counted.")
    if any(row.role == "fixed_horizon" for row in rows):
        said.append("Thin: valid only on the planned end date.")
    return " ".join(said)


def _off_chart(chart: go.Figure, label: str, *, at: float, right: bool) -> None:
    """A line beyond the chart, as words at the edge it lies behind."""
    text = f"{safe(label)}, off the chart →" if right else f"← {safe(label)}, off the chart"
    anchor = "right" if right else "left"
    chart.add_annotation(x=at, yref="paper", y=1, yanchor="bottom", text=text, xanchor=anchor)


def _line(chart: go.Figure, x: float, label: str, colour: str, *, side: int, dash: str = "solid") -> None:
    """A vertical line with its label above it: left of it (-1), centred (0) or right of it (1)."""
    chart.add_shape(
        type="line",
        x0=x,
        x1=x,
        yref="paper",
        y0=0,
        y1=1,
        line={"color": colour, "width": 2 if dash == "dash" else 1, "dash": dash},
        layer="below",
    )
    anchor = {-1: "right", 0: "center", 1: "left"}[side]
    chart.add_annotation(
        x=x, yref="paper", y=1, yanchor="bottom", text=safe(label), xanchor=anchor, xshift=3 * side
    )
