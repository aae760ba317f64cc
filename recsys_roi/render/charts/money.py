"""Charts of the money: cash by month, the spread of the value, and what moves it."""

from __future__ import annotations

from itertools import pairwise
from math import exp

import plotly.graph_objects as go

from recsys_roi.render import words
from recsys_roi.render.charts.template import (
    apart,
    figure,
    hatched_box,
    money_digits,
    money_ticks,
    see_through,
    short,
)
from recsys_roi.render.palette import Palette
from recsys_roi.review.document import Roi, Spread, Tornado
from recsys_roi.value.distributions import Z90

CASH_TITLE = "When does it pay back?"
NPV_TITLE = "How likely is it to make money?"
TORNADO_TITLE = "What moves the value most?"
CURVE_POINTS = 161
CURVE_SPREAD = 3.2  # standard deviations drawn each side
ZERO_REACH = 7.0  # standard deviations from the middle beyond which zero is left off
NORMAL_TOLERANCE = 0.02  # of the spread: percentiles further off come from other inputs, so no bell is drawn
BAR_HEIGHT = 40


def cash_chart(roi: Roi, palette: Palette) -> go.Figure:
    """Net cash of each month as bars, cumulative cash as a line, and the moment in which it turns."""
    if not roi.months:
        return _not_measurable(roi, palette, CASH_TITLE)
    chart = figure(palette, CASH_TITLE, words.payback_sentence(roi), height=400)
    first, last = roi.months[0], roi.months[-1]
    totals = [first.cumulative - first.net, *(flow.cumulative for flow in roi.months)]
    chart.add_trace(_net_bars(roi, palette))
    chart.add_trace(_cumulative_line(roi, palette, totals))
    if roi.payback_months is not None:
        chart.add_trace(_payback_mark(roi.payback_months, palette))
    values = [*totals, *(flow.net for flow in roi.months), 0.0]
    span = max(values) - min(values) or 1.0
    limits = (min(values) - 0.06 * span, max(values) + 0.1 * span)
    chart.update_yaxes(**_money_axis(f"Cash ({short(roi.currency, 8)}, not discounted)", limits))
    chart.update_xaxes(
        title_text="Month after launch",
        range=[first.month - 1.6, last.month + 0.6],
        dtick=_month_step(len(roi.months)),
        showgrid=False,
    )
    chart.add_hline(y=0, line={"color": palette.muted, "width": 1}, layer="below")
    chart.update_layout(margin_b=84, bargap=0.35)
    return chart


def _net_bars(roi: Roi, palette: Palette) -> go.Bar:
    return go.Bar(
        x=[flow.month for flow in roi.months],
        y=[flow.net for flow in roi.months],
        name="net in the month",
        marker={"color": palette.control, "opacity": 0.55},
        hovertemplate=[
            f"Month {flow.month}: {words.money(flow.net, roi.currency)} net<extra></extra>"
            for flow in roi.months
        ],
    )


def _cumulative_line(roi: Roi, palette: Palette, totals: list[float]) -> go.Scatter:
    start = roi.months[0].month - 1
    return go.Scatter(
        x=[start, *(flow.month for flow in roi.months)],
        y=totals,
        mode="lines+markers",
        name="cumulative",
        line={"color": palette.candidate, "width": 3},
        marker={"size": 6},
        hovertemplate=[
            f"After month {start + index}: {words.money(total, roi.currency)}<extra></extra>"
            for index, total in enumerate(totals)
        ],
    )


def _payback_mark(months: float, palette: Palette) -> go.Scatter:
    return go.Scatter(
        x=[months],
        y=[0],
        mode="markers",
        marker={
            "symbol": "diamond",
            "size": 15,
            "color": palette.ok.text,
            "line": {"color": palette.background, "width": 2},
        },
        name="paid back",
        hovertemplate=f"Paid back after {words.number(months, 2)} months<extra></extra>",
    )


def _month_step(months: int) -> int:
    return 1 if months <= 18 else 3 if months <= 36 else 6


def _money_axis(title: str, limits: tuple[float, float]) -> dict[str, object]:
    ends = apart(*limits)
    return {"title_text": title, "range": list(ends), **money_ticks(*ends)}


def npv_chart(roi: Roi, palette: Palette) -> go.Figure:
    """How likely each value is: its spread, the middle, one chance in ten each side, and zero."""
    if roi.npv is None or roi.p10 is None or roi.p50 is None or roi.p90 is None:
        return _not_measurable(roi, palette, NPV_TITLE)
    places = (roi.p10, roi.p50, roi.p90)
    odds = "" if roi.p_npv_positive is None else words.chance_sentence(roi.p_npv_positive)
    chart = figure(palette, NPV_TITLE, odds, height=330)
    bell = _normal_sd(roi, places)
    limits = _value_limits(places, bell)
    if bell is not None:
        _bell(chart, palette, roi.p50, bell, limits)
    elif roi.spread is not None and roi.spread.shares:
        limits = _bins(chart, palette, roi.spread)
    else:
        chart.add_trace(_middle_bar(palette, places))
    flat = bell is None and not (roi.spread and roi.spread.shares)
    _percentile_marks(chart, palette, roi.currency, places, 0.55 if flat else 0.0)
    if limits[0] < 0 < limits[1]:
        _break_even(chart, palette)
    title = f"Value over {words.counted(len(roi.months), 'month')} ({short(roi.currency, 8)}, present value)"
    chart.update_xaxes(**_money_axis(title, limits))
    chart.update_yaxes(visible=False, range=[-0.55, 1.08])
    chart.update_layout(showlegend=False, margin_t=96)
    return chart


