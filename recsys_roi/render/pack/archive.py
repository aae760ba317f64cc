"""The pack as one zip: every format and every table."""

from __future__ import annotations

from collections.abc import Iterator

from recsys_roi.render import note
from recsys_roi.render.pack import tidy
from recsys_roi.render.pack.contents.blocks import Cell
from recsys_roi.render.pack.deck import slides
from recsys_roi.render.pack.paper import sheet
from recsys_roi.render.pack.settled import zipped
from recsys_roi.render.pack.spreadsheet_text import Value, to_csv
from recsys_roi.render.pack.web import page
from recsys_roi.render.pack.workbook import book
from recsys_roi.render.pack.workbook import tables as workbook_tables
from recsys_roi.review.decision_v1 import to_decision_v1
from recsys_roi.review.document import MonthFlow, Review, to_json
from recsys_roi.review.lift_document import RunTimePoint

READ_ME = """# Review pack

- review.pdf: the full report; its first page is also one-page.pdf
- picture.png, picture-dark.png, picture-2x.png, picture-dark-2x.png: the summary, 1920 x 1080 and twice that
- review.pptx: the deck, with native charts and speaker notes
- review.html: the report as one web page that opens offline
- review.xlsx: the workbook, with the money model as live formulas
- review.md: the note for a wiki or a pull request
- review.json (review.v1), decision.json (decision.v1), review.csv (one tidy table)
- tables/: every table as CSV, numbers at full precision, empty where there is no figure

review.json opens again in the app. The other files are made from it alone.
"""


def pack_zip(review: Review) -> bytes:
    """Every file of the pack; the same review gives the same bytes."""
    return zipped(dict(files(review)))


def files(review: Review) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the pack."""
    yield "README.md", READ_ME.encode()
    yield "review.json", to_json(review).encode()
    yield "decision.json", to_decision_v1(review).encode()
    yield "review.md", note.to_markdown(review).encode()
    yield "review.csv", tidy.tidy_csv(review).encode()
    yield "review.pdf", sheet.report_pdf(review)
    yield "one-page.pdf", sheet.report_pdf(review, first_page_only=True)
    for dark, scale, name in (
        (False, 1, "picture.png"),
        (True, 1, "picture-dark.png"),
        (False, 2, "picture-2x.png"),
        (True, 2, "picture-dark-2x.png"),
    ):
        yield name, sheet.picture_png(review, dark=dark, scale=scale)
    yield "review.pptx", slides.deck_pptx(review)
    yield "review.html", page.page_html(review).encode()
    yield "review.xlsx", book.workbook_xlsx(review)
    yield from tables(review)


def tables(review: Review) -> Iterator[tuple[str, bytes]]:
    """Every table as CSV, with numbers as numbers."""
    for table in workbook_tables.sheets(review):
        rows = (
            tuple(cell.text if isinstance(cell, Cell) else cell.value for cell in row) for row in table.rows
        )
        yield f"tables/{table.name.lower()}.csv", to_csv(table.header, rows).encode()
    yield from _series(review)


def _series(review: Review) -> Iterator[tuple[str, bytes]]:
    """What goes over time or over two inputs: months, days, the map of the value, its spread."""
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
    found: dict[str, tuple[tuple[str, ...], list[tuple[Value, ...]]]] = {
        "months": (tuple(MonthFlow.model_fields), [tuple(flow.model_dump().values()) for flow in roi.months]),
        "path": (("day", "relative_lift", "lower", "upper"), list(days)),
        "trend": (("guardrail", "day", "control", "candidate"), list(trend)),
        "run_time": (tuple(RunTimePoint.model_fields), [tuple(one.model_dump().values()) for one in curve]),
        "value_map": (("x_input", "y_input", "x", "y", "npv"), _value_map(review)),
        "value_spread": (("from", "to", "share"), _value_spread(review)),
    }
    for name, (header, rows) in found.items():
        if rows:
            yield f"tables/{name}.csv", to_csv(header, rows).encode()


def _value_map(review: Review) -> list[tuple[Value, ...]]:
    chart = review.roi.heat_map
    if chart is None:
        return []
    rows = zip(chart.y, chart.npv, strict=True)
    return [
        (chart.x_input, chart.y_input, x, y, npv)
        for y, values in rows
        for x, npv in zip(chart.x, values, strict=True)
    ]


def _value_spread(review: Review) -> list[tuple[Value, ...]]:
    spread = review.roi.spread
    return [] if spread is None else list(zip(spread.edges, spread.edges[1:], spread.shares, strict=False))
