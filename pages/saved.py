"""Saved: a review from a file, as it was, and what a fresh computation says."""

import streamlit as st

from recsys_roi.dashboard import frame, layout, saved, sections
from recsys_roi.dashboard.text import plain
from recsys_roi.render import words

frame.start_page("What did a saved review say?")
review = saved.ask_for_file()
if review is None:
    layout.say("It opens as it was saved, read-only, and is held against a computation of today.")
    layout.say("Save one on Summary: Export, then Every figure and setting.")
    st.page_link("pages/summary.py", label="Go to Summary", icon=":material/gavel:")
    st.stop()

st.info(plain(words.saved_sentence(review)), icon=":material/lock:")
sections.agreed_plan(review)
saved.compare_with_fresh(review)
saved.show(review)
