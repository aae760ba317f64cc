"""Logs: bring files in, and see what is wrong with them."""

import streamlit as st

from recsys_roi.dashboard import (
    changes,
    controls,
    frame,
    intake,
    layout,
    log_files,
    mapping,
    rejected,
    removal,
    reviewing,
    sections,
    state,
)

frame.start_page("Can the logs be trusted?")
pilot = state.current_pilot()
intake.messages(pilot)
intake.follow()
mapping.waiting(pilot)
intake.form()

if not pilot.files:
    st.info("This pilot has no logs yet: all its figures are assumed.", icon=":material/info:")
    if pilot.documents:
        log_files.table(pilot)
    removal.removal(pilot)
    intake.all_said()
    st.stop()

outcome = reviewing.current_review()
log_files.tiles(pilot, outcome.review)
with st.container(border=True):
    layout.heading("What is compared")
    if outcome.review is None:
        layout.problem(outcome.problem)
    else:
        layout.alarm(outcome.review)
    controls.comparison()
if outcome.review is not None:
    with st.container(border=True):
        sections.integrity(outcome.review.integrity)
with st.container(border=True):
    layout.heading("Files")
    log_files.table(pilot)
    if outcome.review is not None:
        changes.changes(pilot, outcome.review)
    removal.removal(pilot)
rejected.rejected_lines(pilot)
intake.all_said()
