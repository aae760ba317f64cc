"""Plotly charts of a review, in one template; show them without another theme over it."""

from recsys_roi.render.charts.daily import path_chart, trend_chart
from recsys_roi.render.charts.interval_chart import Reference, break_even_line, interval_chart
from recsys_roi.render.charts.money import cash_chart, npv_chart, tornado_chart
from recsys_roi.render.charts.run_time import run_time_chart
from recsys_roi.render.charts.scenarios import comparison_chart
from recsys_roi.render.charts.template import template
from recsys_roi.render.charts.two_inputs import heat_chart
from recsys_roi.render.charts.verdict_picture import verdict_picture
from recsys_roi.render.intervals import IntervalRow, guardrail_rows, kpi_rows, slice_rows

__all__ = [
    "IntervalRow",
    "Reference",
    "break_even_line",
    "cash_chart",
    "comparison_chart",
    "guardrail_rows",
    "heat_chart",
    "interval_chart",
    "kpi_rows",
    "npv_chart",
    "path_chart",
    "run_time_chart",
    "slice_rows",
    "template",
    "tornado_chart",
    "trend_chart",
    "verdict_picture",
]
