"""The map of two inputs, scenarios side by side, the drawn distribution, and their words."""

from __future__ import annotations

from datetime import UTC, datetime
from math import log10

import pytest

from recsys_roi.render import charts, words
from recsys_roi.render.palette import DARK, LIGHT
from recsys_roi.render.words.numbers import in_words
from recsys_roi.review.comparing import compare, preset_scenarios
from recsys_roi.review.evaluate import evaluate
from recsys_roi.value.scenario import Scenario
from tests.fixtures import case
from tests.review.test_planning import settings_of

AS_OF = datetime(2026, 11, 24, tzinfo=UTC)
RANGES = {"margin": [0.2, 0.35, 0.5], "engineering_hours": [200, 320, 800]}


def plan(name: str = "S8.roi_positive", **more):
    return evaluate(None, Scenario.of({**settings_of(case(name)), **more}), as_of=AS_OF)


def by_name(chart, name):
    return next(trace for trace in chart.data if trace.name == name)


def texts(chart):
    return [note.text for note in chart.layout.annotations]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_map_shows_the_value_the_line_and_where_we_stand(palette):
    roi = plan().roi
    chart = charts.heat_chart(roi, roi.heat_map, palette)
    surface, line, here = (by_name(chart, name) for name in ("value", "break even", "now"))
    assert surface.customdata[8][8][0] == "EUR 127,693"
    assert surface.z[0][0] < 0 < surface.z[8][8] < surface.z[16][16] == 1
    assert (here.x[0], here.y[0]) == pytest.approx((10_000_000, 18.0))
    assert (line.line.dash, len(line.x)) == ("dash", len(roi.heat_map.line))
    assert (surface.zmin, surface.zmax) == (-1, 1)
    assert {"loses money", "makes money", "break even"} <= set(texts(chart))
    assert list(chart.layout.xaxis.range) == pytest.approx([log10(2.5e6), log10(4e7)])
    assert "10.0 million" in chart.layout.xaxis.ticktext
    assert "EUR 18" in chart.layout.yaxis.ticktext


def test_the_map_of_a_loss_says_so_once():
    roi = plan(expected_lift=-0.01).roi
    chart = charts.heat_chart(roi, roi.heat_map, LIGHT)
    assert "loses money everywhere on this map" in texts(chart)
    assert words.heat_alt(roi, roi.heat_map).endswith("Every point of the map loses money.")


def test_the_map_in_words_names_both_ends_of_the_line():
    roi = plan().roi
    said = words.heat_alt(roi, roi.heat_map)
    assert said.startswith("Diamond: now, value per action EUR 18 and eligible requests a month 10.0 million")
    assert "Break even in value per action by eligible requests a month: from EUR" in said


def test_what_breaks_even_is_written_beside_what_is():
    review = plan("S8.roi")
    lines = words.break_even_lines(review.roi.break_even, review.roi, review.inputs.scenario)
    assert lines[0] == "Lift: +5.4 % (now +3.0 %)."
    assert lines[1] == "Value per action: EUR 32.48 (now EUR 18.00)."
    assert lines[2].startswith("Eligible requests a month: 3.7 million (now 2.0 million)")
    assert lines[3] == "Costs over 12 months: EUR 32,552 (now EUR 58,741)."


def test_where_nothing_breaks_even_it_is_said():
    review = plan("S8.roi", margin=0.0)
    assert words.break_even_lines(review.roi.break_even, review.roi, review.inputs.scenario) == [
        "No value, traffic or cost makes this break even."
    ]


def test_a_drawn_distribution_is_pictured_with_its_zero():
    roi = plan("S8.roi", eligible_requests_per_month=4_000_000, ranges=RANGES).roi
    assert roi.spread.method == "monte_carlo"
    chart = charts.npv_chart(roi, LIGHT)
    loses, makes = by_name(chart, "loses"), by_name(chart, "makes money")
    assert max(x + width / 2 for x, width in zip(loses.x, loses.width, strict=True)) == pytest.approx(0)
    assert min(x - width / 2 for x, width in zip(makes.x, makes.width, strict=True)) == pytest.approx(0)
    assert max([*loses.y, *makes.y]) == pytest.approx(1.0)
    assert len(loses.x) + len(makes.x) == len(roi.spread.shares) + 1
    assert "break even" in texts(chart)


