"""Lift: is it real, how sure are we, and what was counted."""

import streamlit as st

from recsys_roi.dashboard import layout, state, tables
from recsys_roi.render import charts, intervals, words

review = state.require_review()
kpi = review.primary
st.title("Is the lift real?")
if kpi is None or review.experiment is None:
    layout.nothing_measured()
    st.stop()

layout.reliance(review)
layout.arms(review, kpi)
rows = intervals.kpi_rows(kpi)
with st.container(border=True):
    layout.figure(charts.interval_chart(rows, layout.palette()), "kpi_interval", words.intervals_alt(rows))
    layout.say(words.kpi_sentence(kpi))
    layout.say_if(words.difference_sentence(kpi))
    layout.say_if(words.fixed_horizon_sentence(kpi))

left, right = st.columns(2, gap="medium")
with left, st.container(border=True):
    layout.heading("What we believe")
    layout.say_if(words.belief_sentence(kpi))
    layout.say_if(words.better_sentence(kpi))
    layout.say_if(words.mature_sentence(kpi))
with right, st.container(border=True):
    layout.heading("All KPIs")
    layout.table(tables.kpis(review))

if review.slices:
    with st.container(border=True):
        layout.heading("Does it hold for every group of users?")
        slices = intervals.slice_rows(review.slices)
        layout.figure(charts.interval_chart(slices, layout.palette()), "slices", words.intervals_alt(slices))

with st.expander("How sure: sums, design effect and method"):
    layout.table(tables.sums(kpi))
    layout.bullets(tables.method_notes(review, kpi))
