"""Summary: the verdict, why, and what it rests on; the page the meeting looks at."""

import streamlit as st

from recsys_roi.dashboard import layout, state
from recsys_roi.render import charts, words

review = state.require_review()

layout.verdict(review)
layout.tiles(review)

picture, why = st.columns([62, 38], gap="medium")
with picture, st.container(border=True):
    layout.figure(
        charts.verdict_picture(review, layout.palette()), "verdict_picture", words.verdict_picture_alt(review)
    )
    if review.primary is not None:
        layout.say(words.kpi_sentence(review.primary))
        layout.say_if(words.belief_sentence(review.primary))
with why:
    with st.container(border=True):
        layout.heading("Why")
        layout.bullets(words.reason_sentence(code, review) for code in review.decision.reasons)
    with st.container(border=True):
        layout.heading("What it is worth")
        layout.say(words.roi_sentence(review.roi, words.setting(review, "p_npv_required")))
        layout.say(words.break_even_sentence(review.roi))
        layout.say(words.payback_sentence(review.roi))
        layout.say_if(words.confirmed_sentence(review.roi))
    with st.container(border=True):
        layout.heading("Would waiting pay?")
        layout.say(words.waiting_sentence(review.waiting, review.roi.currency))

layout.take_away(review, state.link_query())
layout.provenance(review)
