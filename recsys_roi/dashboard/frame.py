"""What surrounds every page: the page list, the session, the sidebar, the link, and messages."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import Page

from recsys_roi.dashboard import controls, door, layout, orientation, removal, state
from recsys_roi.dashboard.samples import is_sample
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import PilotError, RecordError, RecsysRoiError, lacks_rights
from recsys_roi.numerals import choose

DRAWN_KEY = "frame_drawn"  # in this run
PAGES = (
    ("Summary", ":material/gavel:"),
    ("Logs", ":material/database:"),
    ("Lift", ":material/trending_up:"),
    ("Guardrails", ":material/shield:"),
    ("ROI", ":material/payments:"),
    ("Risks", ":material/warning:"),
    ("Plan", ":material/checklist:"),
    ("Saved", ":material/history:"),
)


def _navigation() -> Page:
    # The icon first: without it the page's own :material/: icon would be fetched from the internet.
    st.set_page_config(page_title="RecSys ROI", page_icon=layout.page_icon(), layout="wide")
    st.logo(layout.wordmark(), size="small", icon_image=layout.page_icon())
    return st.navigation(
        [
            st.Page(f"pages/{title.lower()}.py", title=title, icon=icon, default=title == "Summary")
            for title, icon in PAGES
        ],
        expanded=True,
    )


def open_frame() -> Page:
    """Draws the frame; returns the page to run in it."""
    page = _navigation()
    door.require_person()
    try:
        state.start_session()
    except (PilotError, RecordError) as problem:
        _instead(problem)
    unopened = state.unopened()
    if unopened is not None:
        with st.sidebar:
            controls.pilot()
        _instead(unopened, pilot=state.pilot_name())
    choose(state.scenario().locale)
    controls.sidebar()
    with st.sidebar:
        orientation.offer()
    state.write_link(page.title)
    layout.messages()
    st.session_state[DRAWN_KEY] = True
    return page


def _instead(problem: RecsysRoiError, *, pilot: str | None = None) -> None:
    """In place of the page, why nothing can be shown; who may can delete the pilot that is the reason."""
    st.title("RecSys ROI")
    st.error(plain(str(problem)), icon=":material/error:")
    is_damaged = problem.__cause__ is not None and not lacks_rights(problem.__cause__)
    if pilot is not None and is_damaged and not is_sample(pilot) and door.may(pilot, "remove"):
        removal.deletion(pilot)
    st.stop()


def start_page(title: str | None = None) -> None:
    """The first line of every page, with the question it answers.

    Streamlit runs a page without app.py where a link to it is the first thing that a new server is asked for;
    naming the pages once ends that, and the page starts again inside the frame.
    """
    if not st.session_state.pop(DRAWN_KEY, False):
        _navigation()
        st.rerun()
    if title:
        st.title(title)
