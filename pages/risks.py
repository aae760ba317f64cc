"""Risks: what could go wrong, what the data says of it, and whom to call when."""

import streamlit as st

from recsys_roi.dashboard import layout, state, tables

review = state.require_review()
st.title("What could go wrong?")
layout.risk_counts(review)
families = list(dict.fromkeys(risk.family for risk in sorted(review.risks, key=lambda risk: risk.family)))
family = st.segmented_control("Family", ["All", *families], default="All", key="risk_family", required=True)
chosen = [risk for risk in review.risks if family in ("All", risk.family)]
layout.table(tables.risks(chosen))
for risk in chosen:
    layout.risk(risk)
