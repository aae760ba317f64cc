"""Plan: what is measured, what must be logged, how long it takes, who decides how; locked before the data."""

import streamlit as st

from recsys_roi.dashboard import frame, locking, measurement_plan, unreviewed, writing

frame.start_page("What do we measure, and when are we done?")
review = unreviewed.require_plan()
writing.said()
locking.banner(review)

steps, written = st.columns([2, 3])
with steps:
    design, size, rule, lock = st.tabs(["Design", "Size", "Rule", "Lock"])
    with design:
        measurement_plan.design(review)
    with size:
        measurement_plan.size(review)
    with rule:
        measurement_plan.rule()
    with lock:
        locking.actions(review)
with written:
    measurement_plan.take_away(review)
    measurement_plan.document(review)

with st.container(border=True):
    measurement_plan.phases(review)
