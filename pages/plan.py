"""Plan: the KPI, the guardrails, what must be logged, and what is missing before the pilot is credible."""

import streamlit as st

from recsys_roi.dashboard import controls, layout, state, tables

review = state.require_review()
st.title("What do we measure, and when are we done?")
layout.phase(review)
with st.container(border=True):
    layout.heading("Exit criteria")
    layout.criteria(review.plan.exit_criteria)

choices, fields = st.columns([1, 2], gap="medium")
with choices, st.container(border=True):
    layout.heading("What decides")
    controls.settings_by_group(("statistics", "plan"))
with fields, st.container(border=True):
    layout.heading("What must be logged")
    layout.table(tables.required_fields(review))
