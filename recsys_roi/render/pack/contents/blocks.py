"""What a report is made of, before it is paper or a web page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import plotly.graph_objects as go

from recsys_roi.render import words
from recsys_roi.render.palette import Palette, Tone

ICONS: dict[Tone, str] = {"ok": "✓", "watch": "!", "act": "×", "cannot_tell": "?"}
"""A sign beside every status word, so that it is never told by colour alone; all are in the shipped font."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One cell of a table; a tone makes it a badge."""

    text: str
    tone: Tone | None = None
    strong: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column: its title, its part of the width, and to which side figures stand."""

    title: str
    part: float = 1.0
    right: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows of cells under titled columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """Sentences: as paragraphs, as a list, in small print, or as a coloured notice."""

    lines: tuple[str, ...]
    style: Literal["plain", "list", "quiet", "heading"] | Tone = "plain"
    kind: Literal["lines"] = "lines"


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A chart, drawn when the colours are known, and its reading for those who do not see it."""

    name: str
    draw: Callable[[Palette], go.Figure]
    alt: str
    kind: Literal["picture"] = "picture"


@lru_cache(maxsize=64)
def drawn(picture: Picture, palette: Palette) -> go.Figure:
    """The chart in these colours, drawn once for all files of a pack; nobody changes it."""
    return picture.draw(palette)


Block = Table | Lines | Picture


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A titled part of the report."""

    title: str
    blocks: tuple[Block, ...]


def cells(*texts: str) -> tuple[Cell, ...]:
    """A row of plain cells."""
    return tuple(Cell(text=text) for text in texts)


def status_cell(status: str, word: str | None = None) -> Cell:
    """A status as sign, word and tone."""
    mark = words.status_mark(status)
    return Cell(text=f"{ICONS[mark.tone]} {word or mark.word}", tone=mark.tone)


def met_cell(met: bool | None) -> Cell:
    """Whether a criterion is met, as sign, word and tone; None: nobody can say."""
    if met is None:
        return status_cell("cannot_tell")
    return status_cell("ok", "Met") if met else status_cell("act", "Not met")


def heading(text: str) -> Lines:
    """A heading inside a section."""
    return Lines(lines=(text,), style="heading")


def sentences(*lines: str | None, style: Literal["plain", "list", "quiet"] | Tone = "plain") -> Lines:
    """The sentences that apply."""
    return Lines(lines=tuple(line for line in lines if line), style=style)


def filled(*blocks: Block | None) -> tuple[Block, ...]:
    """The blocks that hold something."""
    return tuple(block for block in blocks if block is not None and not _empty(block))


def _empty(block: Block) -> bool:
    return (isinstance(block, Table) and not block.rows) or (isinstance(block, Lines) and not block.lines)
