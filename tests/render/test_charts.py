"""The charts carry the review's figures, and a hatched box with the reason where there is none."""

from statistics import NormalDist

import plotly.graph_objects as go
import pytest
import sample_review as sample

from recsys_roi.render import charts
from recsys_roi.render.palette import DARK, LIGHT

PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def trace(chart: go.Figure, name: str):
    return next(found for found in chart.data if found.name == name)


def named(chart: go.Figure) -> set[str]:
    return {found.name for found in chart.data}


def texts(chart: go.Figure) -> str:
    return " | ".join(note.text for note in chart.layout.annotations)


def every_chart(palette):
    for base in sample.ALL.values():
        review = base()
        rows = [row for kpi in review.kpis for row in charts.kpi_rows(kpi)]
        guarded = charts.guardrail_rows(review.guardrails)
        yield charts.verdict_picture(review, palette)
        yield charts.cash_chart(review.roi, palette)
        yield charts.npv_chart(review.roi, palette)
        yield charts.tornado_chart(review.roi, palette)
        yield charts.interval_chart(
            rows, "relative_lift", "no change", palette=palette, title="How large is the lift?"
        )
        yield charts.interval_chart(
            guarded, "share_of_limit", "no harm", palette=palette, title="Is it safe?"
        )


@PALETTES
def test_one_template_for_every_chart(palette):
    for chart in every_chart(palette):
        look = chart.layout.template.layout
        assert tuple(look.colorway) == palette.colorway
        assert look.xaxis.title.font.color == look.yaxis.title.font.color == palette.text
        assert look.font.size == 14
        assert look.xaxis.automargin
        assert look.yaxis.automargin
        assert look.paper_bgcolor == look.plot_bgcolor == "rgba(0,0,0,0)"
        assert chart.layout.title.text.endswith("?")
        assert all((note.font.size or 14) >= 14 for note in chart.layout.annotations)


@PALETTES
def test_every_visible_value_axis_has_a_unit(palette):
    for chart in every_chart(palette):
        if chart.layout.xaxis.visible is not False:
            title = chart.layout.xaxis.title.text
            assert "%" in title or "EUR" in title or "Month" in title


@pytest.mark.parametrize("base", [sample.ship, sample.hold, sample.roll_back])
def test_the_verdict_picture_carries_lift_range_and_counted_value(base):
    review = base()
    chart = charts.verdict_picture(review, LIGHT)
    lift = review.primary.relative_lift
    assert list(trace(chart, "always-valid range").x) == [lift.lower, lift.upper]
    assert list(trace(chart, "measured").x) == [lift.estimate]
    assert list(trace(chart, "counted").x) == [review.roi.lift]
    assert trace(chart, "measured").marker.color == LIGHT.background
    assert trace(chart, "counted").marker.symbol == "diamond"
    assert trace(chart, "always-valid range").line.color == LIGHT.candidate
    low, high = chart.layout.xaxis.range
    assert low < min(0, lift.lower) < max(0, lift.upper) < high


def test_zones_meet_at_zero_and_at_the_break_even_lift():
    review = sample.ship()
    chart = charts.verdict_picture(review, LIGHT)
    zones = [shape for shape in chart.layout.shapes if shape.type == "rect"]
    assert [zone.fillcolor for zone in zones] == [LIGHT.act.ground, LIGHT.watch.ground, LIGHT.ok.ground]
    assert [zone.x1 for zone in zones[:2]] == [0.0, review.roi.break_even_lift]
    assert zones[2].x0 == review.roi.break_even_lift
    dashed = [shape for shape in chart.layout.shapes if shape.line.dash == "dash"]
    assert [shape.x0 for shape in dashed] == [review.roi.break_even_lift]
    for said in (
        "loses",
        "gains but does not pay",
        "pays",
        "break-even +1.1 %",
        "measured +4.1 %",
        "counted +3.5 %",
    ):
        assert said in texts(chart)


def test_a_far_break_even_is_said_and_does_not_crush_the_bar():
    review = sample.hold()
    review = review.model_copy(update={"roi": review.roi.model_copy(update={"break_even_lift": 0.57})})
    chart = charts.verdict_picture(review, LIGHT)
    low, high = chart.layout.xaxis.range
    lift = review.primary.relative_lift
    assert high < 0.57
    assert (lift.upper - lift.lower) / (high - low) > 0.5
    assert "break-even +57 %, off the chart to the right" in texts(chart)
    assert not [shape for shape in chart.layout.shapes if shape.line.dash == "dash"]


