"""A review as frames, charts, text and files by the Python API."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import pytest

import recsys_roi
from recsys_roi.render import pack
from recsys_roi.render.palette import DARK, LIGHT
from tests.real_logs import OPEN_BANDIT, logs

TABLES = [
    *("figures", "lift", "guardrails", "slices", "money", "waiting", "risks", "plan", "record"),
    *("integrity", "settings", "files", "months", "path", "trend", "run_time", "value_map", "value_spread"),
]
CHARTS = {"verdict", "lift", "guardrails", "slices", "cash", "spread", "tornado", "map", "scenarios"}


def test_frames_hold_the_reviews_own_figures(shop_review):
    frames = recsys_roi.frames(shop_review)
    assert list(frames["months"]["net"]) == [month.net for month in shop_review.roi.months]
    assert list(frames["slices"]["Users"]) == [part.users for part in shop_review.slices]
    assert list(frames["path"]["day"]) == [day.day for day in shop_review.primary.path]
    assert len(frames["value_map"]) == len(shop_review.roi.heat_map.x) * len(shop_review.roi.heat_map.y)


def test_every_review_has_every_frame(shop_review):
    assert list(recsys_roi.frames(shop_review)) == TABLES
    planned = recsys_roi.frames(recsys_roi.plan())
    assert list(planned) == TABLES
    assert len(planned["lift"]) == 0
    assert list(planned["lift"].columns) == list(recsys_roi.frames(shop_review)["lift"].columns)


def test_figures_are_numbers_and_what_cannot_be_measured_is_missing(shop_review):
    with recsys_roi.open_logs(*logs(OPEN_BANDIT)) as opened:
        clicks_only = opened.review(control="random", candidate="bts", kpi="ctr")
    lift = recsys_roi.frames(clicks_only)["lift"].set_index("KPI")["Lift"]
    assert lift["Click-through rate"] == clicks_only.primary.relative_lift.estimate
    assert lift["Conversion rate"] is pd.NA
    figures = recsys_roi.frames(shop_review)["figures"].set_index(["section", "id", "measure"])
    assert figures.loc[("roi", "roi", "npv"), "value"] == shop_review.roi.npv


def test_charts_by_name_in_both_themes(shop_review):
    light, dark = recsys_roi.charts(shop_review), recsys_roi.charts(shop_review, "dark")
    assert light.keys() >= CHARTS
    assert light.keys() == dark.keys()
    assert all(isinstance(chart, go.Figure) for chart in light.values())
    assert {chart.layout.template.layout.font.color for chart in light.values()} == {LIGHT.text}
    assert {chart.layout.template.layout.font.color for chart in dark.values()} == {DARK.text}


def test_a_chart_that_is_changed_changes_no_other(shop_review):
    recsys_roi.charts(shop_review)["lift"].update_layout(title_text="Mine")
    assert recsys_roi.charts(shop_review)["lift"].layout.title.text != "Mine"


def test_a_plan_has_charts_of_its_money_only():
    assert recsys_roi.charts(recsys_roi.plan()).keys() == {
        "verdict",
        "cash",
        "spread",
        "tornado",
        "map",
        "scenarios",
    }


def test_export_writes_what_the_pack_writes(shop_review, tmp_path):
    written = recsys_roi.export(shop_review, tmp_path / "shop.md")
    assert written.read_bytes() == pack.write(shop_review, ".md")
    picture = recsys_roi.export(shop_review, str(tmp_path / "shop.png"), theme="dark", scale=2)
    assert picture.read_bytes() == pack.write(shop_review, ".png", pack.Look(dark=True, scale=2))


@pytest.mark.parametrize("name", ["review.json", "review.decision.json"])
def test_an_exported_review_opens_as_it_was(shop_review, tmp_path, name):
    assert recsys_roi.open_review(recsys_roi.export(shop_review, tmp_path / name)) == shop_review


def test_scenarios_side_by_side(shop, shop_scenario, shop_review):
    cheaper = shop.review(shop_scenario, value_per_action=3.5)
    found = recsys_roi.compare({"Base": shop_review, "Cheaper": cheaper})
    assert list(found.columns) == ["Base", "Cheaper"]
    assert found.loc["npv", "Base"] == shop_review.roi.npv
    assert list(found.loc["value_per_action"]) == [4.3, 3.5]
    assert "margin" not in found.index


def test_at_most_four_can_be_compared(shop_review):
    with pytest.raises(recsys_roi.InputError, match="One to 4 scenarios"):
        recsys_roi.compare({str(number): shop_review for number in range(5)})


@pytest.mark.parametrize("look", [{"theme": "blue"}, {"scale": 3}, {"pages": "two"}])
def test_a_look_that_does_not_exist_is_refused_and_never_replaced(shop_review, tmp_path, look):
    ((name, given),) = look.items()
    with pytest.raises(recsys_roi.InputError, match=f"Setting {name} must be one of .* {given!r} was given"):
        recsys_roi.export(shop_review, tmp_path / "review.png", **look)
    assert not list(tmp_path.iterdir())


def test_a_theme_of_charts_that_does_not_exist_is_refused(shop_review):
    with pytest.raises(recsys_roi.InputError, match="Setting theme must be one of light, dark"):
        recsys_roi.charts(shop_review, "blue")
