"""The dashboard's charts as native charts on slides: their figures can be edited in the deck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Any

import plotly.graph_objects as go
from lxml import etree
from pptx.chart.data import XyChartData
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_LINE_DASH_STYLE, MSO_PATTERN
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Pt

from recsys_roi.numerals import in_english
from recsys_roi.render.pack.deck.text import Box, panel, rgb, style, write
from recsys_roi.render.pack.paper.plot import RGBA, measured, plain_text, resolved
from recsys_roi.render.palette import LIGHT

POINTS_A_PIXEL = 0.75
LABEL_LETTERS = 20  # of a data label; programs break longer ones as they like, so those are text boxes
MARKERS = {
    "circle": XL_MARKER_STYLE.CIRCLE,
    "diamond": XL_MARKER_STYLE.DIAMOND,
    "square": XL_MARKER_STYLE.SQUARE,
    "triangle-left": XL_MARKER_STYLE.TRIANGLE,
    "triangle-right": XL_MARKER_STYLE.TRIANGLE,
}
DASHES = {"dash": MSO_LINE_DASH_STYLE.DASH, "dot": MSO_LINE_DASH_STYLE.ROUND_DOT}
SIDES = {"left": XL_LABEL_POSITION.RIGHT, "right": XL_LABEL_POSITION.LEFT}
ALIGN = {"left": PP_ALIGN.LEFT, "center": PP_ALIGN.CENTER, "right": PP_ALIGN.RIGHT}


def lift_axis_chart(slide: Any, box: Box, figure: go.Figure, name: str) -> None:
    """A chart of intervals and marks on one axis as a native XY chart.

    Zones stand behind it as rectangles, names of rows beside it as text; what is written at a mark is that
    mark's data label.
    """
    layout, traces = resolved(figure)
    drawn_to = layout["xaxis"]["range"]
    layout["xaxis"]["range"] = _whole_ticks(layout["xaxis"])
    ticks = layout["yaxis"].get("ticktext") if layout["yaxis"].get("visible") is not False else None
    left = 0.0 if not ticks else 0.3
    inner = Box(
        left=box.left + left * box.width + 0.1,
        top=box.top + 0.36,
        width=box.width * (1 - left) - 0.3,
        height=box.height - 1.12,
    )
    place = _Places(layout, inner)
    for shape in layout.get("shapes", ()):
        if shape["type"] == "rect":
            x0, x1 = (place.x(_end(shape[key], drawn_to, layout["xaxis"]["range"])) for key in ("x0", "x1"))
            zone = Box(left=min(x0, x1), top=inner.top, width=abs(x1 - x0), height=inner.height)
            panel(slide, zone, ground=solid(shape["fillcolor"], 1.0), edge=None)
    labels = {(note["x"], note["y"]): note for note in layout["annotations"]}
    hatched = [one for one in traces if one.get("fillpattern")]
    data, drawn = _series(layout, traces)
    frame = slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER_LINES, *box.emu, data)
    frame.name = name
    _frame(frame.chart, layout, box, inner)
    used = _dress(frame.chart, drawn, labels)
    for one in hatched:
        _hatched(slide, one, place)
    for key, note in labels.items():
        if key not in used:
            _written(slide, note, place, box)
    for value, text in zip(layout["yaxis"].get("tickvals") or (), ticks or (), strict=False):
        middle = place.y(value)
        room = Box(left=box.left, top=middle - 0.25, width=left * box.width - 0.12, height=0.5)
        write(
            slide,
            room,
            [plain_text(text)],
            sizes=(13, 12, 11, 10, 9, 8, 7),
            anchor=MSO_ANCHOR.MIDDLE,
            align=PP_ALIGN.RIGHT,
        )


def _whole_ticks(axis: Mapping[str, Any]) -> tuple[float, float]:
    """The range widened to whole ticks, since a native axis counts its ticks from its end."""
    low, high = (float(end) for end in axis["range"])
    places = [float(place) for place in axis.get("tickvals") or ()]
    if len(places) < 2:
        return (low, high)
    step = places[1] - places[0]
    return (
        places[0] + step * floor((low - places[0]) / step),
        places[0] + step * ceil((high - places[0]) / step),
    )


def _end(value: float, before: Sequence[float], now: Sequence[float]) -> float:
    """An end of a zone; one that stood at the end of the axis goes on to its new end."""
    return now[0] if value == before[0] else now[1] if value == before[1] else value


class _Places:
    """Where a value of the chart stands on the slide, in inches."""

    def __init__(self, layout: Mapping[str, Any], inner: Box) -> None:
        self.inner = inner
        self.across = tuple(float(end) for end in layout["xaxis"]["range"])
        self.down = tuple(float(end) for end in layout["yaxis"]["range"])

    def x(self, value: float) -> float:
        low, high = self.across
        return self.inner.left + (float(value) - low) / (high - low) * self.inner.width

    def y(self, value: float) -> float:
        low, high = self.down
        return self.inner.top + (high - float(value)) / (high - low) * self.inner.height


Drawn = tuple[Mapping[str, Any], str]  # a trace or a line, and which of the two


def _series(
    layout: Mapping[str, Any], traces: Sequence[Mapping[str, Any]]
) -> tuple[XyChartData, list[Drawn]]:
    """Every line, bar and mark as one series of points."""
    data, drawn = XyChartData(), []
    low, high = (float(end) for end in layout["yaxis"]["range"])
    for shape in layout.get("shapes", ()):
        if shape["type"] == "line":
            name = "break-even" if (shape.get("line") or {}).get("dash") == "dash" else "zero"
            series = data.add_series(name)
            for y in (low, high):
                series.add_data_point(float(shape["x0"]), y)
            drawn.append((shape, "line"))
    for one in traces:
        if one.get("fillpattern"):
            continue
        series = data.add_series(plain_text(str(one.get("name") or "")))
        for x, y in zip(one["x"], one["y"], strict=True):
            series.add_data_point(float(x), float(y))
        drawn.append((one, "trace"))
        if _hollow(one):
            middle = data.add_series(f"{plain_text(str(one.get('name') or ''))}, hollow middle")
            for x, y in zip(one["x"], one["y"], strict=True):
                middle.add_data_point(float(x), float(y))
            drawn.append((one, "middle"))
    return data, drawn


def _hollow(one: Mapping[str, Any]) -> bool:
    """Whether a mark is a ring; not every program that opens decks draws the edge of a mark."""
    marker = one.get("marker") or {}
    ring = float((marker.get("line") or {}).get("width", 0))
    return "markers" in one.get("mode", "lines") and marker.get("symbol") == "circle" and ring > 1


def _dress(
    chart: Any, drawn: Sequence[Drawn], labels: Mapping[tuple[Any, Any], Mapping[str, Any]]
) -> set[tuple[Any, Any]]:
    """Gives each series its look and its labels; the labels that were used up."""
    used: set[tuple[Any, Any]] = set()
    for series, (one, kind) in zip(chart.plots[0].series, drawn, strict=True):
        series.smooth = False
        marked = kind != "line" and "markers" in one.get("mode", "lines")
        lined = kind != "middle" and (kind == "line" or "lines" in one.get("mode", "lines"))
        _line(series, one.get("line") or {}, float(one.get("opacity", 1.0)), shown=lined)
        _marker(series, one.get("marker") or {}, shown=marked, ring=_hollow(one), middle=kind == "middle")
        if kind != "trace":
            continue
        for index, point in enumerate(zip(one["x"], one["y"], strict=True)):
            note = labels.get(point)
            if note is not None and point not in used and len(plain_text(note["text"])) <= LABEL_LETTERS:
                used.add(point)
                _label(series.points[index], note)
    return used


def _line(series: Any, line: Mapping[str, Any], opacity: float, *, shown: bool) -> None:
    if not shown:
        series.format.line.fill.background()
        return
    series.format.line.color.rgb = rgb(solid(line.get("color", LIGHT.text), 1.0))
    if opacity < 1:
        colour = series.format.line._ln.find(qn("a:solidFill"))[0]
        etree.SubElement(colour, qn("a:alpha")).set("val", f"{round(opacity * 100_000)}")
    series.format.line.width = Pt(float(line.get("width", 2)) * POINTS_A_PIXEL)
    if line.get("dash") in DASHES:
        series.format.line.dash_style = DASHES[line["dash"]]
    series.format.line._ln.set("cap", "flat")


def _marker(series: Any, marker: Mapping[str, Any], *, shown: bool, ring: bool, middle: bool) -> None:
    """A mark; a ring is a coloured mark with a smaller one in the ground's colour over it."""
    if not shown:
        series.marker.style = XL_MARKER_STYLE.NONE
        return
    edge = marker.get("line") or {}
    size, width = float(marker.get("size", 8)), float(edge.get("width", 0))
    colour = edge["color"] if ring and not middle else marker["color"]
    size += width * (-1 if middle else 1) * ring
    series.marker.style = MARKERS[marker.get("symbol", "circle")]
    series.marker.size = max(3, round(size * POINTS_A_PIXEL))
    series.marker.format.fill.solid()
    series.marker.format.fill.fore_color.rgb = rgb(solid(colour, 1.0))
    series.marker.format.line.fill.background()