@pytest.mark.parametrize("break_even", [None, 0.0])
def test_without_costs_to_earn_back_there_is_no_middle_zone(break_even):
    chart = charts.verdict_picture(sample.ship(roi=sample.roi(break_even_lift=break_even)), LIGHT)
    assert len([shape for shape in chart.layout.shapes if shape.type == "rect"]) == 2
    assert "break-even" not in texts(chart)
    assert "gains" in texts(chart)


def test_no_lift_is_a_hatched_box_with_the_reason():
    kpi = sample.hold().kpis[1].model_copy(update={"primary": True})
    chart = charts.verdict_picture(sample.ship(kpis=(kpi,)), LIGHT)
    assert trace(chart, "not measurable").fillpattern.shape == "/"
    assert "Needs 100 users an arm; has 58." in texts(chart)
    assert named(chart) == {"not measurable"}


def test_a_plan_shows_what_is_assumed_as_assumed():
    review = sample.plan_only()
    chart = charts.verdict_picture(review, LIGHT)
    assert list(trace(chart, "assumed").x) == [review.roi.lift]
    spread = NormalDist(review.roi.lift, review.roi.lift_sd)
    assert list(trace(chart, "assumed range").x) == pytest.approx(
        [spread.inv_cdf(0.025), spread.inv_cdf(0.975)]
    )
    assert trace(chart, "assumed range").line.dash == "dot"
    assert "Assumed" in chart.layout.title.subtitle.text
    empty = review.model_copy(update={"roi": sample.no_roi("missing")})
    assert named(charts.verdict_picture(empty, LIGHT)) == {"not measurable"}


def test_a_failed_check_greys_the_lift():
    chart = charts.verdict_picture(sample.ship(integrity=(sample.check("srm", "fail"),)), LIGHT)
    assert trace(chart, "always-valid range").line.color == LIGHT.cannot_tell.text
    assert trace(chart, "counted").marker.color == LIGHT.cannot_tell.text
    assert "Do not rely" in chart.layout.title.subtitle.text


def test_kpi_rows_are_a_thick_and_a_thin_line():
    kpi = sample.hold().primary
    main, thin = charts.kpi_rows(kpi)
    assert (main.lower, main.estimate, main.upper) == (-0.025, 0.022, 0.069)
    assert thin.role == "fixed_horizon"
    assert (thin.lower, thin.upper) == (
        kpi.fixed_horizon.relative_lift.lower,
        kpi.fixed_horizon.relative_lift.upper,
    )
    assert main.counted == kpi.posterior.mean
    chart = charts.interval_chart(
        (main, thin), "relative_lift", "no change", palette=LIGHT, title="How large?"
    )
    lines = [found for found in chart.data if found.mode == "lines"]
    assert [line.line.width for line in lines] == [12, 3]
    assert [list(line.x) for line in lines] == [[main.lower, main.upper], [thin.lower, thin.upper]]
    assert len(chart.layout.yaxis.ticktext) == 1
    assert "planned end date" in chart.layout.title.subtitle.text


def test_guardrails_are_a_share_of_their_limit():
    rows = charts.guardrail_rows((sample.latency("breach", 0.25, 0.38), sample.unlogged(sample.error_rate())))
    assert rows[0].estimate == pytest.approx(2.5)
    assert rows[0].upper == pytest.approx(3.8)
    assert rows[0].role == "act"
    assert rows[1].estimate is None
    limit = charts.Reference(value=1.0, label="limit")
    chart = charts.interval_chart(rows, "share_of_limit", "no harm", limit, palette=LIGHT, title="Safe?")
    assert trace(chart, "p95 latency").line.color == LIGHT.act.text
    assert "Cannot tell: error is not logged." in texts(chart)
    assert [shape.x0 for shape in chart.layout.shapes] == [0.0, 1.0]
    assert "limit" in texts(chart)


def test_a_limit_of_zero_is_not_divided_by():
    (row,) = charts.guardrail_rows((sample.error_rate(margin=0.0, status="warn"),))
    assert row.estimate is None
    assert row.role == "cannot_tell"


