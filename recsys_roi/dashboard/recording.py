"""The session's way to the record: who writes, what holds now, and what a damaged file means for the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from recsys_roi.access.rights import Action
from recsys_roi.dashboard import door, state
from recsys_roi.dashboard.showing import show
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import InputError, RecordError, RecsysRoiError
from recsys_roi.logs.ingest import IngestResult
from recsys_roi.logs.pilot import home
from recsys_roi.record import given
from recsys_roi.record.entries import NOTHING_WRITTEN, Record
from recsys_roi.record.log_changes import note_log_change
from recsys_roi.record.plans import PlanStore
from recsys_roi.record.scenarios import ScenarioStore
from recsys_roi.record.statements import StatementStore

WHO_KEY = "who_writes"
NOBODY = "somebody who did not sign in"


def scenarios() -> ScenarioStore:
    """The saved scenarios of the session's pilot."""
    return ScenarioStore(home(), state.pilot_name())


def statements() -> StatementStore:
    """What is stated of the session's pilot."""
    return StatementStore(home(), state.pilot_name())


def plans() -> PlanStore:
    """The locked plans of the session's pilot."""
    return PlanStore(home(), state.pilot_name())


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


def who(action: Action = "write") -> str:
    """The name that stands beside what is written: no name without the right, so nothing is written without.

    With sign-in it is the one that somebody signed in with; else what this session was told, perhaps nothing.
    AccessError where the role in the session's pilot does not allow the action.
    """
    here = door.door()
    here.check(state.pilot_name(), action)
    return _typed() if here.person is None else here.person.name


def log_keeper(action: Action) -> str:
    """The name beside what is done to logs, which nobody has to type; AccessError as for `who`."""
    door.door().check(state.pilot_name(), action)
    return _here()


def note_logs(pilot: str, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> str:
    """What was done to a pilot's logs, into its trail; what to say where that could not be written."""
    return _noted(pilot, _here(), action, subject, detail)


def noting_added(pilot: str) -> Callable[[IngestResult], str]:
    """Tells the trail of each file that got in, also when whoever began it has left the page by then."""
    name = _here()

    def note(result: IngestResult) -> str:
        if not result.added:
            return ""
        return _noted(pilot, name, "added", f"file {result.file.name}", {"hash": result.file.hash})

    return note


def _noted(pilot: str, name: str, action: str, subject: str, detail: Mapping[str, Any] | None) -> str:
    """It was done already, so a trail that cannot be written is said, and undoes nothing."""
    try:
        note_log_change(home(), pilot, who=name, at=now(), action=action, subject=subject, detail=detail)
    except RecsysRoiError as found:
        return f"It was done, but the audit trail could not be written. {found}"
    return ""


def _here() -> str:
    """Who is signed in; else the name that this session was told, where it is one."""
    person = door.door().person
    if person is not None:
        return person.name
    try:
        return given.name("Your name", _typed())
    except InputError:
        return NOBODY


def _typed() -> str:
    return str(st.session_state.get(WHO_KEY, ""))


def ask_who() -> None:
    """Asks for the name once a session, where nobody signs in; it stands beside all that is written."""
    here = door.door()
    if here.person is not None:
        st.markdown(f":small[Written as {plain(here.person.name)}]")
        return

    def take() -> None:
        st.session_state[WHO_KEY] = st.session_state["page_who"]

    show("page_who", _typed())
    st.text_input("Your name", key="page_who", placeholder="It is kept beside what you save", on_change=take)
