"""A chart as a picture for the page: drawings for several widths, of which the place shows one."""

import re

import hard_reviews as hard
import pytest
import sample_review as sample
from lxml import etree

from recsys_roi.render import charts
from recsys_roi.render.pack.paper.fitting import fitting
from recsys_roi.render.pack.paper.still import still_svg
from recsys_roi.render.palette import LIGHT

SVG = "{http://www.w3.org/2000/svg}"
WIDTHS = (400, 905)
HARMLESS = {"svg", "style", "g", "path", "use", "defs", "symbol", "pattern", "clipPath", "rect", "circle"}


def drawing_shown(svg: str, width: float) -> list[int]:
    """Which drawings a place of that width shows, read from the media queries."""
    rules = re.findall(r"@media \(min-width:([\d.]+)px\)(?: and \(max-width:([\d.]+)px\))?\{\.v(\d)", svg)
    return [int(at) for low, high, at in rules if float(low) <= width <= float(high or "inf")]


def test_every_width_shows_exactly_one_drawing():
    drawing = '<svg viewBox="0 0 10 20" width="1pt"><g/></svg>'
    svg = fitting([drawing] * 3, [300.0, 500.0, 900.0], 20.0)
    assert all(len(drawing_shown(svg, tenth / 10)) == 1 for tenth in range(500, 20_000))
    assert [drawing_shown(svg, width) for width in (280, 320, 500, 560, 2000)] == [[0], [0], [1], [2], [2]]


def test_the_picture_has_a_height_of_its_own_and_fills_any_width():
    chart = charts.verdict_picture(sample.ship(), LIGHT)
    root = etree.fromstring(still_svg(chart, widths=WIDTHS))
    assert root.get("width") == "100%"
    assert "viewBox" not in root.attrib
    boxes = [one.get("viewBox").split() for one in root.findall(f"{SVG}svg")]
    assert [float(box[2]) for box in boxes] == list(WIDTHS)
    assert {float(box[3]) for box in boxes} == {float(root.get("height"))}


@pytest.mark.parametrize("base", hard.ALL.values(), ids=hard.ALL)
def test_no_letter_of_a_log_becomes_markup(base):
    chart = charts.verdict_picture(base(), LIGHT)
    root = etree.fromstring(still_svg(chart, widths=WIDTHS))
    tags = {one.tag.removeprefix(SVG) for one in root.iter()}
    assert tags <= {
        "svg",
        "style",
        "g",
        "path",
        "use",
        "defs",
        "symbol",
        "pattern",
        "clipPath",
        "rect",
        "circle",
    }
    assert not [name for one in root.iter() for name in one.attrib if name.lower().startswith("on")]


def test_the_same_chart_gives_the_same_bytes():
    first, again = (still_svg(charts.verdict_picture(sample.ship(), LIGHT), widths=WIDTHS) for _ in "ab")
    assert first == again


@pytest.mark.parametrize("base", hard.ALL.values(), ids=hard.ALL)
def test_what_a_drawing_refers_to_stands_outside_the_drawings_that_are_not_shown(base):
    """A browser draws no hatching from a pattern in a drawing that it does not show."""
    root = etree.fromstring(still_svg(charts.verdict_picture(base(), LIGHT), widths=WIDTHS))
    kept = {one.get("id") for one in root.find(f"{SVG}defs")}
    used = {one.get("{http://www.w3.org/1999/xlink}href").removeprefix("#") for one in root.iter(f"{SVG}use")}
    painted = {one.get("fill") for one in root.iter() if (one.get("fill") or "").startswith("url(")}
    used |= {fill.removeprefix("url(#").removesuffix(")") for fill in painted}
    assert used <= kept
    assert used