def test_slices_are_sorted_and_a_wide_one_is_cut_with_an_arrow():
    slices = (
        sample.slice_of("tv", -0.12, -0.09, -0.05, harm=True),
        sample.slice_of("watch", 0, 0, 0, relative_lift=None, shrunken=None, reason="too_few_users"),
        sample.slice_of("mobile", -0.01, 0.03, 0.07),
        sample.slice_of("tablet", -0.9, 0.2, 4.0),
        sample.slice_of("desktop", 0.002, 0.05, 0.1),
    )
    rows = charts.slice_rows(slices)
    assert [row.label for row in rows] == [
        *("device: tablet", "device: desktop", "device: mobile", "device: tv", "device: watch"),
    ]
    assert rows[3].role == "act"
    chart = charts.interval_chart(rows, "relative_lift", "no change", palette=LIGHT, title="Who loses?")
    low, high = chart.layout.xaxis.range
    assert -0.9 < low < -0.12
    assert 0.2 < high < 4.0
    arrows = [found for found in chart.data if str(found.marker.symbol).startswith("triangle")]
    assert {(found.name, found.x[0]) for found in arrows} == {
        ("device: tablet", low),
        ("device: tablet", high),
    }


def test_a_far_reference_is_said_at_the_edge_and_a_near_one_is_drawn():
    rows = charts.slice_rows((sample.slice_of("mobile", -0.01, 0.03, 0.07),))

    def drawn(value, **more):
        line = charts.Reference(value=value, label=f"at {value}", **more)
        return charts.interval_chart(rows, "relative_lift", "no change", line, palette=LIGHT, title="Who?")

    far = drawn(3.22, needed=False)
    low, high = far.layout.xaxis.range
    assert high < 0.1
    assert "at 3.22, off the chart →" in texts(far)
    assert not [shape for shape in far.layout.shapes if shape.line.dash == "dash"]
    assert "← at -3.22, off the chart" in texts(drawn(-3.22, needed=False))
    for chart in (drawn(0.12, needed=False), drawn(3.22)):
        (line,) = [shape for shape in chart.layout.shapes if shape.line.dash == "dash"]
        low, high = chart.layout.xaxis.range
        assert low < line.x0 < high
        (label,) = [note for note in chart.layout.annotations if note.text.startswith("at ")]
        assert label.xanchor == "right"  # near the right edge, where it would be cut


def test_names_from_logs_are_not_markup():
    hostile = '<a href="https://example.org">x</a><b>' + "y" * 60
    rows = charts.slice_rows((sample.slice_of(hostile, -0.01, 0.03, 0.07),))
    chart = charts.interval_chart(rows, "relative_lift", "no change", palette=LIGHT, title="Who loses?")
    (label,) = chart.layout.yaxis.ticktext
    assert "<" not in label
    assert label.endswith("…")
    assert all("<a" not in found.hovertemplate for found in chart.data)


def test_cash_turns_where_the_line_crosses_zero():
    roi = sample.roi()
    chart = charts.cash_chart(roi, LIGHT)
    assert list(trace(chart, "net in the month").y) == [flow.net for flow in roi.months]
    line = trace(chart, "cumulative")
    assert list(line.y) == pytest.approx([-31200.0, *(flow.cumulative for flow in roi.months)])
    before = max(index for index, total in enumerate(line.y) if total < 0)
    crossing = line.x[before] - line.y[before] / (line.y[before + 1] - line.y[before])
    assert list(trace(chart, "paid back").x) == [roi.payback_months]
    assert crossing == pytest.approx(3.1907840459239396, rel=1e-9)  # S8.roi_positive
    assert chart.layout.title.subtitle.text == "Pays back in month 4."


def test_cash_without_payback_has_no_mark():
    chart = charts.cash_chart(sample.hold().roi, LIGHT)
    assert "paid back" not in named(chart)
    assert "Does not pay back" in chart.layout.title.subtitle.text


def test_the_spread_is_a_bell_only_when_the_lift_alone_is_uncertain():
    roi = sample.roi()
    chart = charts.npv_chart(roi, LIGHT)
    assert {"loses", "makes money"} <= named(chart)
    assert list(trace(chart, "percentiles").x) == [roi.p10, roi.p50, roi.p90]
    assert max(trace(chart, "makes money").y) == pytest.approx(1.0, abs=1e-3)
    assert all(place <= 0 for place in trace(chart, "loses").x)
    other = charts.npv_chart(sample.roi(p10=-20000.0, p90=300000.0), LIGHT)
    assert "loses" not in named(other)
    assert list(trace(other, "eight chances in ten").x) == [-20000.0, 300000.0]
    assert "1 in 10 below EUR -20k" in texts(other)