def _normal_sd(roi: Roi, places: tuple[float, float, float]) -> float | None:
    """The value's standard deviation when only the lift is uncertain; None when other inputs are too."""
    if roi.pv_per_unit_lift is None or not roi.lift_sd or roi.npv is None:
        return None
    sd = abs(roi.pv_per_unit_lift) * roi.lift_sd
    normal = (roi.npv - Z90 * sd, roi.npv, roi.npv + Z90 * sd)
    off = max(abs(given - found) for given, found in zip(places, normal, strict=True))
    return sd if sd > 0 and off <= NORMAL_TOLERANCE * sd else None


def _value_limits(places: tuple[float, float, float], bell: float | None) -> tuple[float, float]:
    low, middle, high = places
    spread = bell or (high - low) / (2 * Z90) or abs(middle) / 2 or 1.0
    ends = (middle - CURVE_SPREAD * spread, middle + CURVE_SPREAD * spread)
    if abs(middle) > ZERO_REACH * spread:
        return ends
    return min(ends[0], -0.5 * spread), max(ends[1], 0.5 * spread)


def _bell(chart: go.Figure, palette: Palette, mean: float, sd: float, limits: tuple[float, float]) -> None:
    """The normal density, 1 at its top: losses and gains in their own tints."""
    low, high = limits
    step = (high - low) / (CURVE_POINTS - 1)
    grid = [low + step * index for index in range(CURVE_POINTS)]
    for sign, colour, name in ((-1, palette.act, "loses"), (1, palette.ok, "makes money")):
        zero = [0.0] if low < 0 < high else []
        places = sorted({*(place for place in grid if place * sign >= 0), *zero})
        chart.add_trace(
            go.Scatter(
                x=places,
                y=[exp(-(((place - mean) / sd) ** 2) / 2) for place in places],
                mode="lines",
                fill="tozeroy",
                fillcolor=colour.ground,
                line={"color": colour.text, "width": 2},
                name=name,
                hoverinfo="skip",
            )
        )


def _bins(chart: go.Figure, palette: Palette, spread: Spread) -> tuple[float, float]:
    """The distribution as drawn, 1 at its top; a bin that zero lies in is divided there. Gives the axis."""
    parts: dict[bool, list[tuple[float, float, float]]] = {False: [], True: []}
    top = max(spread.shares)
    for (low, high), share in zip(pairwise(spread.edges), spread.shares, strict=True):
        for start, end in ((low, min(high, 0.0)), (max(low, 0.0), high)):
            if start < end:
                parts[start >= 0].append((start, end, share / top))
    for gains, colour, name in ((False, palette.act, "loses"), (True, palette.ok, "makes money")):
        chosen = parts[gains]
        chart.add_trace(
            go.Bar(
                x=[(start + end) / 2 for start, end, _ in chosen],
                width=[end - start for start, end, _ in chosen],
                y=[height for _, _, height in chosen],
                marker={"color": colour.ground, "line": {"color": colour.text, "width": 1}},
                name=name,
                hoverinfo="skip",
            )
        )
    room = 0.04 * (spread.edges[-1] - spread.edges[0])
    low, high = min(spread.edges[0], 0.0), max(spread.edges[-1], 0.0)
    near = ZERO_REACH * spread.sd >= abs(spread.mean)
    return (low - room, high + room) if near else (spread.edges[0] - room, spread.edges[-1] + room)


def _middle_bar(palette: Palette, places: tuple[float, float, float]) -> go.Scatter:
    return go.Scatter(
        x=[places[0], places[2]],
        y=[0.55, 0.55],
        mode="lines",
        line={"color": palette.candidate, "width": 20},
        opacity=0.45,
        name="eight chances in ten",
        hoverinfo="skip",
    )


