"""The review pack: what people take into the meeting, each file made from a review alone.

A file's format is its ending; the typesetter and the Office writers are loaded when they are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from recsys_roi.numerals import written_for
from recsys_roi.render import note
from recsys_roi.review.decision_v1 import to_decision_v1
from recsys_roi.review.document import Review, to_json

Pages = Literal["all", "one"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How pictures and paper are made; the other formats have one look."""

    dark: bool = False  # pictures
    scale: int = 1  # pictures: 1 is 1920 x 1080
    pages: Pages = "all"  # paper: the full report, or the page to hand round


Writer = Callable[[Review, Look], bytes]


def _png(review: Review, look: Look) -> bytes:
    from recsys_roi.render.pack.paper import sheet

    return sheet.picture_png(review, dark=look.dark, scale=look.scale)


def _pdf(review: Review, look: Look) -> bytes:
    from recsys_roi.render.pack.paper import sheet

    return sheet.report_pdf(review, first_page_only=look.pages == "one")


def _pptx(review: Review, _: Look) -> bytes:
    from recsys_roi.render.pack.deck import slides

    return slides.deck_pptx(review)


def _xlsx(review: Review, _: Look) -> bytes:
    from recsys_roi.render.pack.workbook import book

    return book.workbook_xlsx(review)


def _html(review: Review, _: Look) -> bytes:
    from recsys_roi.render.pack.web import page

    return page.page_html(review).encode()


def _csv(review: Review, _: Look) -> bytes:
    from recsys_roi.render.pack import tidy

    return tidy.tidy_csv(review).encode()


def _zip(review: Review, _: Look) -> bytes:
    from recsys_roi.render.pack import archive

    return archive.pack_zip(review)


WRITERS: Mapping[str, Writer] = {
    ".png": _png,
    ".pdf": _pdf,
    ".pptx": _pptx,
    ".xlsx": _xlsx,
    ".html": _html,
    ".md": lambda review, _: note.to_markdown(review).encode(),
    ".csv": _csv,
    ".json": lambda review, _: to_json(review).encode(),
    ".decision.json": lambda review, _: to_decision_v1(review).encode(),
    ".zip": _zip,
}
"""By the end of a file's name; the longest end that fits counts."""

PLAIN = Look()


def ending_of(name: str) -> str | None:
    """The format that a file's name asks for; None where it asks for none of them."""
    found = [ending for ending in WRITERS if name.lower().endswith(ending)]
    return max(found, key=len, default=None)


def write(review: Review, ending: str, look: Look = PLAIN) -> bytes:
    """The review in the format of an ending of `WRITERS`."""
    with written_for(review.locale):
        return WRITERS[ending](review, look)
