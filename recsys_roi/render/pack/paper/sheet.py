"""Paper and picture: the review set with typst as PDF and PNG, from shipped fonts only.

Text goes to the typesetter as data, never as markup, and nothing of this machine goes in: the same review
gives the same bytes everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from recsys_roi.render import words
from recsys_roi.render.markdown import one_line
from recsys_roi.render.pack.contents import chapters, particulars
from recsys_roi.render.pack.contents.blocks import Block, Cell, Lines, Picture, Section, Table, drawn
from recsys_roi.render.pack.contents.cover import Cover
from recsys_roi.render.pack.contents.report import contents_of
from recsys_roi.render.pack.contents.typography import glued
from recsys_roi.render.pack.paper.plot import fonts_folder
from recsys_roi.render.pack.paper.tracing import trace
from recsys_roi.render.palette import DARK, LIGHT, Palette
from recsys_roi.review.document import Review

SHEETS = Path(__file__).parent
COVER_WIDTH = 780.0  # pixels in which a chart is laid out before it is scaled to its place
REPORT_WIDTH = 760.0
PIXELS = 72.0  # an inch, so that a point is a pixel
OWN_PAGE = frozenset({"Verdict and reasons", "Value and return", "Risks", "Method and inputs", "Definitions"})
WATCHED = 6  # guardrails and risks named on the first page


def picture_png(review: Review, *, dark: bool = False, scale: int = 1) -> bytes:
    """The summary as a picture of 1920 x 1080 pixels, times `scale`."""
    palette = DARK if dark else LIGHT
    data = {"palette": asdict(palette), "cover": _cover(contents_of(review).cover, palette)}
    return _set("picture.typ", data, format="png", ppi=PIXELS * scale)


def report_pdf(review: Review, *, first_page_only: bool = False) -> bytes:
    """The page to hand round, and behind it the full report unless only the page is wanted."""
    contents = contents_of(review)
    sections = () if first_page_only else contents.sections
    made = datetime.fromisoformat(review.made_at)
    parts = ("year", "month", "day", "hour", "minute", "second")
    data = {
        "palette": asdict(LIGHT),
        "cover": _cover(contents.cover, LIGHT),
        "made": {part: getattr(made, part) for part in parts},
        "header": particulars.preliminary_line(review),
        "footline": f"{particulars.made_line(review)} {words.verdict_headline(review)}.",
        "money": _money(review),
        "watched": _watched(review),
        "sections": [_section(section) for section in sections],
    }
    return _set("report.typ", data, format="pdf", timestamp=made)


def svg_of(scene: dict[str, Any]) -> str:
    """Shapes of a chart without its heading, on nothing, as typst writes SVG."""
    return _set("still.typ", {"palette": asdict(LIGHT), "scene": scene}, format="svg").decode()


def _money(review: Review) -> list[str]:
    formula = words.formula_line(review)
    return [*words.money_sentences(review), *([] if formula is None else [formula])]


def _watched(review: Review) -> list[str]:
    """Guardrails in the order of the review, then risks that are open, the worst first."""
    lines = [
        f"{words.capitalised(words.guardrail_name(one.id))}. {words.guardrail_sentence(one)}"
        for one in review.guardrails
    ]
    open_risks = [risk for risk in chapters.by_urgency(review.risks) if risk.status != "ok"]
    lines += [f"{words.status_mark(risk.status).word}: {risk.title}." for risk in open_risks]
    if len(lines) <= WATCHED:
        return lines
    return [*lines[: WATCHED - 1], f"And {len(lines) - WATCHED + 1} more, in the full report."]


def _cover(cover: Cover, palette: Palette) -> dict[str, Any]:
    data = {name: getattr(cover, name) for name in Cover.__dataclass_fields__ if name != "picture"}
    data["tiles"] = [asdict(tile) for tile in cover.tiles]
    return {**data, "picture": _picture(cover.picture, palette, COVER_WIDTH)}


def _section(section: Section) -> dict[str, Any]:
    blocks = [_block(block) for block in section.blocks]
    return {"title": section.title, "starts": section.title in OWN_PAGE, "blocks": blocks}


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Picture):
        return _picture(block, LIGHT, REPORT_WIDTH)
    if isinstance(block, Table):
        return {
            "kind": block.kind,
            "columns": [asdict(column) for column in block.columns],
            "rows": [[_cell(cell) for cell in row] for row in block.rows],
        }
    return _lines(block)


def _cell(cell: Cell) -> dict[str, Any]:
    return {"text": cell.text, "tone": cell.tone, "strong": cell.strong}


def _lines(block: Lines) -> dict[str, Any]:
    return {"kind": block.kind, "style": block.style, "lines": list(block.lines)}


def _picture(picture: Picture, palette: Palette, width: float) -> dict[str, Any]:
    scene = trace(drawn(picture, palette), width)
    return {"kind": picture.kind, "alt": picture.alt, "scene": asdict(scene)}


_ONE_AT_A_TIME = Lock()  # the typesetter refuses a second sheet while it is at one


def _set(sheet: str, data: dict[str, Any], **options: Any) -> bytes:
    inputs = {"data": json.dumps(_clean(data), ensure_ascii=False)}
    with _ONE_AT_A_TIME:
        made = _compiler().compile(SHEETS / sheet, sys_inputs=inputs, root=SHEETS, **options)
    if not isinstance(made, bytes):
        raise TypeError(f"{sheet} must fill exactly one page")
    return made


def _clean(value: Any) -> Any:
    """Every text on one line, without control and direction characters that could disguise it."""
    if isinstance(value, str):
        return glued(one_line(value))
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_clean(item) for item in value]
    return value


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts_folder())]
    )
    return typst.Compiler(root=SHEETS, font_paths=fonts)
