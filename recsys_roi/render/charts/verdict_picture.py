"""The one picture of the verdict: the lift's range against zero and against the lift that pays for itself."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from recsys_roi.render import words
from recsys_roi.render.charts.template import Parts, hatch, put_together, safe, see_through, ticks
from recsys_roi.render.palette import Palette, StatusColour
from recsys_roi.review.document import Review

TITLE = "Is the lift large enough to pay for itself?"
BAR_Y = 0.38
MARK_SHIFT = 0.10
LABEL_SHIFT = 20  # pixels from a mark to its label
PADDING = 0.17  # of the range of the marks, room for the labels at its ends
OFF_CHART = 2.2  # break-even is left off when it would stretch the axis by more than this
MIDDLE = (
    (0.38, "gains but does not pay"),
    (0.25, "gains but<br>does not pay"),
    (0.15, "gains but<br>does not<br>pay"),
)
"""The middle zone's words, and from which share of the axis on they fit between its lines."""
ASSUMED_Z = 1.959963984540054


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """What is drawn on the lift axis; every value is a relative lift."""

    lower: float | None
    upper: float | None
    measured: float | None
    counted: float | None
    assumed: bool

    @property
    def places(self) -> list[float]:
        return [place for place in (self.lower, self.upper, self.measured, self.counted) if place is not None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """The visible part of the lift axis."""

    low: float
    high: float
    break_even: float | None  # None: no break-even lift above zero
    off_right: bool  # the break-even lift lies beyond `high`

    def part(self, place: float) -> float:
        """Where a lift lies on the axis, 0 to 1."""
        return (place - self.low) / (self.high - self.low)


def verdict_picture(review: Review, palette: Palette) -> go.Figure:
    """Relative lift with its three zones, the always-valid range, what was measured and what is counted.

    Where the lift cannot be measured, a hatched box gives the reason.
    """
    marks = _marks(review)
    axis = _axis(marks, review.roi.break_even_lift)
    parts = Parts()
    _zones(parts, palette, axis)
    if marks.places:
        colour = palette.cannot_tell.text if words.reliance_sentence(review) else palette.candidate
        _range(parts, palette, marks, colour)
        _points(parts, palette, marks, colour)
    else:
        span = axis.high - axis.low
        place = (axis.low + 0.04 * span, axis.high - 0.04 * span)
        hatch(parts, palette, _reason(review), x=place, y=(0.12, 0.66), width=60)
    _break_even(parts, palette, axis)
    return put_together(
        palette,
        TITLE,
        _subtitle(review, marks),
        parts,
        height=320,
        margin={"t": 96},
        showlegend=False,
        xaxis={
            "title": {"text": f"Lift in {_kpi_name(review)}, candidate against control (%)"},
            "range": [axis.low, axis.high],
            "showgrid": False,
            **ticks(axis.low, axis.high, words.percent_tick),
        },
        yaxis={"visible": False, "range": [0, 1]},
    )


def _kpi_name(review: Review) -> str:
    kpi_id = review.primary.id if review.primary else review.inputs.scenario.get("kpi")
    return safe(words.kpi_name(kpi_id)) if isinstance(kpi_id, str) and kpi_id else "the KPI"


def _marks(review: Review) -> Marks:
    roi, kpi = review.roi, review.primary
    if kpi is None:
        spread = None if roi.lift is None or not roi.lift_sd else ASSUMED_Z * roi.lift_sd
        return Marks(
            lower=None if spread is None or roi.lift is None else roi.lift - spread,
            upper=None if spread is None or roi.lift is None else roi.lift + spread,
            measured=None,
            counted=roi.lift,
            assumed=True,
        )
    lift = kpi.relative_lift
    if lift is None:
        return Marks(lower=None, upper=None, measured=None, counted=None, assumed=False)
    counted = roi.lift if roi.lift is not None else kpi.posterior.mean if kpi.posterior else None
    return Marks(lower=lift.lower, upper=lift.upper, measured=lift.estimate, counted=counted, assumed=False)


def _subtitle(review: Review, marks: Marks) -> str:
    rely = words.reliance_sentence(review)
    if rely:
        return "Do not rely on this: an integrity check failed."
    if marks.assumed:
        return "Assumed, not measured: there are no logs yet."
    return "The bar holds however often it is looked at." if marks.places else ""


def _reason(review: Review) -> str:
    return words.kpi_sentence(review.primary) if review.primary else "Nothing is measured yet: add logs."


def _axis(marks: Marks, break_even: float | None) -> Axis:
    pays = break_even if break_even is not None and break_even > 0 else None
    if not marks.places:
        size = pays or 0.02
        return Axis(low=-size, high=2 * size, break_even=pays, off_right=False)
    low, high = min(0.0, *marks.places), max(0.0, *marks.places)
    span = high - low or 0.02
    off = pays is not None and pays - low > OFF_CHART * span
    if pays is not None and not off:
        high = max(high, pays)
        span = high - low or 0.02
    return Axis(low=low - PADDING * span, high=high + PADDING * span, break_even=pays, off_right=off)


def _zones(parts: Parts, palette: Palette, axis: Axis) -> None:
    """Faint tints with a word each: loses, gains but does not pay, pays."""
    _zone(parts, palette.act, axis.low, 0.0)
    _word(parts, "loses", palette.act, x=0.0, xanchor="right", xshift=-8)
    if axis.break_even is None:
        _zone(parts, palette.ok, 0.0, axis.high)
        _word(parts, "gains", palette.ok, x=0.0, xanchor="left", xshift=8)
        return
    edge = axis.high if axis.off_right else axis.break_even
    _zone(parts, palette.watch, 0.0, edge)
    if not axis.off_right:
        _zone(parts, palette.ok, edge, axis.high)
        _word(parts, "pays", palette.ok, x=edge, xanchor="left", xshift=8)
    size = axis.part(edge) - axis.part(0.0)
    fitting = next((text for share, text in MIDDLE if size >= share), None)
    if fitting:
        _word(parts, fitting, palette.watch, x=edge / 2, xanchor="center")
        return
    part = axis.part(edge / 2)
    at = (0.0, "left", 4) if part < 0.22 else (edge, "right", -4) if part > 0.78 else (edge / 2, "center", 0)
    _word(parts, MIDDLE[0][1], palette.watch, x=at[0], xanchor=at[1], xshift=at[2], y=0.84, ground=True)


def _zone(parts: Parts, colour: StatusColour, low: float, high: float) -> None:
    parts.shape(
        type="rect", x0=low, x1=high, y0=0, y1=1, fillcolor=colour.ground, line={"width": 0}, layer="below"
    )


def _word(
    parts: Parts,
    text: str,
    colour: StatusColour,
    *,
    x: float,
    xanchor: str,
    xshift: int = 0,
    y: float = 0.98,
    ground: bool = False,
) -> None:
    parts.annotation(
        x=x,
        y=y,
        text=text,
        xanchor=xanchor,
        yanchor="top",
        xshift=xshift,
        font={"color": colour.text},
        bgcolor=colour.ground if ground else None,
    )


def _break_even(parts: Parts, palette: Palette, axis: Axis) -> None:
    """Zero as a thin line, the break-even lift as a dashed one with its label above the plot."""
    parts.shape(type="line", x0=0, x1=0, y0=0, y1=1, line={"color": palette.muted, "width": 1}, layer="below")
    if axis.break_even is None:
        return
    value = words.percent(axis.break_even)
    place = axis.high if axis.off_right else axis.break_even
    part = axis.part(place)
    label = f"break-even {value}, off the chart to the right →" if axis.off_right else f"break-even {value}"
    parts.annotation(
        x=place,
        y=1,
        yanchor="bottom",
        text=label,
        xanchor="right" if part > 0.8 else "left" if part < 0.2 else "center",
        yshift=3,
    )
    if not axis.off_right:
        parts.shape(
            type="line",
            x0=place,
            x1=place,
            y0=0,
            y1=1,
            line={"color": palette.text, "width": 2, "dash": "dash"},
        )


def _range(parts: Parts, palette: Palette, marks: Marks, colour: str) -> None:
    """The always-valid bar with its ends written beside it; an assumed one is a dotted line."""
    if marks.lower is None or marks.upper is None:
        return
    parts.points(
        x=[marks.lower, marks.upper],
        y=[BAR_Y, BAR_Y],
        mode="lines",
        line={
            "color": colour,
            "width": 3 if marks.assumed else 20,
            "dash": "dot" if marks.assumed else "solid",
        },
        opacity=1.0 if marks.assumed else 0.45,
        name="assumed range" if marks.assumed else "always-valid range",
        hovertemplate=f"{words.percent(marks.lower)} to {words.percent(marks.upper)}<extra></extra>",
    )
    for place, anchor, shift in ((marks.lower, "right", -6), (marks.upper, "left", 6)):
        parts.annotation(
            x=place,
            y=BAR_Y,
            text=words.percent(place),
            xanchor=anchor,
            xshift=shift,
            bgcolor=see_through(palette),
        )


def _points(parts: Parts, palette: Palette, marks: Marks, colour: str) -> None:
    """The hollow dot above the bar is what was measured; the solid diamond below it is what is counted."""
    if marks.measured is not None:
        marker = {
            "symbol": "circle",
            "size": 15,
            "color": palette.background,
            "line": {"color": colour, "width": 3},
        }
        _mark(parts, palette, "measured", marks.measured, marker=marker, above=True)
    if marks.counted is not None:
        said = "assumed" if marks.assumed else "counted"
        marker = {
            "symbol": "diamond",
            "size": 16,
            "color": colour,
            "line": {"color": palette.background, "width": 1},
        }
        _mark(parts, palette, said, marks.counted, marker=marker, above=False)


def _mark(
    parts: Parts, palette: Palette, said: str, lift: float, *, marker: dict[str, object], above: bool
) -> None:
    text = f"{said} {words.percent(lift)}"
    y = BAR_Y + MARK_SHIFT if above else BAR_Y - MARK_SHIFT
    parts.points(
        x=[lift], y=[y], mode="markers", marker=marker, name=said, hovertemplate=f"{text}<extra></extra>"
    )
    shift = LABEL_SHIFT if above else -LABEL_SHIFT
    parts.annotation(
        x=lift, y=y, text=f"<b>{text}</b>", yshift=shift, bgcolor=see_through(palette), borderpad=0
    )