def test_a_value_far_from_zero_keeps_its_spread_readable():
    roi = sample.roi_at(0.035, 0.00001, 1000.0)
    chart = charts.npv_chart(roi, LIGHT)
    low, high = chart.layout.xaxis.range
    assert 0 < low < roi.p10 < roi.p90 < high
    assert "break even" not in texts(chart)


def test_the_tornado_marks_measured_and_assumed():
    roi = sample.roi(npv=-26188.57)
    chart = charts.tornado_chart(roi, LIGHT)
    measured, assumed = trace(chart, "measured"), trace(chart, "assumed")
    assert list(measured.y) == ["Lift"]
    assert list(measured.base) == [-42875.54]
    assert list(measured.x) == [pytest.approx(33373.94)]
    assert measured.marker.pattern.shape == ""
    assert assumed.marker.pattern.shape == "/"
    assert len(assumed.y) == 4
    assert chart.layout.yaxis.categoryarray[-1] == "Lift"


@pytest.mark.parametrize("draw", [charts.cash_chart, charts.npv_chart, charts.tornado_chart])
def test_money_that_cannot_be_counted_is_a_hatched_box(draw):
    chart = draw(sample.no_roi("zero_denominator"), LIGHT)
    assert named(chart) == {"not measurable"}
    assert "nothing to divide by" in texts(chart)


@pytest.mark.parametrize("spread", [4.0, 40.0, 4e3, 4e5])
def test_no_two_ticks_of_an_amount_read_alike(spread):
    """A spread that is tiny beside its middle needs more digits than three."""
    middle = 127_693.0
    roi = sample.roi(npv=middle, p10=middle - spread, p50=middle, p90=middle + spread)
    bars = [bar.model_copy(update={"low": middle - spread, "high": middle + spread}) for bar in roi.tornado]
    for chart in (
        charts.npv_chart(roi, LIGHT),
        charts.tornado_chart(roi.model_copy(update={"tornado": tuple(bars)}), LIGHT),
    ):
        axis = chart.layout.xaxis
        assert len(set(axis.ticktext)) == len(axis.ticktext) > 2
        scale = {"k": 1e3, "M": 1e6}
        for place, text in zip(axis.tickvals, axis.ticktext, strict=True):
            assert float(text.rstrip("kM")) * scale.get(text[-1], 1) == pytest.approx(place, rel=1e-12)
    notes = [note.text for note in charts.npv_chart(roi, LIGHT).layout.annotations if "1 in 10" in note.text]
    assert len({note.split("EUR")[1] for note in notes}) == 2


@pytest.mark.parametrize("high", [0.0125, 0.11, 0.13, 1.4])
def test_a_tick_of_a_lift_says_the_place_where_it_stands(high):
    """Percents are written whole from 10 % on, but 12.5 % on an axis is not 12 %."""
    chart = charts.verdict_picture(
        sample.ship(kpis=(sample.kpi(-high / 3, high / 2, high, high / 3),)), LIGHT
    )
    axis = chart.layout.xaxis
    for place, text in zip(axis.tickvals, axis.ticktext, strict=True):
        assert float(text.removesuffix(" %")) / 100 == pytest.approx(place, abs=1e-9)


@pytest.mark.parametrize("middle", [-1e24, -3200.0, 0.0, 5e-5, 7e11])
@pytest.mark.parametrize("part", [0.0, 1e-16, 1e-11, 1e-5])
def test_amounts_next_to_the_same_have_an_axis_all_the_same(middle, part):
    spread = abs(middle) * part
    ends = {"low": middle - spread, "high": middle + spread, "swing": 2 * spread}
    roi = sample.roi(npv=middle, p10=middle - spread, p50=middle, p90=middle + spread)
    roi = roi.model_copy(update={"tornado": tuple(bar.model_copy(update=ends) for bar in roi.tornado)})
    for chart in (charts.npv_chart(roi, LIGHT), charts.tornado_chart(roi, LIGHT)):
        axis = chart.layout.xaxis
        assert axis.range[0] < middle < axis.range[1]
        assert 2 <= len(axis.ticktext) == len(set(axis.ticktext))