def _percentile_marks(
    chart: go.Figure, palette: Palette, currency: str, places: tuple[float, float, float], y: float
) -> None:
    said = ("1 in 10 below", "middle", "1 in 10 above")
    chart.add_trace(
        go.Scatter(
            x=list(places),
            y=[y] * 3,
            mode="markers",
            marker={
                "symbol": ["circle", "diamond", "circle"],
                "size": [12, 16, 12],
                "opacity": 1,
                "color": [palette.background, palette.candidate, palette.background],
                "line": {"color": palette.candidate, "width": 3},
            },
            name="percentiles",
            hovertemplate=[
                f"{name} {words.money(place, currency)}<extra></extra>"
                for name, place in zip(said, places, strict=True)
            ],
        )
    )
    amounts = [words.tile_money(place, currency) for place in places]
    if len(set(amounts)) < len(set(places)):  # too near each other for a short amount to tell them apart
        amounts = [words.money(place, currency) for place in places]
    for name, amount, place, row in zip(said, amounts, places, (0, 1, 0), strict=True):
        chart.add_annotation(
            x=place,
            y=y,
            yanchor="top",
            yshift=-13 - 24 * row,
            text=f"{name} {amount}",
            bgcolor=see_through(palette),
        )


def _break_even(chart: go.Figure, palette: Palette) -> None:
    line = {"color": palette.text, "width": 2, "dash": "dash"}
    chart.add_shape(type="line", x0=0, x1=0, yref="paper", y0=0, y1=1, line=line)
    chart.add_annotation(x=0, y=1, yref="paper", yanchor="bottom", text="break even")


def tornado_chart(roi: Roi, palette: Palette) -> go.Figure:
    """What moves the value most: one bar an input, from its low to its high; assumed inputs are hatched."""
    if not roi.tornado or roi.npv is None:
        return _not_measurable(roi, palette, TORNADO_TITLE)
    bars = sorted(roi.tornado, key=lambda bar: bar.swing)
    subtitle = f"Value when one input moves, from {words.about_money(roi.npv, roi.currency)}"
    chart = figure(palette, TORNADO_TITLE, subtitle, height=200 + BAR_HEIGHT * len(bars))
    for basis, pattern in (("measured", ""), ("assumed", "/")):
        chosen = [bar for bar in bars if bar.basis == basis]
        if chosen:
            chart.add_trace(_swings(chosen, roi, palette, basis, pattern))
    ends = [end for bar in bars for end in (bar.low, bar.high)] + [roi.npv]
    span = max(ends) - min(ends) or 1.0
    near = min(ends) - span <= 0 <= max(ends) + span
    shown = [*ends, 0.0] if near else ends
    reach = max(shown) - min(shown) or 1.0
    limits = (min(shown) - 0.2 * reach, max(shown) + 0.16 * reach)
    for bar in bars:
        _swing_ends(chart, palette, bar, money_digits(*apart(*limits)))
    if near:
        _break_even(chart, palette)
    chart.add_vline(x=roi.npv, line={"color": palette.text, "width": 1})
    chart.update_xaxes(**_money_axis(f"Value ({short(roi.currency, 8)}, present value)", limits))
    chart.update_yaxes(
        showgrid=False,
        categoryorder="array",
        categoryarray=[_input_label(bar) for bar in bars],
        tickfont={"color": palette.text},
        ticklabelstandoff=8,
    )
    chart.update_layout(barmode="overlay", bargap=0.35, margin_b=84, margin_t=96, showlegend=True)
    return chart


def _input_label(bar: Tornado) -> str:
    return short(words.capitalised(words.setting_name(bar.input)), 30)


def _swings(bars: list[Tornado], roi: Roi, palette: Palette, basis: str, pattern: str) -> go.Bar:
    return go.Bar(
        orientation="h",
        y=[_input_label(bar) for bar in bars],
        base=[min(bar.low, bar.high) for bar in bars],
        x=[abs(bar.high - bar.low) for bar in bars],
        name=basis,
        marker={
            "color": palette.surface if pattern else palette.candidate,
            "line": {"color": palette.candidate, "width": 1.5},
            "pattern": {"shape": pattern, "fgcolor": palette.candidate, "size": 8, "solidity": 0.3},
        },
        hovertemplate=[
            f"{_input_label(bar)} ({basis}): {words.money(bar.low, roi.currency)} to "
            f"{words.money(bar.high, roi.currency)}<extra></extra>"
            for bar in bars
        ],
    )


def _swing_ends(chart: go.Figure, palette: Palette, bar: Tornado, digits: int) -> None:
    left, right = sorted((bar.low, bar.high))
    for value, anchor, shift in ((left, "right", -5), (right, "left", 5)):
        chart.add_annotation(
            x=value,
            y=_input_label(bar),
            text=words.compact(value, digits),
            xanchor=anchor,
            xshift=shift,
            bgcolor=see_through(palette),
        )


def _not_measurable(roi: Roi, palette: Palette, title: str) -> go.Figure:
    chart = figure(palette, title, height=260)
    reason = words.not_measurable_sentence(roi.reason, "the value")
    hatched_box(chart, palette, reason, x=(0, 1), y=(0.1, 0.9), width=60)
    chart.update_xaxes(visible=False, range=[-0.02, 1.02])
    chart.update_yaxes(visible=False, range=[0, 1])
    return chart
