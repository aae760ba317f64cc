"""Real text on slides, at the largest size at which it fits its box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from recsys_roi.render.markdown import one_line
from recsys_roi.render.pack.contents.typography import glued_signs
from recsys_roi.render.pack.paper.plot import measured
from recsys_roi.render.palette import LIGHT, StatusColour

FONT = "Arial"  # on every machine that opens decks, and as wide as the one it is measured in
LINE = 1.22  # height of a line, in its size
WIDER = 1.04  # of the measured width, since another machine's font may run wider
INSET = 0.06  # inches inside a box


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A place on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float

    @property
    def emu(self) -> tuple[Emu, Emu, Emu, Emu]:
        return (Inches(self.left), Inches(self.top), Inches(self.width), Inches(self.height))

    def split(self, *parts: float, gap: float = 0.2) -> list[Box]:
        """Boxes side by side, as wide as their parts."""
        room = self.width - gap * (len(parts) - 1)
        boxes, left = [], self.left
        for part in parts:
            width = room * part / sum(parts)
            boxes.append(Box(left=left, top=self.top, width=width, height=self.height))
            left += width + gap
        return boxes


def rgb(colour: str) -> RGBColor:
    """A palette colour for a slide."""
    return RGBColor.from_string(colour[1:7])


def lines_needed(text: str, size: float, width: float) -> int:
    """How many lines a text of `size` points takes in `width` inches, words kept whole where they fit."""
    room, used, lines = width * 72, 0.0, 1
    for word in text.split(" "):
        wide = measured(word, size) * WIDER
        if used and used + measured(" ", size) + wide > room:
            lines, used = lines + 1, 0.0
        lines += int(wide // room)
        used = wide % room if wide > room else used + measured(" ", size) * bool(used) + wide
    return lines


def size_that_fits(texts: Sequence[str], box: Box, sizes: Sequence[float], gap: float = 0.35) -> float:
    """The largest size at which the paragraphs fit the box; `gap` is the space after one, in lines."""
    width, height = box.width - 2 * INSET - 0.02, box.height - 2 * INSET
    for size in sizes:
        lines = sum(lines_needed(text, size, width - size / 72) for text in texts) + gap * (len(texts) - 1)
        if lines * size * LINE / 72 <= height:
            return size
    return sizes[-1]


def write(
    slide: Any,
    box: Box,
    texts: Sequence[str],
    *,
    sizes: Sequence[float] = (18, 16, 14, 13, 12, 11, 10),
    colour: str = LIGHT.text,
    bold: bool = False,
    bullets: bool = False,
    anchor: MSO_ANCHOR = MSO_ANCHOR.TOP,
    align: PP_ALIGN = PP_ALIGN.LEFT,
) -> Any:
    """A text box with one paragraph a text."""
    shape = slide.shapes.add_textbox(*box.emu)
    fill(shape.text_frame, box, texts, sizes=sizes, colour=colour, bold=bold, bullets=bullets)
    shape.text_frame.vertical_anchor = anchor
    for paragraph in shape.text_frame.paragraphs:
        paragraph.alignment = align
    return shape


def fill(
    frame: Any,
    box: Box,
    texts: Sequence[str],
    *,
    sizes: Sequence[float],
    colour: str,
    bold: bool = False,
    bullets: bool = False,
) -> None:
    """Paragraphs into a text frame, at the largest size that fits."""
    shown = [f"• {_clean(text)}" if bullets else _clean(text) for text in texts]
    size = size_that_fits(shown, box, sizes)
    frame.word_wrap = True
    for side in ("margin_left", "margin_right", "margin_top", "margin_bottom"):
        setattr(frame, side, Inches(INSET))
    for index, text in enumerate(shown):
        paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = text
        paragraph.space_after = Pt(size * 0.35)
        style(run.font, size, colour, bold=bold)


def style(font: Any, size: float, colour: str, *, bold: bool = False) -> None:
    """The deck's type."""
    font.name, font.size, font.bold = FONT, Pt(size), bold
    font.color.rgb = rgb(colour)


