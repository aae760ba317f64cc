"""Summary: the verdict, why, and what it rests on; the page the meeting looks at."""

import streamlit as st

from recsys_roi.dashboard import frame, layout, sections
from recsys_roi.render import charts, words

frame.start_page()
review = layout.require_review(flips=True)

sections.verdict(review)
layout.tiles(words.tiles(review))

picture, reasons = st.columns([62, 38])
with picture, st.container(border=True, height="stretch"):
    layout.figure(
        charts.verdict_picture(review, layout.palette()), "verdict_picture", words.verdict_picture_alt(review)
    )
    layout.say(words.picture_sentence(review))
with reasons, st.container(border=True, height="stretch"):
    sections.why(review)
    sections.change(review)
    sections.waiting(review)

sections.agreed_plan(review)
sections.take_away(review)