def test_scenarios_stand_on_one_axis_with_zero_and_their_figures():
    base = Scenario.of(settings_of(case("S8.roi_positive")))
    presets = preset_scenarios(plan(), base)
    found = compare([(name, evaluate(None, one, as_of=AS_OF)) for name, one in presets.items()])
    chart = charts.comparison_chart(found, LIGHT)
    assert list(chart.layout.yaxis.ticktext) == ["Conservative", "Base", "Optimistic"]
    assert by_name(chart, "Base").x[0] == pytest.approx(case("S8.roi_positive").expected["npv"])
    assert "EUR 128k" in texts(chart)
    low, high = chart.layout.xaxis.range
    assert low < 0 < high
    rows = {row[0]: row[1:] for row in words.comparison_rows(found)}
    assert rows["Value"][1] == "EUR 127,693"
    assert rows["Lift is"] == ["assumed"] * 3
    assert rows["Chance above zero"] == ["lift taken as known", "98 %", "lift taken as known"]
    assert rows["Expected lift"][1] == "3.5 %"
    assert "Base: EUR 127,700" in words.comparison_alt(found)


def test_different_currencies_are_warned_of():
    found = compare([("a", plan()), ("b", plan(currency="USD"))])
    assert words.currencies_sentence(found) == "These scenarios are in different currencies (EUR, USD)."
    assert words.currencies_sentence(compare([("a", plan())])) is None


def test_hostile_names_stay_text():
    name = "<b>www.example.org</b>"
    chart = charts.comparison_chart(compare([(name, plan())]), LIGHT)
    assert chart.layout.yaxis.ticktext[0] == "&lt;b&gt;www.example.org&lt;/b&gt;"


def test_a_plan_s_waits_are_pilots():
    worth = plan("S8.roi", eligible_requests_per_month=4_000_000)
    row = next(row for row in worth.waiting.rows if row.weeks == worth.waiting.advised_weeks)
    said = words.waiting_sentence(worth.waiting, "EUR")
    assert said.startswith(f"A pilot of {in_words(row.weeks)} weeks ")
    assert f"worth {words.about_money(row.evsi, 'EUR')}" in said
    sure = words.waiting_sentence(plan("S8.roi", expected_lift_sd=0.0).waiting, "EUR")
    assert sure == "No pilot pays for what it would teach, as far as the assumptions go."


def test_the_money_of_the_return_rate_says_what_it_needs():
    review = plan(kpi="return_rate")
    assert review.roi.status == "not_measurable"
    said = words.roi_sentence(review.roi)
    assert said == "Cannot tell: the number of new users a month is not entered."


@pytest.mark.parametrize(
    ("kpi", "baselines", "told"),
    [
        ("revenue_per_request", (0.540916, 0.6), ["EUR 0.541", "EUR 0.600"]),
        ("conversion_rate", (0.012, 0.02), ["1.2 %", "2 %"]),
        ("time_spent", (1.25, 2.0), ["1.25", "2.00"]),
    ],
)
def test_a_baseline_is_written_in_the_unit_of_its_kpi(kpi, baselines, told):
    found = compare([(f"{n}", plan(kpi=kpi, baseline_kpi=level)) for n, level in enumerate(baselines)])
    (row,) = [row for row in words.comparison_rows(found) if row[0] == "Baseline of the KPI"]
    assert row[1:] == told


def test_a_scenario_without_money_says_nothing_of_payback_and_chance():
    without, counted = (
        evaluate(None, Scenario.of(settings), as_of=AS_OF) for settings in ({"kpi": "return_rate"}, {})
    )
    rows = {name: cells for name, *cells in words.comparison_rows(compare([("a", without), ("b", counted)]))}
    assert rows["Payback"] == ["none", "not reached"]
    assert rows["Chance above zero"] == ["none", "under 1 %"]
    tiles = {tile.label: tile.value for tile in words.money_tiles(without)}
    assert (tiles["Break-even lift"], tiles["Payback"]) == ("No figure", "No figure")


def test_one_month_is_no_months():
    plan = evaluate(None, Scenario.of({"horizon_months": 1}), as_of=AS_OF)
    assert [tile.label for tile in words.tiles(plan)][2] == "Value over 1 month"
    assert words.money_tiles(plan)[3].note == "of 1 month"


def test_a_map_of_an_input_that_is_not_known_is_drawn_and_its_name_is_text():
    roi = plan().roi
    assert roi.heat_map is not None
    found = roi.heat_map.model_copy(update={"x_input": "<b>later</b>"})
    chart = charts.heat_chart(roi, found, LIGHT)
    assert chart.layout.xaxis.title.text == "&lt;b&gt;later&lt;/b&gt;"
    assert "<b>" not in chart.data[0].hovertemplate
