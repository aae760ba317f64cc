"""Risks: what could go wrong, what the data says of it, and whom to call when."""

import streamlit as st

from recsys_roi.dashboard import frame, layout, sections

frame.start_page("What could go wrong?")
review = layout.require_review()
sections.risk_counts(review)
families = sorted({risk.family for risk in review.risks})
family = st.segmented_control("Family", ["All", *families], default="All", key="risk_family", required=True)
with st.container(gap="xsmall"):
    for risk in review.risks:
        if family in ("All", risk.family):
            sections.risk(risk)
