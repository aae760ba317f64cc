"""Logs: bring files in, and see what is wrong with them."""

import streamlit as st

from recsys_roi.dashboard import intake, layout, state, tables

st.title("Can the logs be trusted?")
intake.messages()
intake.uploader()

pilot = state.current_pilot()
if not pilot.files:
    layout.no_logs_yet()
    st.stop()

layout.log_tiles(pilot)
outcome = state.current_review()
if outcome.review is None:
    layout.problem(outcome.problem)
else:
    with st.container(border=True):
        layout.heading("Integrity: failures first")
        layout.checks(outcome.review.integrity)
with st.container(border=True):
    layout.heading("Files")
    layout.table(tables.files(pilot.files))
    intake.removal(pilot)
intake.rejects(pilot)
