"""Logs: bring files in, and see what is wrong with them."""

import streamlit as st

from recsys_roi.dashboard import controls, frame, intake, layout, reviewing, sections, state, tables

frame.start_page("Can the logs be trusted?")
intake.messages()
intake.uploader()

pilot = state.current_pilot()
if not pilot.files:
    st.info("This pilot has no logs yet: all its figures are assumed.", icon=":material/info:")
    intake.deletion(pilot)
    st.stop()

sections.log_tiles(pilot)
outcome = reviewing.current_review()
with st.container(border=True):
    layout.heading("What is compared")
    if outcome.review is None:
        layout.problem(outcome.problem)
    else:
        layout.alarm(outcome.review)
    controls.comparison()
if outcome.review is not None:
    with st.container(border=True):
        layout.heading("Integrity: failures first")
        sections.checks(outcome.review.integrity)
with st.container(border=True):
    layout.heading("Files")
    layout.table(tables.files(pilot.files))
    intake.removal(pilot)
intake.rejects(pilot)
