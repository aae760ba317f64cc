"""Risks: what could go wrong, what the data says of it, who answers for it, and whom to call when."""

import streamlit as st

from recsys_roi.dashboard import frame, register, unreviewed, writing

frame.start_page("What could go wrong?")
review = unreviewed.require_review()
writing.said()
register.counts(review)
chosen = register.chosen_risks(review)
register.take_away(review)
with st.container(gap="xsmall"):
    for risk in chosen:
        register.risk(risk, review)
register.trail()
