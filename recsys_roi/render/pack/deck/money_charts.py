"""Money as native charts: cash by month, and what moves the value."""

from __future__ import annotations

from typing import Any

from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_PATTERN
from pptx.oxml.ns import qn
from pptx.util import Pt

from recsys_roi.render import words
from recsys_roi.render.pack.deck.charts import solid
from recsys_roi.render.pack.deck.text import Box, rgb, style
from recsys_roi.render.palette import LIGHT
from recsys_roi.review.document import Roi


def cash_chart(slide: Any, box: Box, roi: Roi) -> None:
    """Net cash by month as columns and cumulative cash as a line over them."""
    data = CategoryChartData(number_format="#,##0")
    data.categories = [f"{flow.month}" for flow in roi.months]
    data.add_series("Net in the month", [flow.net for flow in roi.months])
    data.add_series("Cumulative", [flow.cumulative for flow in roi.months])
    frame = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *box.emu, data)
    frame.name = "Cash by month"
    chart = frame.chart
    _bar_look(chart, roi.currency)
    net, total = chart.plots[0].series
    net.format.fill.solid()
    net.format.fill.fore_color.rgb = rgb(solid(LIGHT.control, 0.6))
    net.invert_if_negative = False
    chart.plots[0].gap_width = 60
    _as_line(chart, total)
    line = chart.plots[1].series[0]
    line.smooth = False
    line.format.line.color.rgb = rgb(LIGHT.candidate)
    line.format.line.width = Pt(2.5)
    line.marker.style = XL_MARKER_STYLE.CIRCLE
    line.marker.size = 5
    line.marker.format.fill.solid()
    line.marker.format.fill.fore_color.rgb = rgb(LIGHT.candidate)
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.category_axis.has_title = True
    run = chart.category_axis.axis_title.text_frame.paragraphs[0].add_run()
    run.text = "Month after launch"
    style(run.font, 12, LIGHT.text)


def _as_line(chart: Any, series: Any) -> None:
    """Moves a series of a column chart into a line chart on the same axes."""
    plot = chart._chartSpace.chart.plotArea
    bars = plot.find(qn("c:barChart"))
    line = etree.SubElement(plot, qn("c:lineChart"))
    bars.addnext(line)
    for tag, value in (("grouping", "standard"), ("varyColors", "0")):
        etree.SubElement(line, qn(f"c:{tag}")).set("val", value)
    element = series._element
    for tag in ("c:invertIfNegative",):
        for found in element.findall(qn(tag)):
            element.remove(found)
    line.append(element)
    etree.SubElement(line, qn("c:marker")).set("val", "1")
    for axis in bars.findall(qn("c:axId")):
        etree.SubElement(line, qn("c:axId")).set("val", axis.get("val"))


def _bar_look(chart: Any, currency: str) -> None:
    chart.has_title = False
    chart.has_legend = True
    chart.legend.position = XL_LEGEND_POSITION.BOTTOM
    chart.legend.include_in_layout = False
    style(chart.legend.font, 12, LIGHT.text)
    chart.value_axis.major_gridlines.format.line.color.rgb = rgb(LIGHT.grid)
    chart.value_axis.format.line.fill.background()
    chart.value_axis.tick_labels.number_format = "#,##0"
    chart.value_axis.tick_labels.number_format_is_linked = False
    for axis in (chart.value_axis, chart.category_axis):
        style(axis.tick_labels.font, 12, LIGHT.muted)
        axis.major_tick_mark = XL_TICK_MARK.NONE
    chart.value_axis.has_title = True
    run = chart.value_axis.axis_title.text_frame.paragraphs[0].add_run()
    run.text = currency
    style(run.font, 12, LIGHT.text)


def tornado_chart(slide: Any, box: Box, roi: Roi) -> None:
    """How far each input moves the value, from its low to its high; measured solid, assumed hatched."""
    bars = sorted(roi.tornado, key=lambda bar: bar.swing)
    base = roi.npv or 0.0
    data = CategoryChartData(number_format="#,##0")
    data.categories = [words.capitalised(words.setting_name(bar.input)) for bar in bars]
    data.add_series("Below the value now", [min(bar.low, bar.high) - base for bar in bars])
    data.add_series("Above the value now", [max(bar.low, bar.high) - base for bar in bars])
    frame = slide.shapes.add_chart(XL_CHART_TYPE.BAR_STACKED, *box.emu, data)
    frame.name = "What moves the value"
    chart = frame.chart
    _bar_look(chart, f"Change of the value ({roi.currency})")
    chart.plots[0].gap_width = 45
    chart.plots[0].overlap = 100
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    style(chart.category_axis.tick_labels.font, 12, LIGHT.text)
    for series, colour in zip(chart.plots[0].series, (LIGHT.act.text, LIGHT.ok.text), strict=True):
        series.invert_if_negative = False
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = rgb(colour)
        for index, bar in enumerate(bars):
            if bar.basis == "assumed":
                fill = series.points[index].format.fill
                fill.patterned()
                fill.pattern = MSO_PATTERN.WIDE_UPWARD_DIAGONAL
                fill.fore_color.rgb = rgb(colour)
                fill.back_color.rgb = rgb(LIGHT.background)
