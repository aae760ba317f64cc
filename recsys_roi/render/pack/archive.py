"""The pack as one zip: every format and every table."""

from __future__ import annotations

from collections.abc import Iterator

from recsys_roi.render import note
from recsys_roi.render.pack import tidy
from recsys_roi.render.pack.deck import slides
from recsys_roi.render.pack.paper import sheet
from recsys_roi.render.pack.settled import zipped
from recsys_roi.render.pack.spreadsheet_text import to_csv
from recsys_roi.render.pack.tables import tables_of
from recsys_roi.render.pack.web import page
from recsys_roi.render.pack.workbook import book
from recsys_roi.render.plan.document import plan_markdown
from recsys_roi.review.decision_v1 import to_decision_v1
from recsys_roi.review.document import Review, to_json
from recsys_roi.review.saved import known_scenario

READ_ME = """# Review pack

- review.pdf: the full report; its first page is also one-page.pdf
- picture.png, picture-dark.png, picture-2x.png, picture-dark-2x.png: the summary, 1920 x 1080 and twice that
- review.pptx: the deck, with native charts and speaker notes
- review.html: the report as one web page that opens offline
- review.xlsx: the workbook, with the money model as live formulas
- review.md: the note for a wiki or a pull request
- plan.md: the measurement plan, with what is left to do in each phase; not of a review of another version
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
    if known_scenario(review) is not None:
        yield "plan.md", plan_markdown(review).encode()
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
    for table in tables_of(review):
        if table.rows:
            yield f"tables/{table.name}.csv", to_csv(table.header, table.rows).encode()
