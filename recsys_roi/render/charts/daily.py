"""Charts by day: the primary KPI's lift as it stood each evening, and a guardrail's single days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import chain, pairwise
from typing import Any

import plotly.graph_objects as go

from recsys_roi.render import words
from recsys_roi.render.charts.interval_chart import Reference
from recsys_roi.render.charts.template import Parts, figure, hatch, put_together, safe, see_through, ticks
from recsys_roi.render.palette import Palette
from recsys_roi.review.document import Estimate, Guardrail, Kpi

PATH_TITLE = "How did the lift stand each evening?"
TREND_HEIGHT = 130
SETTLED = 0.5  # of the days, the later ones, must fit the axis; the first ones, wide open, are cut
ROOM = 0.12  # of the axis beyond what must fit
NAME_HEIGHT, NAME_WIDTH = 0.12, 0.35  # of the axes, which the words at a reference take
DASHED = "- - "  # ties words that stand off their line to it


def path_chart(kpi: Kpi, reference: Reference | None, palette: Palette) -> go.Figure:
    """The lift and its always-valid range at the end of each day, with no change and break-even as lines."""
    days = [(day.day, day.relative_lift) for day in kpi.path if day.relative_lift is not None]
    parts, margin = Parts(), {"t": 80}
    subtitle = "Band: always-valid, so that looking every day is allowed."
    if not days:
        reason = kpi.path[-1].reason if kpi.path else kpi.reason
        said = words.not_measurable_sentence(reason or "missing", words.kpi_name(kpi.id))
        hatch(parts, palette, said, x=(0.0, 1.0), y=(0.0, 1.0), width=60)
        hidden = {"visible": False, "range": [0, 1]}  # given, so that paper and stills can draw it too
        return put_together(
            palette, PATH_TITLE, subtitle, parts, height=380, margin=margin, xaxis=hidden, yaxis=hidden
        )
    low, high = _limits([lift for _, lift in days], reference)
    _band(parts, palette, days, (low, high))
    _level(parts, 0, {"color": palette.muted, "width": 1}, layer="below")
    if reference is not None and low < reference.value < high:
        _level(parts, reference.value, {"color": palette.text, "width": 2, "dash": "dash"}, layer="above")
        _name(parts, palette, reference, [lift for _, lift in days], (low, high))
    # Eight hours of air, so that the marks and names of the first and last day are not cut.
    ends = [f"{_day_before(kpi.path[0].day)}T16:00", f"{kpi.path[-1].day}T08:00"]
    return put_together(
        palette,
        PATH_TITLE,
        subtitle,
        parts,
        height=380,
        margin=margin,
        xaxis={"range": ends, "showgrid": False, **_day_ticks([day.day for day in kpi.path])},
        yaxis={
            "title": {"text": "Lift so far (%)"},
            "range": [low, high],
            **ticks(low, high, words.percent_tick, 5),
        },
        showlegend=False,
    )


def _level(parts: Parts, value: float, line: dict[str, Any], *, layer: str) -> None:
    """A line across the plot at a lift."""
    ends = {"x0": 0, "x1": 1, "y0": value, "y1": value}
    parts.shape(type="line", xref="x domain", yref="y", line=line, layer=layer, **ends)


def _name(
    parts: Parts,
    palette: Palette,
    reference: Reference,
    lifts: Sequence[Estimate],
    limits: tuple[float, float],
) -> None:
    """The reference's words: at that corner of its line where they are clearest, else off the line."""
    height = NAME_HEIGHT * (limits[1] - limits[0])
    near = max(1, round(NAME_WIDTH * len(lifts)))
    sides = {"left": lifts[: near + 1], "right": lifts[-near - 1 :]}
    clear = {
        (side, bottom): _clear(part, bottom, height, limits)
        for side, part in sides.items()
        for bottom in (reference.value, reference.value - height)
    }
    side, bottom = max(clear, key=lambda corner: clear[corner])
    above = bottom >= reference.value
    words_at = {
        "text": safe(reference.label),
        "y": reference.value,
        "yanchor": "bottom" if above else "top",
        "yshift": 2 if above else -2,
    }
    free = _free_places(sides, reference.value, height, limits)
    if clear[side, bottom] <= 0.0 and free:
        side, middle = min(free, key=lambda place: abs(place[1] - reference.value))
        words_at = {"text": f"{DASHED}{safe(reference.label)}", "y": middle, "yanchor": "middle"}
    parts.annotation(
        **words_at,
        x=0 if side == "left" else 1,
        xref="x domain",
        xanchor=side,
        bgcolor=see_through(palette),
        borderpad=0,
    )


def _free_places(
    sides: Mapping[str, Sequence[Estimate]], level: float, height: float, limits: tuple[float, float]
) -> list[tuple[str, float]]:
    """Side and middle of each place at the ends of the plot where words touch no line."""
    bottoms = [limits[0] + step * height / 2 for step in range(int(2 / NAME_HEIGHT))]
    return [
        (side, bottom + height / 2)
        for side, part in sides.items()
        for bottom in bottoms
        if _clear(part, bottom, height, limits) > 0.0 and not bottom <= level <= bottom + height
    ]


