"""For who is new here: three first steps, and the words of the field explained."""

from __future__ import annotations

import streamlit as st

from recsys_roi.dashboard import state
from recsys_roi.dashboard.samples import is_sample
from recsys_roi.dashboard.text import plain
from recsys_roi.render.words.glossary import GLOSSARY

DONE, OPEN = ":green[:material/check_circle:]", ":material/radio_button_unchecked:"


def offer() -> None:
    """Two buttons under the inputs; an open popover of type tertiary could hardly be read in the dark."""
    with st.container(horizontal=True):
        with st.popover("First steps", icon=":material/flag:", key="first_steps"):
            _steps()
        asked = st.button("Words", icon=":material/menu_book:", key="glossary")
    if asked:
        _glossary()


def _steps() -> None:
    moved = bool(state.changes_from_base())
    brought = any(not is_sample(name) for name in state.known_pilots())
    _step(1, "Read the verdict", "Ship, hold or roll back, why, and what would change it.", done=True)
    st.page_link("pages/summary.py", label="Summary", icon=":material/gavel:")
    _step(
        2,
        "Move a slider",
        "Traffic, value or horizon, at the left: every figure follows at once.",
        done=moved,
    )
    _step(3, "Bring your own logs", "Three files: exposures, outcomes, assignments.", done=brought)
    st.page_link("pages/logs.py", label="Logs", icon=":material/upload:")
    st.page_link("pages/plan.py", label="No logs yet: make the plan", icon=":material/checklist:")


def _step(number: int, title: str, text: str, *, done: bool) -> None:
    said = " (done)" if done else ""
    st.markdown(f"{DONE if done else OPEN} **{number}. {title}**{said}  \n{text}")


@st.dialog("Words of the field", width="large", icon=":material/menu_book:")
def _glossary() -> None:
    wanted = st.text_input("Find a word", key="glossary_find", placeholder="Such as: guardrail").casefold()
    found = {term: text for term, text in GLOSSARY.items() if wanted in f"{term} {text}".casefold()}
    if not found:
        st.markdown(f"No word here has {plain(wanted)} in it. The numbers book says how each figure is made.")
    for term in sorted(found, key=str.casefold):
        st.markdown(f"**{plain(term)}**  \n{plain(found[term])}")
