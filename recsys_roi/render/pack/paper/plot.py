"""A chart of the dashboard with its template worked in: axes, texts and colours, ready to be drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from html import unescape
from math import log10
from pathlib import Path as FilePath
from typing import Any

import plotly.graph_objects as go
from PIL import ImageFont

from recsys_roi.numerals import written
from recsys_roi.places import app_folder
from recsys_roi.render.pack.paper.scene import Run

TAG = re.compile(r"(<b>|</b>|<br\s*/?>)")
RGBA = re.compile(r"rgba?\(([^)]*)\)")
LABEL_SHARE = 0.34  # of the width, at most, for labels beside the plot
FIRST_WIDE = 0x2E80  # from here on letters are as wide as high
MEASURED_AT = 100  # pixels
BAR_GAP = 18.0  # pixels between the plot and the scale of a map
GAP = 8.0  # pixels between tick labels and the plot


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """One axis: from data to pixels."""

    low: float
    high: float
    start: float  # pixel of `low`
    end: float  # pixel of `high`
    names: tuple[str, ...] = ()  # of a category axis, in order
    log: bool = False  # `low` and `high` are powers of ten

    def place(self, value: Any) -> float:
        """Pixel of a value, a category, or a moment as text on an axis of time."""
        number = float(self.names.index(value)) if self.names else place_of(value)
        return self.of_axis(log10(number) if self.log else number)

    def of_axis(self, number: float) -> float:
        """Pixel of a place as the axis counts it: on a logarithmic axis, of a power of ten."""
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """The chart's parts with its template worked in, and its two axes."""

    traces: tuple[dict[str, Any], ...]
    layout: dict[str, Any]
    x: Axis
    y: Axis

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the plot in pixels."""
        return (self.x.start, self.y.end, self.x.end, self.y.start)


def resolved(chart: go.Figure) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
    """The chart as plain data, the template's values where it gives none of its own."""
    plain = chart.to_plotly_json()
    own = dict(plain["layout"])
    template = dict(dict(own.pop("template", {}) or {}).get("layout", {}))
    layout = _merged(template, own)
    defaults = layout.get("annotationdefaults", {})
    layout["annotations"] = [_merged(defaults, dict(note)) for note in layout.get("annotations", ())]
    colours = layout["colorway"]
    traces = tuple(
        {**dict(one), "colour": colours[at % len(colours)]} for at, one in enumerate(plain["data"])
    )
    return layout, traces


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(base)
    for key, value in over.items():
        held = found.get(key)
        found[key] = (
            _merged(held, value) if isinstance(held, Mapping) and isinstance(value, Mapping) else value
        )
    return found


def room_above(layout: Mapping[str, Any]) -> float:
    """Room above the plot: a line of text where something is written there."""
    written = any(
        note.get("yanchor") == "bottom" and float(note.get("y", 0)) >= 1
        for note in layout.get("annotations", ())
    )
    return 26.0 if written else 10.0


def room_left(layout: Mapping[str, Any], traces: Sequence[Mapping[str, Any]], width: float) -> float:
    axis = layout["yaxis"]
    margin = float(layout["margin"]["l"])
    if axis.get("visible") is False:
        return margin
    size = float(axis["tickfont"]["size"])
    texts = axis.get("ticktext") or axis.get("categoryarray") or ()
    widest = max((measured(plain_text(text), size) for text in texts), default=0.0)
    title = size * 1.6 if (axis.get("title") or {}).get("text") else 0.0
    return min(margin + widest + GAP + title, LABEL_SHARE * width)


def room_below(layout: Mapping[str, Any], traces: Sequence[Mapping[str, Any]]) -> float:
    axis = layout["xaxis"]
    if axis.get("visible") is False:
        return 8.0
    size = float(axis["tickfont"]["size"])
    title = size * 1.7 if (axis.get("title") or {}).get("text") else 0.0
    return size * 1.8 + title + legend_height(layout, traces)