def _clear(lifts: Sequence[Estimate], bottom: float, height: float, limits: tuple[float, float]) -> float:
    """How far the words are from the lines that pass by them; below 0 where they leave the axis."""
    top = bottom + height
    if bottom < limits[0] or top > limits[1]:
        return -1.0
    lines = [
        [lift.estimate for lift in lifts],
        [lift.lower for lift in lifts if lift.lower is not None],
        [lift.upper for lift in lifts if lift.upper is not None],
    ]
    if any(min(pair) < bottom and max(pair) > top for line in lines for pair in pairwise(line)):
        return 0.0
    return min(max(0.0, bottom - value, value - top) for value in (0.0, *chain.from_iterable(lines)))


def _limits(lifts: Sequence[Estimate], reference: Reference | None) -> tuple[float, float]:
    settled = lifts[int(len(lifts) * SETTLED) :]
    held = [0.0, *(lift.estimate for lift in settled)]
    held += [end for lift in settled for end in (lift.lower, lift.upper) if end is not None]
    low, high = min(held), max(held)
    if reference is not None and low - 0.5 * (high - low) < reference.value < high + 0.5 * (high - low):
        low, high = min(low, reference.value), max(high, reference.value)
    room = ROOM * (high - low or 0.02)
    return low - room, high + room


def _band(
    parts: Parts,
    palette: Palette,
    days: Sequence[tuple[str, Estimate]],
    limits: tuple[float, float],
) -> None:
    """The range as a filled band cut at the axis, the estimates on it."""
    low, high = limits
    places = [day for day, _ in days]
    lowers = [low if lift.lower is None else max(low, lift.lower) for _, lift in days]
    uppers = [high if lift.upper is None else min(high, lift.upper) for _, lift in days]
    hover = [f"{words.day(day)}: {safe(words.range_sentence(lift))}<extra></extra>" for day, lift in days]
    edge = {"color": palette.candidate, "width": 1}
    parts.points(
        x=[*places, *reversed(places)],
        y=[*uppers, *reversed(lowers)],
        mode="none",
        fill="toself",
        fillcolor=_tint(palette),
        name="range",
        hoverinfo="skip",
    )
    for name, ends in (("high end", uppers), ("low end", lowers)):
        parts.points(x=places, y=ends, mode="lines", line=edge, name=name, hoverinfo="skip")
    parts.points(
        x=places,
        y=[lift.estimate for _, lift in days],
        mode="lines+markers",
        line={"color": palette.candidate, "width": 3},
        marker={
            "size": 8,
            "color": palette.background,
            "line": {"color": palette.candidate, "width": 2},
        },
        name="measured",
        hovertemplate=hover,
    )


def trend_chart(guardrail: Guardrail, palette: Palette) -> go.Figure:
    """Single days of both arms in little room: the control dashed, the candidate solid."""
    chart = figure(palette, "", height=TREND_HEIGHT)
    days = [day.day for day in guardrail.trend]
    arms = (
        ("control", [day.control for day in guardrail.trend], palette.control, "dash"),
        ("candidate", [day.candidate for day in guardrail.trend], palette.candidate, "solid"),
    )
    for name, values, colour, dash in arms:
        chart.add_trace(
            go.Scatter(
                x=days,
                y=values,
                mode="lines",
                line={"color": colour, "width": 2, "dash": dash},
                name=name,
                hovertemplate=[
                    f"{words.day(day)}, {name}: {safe(words.arm_value(guardrail, value))}<extra></extra>"
                    if value is not None
                    else ""
                    for day, value in zip(days, values, strict=True)
                ],
            )
        )
    known = [value for _, values, *_ in arms for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    room = ROOM * (high - low or abs(high) or 1.0)
    chart.update_yaxes(range=[low - room, high + room], **_ends(guardrail, low, high))
    chart.update_xaxes(
        showgrid=False,
        tickmode="array",
        tickvals=days[:: max(1, len(days) - 1)],
        ticktext=[words.day(day, days[-1]) for day in days[:: max(1, len(days) - 1)]],
    )
    chart.update_layout(showlegend=False, margin={"l": 4, "r": 28, "t": 8, "b": 4})
    return chart


def _ends(guardrail: Guardrail, low: float, high: float) -> dict[str, object]:
    places = [low, high] if high > low else [low]
    return {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": [safe(words.arm_value(guardrail, place)) for place in places],
    }


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _day_ticks(days: Sequence[str]) -> dict[str, object]:
    """At most seven days by name, the last one among them."""
    step = max(1, -(-len(days) // 7))
    places = list(days[::-1][::step])[::-1]
    return {"tickmode": "array", "tickvals": places, "ticktext": [words.day(day, days[-1]) for day in places]}


def _tint(palette: Palette) -> str:
    red, green, blue = (int(palette.candidate[index : index + 2], 16) for index in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"
