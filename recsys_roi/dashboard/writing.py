"""One change of the record from a dialog: done and told once, or refused where it was entered."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from recsys_roi.dashboard import layout
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import RecsysRoiError

SAID_KEY = "written_said"


def said() -> None:
    """What was written last, once."""
    text = st.session_state.pop(SAID_KEY, None)
    if text:
        st.toast(plain(text), icon=":material/check:")


def write(done: str, change: Callable[[], object]) -> None:
    """One change of the record; what is wrong with it is said where it was entered."""
    try:
        change()
    except RecsysRoiError as problem:
        layout.problem(str(problem))
    else:
        st.session_state[SAID_KEY] = done
        st.rerun()
