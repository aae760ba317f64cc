"""Plan: the KPI, the guardrails, what must be logged, and what is missing before the pilot is credible."""

import streamlit as st

from recsys_roi.dashboard import controls, frame, layout, sections, tables
from recsys_roi.render import words

frame.start_page("What do we measure, and when are we done?")
review = layout.require_review()
layout.say(f"Phase: {review.plan.phase}.")
with st.container(border=True):
    layout.heading("Exit criteria")
    sections.criteria(review.plan.exit_criteria)

if review.plan.pilot is not None:
    with st.container(border=True):
        layout.heading("How long must the pilot run?")
        layout.say_if(words.pilot_headline(review))
        layout.bullets(words.pilot_sentences(review.plan.pilot))
        if review.plan.pilot.assumptions:
            with st.expander("What this assumes"):
                layout.table(tables.assumptions(review.plan.pilot))

with st.container(border=True):
    layout.heading("What must be logged")
    layout.table(tables.required_fields(review))

controls.settings_by_group(("plan", "statistics"), columns=3)
