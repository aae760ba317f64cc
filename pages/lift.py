"""Lift: is it real, how sure are we, and what was counted."""

import streamlit as st

from recsys_roi.dashboard import frame, layout, measured, sections, tables, unreviewed

frame.start_page("Is the lift real?")
review = unreviewed.require_review()
kpi = review.primary
if kpi is None or review.experiment is None:
    unreviewed.nothing_measured()
    st.stop()

layout.alarm(review)
measured.counting(review, kpi)
sections.arms(review, kpi)
measured.lift(review, kpi)
measured.path(review, kpi)
measured.slices(review)
measured.run_time(review)
with st.container(border=True):
    layout.heading("All KPIs")
    layout.table(tables.kpis(review))
measured.beside_recsys_eval(review)
with st.expander("How sure: sums, design effect and method"):
    layout.table(tables.sums(kpi))
    layout.bullets(tables.method_notes(review, kpi))
measured.formulas("lift")
