"""The session's way to the record: who writes, what holds now, and what a damaged file means for the page."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from recsys_roi.dashboard import state
from recsys_roi.errors import RecordError
from recsys_roi.logs.pilot import home
from recsys_roi.record.entries import NOTHING_WRITTEN, Record
from recsys_roi.record.scenarios import ScenarioStore
from recsys_roi.record.statements import StatementStore

WHO_KEY = "who_writes"


def scenarios() -> ScenarioStore:
    """The saved scenarios of the session's pilot."""
    return ScenarioStore(home(), state.pilot_name())


def statements() -> StatementStore:
    """What is stated of the session's pilot."""
    return StatementStore(home(), state.pilot_name())


def current_record() -> Record:
    """What holds for the session's pilot; nothing where the file cannot be read, which `problem` says."""
    try:
        return statements().record()
    except RecordError:
        return NOTHING_WRITTEN


def problem() -> str | None:
    """Why what people wrote cannot be read; None where it can."""
    try:
        statements().record()
    except RecordError as found:
        return str(found)
    return None


def now() -> datetime:
    """The moment that is written beside what a person writes."""
    return datetime.now(UTC).replace(microsecond=0)


def who() -> str:
    """The name this session writes under; perhaps none yet."""
    return str(st.session_state.get(WHO_KEY, ""))


def ask_who() -> None:
    """Asks for the name once a session; it stands beside everything that is written."""
    kept = who()

    def take() -> None:
        st.session_state[WHO_KEY] = st.session_state["page_who"]

    st.session_state["page_who"] = kept
    st.text_input("Your name", key="page_who", placeholder="It is kept beside what you save", on_change=take)
