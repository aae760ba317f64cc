"""What a widget shows, set from what the scenario or the record holds."""

from __future__ import annotations

from typing import Any

import streamlit as st

_DRAWN_WITH = "drawn_with_"
_NOTHING = object()  # equal to no value, None included


def show(key: str, value: Any, *drawn_with: Any) -> None:
    """Has the widget of this key show `value`; one that shows it already is left alone.

    Setting a value again would wipe out what is being typed while a page is drawn. `drawn_with`: what
    Streamlit makes a new, empty widget for when it changes, such as a slider's ends.
    """
    before = st.session_state.get(_DRAWN_WITH + key, ())
    if drawn_with != before or st.session_state.get(key, _NOTHING) != value:
        st.session_state[key] = value
    if drawn_with:
        st.session_state[_DRAWN_WITH + key] = drawn_with