def panel(slide: Any, box: Box, *, ground: str = LIGHT.background, edge: str | None = LIGHT.grid) -> Any:
    """A plain rectangle to stand behind text."""
    shape = slide.shapes.add_shape(1, *box.emu)
    shape.fill.solid()
    shape.fill.fore_color.rgb = rgb(ground)
    shape._element.remove(shape._element.find(qn("p:style")))  # the theme's shadow and white text
    if edge is None:
        shape.line.fill.background()
    else:
        shape.line.color.rgb = rgb(edge)
        shape.line.width = Pt(0.75)
    return shape


def badge(slide: Any, box: Box, text: str, colours: StatusColour) -> None:
    """A status as text on its own ground."""
    shape = panel(slide, box, ground=colours.ground, edge=None)
    fill(shape.text_frame, box, [text], sizes=(13, 12, 11, 10, 9, 8), colour=colours.text, bold=True)
    shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    shape.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER


def table(
    slide: Any, box: Box, header: Sequence[str], rows: Sequence[Sequence[Any]], parts: Sequence[float]
) -> None:
    """A native table; a cell with a tone gets its colours. The text is as large as all rows allow."""
    widths = [box.width * part / sum(parts) for part in parts]
    size = _table_size(box, header, rows, widths)
    frame = slide.shapes.add_table(len(rows) + 1, len(header), *box.emu)
    grid = frame.table
    frame._element.graphic.graphicData.tbl[0][
        -1
    ].text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid
    for index, width in enumerate(widths):
        grid.columns[index].width = Inches(width)
    heights = [
        _row_height(header, widths, size),
        *(_row_height([c.text for c in row], widths, size) for row in rows),
    ]
    for index, height in enumerate(heights):
        grid.rows[index].height = Inches(height)
    for column, title in enumerate(header):
        _cell(grid.cell(0, column), title, size, LIGHT.muted, LIGHT.surface, bold=True)
    for line, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            tone = None if cell.tone is None else LIGHT.tone(cell.tone)
            colour, ground = (LIGHT.text, LIGHT.background) if tone is None else (tone.text, tone.ground)
            bold = cell.strong or tone is not None
            _cell(grid.cell(line, column), cell.text, size, colour, ground, bold=bold)


CELL_EDGE = 0.06  # inches inside a cell
SMALLEST_WHOLE = 10  # points, down to which the text shrinks rather than tear a word


def _table_size(
    box: Box, header: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float]
) -> float:
    sizes = (14, 13, 12, 11, 10, 9, 8, 7)
    for size in sizes:
        texts = [list(header), *([cell.text for cell in row] for row in rows)]
        torn = size > SMALLEST_WHOLE and any(_tears(row, widths, size) for row in texts)
        if not torn and sum(_row_height(row, widths, size) for row in texts) <= box.height:
            return size
    return sizes[-1]


def _tears(texts: Sequence[str], widths: Sequence[float], size: float) -> bool:
    """Whether a word would be broken that is no name or path."""
    return any(
        measured(word, size) * WIDER > (width - 2 * CELL_EDGE - 0.03) * 72
        for text, width in zip(texts, widths, strict=True)
        for word in text.split()
        if word.isalpha()
    )


def _row_height(texts: Sequence[str], widths: Sequence[float], size: float) -> float:
    lines = max(
        lines_needed(_clean(text), size, width - 2 * CELL_EDGE - 0.03)
        for text, width in zip(texts, widths, strict=True)
    )
    return lines * size * LINE / 72 + 0.09


def _cell(cell: Any, text: str, size: float, colour: str, ground: str, *, bold: bool) -> None:
    cell.fill.solid()
    cell.fill.fore_color.rgb = rgb(ground)
    cell.margin_left = cell.margin_right = Inches(CELL_EDGE)
    cell.margin_top = cell.margin_bottom = Inches(0.03)
    _underline(cell)
    run = cell.text_frame.paragraphs[0].add_run()
    run.text = _clean(text)
    style(run.font, size, colour, bold=bold)


def _clean(text: str) -> str:
    return glued_signs(one_line(text))


def _underline(cell: Any) -> None:
    """A thin line under the cell, which python-pptx has no name for."""
    properties = cell._tc.get_or_add_tcPr()
    line = etree.Element(qn("a:lnB"), {"w": "6350"})
    colour = etree.SubElement(etree.SubElement(line, qn("a:solidFill")), qn("a:srgbClr"))
    colour.set("val", LIGHT.grid[1:])
    properties.insert(0, line)
