"""Paper shows what the screen shows: every mark of a chart stands where its value is."""

from math import log10

import hard_reviews as hard
import plotly.graph_objects as go
import pytest
import sample_review as sample

from recsys_roi.render import charts
from recsys_roi.render.pack.contents.blocks import Picture
from recsys_roi.render.pack.contents.report import contents_of
from recsys_roi.render.pack.paper.plot import measured
from recsys_roi.render.pack.paper.scene import Label, Mark, Path
from recsys_roi.render.pack.paper.tracing import trace
from recsys_roi.render.palette import DARK, LIGHT

WIDTH = 760.0


def pictures(review):
    contents = contents_of(review)
    found = [block for one in contents.sections for block in one.blocks if isinstance(block, Picture)]
    return [contents.cover.picture, *found]


@pytest.mark.parametrize("base", hard.ALL.values(), ids=hard.ALL)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_chart_can_be_traced_and_stays_on_its_picture(base, palette):
    for picture in pictures(base()):
        scene = trace(picture.draw(palette), WIDTH)
        assert scene.title
        for shape in scene.shapes:
            if isinstance(shape, Path):
                places = shape.points
            elif isinstance(shape, Mark):
                places = ((shape.x, shape.y),)
            else:
                places = label_ends(shape)
            for x, y in places:
                assert -1 <= x <= WIDTH + 1, (picture.name, shape)
                assert -1 <= y <= scene.height + 1, (picture.name, shape)


def label_ends(label: Label):
    text = max(("".join(run.text for run in line) for line in label.lines), key=len)
    wide = measured(text, label.size)
    if label.turned:
        return ((label.x, label.y - wide / 2), (label.x, label.y + wide / 2))
    wide = wide if label.room is None else min(wide, label.room)
    start = label.x - {"start": 0.0, "middle": wide / 2, "end": wide}[label.across]
    return ((start, label.y), (start + wide, label.y))


def test_marks_stand_at_their_values():
    review = sample.hold()
    chart = charts.verdict_picture(review, LIGHT)
    scene = trace(chart, WIDTH)
    low, high = chart.layout.xaxis.range
    box = next(shape for shape in scene.shapes if isinstance(shape, Path) and shape.fill == "#FCE8E8FF")
    green = next(shape for shape in scene.shapes if isinstance(shape, Path) and shape.fill == "#E3F4ECFF")
    left, right = box.points[0][0], green.points[1][0]

    def pixel(value):
        return left + (value - low) / (high - low) * (right - left)

    circle = next(shape for shape in scene.shapes if isinstance(shape, Mark) and shape.symbol == "circle")
    diamond = next(shape for shape in scene.shapes if isinstance(shape, Mark) and shape.symbol == "diamond")
    assert circle.x == pytest.approx(pixel(0.022))
    assert circle.fill == "#FFFFFFFF"
    assert diamond.x == pytest.approx(pixel(0.018))
    assert diamond.fill == "#1F5FBFFF"
    dashed = next(shape for shape in scene.shapes if isinstance(shape, Path) and shape.dash == "dash")
    assert dashed.points[0][0] == pytest.approx(pixel(review.roi.break_even_lift))


def test_bars_start_and_end_at_their_values():
    chart = charts.tornado_chart(sample.roi(npv=-26188.57), LIGHT)
    scene = trace(chart, WIDTH)
    low, high = chart.layout.xaxis.range
    places = chart.layout.xaxis.tickvals
    grid = [s.points[0][0] for s in scene.shapes if isinstance(s, Path) and s.stroke == "#DDE3EAFF"]
    plot = (grid[1] - grid[0]) / (places[1] - places[0]) * (high - low)
    solid = next(shape for shape in scene.shapes if isinstance(shape, Path) and shape.fill == "#1F5FBFFF")
    hatched = [shape for shape in scene.shapes if isinstance(shape, Path) and shape.hatch]
    assert len(hatched) == 4 + 1  # the assumed inputs and the legend's own
    assert wide(solid) == pytest.approx(33373.94 / (high - low) * plot, rel=1e-6)
    assert [wide(bar) for bar in hatched[:4]] == pytest.approx(
        [swing / (high - low) * plot for swing in (13020.914, 13227.263, 13680.585, 19040.0)], rel=1e-5
    )


def wide(bar):
    return bar.points[1][0] - bar.points[0][0]


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (go.Figure(go.Pie(values=[1, 2])), "pie"),
        (go.Figure(go.Scatter(x=[1], y=[1], mode="markers", marker={"symbol": "star"})), "star"),
        (go.Figure(go.Scatter(x=[1, 2], y=[1, 1], mode="lines", line={"dash": "longdash"})), "longdash"),
    ],
)
def test_what_is_not_understood_is_an_error_and_never_left_out(chart, said):
    chart.update_layout(
        template=charts.template(LIGHT),
        height=300,
        xaxis={"range": [0, 3], "tickvals": [1], "ticktext": ["1"]},
        yaxis={"range": [0, 3], "tickvals": [1], "ticktext": ["1"]},
    )
    with pytest.raises(ValueError, match=said):
        trace(chart, WIDTH)


def test_a_map_of_two_inputs_stands_on_logarithmic_axes(demo):
    chart = next(one for one in pictures(demo) if one.name == "map").draw(LIGHT)
    scene = trace(chart, WIDTH)
    found = demo.roi.heat_map
    (low, high), (bottom, top) = chart.layout.xaxis.range, chart.layout.yaxis.range
    cells = [shape for shape in scene.shapes if isinstance(shape, Path) and shape.fill and not shape.stroke]
    cells = cells[: len(found.x) * len(found.y)]
    left, right = min(cell.points[0][0] for cell in cells), max(cell.points[1][0] for cell in cells)
    floor, ceiling = max(cell.points[2][1] for cell in cells), min(cell.points[0][1] for cell in cells)
    (now,) = [shape for shape in scene.shapes if isinstance(shape, Mark) and shape.symbol == "diamond"]
    assert (now.x - left) / (right - left) == pytest.approx(
        (log10(found.x_now) - low) / (high - low), abs=2e-3
    )
    assert (floor - now.y) / (floor - ceiling) == pytest.approx(
        (log10(found.y_now) - bottom) / (top - bottom), abs=2e-3
    )
    worst = min(range(len(cells)), key=lambda at: found.npv[at // len(found.x)][at % len(found.x)])
    red, green, blue = (int(cells[worst].fill[at : at + 2], 16) for at in (1, 3, 5))
    assert (found.npv[worst // len(found.x)][worst % len(found.x)] < 0) == (red > max(green, blue))
    for shape in scene.shapes:
        if isinstance(shape, Label):
            for x, _ in label_ends(shape):
                assert -1 <= x <= WIDTH + 1
