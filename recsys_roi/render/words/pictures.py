"""What each chart shows, in a sentence for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from recsys_roi.render.words.money import break_even_sentence, payback_sentence, roi_sentence
from recsys_roi.render.words.names import kpi_name, setting_name
from recsys_roi.render.words.numbers import day, inside, introduced, money
from recsys_roi.render.words.readings import (
    arm_value,
    belief_sentence,
    counted_sentence,
    kpi_sentence,
    range_sentence,
)
from recsys_roi.review.document import Guardrail, Review, Roi, Tornado


class Row(Protocol):
    """What an alt text needs of an interval row."""

    @property
    def label(self) -> str: ...
    @property
    def note(self) -> str: ...


def verdict_picture_alt(review: Review) -> str:
    """The lift's range against zero and the break-even lift."""
    kpi = review.primary
    if kpi is None:
        return f"No lift is measured yet. {break_even_sentence(review.roi)}"
    if kpi.relative_lift is None:
        return f"{introduced(kpi_name(kpi.id), kpi_sentence(kpi))} {break_even_sentence(review.roi)}"
    counts = review.roi.lift
    lift = kpi.relative_lift
    said = "" if counts is None else f" {counted_sentence(lift.estimate, counts)}"
    return (
        f"Lift in {kpi_name(kpi.id)}: {inside(range_sentence(lift))}{said} {break_even_sentence(review.roi)}"
    )


def picture_sentence(review: Review) -> str:
    """Under the verdict's picture: what its marks say, in at most two short sentences."""
    kpi = review.primary
    if kpi is None:
        return f"{break_even_sentence(review.roi)} Every figure is assumed until there are logs."
    said = belief_sentence(kpi) or kpi_sentence(kpi)
    return f"{said} {break_even_sentence(review.roi)}" if review.roi.status == "ok" else said


def intervals_alt(rows: Iterable[Row]) -> str:
    """Each row with its reading."""
    return " ".join(introduced(row.label, row.note) for row in rows)


def trend_alt(guardrail: Guardrail) -> str:
    """Where both arms of a guardrail began and ended, day by day."""
    first, last = guardrail.trend[0], guardrail.trend[-1]
    parts = [
        f"{arm} from {_day_value(guardrail, start)} to {_day_value(guardrail, end)}"
        for arm, start, end in (
            ("control", first.control, last.control),
            ("candidate", first.candidate, last.candidate),
        )
    ]
    return f"Single days from {day(first.day)} to {day(last.day)}: {parts[0]}, {parts[1]}."


def _day_value(guardrail: Guardrail, value: float | None) -> str:
    return "not logged" if value is None else arm_value(guardrail, value)


def cash_alt(roi: Roi) -> str:
    """Where the cumulative cash starts and ends, and when it turns."""
    if not roi.months:
        return roi_sentence(roi)
    first, last = roi.months[0], roi.months[-1]
    start, end = (money(value, roi.currency) for value in (first.cumulative - first.net, last.cumulative))
    moves = f"Cumulative cash starts at {start} and stands at {end} after month {last.month}."
    return f"{moves} {payback_sentence(roi)}"


def npv_alt(roi: Roi) -> str:
    """The spread of the value: one in ten below, the middle, one in ten above."""
    if roi.p10 is None or roi.p50 is None or roi.p90 is None:
        return roi_sentence(roi)
    low, middle, high = (money(value, roi.currency) for value in (roi.p10, roi.p50, roi.p90))
    spread = f"One chance in ten of less than {low}, one in ten of more than {high}; middle {middle}."
    return f"{roi_sentence(roi)} {spread}"


def tornado_alt(roi: Roi) -> str:
    """The inputs that move the value most, the largest first."""
    if not roi.tornado:
        return roi_sentence(roi)
    bars = sorted(roi.tornado, key=lambda bar: -bar.swing)
    parts = "; ".join(f"{setting_name(bar.input)} ({bar.basis}) {_swing(bar, roi.currency)}" for bar in bars)
    return f"Value of the pilot when one input moves, the largest first: {parts}."


def _swing(bar: Tornado, currency: str) -> str:
    return f"from {money(bar.low, currency)} to {money(bar.high, currency)}"
