"""A chart as a picture on a page: its lines are written out here, its letters set by typst once and kept.

Letters are outlines, so that nothing in a name can be markup and the browser needs no font.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from hashlib import sha256

import plotly.graph_objects as go

from recsys_roi.render.pack.paper.fitting import fitting
from recsys_roi.render.pack.paper.scene import Label, Mark, Path, Scene, Shape
from recsys_roi.render.pack.paper.sheet import svg_of
from recsys_roi.render.pack.paper.tracing import trace_each

BELOW_LETTERS = 6.0  # pixels under the last line of a drawing, for what hangs below it
SHEET_SIZE = 2000.0  # so large that no text is broken but where its room says so
KEPT = 4096  # texts and marks; a chart has about thirty
DASHES = {"solid": "", "dash": ' stroke-dasharray="6 4"', "dot": ' stroke-dasharray="2 3"'}
_OUTLINES = re.compile(r'<(symbol|pattern|clipPath) id="(\w+)".*?</\1>', re.DOTALL)


def still_svg(chart: go.Figure, *, widths: Sequence[int]) -> str:
    """A chart without its heading as one SVG that holds a drawing for each width, in pixels.

    It is as high as the highest of them, and shows the one that fits the place it is given.
    """
    scenes = trace_each(chart, sorted(float(width) for width in widths))
    height = max(scene.height for scene in scenes) + BELOW_LETTERS
    shared: dict[str, str] = {}
    drawings = [_drawing(scene, height, shared) for scene in scenes]
    return fitting(drawings, [scene.width for scene in scenes], height, shared=shared.values())


def _drawing(scene: Scene, height: float, shared: dict[str, str]) -> str:
    inner = "".join(_drawn(shape, shared) for shape in scene.shapes)
    return f'<svg viewBox="0 0 {scene.width:g} {height:g}">{inner}</svg>'


def _drawn(shape: Shape, shared: dict[str, str]) -> str:
    """One shape; outlines that several drawings use go to `shared`, by their ids."""
    if isinstance(shape, Path):
        if shape.hatch is None:
            return _line(shape)
        x, y, piece = 0.0, 0.0, _piece(shape)
    else:
        x, y, piece = shape.x, shape.y, _piece(replace(shape, x=0.0, y=0.0))
    shared.update(piece.outlines)
    return f'<use xlink:href="#{piece.id}" x="{round(x, 3):g}" y="{round(y, 3):g}"/>'


def _line(path: Path) -> str:
    points = " L ".join(f"{round(x, 3):g} {round(y, 3):g}" for x, y in path.points)
    look = f'fill="{path.fill or "none"}"'
    if path.stroke:
        look += f' stroke="{path.stroke}" stroke-width="{path.width:g}"{DASHES[path.dash]}'
    return f'<path {look} stroke-miterlimit="4" d="M {points}{" Z" if path.fill else ""}"/>'


@dataclass(frozen=True, kw_only=True, slots=True)
class _Piece:
    """A shape as an SVG symbol: its id, and it with the outlines that it uses by theirs."""

    id: str
    outlines: dict[str, str]


@lru_cache(maxsize=KEPT)
def _piece(shape: Label | Mark | Path) -> _Piece:
    alone = Scene(title="", subtitle="", width=SHEET_SIZE, height=SHEET_SIZE, shapes=(shape,))
    _, _, rest = svg_of(asdict(alone)).removesuffix("</svg>").partition(">")
    drawn, _, _ = rest.partition("<defs>")
    outlines = {found.group(2): found.group() for found in _OUTLINES.finditer(rest)}
    name = f"p{sha256(drawn.encode()).hexdigest()[:16]}"
    outlines[name] = f'<symbol id="{name}" overflow="visible">{drawn}</symbol>'
    return _Piece(id=name, outlines=outlines)