def _label(point: Any, note: Mapping[str, Any]) -> None:
    """What is written at a mark, as its data label."""
    label = point.data_label
    above = float(note.get("yshift", 0))
    side = XL_LABEL_POSITION.ABOVE if above > 0 else XL_LABEL_POSITION.BELOW
    label.position = SIDES.get(str(note.get("xanchor")), side) if above == 0 else side
    run = label.text_frame.paragraphs[0].add_run()
    run.text = plain_text(note["text"])
    style(run.font, 12, solid(note["font"]["color"], 1.0), bold="<b>" in note["text"])


def _frame(chart: Any, layout: Mapping[str, Any], box: Box, inner: Box) -> None:
    """Axes, and the plot nailed to its place so that zones and names stay beside it."""
    chart.has_legend = False
    chart.has_title = False
    across, down = chart.category_axis, chart.value_axis
    axis = layout["xaxis"]
    across.minimum_scale, across.maximum_scale = (float(end) for end in axis["range"])
    down.minimum_scale, down.maximum_scale = (float(end) for end in layout["yaxis"]["range"])
    down.visible = False
    down.has_major_gridlines = False
    across.has_major_gridlines = False
    across.format.line.color.rgb = rgb(LIGHT.grid)
    across.major_tick_mark = XL_TICK_MARK.NONE
    across.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    places = [float(place) for place in axis.get("tickvals") or ()]
    if len(places) > 1:
        across.major_unit = places[1] - places[0]
    across.tick_labels.number_format = _tick_format(axis)
    across.tick_labels.number_format_is_linked = False
    style(across.tick_labels.font, 12, LIGHT.muted)
    across.has_title = True
    run = across.axis_title.text_frame.paragraphs[0].add_run()
    run.text = plain_text((axis.get("title") or {}).get("text") or "")
    style(run.font, 12, LIGHT.text)
    _nail(chart, box, inner)


