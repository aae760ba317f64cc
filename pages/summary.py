"""Summary: the verdict, why, and what it rests on; the page the meeting looks at."""

import streamlit as st

from recsys_roi.dashboard import frame, layout, sections, unreviewed
from recsys_roi.render import words

frame.start_page()
review = unreviewed.require_review(title="No verdict yet")

sections.verdict(review)
layout.tiles(words.tiles(review))

picture, reasons = st.columns([57, 43])
with picture:
    with st.container(border=True):
        sections.verdict_picture(review)
    if review.primary is not None:
        with st.container(border=True, height="stretch"):
            sections.each_evening(review, review.primary)
with reasons, st.container(border=True, height="stretch"):
    sections.why(review)
    sections.safety(review)
    # The lines that would change it are looked for once everything else is on its way to the reader.
    review = unreviewed.require_review(flips=True)
    sections.change(review)
    sections.waiting(review)

sections.surfaces(review)
sections.agreed_plan(review)
sections.take_away(review)
