"""ROI: what it is worth, from inputs that people can argue about."""

import streamlit as st

from recsys_roi.dashboard import controls, frame, layout, ranges, scenarios, sections, unreviewed
from recsys_roi.render import charts, words

frame.start_page("Is it worth the money?")
review = unreviewed.require_review()
roi = review.roi
palette = layout.palette()
layout.alarm(review)
sections.agreed_plan(review)
with st.container(border=True):
    layout.say(words.formula_sentence(review))

layout.tiles(words.money_tiles(review))

inputs, result = st.columns([1, 2])
with inputs:
    controls.settings_by_group(("traffic and value", "engineering", "operations", "infrastructure"))
    ranges.editor(controls.money_kpi(review))
with result:
    with st.container(border=True):
        layout.bullets(words.money_sentences(review))
        controls.confirmation(review)
    if roi.months:
        with st.container(border=True):
            layout.figure(charts.cash_chart(roi, palette), "cash", words.cash_alt(roi))
    if roi.p50 is not None:
        with st.container(border=True):
            layout.figure(charts.npv_chart(roi, palette), "npv", words.npv_alt(roi))
    if roi.tornado:
        with st.container(border=True):
            layout.figure(charts.tornado_chart(roi, palette), "tornado", words.tornado_alt(roi))
    if roi.heat_map is not None:
        with st.container(border=True):
            chart = charts.heat_chart(roi, roi.heat_map, palette)
            layout.figure(chart, "heat_map", words.heat_alt(roi, roi.heat_map))
    if roi.break_even is not None:
        with st.container(border=True):
            layout.heading("What would break even")
            layout.bullets(words.break_even_lines(roi.break_even, roi, review.inputs.scenario))
    with st.container(border=True):
        sections.waits(review)

sections.in_full(review)
scenarios.section(review)