def axis_of(
    axis: Mapping[str, Any], traces: Sequence[Mapping[str, Any]], letter: str, *, start: float, end: float
) -> Axis:
    names = tuple(axis.get("categoryarray") or ())
    if names:
        return Axis(low=-0.5, high=len(names) - 0.5, start=start, end=end, names=names)
    if axis.get("range") is None:
        raise ValueError(f"the {letter} axis of this chart has no range")
    kind = axis.get("type", "linear")
    if kind not in ("linear", "log", "date"):
        raise ValueError(f"a {kind} axis cannot be traced")
    low, high = (place_of(place) for place in axis["range"])
    return Axis(low=low, high=high, start=start, end=end, log=kind == "log")


def place_of(value: Any) -> float:
    """A number as it is; a day or moment, as plotly takes it, in seconds."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
    return float(value)


def pixel_of(value: Any, reference: Any, plot: Plot, letter: str) -> float:
    """Pixels of a place given in data, or as a share of the plot ("paper" and "x domain")."""
    axis = plot.x if letter == "x" else plot.y
    if reference in ("paper", f"{letter} domain"):
        return axis.start + float(value) * (axis.end - axis.start)
    return axis.place(value)


def ticks_of(given: Mapping[str, Any], axis: Axis) -> list[tuple[Any, str]]:
    if axis.names:
        return [(name, name) for name in axis.names]
    if given.get("tickvals") is not None:
        return list(zip(given["tickvals"], given["ticktext"], strict=True))
    step = given.get("dtick")
    if step is None:
        raise ValueError("an axis without its own ticks cannot be traced")
    count = int(axis.high // step)
    return [
        (step * index, written(f"{step * index:g}")) for index in range(count + 1) if step * index >= axis.low
    ]


def named_traces(layout: Mapping[str, Any], traces: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The traces that the legend names."""
    shown = [one for one in traces if one.get("showlegend") is not False and one.get("name")]
    wanted = layout.get("showlegend")
    return shown if wanted or (wanted is None and len(shown) > 1) else []


def legend_height(layout: Mapping[str, Any], traces: Sequence[Mapping[str, Any]]) -> float:
    return float(layout["font"]["size"]) * 1.9 if named_traces(layout, traces) else 0.0


def text_lines(text: str) -> tuple[tuple[Run, ...], ...]:
    """Plotly's own markup (bold and breaks) as runs; everything else is unescaped text."""
    lines: list[list[Run]] = [[]]
    bold = False
    for part in TAG.split(text):
        if part.startswith("<br"):
            lines.append([])
        elif part in ("<b>", "</b>"):
            bold = part == "<b>"
        elif part:
            lines[-1].append(Run(text=unescape(part), bold=bold))
    return tuple(tuple(line) for line in lines)


def plain_text(text: str) -> str:
    """A chart's text without its markup, on one line."""
    return " ".join("".join(run.text for run in line) for line in text_lines(text))


def colour_of(given: Any, opacity: float) -> str | None:
    """#RRGGBBAA of a colour as plotly writes it; None where there is none."""
    if not given:
        return None
    if not isinstance(given, str):
        raise TypeError(f"a colour {given!r} cannot be traced")
    found = RGBA.fullmatch(given.replace(" ", ""))
    if found:
        parts = [float(part) for part in found.group(1).split(",")]
        opacity *= parts[3] if len(parts) == 4 else 1.0
        given = "#" + "".join(f"{round(part):02X}" for part in parts[:3])
    return f"{given}{round(opacity * 255):02X}"


def measured(text: str, size: float) -> float:
    """Width of a line of text in pixels, in the shipped font; wide scripts count as their size."""
    return sum(map(_advance, text)) * size


@lru_cache(maxsize=4096)
def _advance(letter: str) -> float:
    """Width of one letter, in its size."""
    return 1.0 if ord(letter) >= FIRST_WIDE else _font().getlength(letter) / MEASURED_AT


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts_folder() / "IBMPlexSans-SemiBold.ttf"), MEASURED_AT)


def fonts_folder() -> FilePath:
    """Where the shipped fonts are."""
    return app_folder() / "static" / "fonts"
