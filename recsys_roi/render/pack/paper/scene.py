"""A drawing as plain shapes in pixels, from the top left corner: what a typesetter needs of a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Symbol = Literal[
    "circle", "diamond", "square", "triangle-left", "triangle-right", "triangle-up", "triangle-down"
]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Path:
    """A line, or an area where `fill` is given; colours are #RRGGBB or #RRGGBBAA."""

    points: tuple[tuple[float, float], ...]
    stroke: str | None = None
    width: float = 1.0
    dash: Literal["solid", "dash", "dot"] = "solid"
    fill: str | None = None
    hatch: str | None = None  # colour of the hatching over the fill
    kind: Literal["path"] = "path"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A symbol of `size` pixels around its middle."""

    symbol: Symbol
    x: float
    y: float
    size: float
    fill: str
    stroke: str | None = None
    width: float = 0.0
    kind: Literal["mark"] = "mark"


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A stretch of text in one weight."""

    text: str
    bold: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """Lines of text; `across` and `down` say which part of them stands at (x, y)."""

    lines: tuple[tuple[Run, ...], ...]
    x: float
    y: float
    across: Anchor
    down: Anchor
    size: float
    colour: str
    ground: str | None = None
    pad: float = 0.0  # pixels of the ground around the text
    room: float | None = None  # pixels after which a line is broken
    turned: bool = False  # read from below upwards
    kind: Literal["label"] = "label"


Shape = Path | Mark | Label


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One chart: its heading apart, so that it is set as text, and the shapes in drawing order."""

    title: str
    subtitle: str
    width: float
    height: float
    shapes: tuple[Shape, ...]
