"""A map of values as coloured cells with its scale beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from recsys_roi.render.pack.paper.plot import BAR_GAP, Plot, measured, plain_text
from recsys_roi.render.pack.paper.scene import Label, Path, Run, Shape

SHADES = 48  # of the scale
BAR_TOP = 30.0  # pixels for the scale's name


def cells(one: Mapping[str, Any], plot: Plot) -> list[Shape]:
    """One rectangle a value; neighbours overlap by a hair, so that no line shows between them."""
    across, down = _edges([plot.x.place(x) for x in one["x"]]), _edges([plot.y.place(y) for y in one["y"]])
    left, top, right, bottom = plot.box
    found: list[Shape] = []
    for (y0, y1), row in zip(pairwise(down), one["z"], strict=True):
        for (x0, x1), value in zip(pairwise(across), row, strict=True):
            x0, x1 = max(left, x0), min(right, x1 + 0.4)  # noqa: PLW2901 - cut to the plot
            ends = (min(bottom, max(y0, y1) + 0.4), max(top, min(y0, y1)))
            corners = ((x0, ends[1]), (x1, ends[1]), (x1, ends[0]), (x0, ends[0]))
            found.append(Path(points=corners, fill=_shade(one, float(value))))
    return found


def _edges(middles: Sequence[float]) -> list[float]:
    inner = [(first + second) / 2 for first, second in pairwise(middles)]
    return [2 * middles[0] - inner[0], *inner, 2 * middles[-1] - inner[-1]]


def _shade(one: Mapping[str, Any], value: float) -> str:
    """The colour of a value between those of the scale's stops."""
    low, high = float(one["zmin"]), float(one["zmax"])
    part = min(1.0, max(0.0, (value - low) / (high - low)))
    for (first, from_colour), (second, to_colour) in pairwise(one["colorscale"]):
        if part <= second:
            return _between(from_colour, to_colour, (part - first) / (second - first))
    last = one["colorscale"][-1][1]
    return _between(last, last, 0.0)


def _between(first: str, second: str, part: float) -> str:
    pairs = ((int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in pairs) + "FF"


def bar_room(one: Mapping[str, Any]) -> float:
    """Pixels that the scale takes at the right of the plot."""
    bar = one["colorbar"]
    size = float(bar["tickfont"]["size"])
    texts = [plain_text(str(text)) for text in bar["ticktext"]]
    wide = max(measured(text, size) for text in (*texts, plain_text(bar["title"]["text"])))
    return BAR_GAP + float(bar["thickness"]) + 8 + wide


def scale(one: Mapping[str, Any], plot: Plot) -> Iterator[Shape]:
    """The bar of colours with its name over it and its marks beside it."""
    bar, (_, top, right, bottom) = one["colorbar"], plot.box
    low, high = float(one["zmin"]), float(one["zmax"])
    start, end = right + BAR_GAP, right + BAR_GAP + float(bar["thickness"])
    top += BAR_TOP
    step = (bottom - top) / SHADES
    for index in range(SHADES):
        y = bottom - index * step
        corners = ((start, y), (end, y), (end, y - step - 0.4), (start, y - step - 0.4))
        yield Path(points=corners, fill=_shade(one, low + (high - low) * (index + 0.5) / SHADES))
    font = bar["tickfont"]
    title = bar["title"]
    yield _text(title["text"], start, top - BAR_TOP + 4, "start", title["font"])
    for value, text in zip(bar["tickvals"], bar["ticktext"], strict=True):
        y = bottom - (float(value) - low) / (high - low) * (bottom - top)
        yield _text(str(text), end + 8, y, "middle", font)


def _text(text: str, x: float, y: float, down: Any, font: Mapping[str, Any]) -> Label:
    run = Run(text=plain_text(text), bold=False)
    return Label(
        lines=((run,),),
        x=x,
        y=y,
        across="start",
        down=down,
        size=float(font["size"]),
        colour=f"{font['color']}FF",
    )
