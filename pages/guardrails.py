"""Guardrails: is anything getting worse, and is it shown to stay within its limit."""

import streamlit as st

from recsys_roi.dashboard import controls, frame, layout, measured, unreviewed, writing
from recsys_roi.render import charts, intervals, words

frame.start_page("Is anything getting worse?")
review = unreviewed.require_review()
writing.said()
if review.experiment is None:
    unreviewed.nothing_measured()
    st.stop()

layout.alarm(review)
controls.setting("guardrails")
rows = intervals.guardrail_rows(review.guardrails)
with st.container(border=True):
    layout.figure(
        charts.interval_chart(
            rows,
            "share_of_limit",
            "no harm",
            charts.Reference(value=1.0, label="limit"),
            palette=layout.palette(),
            title="How much of each limit is used up?",
        ),
        "guardrails",
        words.intervals_alt(rows),
    )
layout.quiet("Small pictures: single days, control dashed, candidate solid.")
for guardrail in review.guardrails:
    measured.guardrail(guardrail, review)
measured.formulas("guardrails")
