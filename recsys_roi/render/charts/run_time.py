"""The power curve: how small a lift more days of the same pilot would show."""

from __future__ import annotations

import plotly.graph_objects as go

from recsys_roi.render import words
from recsys_roi.render.charts.interval_chart import Reference
from recsys_roi.render.charts.template import figure, safe, see_through, ticks
from recsys_roi.render.palette import Palette
from recsys_roi.review.document import RunTime, RunTimePoint

TITLE = "How small a lift would more days show?"
NAME_ROOM = 0.12  # of the axis: lines nearer to each other are named at different ends


def run_time_chart(run_time: RunTime, goals: list[Reference], palette: Palette) -> go.Figure:
    """Detectable lifts by days, looked at every day and once, with the lifts that matter as dashed lines."""
    chart = figure(palette, TITLE, "Solid: looked at every day. Dotted: once, on that day.", height=340)
    days = [point.days for point in run_time.curve]
    _line(chart, palette, run_time.curve, "every day", "solid")
    _line(chart, palette, run_time.curve, "once", "dot")
    lifts = [point.detectable_always_valid for point in run_time.curve]
    top = 1.1 * max(lifts, default=0.1)
    named = 0.0
    for goal in sorted(goals, key=lambda goal: goal.value):
        if 0 < goal.value < top:
            near = named > 0 and goal.value - named < NAME_ROOM * top
            named = 0.0 if near else goal.value
            chart.add_hline(
                y=goal.value,
                line={"color": palette.text, "width": 1, "dash": "dash"},
                annotation={"text": safe(goal.label), "bgcolor": see_through(palette), "borderpad": 0},
                annotation_position="top left" if near else "top right",
            )
    chart.update_xaxes(title_text="Days from the start", range=[0, days[-1] + 2], dtick=14, showgrid=False)
    chart.update_yaxes(
        title_text="Detectable lift (%)", range=[0, top], **ticks(0.0, top, words.percent_tick, 5)
    )
    chart.update_layout(showlegend=False)
    return chart


def _line(chart: go.Figure, palette: Palette, curve: tuple[RunTimePoint, ...], name: str, dash: str) -> None:
    every_day = name == "every day"
    chart.add_trace(
        go.Scatter(
            x=[point.days for point in curve],
            y=[point.detectable_always_valid if every_day else point.detectable_lift for point in curve],
            mode="lines+markers" if every_day else "lines",
            line={
                "color": palette.candidate if every_day else palette.control,
                "width": 3 if every_day else 2,
                "dash": dash,
            },
            marker={"size": 6},
            name=name,
            hovertemplate=[f"{safe(words.detectable_sentence(point))}<extra></extra>" for point in curve],
        )
    )
