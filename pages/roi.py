"""ROI: what it is worth, from inputs that people can argue about."""

import streamlit as st

from recsys_roi.dashboard import controls, layout, state, tables
from recsys_roi.render import charts, words

review = state.require_review()
roi = review.roi
palette = layout.palette()
st.title("Is it worth the money?")
layout.reliance(review)
layout.formula(review)

inputs, result = st.columns([1, 2], gap="medium")
with inputs:
    controls.settings_by_group(("traffic and value", "engineering", "operations", "infrastructure"))
with result:
    layout.money_tiles(review)
    layout.say(words.roi_sentence(roi, words.setting(review, "p_npv_required")))
    layout.say(words.break_even_sentence(roi))
    layout.say(words.payback_sentence(roi))
    layout.say_if(words.sunk_cost_sentence(roi))
    layout.say_if(words.confirmed_sentence(roi))
    if roi.months:
        with st.container(border=True):
            layout.figure(charts.cash_chart(roi, palette), "cash", words.cash_alt(roi))
        if roi.p50 is not None:
            with st.container(border=True):
                layout.figure(charts.npv_chart(roi, palette), "npv", words.npv_alt(roi))
        if roi.tornado:
            with st.container(border=True):
                layout.figure(charts.tornado_chart(roi, palette), "tornado", words.tornado_alt(roi))
        with st.expander("Month by month"):
            layout.table(tables.months(roi))
