"""Every table of a review by its name: a header, and rows whose numbers are numbers or None."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recsys_roi.render.pack.contents.blocks import ICONS, Cell
from recsys_roi.render.pack.spreadsheet_text import Value
from recsys_roi.render.pack.workbook.tables import Number, every_sheet
from recsys_roi.review.document import MonthFlow, Review
from recsys_roi.review.lift_document import RunTimePoint


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedTable:
    """One table; a review without such figures has it without rows."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def tables_of(review: Review) -> Iterator[NamedTable]:
    """The workbook's tables, then what goes over time or over two inputs."""
    for sheet in every_sheet(review):
        rows = (tuple(map(_value, row)) for row in sheet.rows)
        yield NamedTable(name=sheet.name.lower(), header=sheet.header, rows=tuple(rows))
    yield from _series(review)


def _value(cell: Cell | Number) -> Value:
    """The number, or the text without the sign that stands beside a status on paper."""
    if isinstance(cell, Number):
        return cell.value
    return cell.text if cell.tone is None else cell.text.removeprefix(f"{ICONS[cell.tone]} ")


def _series(review: Review) -> Iterator[NamedTable]:
    primary, roi = review.primary, review.roi
    path = () if primary is None else primary.path
    trend = ((one.id, day.day, day.control, day.candidate) for one in review.guardrails for day in one.trend)
    days = (
        (
            day.day,
            *((None,) * 3 if day.relative_lift is None else tuple(day.relative_lift.model_dump().values())),
        )
        for day in path
    )
    curve = () if review.run_time is None else review.run_time.curve
    months = (tuple(flow.model_dump().values()) for flow in roi.months)
    points = (tuple(one.model_dump().values()) for one in curve)
    yield NamedTable(name="months", header=tuple(MonthFlow.model_fields), rows=tuple(months))
    yield NamedTable(name="path", header=("day", "relative_lift", "lower", "upper"), rows=tuple(days))
    yield NamedTable(name="trend", header=("guardrail", "day", "control", "candidate"), rows=tuple(trend))
    yield NamedTable(name="run_time", header=tuple(RunTimePoint.model_fields), rows=tuple(points))
    yield NamedTable(
        name="value_map", header=("x_input", "y_input", "x", "y", "npv"), rows=tuple(_value_map(review))
    )
    yield NamedTable(name="value_spread", header=("from", "to", "share"), rows=tuple(_value_spread(review)))


def _value_map(review: Review) -> Iterator[tuple[Value, ...]]:
    chart = review.roi.heat_map
    if chart is None:
        return
    for y, values in zip(chart.y, chart.npv, strict=True):
        for x, npv in zip(chart.x, values, strict=True):
            yield (chart.x_input, chart.y_input, x, y, npv)


def _value_spread(review: Review) -> Iterator[tuple[Value, ...]]:
    spread = review.roi.spread
    if spread is not None:
        yield from zip(spread.edges, spread.edges[1:], spread.shares, strict=False)
