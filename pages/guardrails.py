"""Guardrails: is anything getting worse, and is it shown to stay within its limit."""

import streamlit as st

from recsys_roi.dashboard import controls, frame, layout, sections
from recsys_roi.render import charts, intervals, words

frame.start_page("Is anything getting worse?")
review = layout.require_review()
if review.experiment is None:
    layout.nothing_measured()
    st.stop()

layout.alarm(review)
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
for guardrail in review.guardrails:
    with st.container(border=True):
        badge, figures, limit = st.columns([2, 5, 3], vertical_alignment="center")
        with badge:
            layout.heading(words.capitalised(words.guardrail_name(guardrail.id)))
            layout.badge(guardrail.status)
        with figures:
            sections.guardrail_figures(guardrail)
            layout.say(words.guardrail_sentence(guardrail))
        with limit:
            controls.margin(guardrail.id)
controls.setting("guardrails")
