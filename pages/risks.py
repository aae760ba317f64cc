"""Risks: what could go wrong, what the data says of it, and whom to call when."""

import streamlit as st

from recsys_roi.dashboard import frame, layout, register

frame.start_page("What could go wrong?")
review = layout.require_review()
register.counts(review)
family = register.family_filter(review)
with st.container(gap="xsmall"):
    for risk in review.risks:
        if family in ("All", risk.family):
            register.risk(risk)
register.documents_problem()
