"""Guardrails: is anything getting worse, and is it shown to stay within its limit."""

import streamlit as st

from recsys_roi.dashboard import controls, layout, state
from recsys_roi.render import charts, intervals, words

review = state.require_review()
st.title("Is anything getting worse?")
if review.experiment is None:
    layout.nothing_measured()
    st.stop()

layout.reliance(review)
rows = intervals.guardrail_rows(review.guardrails)
with st.container(border=True):
    layout.figure(
        charts.interval_chart(rows, layout.palette(), unit="share_of_limit"),
        "guardrails",
        words.intervals_alt(rows),
    )
for guardrail in review.guardrails:
    with st.container(border=True):
        badge, figures, limit = st.columns([2, 5, 3], gap="medium", vertical_alignment="center")
        with badge:
            layout.badge(guardrail.status)
            layout.heading(words.capitalised(words.guardrail_name(guardrail.id)))
        with figures:
            layout.guardrail_figures(guardrail)
            layout.say(words.guardrail_sentence(guardrail))
        with limit:
            controls.setting(f"margin_{guardrail.id}")
controls.setting("guardrails")