def _tick_format(axis: Mapping[str, Any]) -> str:
    texts = [in_english(str(text)).removesuffix("%").strip() for text in axis.get("ticktext") or ()]
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    digits = f"0.{'0' * decimals}" if decimals else "0"
    plus = "+" if any(text.startswith("+") for text in texts) else ""
    return f'{plus}{digits}" "%;-{digits}" "%;0" "%'


def _nail(chart: Any, box: Box, inner: Box) -> None:
    plot = chart._chartSpace.chart.plotArea
    old = plot.find(qn("c:layout"))
    if old is not None:
        plot.remove(old)
    layout = etree.SubElement(plot, qn("c:layout"))
    plot.insert(0, layout)
    manual = etree.SubElement(layout, qn("c:manualLayout"))
    parts = {
        "layoutTarget": "inner",
        "xMode": "edge",
        "yMode": "edge",
        "x": (inner.left - box.left) / box.width,
        "y": (inner.top - box.top) / box.height,
        "w": inner.width / box.width,
        "h": inner.height / box.height,
    }
    for tag, value in parts.items():
        etree.SubElement(manual, qn(f"c:{tag}")).set("val", f"{value}")


def _hatched(slide: Any, one: Mapping[str, Any], place: _Places) -> None:
    """The box that stands where nothing can be measured."""
    left, right = place.x(min(one["x"])), place.x(max(one["x"]))
    top, bottom = place.y(max(one["y"])), place.y(min(one["y"]))
    shape = panel(slide, Box(left=left, top=top, width=right - left, height=bottom - top), edge=LIGHT.muted)
    shape.fill.patterned()
    shape.fill.pattern = MSO_PATTERN.LIGHT_UPWARD_DIAGONAL
    shape.fill.fore_color.rgb = rgb(LIGHT.muted)
    shape.fill.back_color.rgb = rgb(LIGHT.cannot_tell.ground)


def _written(slide: Any, note: Mapping[str, Any], place: _Places, box: Box) -> None:
    """A word of the chart that belongs to no mark, as a text box."""
    text = plain_text(note["text"])
    paper = note.get("yref") in ("paper", "y domain")
    y = place.inner.top + (1 - float(note["y"])) * place.inner.height if paper else place.y(note["y"])
    anchor = str(note.get("xanchor", "center"))
    wide, high = measured(text, 12) / 72 * 1.04 + 0.4, 0.3
    if wide > place.inner.width * 0.8:
        wide, high = place.inner.width * 0.8, 0.5
    x = place.x(note["x"]) + float(note.get("xshift", 0)) / 96
    left = {"left": x, "center": x - wide / 2, "right": x - wide}[anchor]
    left = min(max(left, place.inner.left), box.left + box.width - wide)
    top = {"top": y, "middle": y - high / 2, "bottom": y - high}[str(note.get("yanchor", "middle"))]
    top -= float(note.get("yshift", 0)) / 96
    room = Box(left=left, top=top, width=wide, height=high)
    shape = write(
        slide,
        room,
        [text],
        sizes=(12, 11, 10, 9),
        colour=solid(note["font"]["color"], 1.0),
        anchor=MSO_ANCHOR.MIDDLE,
        align=ALIGN[anchor],
    )
    if str(note.get("bgcolor") or "").startswith("#"):
        shape.fill.solid()
        shape.fill.fore_color.rgb = rgb(solid(note["bgcolor"], 1.0))


def solid(colour: Any, opacity: float) -> str:
    """A colour without transparency, as it looks on white."""
    found = RGBA.fullmatch(str(colour).replace(" ", ""))
    if found:
        red, green, blue, *_ = (float(part) for part in found.group(1).split(","))
        return f"#{round(red):02X}{round(green):02X}{round(blue):02X}"
    parts = [int(str(colour)[index : index + 2], 16) for index in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * opacity):02X}" for part in parts)
