"""The dashboard's own charts traced into plain shapes, so that paper shows what the screen shows.

Only what those charts use is understood: lines, markers, fills, bars, straight shapes and annotations on
linear or category axes. Anything else is an error, never left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from recsys_roi.render.pack.paper.plot import (
    GAP,
    Plot,
    axis_of,
    colour_of,
    legend_height,
    measured,
    named_traces,
    pixel_of,
    plain_text,
    resolved,
    room_above,
    room_below,
    room_left,
    text_lines,
    ticks_of,
)
from recsys_roi.render.pack.paper.scene import Anchor, Label, Mark, Path, Scene, Shape
from recsys_roi.render.pack.paper.surface import bar_room, cells, scale

SYMBOLS = ("circle", "diamond", "square", "triangle-left", "triangle-right", "triangle-up", "triangle-down")
ACROSS: dict[str, Anchor] = {"left": "start", "center": "middle", "right": "end"}
DOWN: dict[str, Anchor] = {"top": "start", "middle": "middle", "bottom": "end"}


def trace(chart: go.Figure, width: float) -> Scene:
    """The shapes of a chart drawn `width` pixels wide."""
    (scene,) = trace_each(chart, [width])
    return scene


def trace_each(chart: go.Figure, widths: Iterable[float]) -> list[Scene]:
    """The shapes of a chart for each of these widths."""
    layout, found = resolved(chart)
    return [_scene(layout, found, width) for width in widths]


def _scene(layout: dict[str, Any], traces: tuple[dict[str, Any], ...], width: float) -> Scene:
    top = room_above(layout)
    left, bottom = room_left(layout, traces, width), room_below(layout, traces)
    height = float(layout["height"]) - float(layout["margin"]["t"]) + top
    maps = [one for one in traces if one.get("type") == "heatmap"]
    right = width - float(layout["margin"]["r"]) - max(map(bar_room, maps), default=0.0)
    x = axis_of(layout["xaxis"], traces, "x", start=left, end=right)
    y = axis_of(layout["yaxis"], traces, "y", start=height - bottom, end=top)
    plot = Plot(traces=traces, layout=layout, x=x, y=y)
    below, above = _straight_shapes(plot)
    shapes = (
        *_grid(plot),
        *below,
        *(shape for trace_ in traces for shape in _trace_shapes(trace_, plot)),
        *above,
        *(shape for one in maps for shape in scale(one, plot)),
        *_tick_labels(plot, left),
        *_axis_titles(plot, height, legend_height(layout, traces)),
        *_legend(plot, height),
        *(_annotation(note, plot, width) for note in layout.get("annotations", ())),
    )
    title = layout.get("title", {})
    return Scene(
        title=plain_text(title.get("text") or ""),
        subtitle=plain_text((title.get("subtitle") or {}).get("text") or ""),
        width=width,
        height=height,
        shapes=shapes,
    )


def _straight_shapes(plot: Plot) -> tuple[list[Shape], list[Shape]]:
    below: list[Shape] = []
    above: list[Shape] = []
    for shape in plot.layout.get("shapes", ()):
        target = below if shape.get("layer") == "below" else above
        target.append(_straight(shape, plot))
    return below, above


def _straight(shape: Mapping[str, Any], plot: Plot) -> Shape:
    x0, x1 = (pixel_of(shape[key], shape.get("xref"), plot, "x") for key in ("x0", "x1"))
    y0, y1 = (pixel_of(shape[key], shape.get("yref"), plot, "y") for key in ("y0", "y1"))
    line = shape.get("line") or {}
    opacity = float(shape.get("opacity", 1.0))
    if shape["type"] == "rect":
        fill = colour_of(shape.get("fillcolor"), opacity)
        stroke = colour_of(line.get("color"), opacity) if line.get("width") else None
        corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
        return Path(points=corners, fill=fill, stroke=stroke, width=float(line.get("width", 1)))
    if shape["type"] == "line":
        return _stroke(((x0, y0), (x1, y1)), line, opacity)
    raise ValueError(f"a shape of type {shape['type']} cannot be traced")


def _stroke(points: tuple[tuple[float, float], ...], line: Mapping[str, Any], opacity: float) -> Path:
    dash = line.get("dash", "solid")
    if dash not in ("solid", "dash", "dot"):
        raise ValueError(f"a {dash} line cannot be traced")
    width = float(line.get("width", 2))
    return Path(points=points, stroke=colour_of(line.get("color"), opacity), width=width, dash=dash)


def _grid(plot: Plot) -> list[Shape]:
    left, top, right, bottom = plot.box
    lines: list[Shape] = []
    for letter, axis in (("x", plot.x), ("y", plot.y)):
        given = plot.layout[f"{letter}axis"]
        if given.get("visible") is False or given.get("showgrid") is False:
            continue
        colour = colour_of(given["gridcolor"], 1.0)
        for value, _ in ticks_of(given, axis):
            place = axis.place(value)
            ends = ((place, top), (place, bottom)) if letter == "x" else ((left, place), (right, place))
            lines.append(Path(points=ends, stroke=colour, width=1.0))
    return lines


def _trace_shapes(one: Mapping[str, Any], plot: Plot) -> list[Shape]:
    kind = one.get("type", "scatter")
    if kind == "bar":
        return _bars(one, plot)
    if kind == "scatter":
        return _scatter(one, plot)
    if kind == "heatmap":
        return cells(one, plot)
    raise ValueError(f"a trace of type {kind} cannot be traced")


def _scatter(one: Mapping[str, Any], plot: Plot) -> list[Shape]:
    points = tuple((plot.x.place(x), plot.y.place(y)) for x, y in zip(one["x"], one["y"], strict=True))
    opacity = float(one.get("opacity", 1.0))
    mode = one.get("mode", "lines")
    shapes: list[Shape] = []
    if one.get("fill") and points:
        shapes.append(_area(one, points, plot))
    line = {"color": one["colour"], **(one.get("line") or {})}
    if "lines" in mode and len(points) > 1:
        shapes.append(_stroke(points, line, opacity))
    if "markers" in mode:
        shapes += [_marker(one, at, point, opacity, line["color"]) for at, point in enumerate(points)]
    return shapes


def _area(one: Mapping[str, Any], points: tuple[tuple[float, float], ...], plot: Plot) -> Shape:
    pattern = one.get("fillpattern") or {}
    fill = colour_of(pattern.get("bgcolor") or one.get("fillcolor"), 1.0)
    if one["fill"] == "tozeroy":
        zero = plot.y.place(0.0)
        points = ((points[0][0], zero), *points, (points[-1][0], zero))
    elif one["fill"] != "toself":
        raise ValueError(f"a fill {one['fill']} cannot be traced")
    return Path(points=points, fill=fill, hatch=colour_of(pattern.get("fgcolor"), 1.0))


def _marker(
    one: Mapping[str, Any], at: int, point: tuple[float, float], opacity: float, colour: str
) -> Shape:
    marker = one.get("marker") or {}

    def of(key: str, default: Any) -> Any:
        value = marker.get(key, default)
        return value[at] if isinstance(value, list | tuple) else value

    symbol = of("symbol", "circle")
    if symbol not in SYMBOLS:
        raise ValueError(f"a marker {symbol} cannot be traced")
    ring = marker.get("line") or {}
    opacity *= float(of("opacity", 1.0))
    return Mark(
        symbol=symbol,
        x=point[0],
        y=point[1],
        size=float(of("size", 6)),
        fill=colour_of(of("color", colour), opacity) or colour,
        stroke=colour_of(ring.get("color"), opacity),
        width=float(ring.get("width", 0)),
    )


def _bars(one: Mapping[str, Any], plot: Plot) -> list[Shape]:
    flat = one.get("orientation") == "h"
    along, across = (plot.x, plot.y) if flat else (plot.y, plot.x)
    places, lengths = (one["y"], one["x"]) if flat else (one["x"], one["y"])
    bases = one.get("base") or [0.0] * len(lengths)
    half = (1 - float(plot.layout.get("bargap", 0.2))) / 2 * abs(across.end - across.start)
    half /= across.high - across.low
    marker = one.get("marker") or {}
    pattern = marker.get("pattern") or {}
    line = marker.get("line") or {}
    opacity = float(marker.get("opacity", one.get("opacity", 1.0)))
    shapes: list[Shape] = []
    for place, base, length in zip(places, bases, lengths, strict=True):
        middle = across.place(place)
        first, last = along.place(base), along.place(float(base) + float(length))
        low, high = middle - half, middle + half
        corners = (
            ((first, low), (last, low), (last, high), (first, high))
            if flat
            else ((low, first), (low, last), (high, last), (high, first))
        )
        shapes.append(
            Path(
                points=corners,
                fill=colour_of(marker.get("color", one["colour"]), opacity),
                stroke=colour_of(line.get("color"), opacity) if line.get("width") else None,
                width=float(line.get("width", 1)),
                hatch=colour_of(pattern.get("fgcolor"), opacity) if pattern.get("shape") else None,
            )
        )
    return shapes


def _tick_labels(plot: Plot, left: float) -> list[Shape]:
    labels: list[Shape] = []
    x, y = plot.layout["xaxis"], plot.layout["yaxis"]
    if x.get("visible") is not False:
        for value, text in ticks_of(x, plot.x):
            at = (plot.x.place(value), plot.y.start + 4)
            labels.append(_label(text, *at, ("middle", "start"), x["tickfont"]))
    if y.get("visible") is not False:
        title = 1.6 * float(y["tickfont"]["size"]) if (y.get("title") or {}).get("text") else 0.0
        for value, text in ticks_of(y, plot.y):
            at = (left - GAP, plot.y.place(value))
            labels.append(_label(text, *at, ("end", "middle"), y["tickfont"], room=left - GAP - title))
    return labels


def _axis_titles(plot: Plot, height: float, legend: float) -> list[Shape]:
    titles: list[Shape] = []
    left, top, right, bottom = plot.box
    for letter in ("x", "y"):
        axis = plot.layout[f"{letter}axis"]
        title = axis.get("title") or {}
        if axis.get("visible") is False or not title.get("text"):
            continue
        font = title["font"]
        if letter == "x":
            at = ((left + right) / 2, height - legend - 2)
            titles.append(_label(title["text"], *at, ("middle", "end"), font, room=right - left))
        else:
            at = (0.0, (top + bottom) / 2)
            titles.append(_label(title["text"], *at, ("start", "middle"), font, turned=True))
    return titles


def _legend(plot: Plot, height: float) -> list[Shape]:
    font = {**plot.layout["font"], **plot.layout["legend"].get("font", {})}
    size = float(font["size"])
    shapes: list[Shape] = []
    at, y = 2.0, height - size * 0.7
    for one in named_traces(plot.layout, plot.traces):
        shapes += _swatch(one, at, y)
        text = plain_text(str(one["name"]))
        shapes.append(_label(text, at + 26, y, ("start", "middle"), font))
        at += 26 + measured(text, size) + 22
    return shapes


def _swatch(one: Mapping[str, Any], x: float, y: float) -> list[Shape]:
    """How a trace looks, in 20 by 12 pixels."""
    if one.get("type") == "bar":
        marker = one.get("marker") or {}
        pattern = marker.get("pattern") or {}
        opacity = float(marker.get("opacity", 1.0))
        edge = (marker.get("line") or {}).get("color")
        return [
            Path(
                points=((x, y - 6), (x + 20, y - 6), (x + 20, y + 6), (x, y + 6)),
                fill=colour_of(marker.get("color", one["colour"]), opacity),
                stroke=colour_of(edge, 1.0),
                hatch=colour_of(pattern.get("fgcolor"), 1.0) if pattern.get("shape") else None,
            )
        ]
    shapes: list[Shape] = []
    line = {"color": one["colour"], **(one.get("line") or {})}
    if "lines" in one.get("mode", "lines"):
        shapes.append(_stroke(((x, y), (x + 20, y)), line, float(one.get("opacity", 1.0))))
    if "markers" in one.get("mode", "lines"):
        shapes.append(_marker(one, 0, (x + 10, y), 1.0, line["color"]))
    return shapes


def _annotation(note: Mapping[str, Any], plot: Plot, width: float) -> Shape:
    if note.get("showarrow") is not False:
        raise ValueError("an annotation with an arrow cannot be traced")
    font = note["font"]
    x = _noted(note, plot, "x") + float(note.get("xshift", 0))
    y = _noted(note, plot, "y") - float(note.get("yshift", 0))
    across = ACROSS[note.get("xanchor", "center")]
    down = DOWN[note.get("yanchor", "middle")]
    lines = text_lines(note["text"])
    wide = max(measured("".join(run.text for run in line), float(font["size"])) for line in lines)
    x = _kept_inside(x, across, wide, width)
    ground = colour_of(note.get("bgcolor"), 1.0)
    return replace(
        _label(note["text"], x, y, (across, down), font), ground=ground, pad=float(note.get("borderpad", 1))
    )


def _noted(note: Mapping[str, Any], plot: Plot, letter: str) -> float:
    """Pixel of an annotation; on a logarithmic axis plotly counts it in powers of ten."""
    axis, value = (plot.x, note["x"]) if letter == "x" else (plot.y, note["y"])
    if axis.log and note.get(f"{letter}ref") in (None, letter):
        return axis.of_axis(float(value))
    return pixel_of(value, note.get(f"{letter}ref"), plot, letter)


def _kept_inside(x: float, across: Anchor, wide: float, width: float) -> float:
    """A label's place moved so that all of it is on the picture."""
    before = {"start": 0.0, "middle": wide / 2, "end": wide}[across]
    return max(before, min(x, width - (wide - before)))


def _label(
    text: str,
    x: float,
    y: float,
    anchors: tuple[Anchor, Anchor],
    font: Mapping[str, Any],
    *,
    room: float | None = None,
    turned: bool = False,
) -> Label:
    return Label(
        lines=text_lines(text),
        x=x,
        y=y,
        across=anchors[0],
        down=anchors[1],
        size=float(font["size"]),
        colour=colour_of(font["color"], 1.0) or "#000000",
        room=room,
        turned=turned,
    )
