"""Who is signed in, and the members of the session's pilot: seen by all of them, changed by its owners."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recsys_roi.dashboard import door, recording, state
from recsys_roi.dashboard.samples import is_sample
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import RecsysRoiError
from recsys_roi.record.entries import ROLES, Member
from recsys_roi.record.members import MemberStore

PROBLEM_KEY = "members_problem"


def signed_in() -> None:
    """Whom the app takes you for, and your role here; nothing where nobody signs in."""
    here = door.door()
    if here.person is None:
        return
    role = here.role(state.pilot_name()) or "no member"
    st.markdown(f":small[{plain(here.person.name)}, {role}]")
    with st.container(horizontal=True):
        if not is_sample(state.pilot_name()) and st.button(
            "Members", icon=":material/group:", type="tertiary", key="side_members"
        ):
            _dialog()
        if here.sign_in.mode == "oidc":
            st.button(
                "Sign out", icon=":material/logout:", type="tertiary", key="side_out", on_click=st.logout
            )


@st.dialog("Members of this pilot")
def _dialog() -> None:
    pilot = state.pilot_name()
    problem = st.session_state.pop(PROBLEM_KEY, None)
    if problem:
        st.error(plain(problem), icon=":material/error:")
    found = MemberStore(door.door().home, pilot).all()
    st.dataframe(_frame(found), hide_index=True, width="stretch")
    if not door.may(pilot, "members"):
        st.markdown(":small[Owners add and remove members.]")
        return
    st.text_input("Name they sign in with", key="member_name", max_chars=80)
    st.segmented_control("Role", ROLES, default="viewer", key="member_role", required=True)
    with st.container(horizontal=True):
        st.button("Add or change", icon=":material/person_add:", key="member_add", on_click=_put)
        st.button("Remove", icon=":material/person_remove:", key="member_remove", on_click=_remove)


def _frame(found: tuple[Member, ...]) -> pd.DataFrame:
    rows = [(member.person, member.role, member.who, f"{member.at:%Y-%m-%d}") for member in found]
    return pd.DataFrame(rows, columns=["Member", "Role", "Added by", "On"])


def _put() -> None:
    try:
        who = recording.who("members")
        role = str(st.session_state["member_role"])
        _store().put(str(st.session_state["member_name"]), role, who=who, at=recording.now())
    except RecsysRoiError as problem:
        st.session_state[PROBLEM_KEY] = str(problem)


def _remove() -> None:
    try:
        who = recording.who("members")
        _store().remove(str(st.session_state["member_name"]), who=who, at=recording.now())
    except RecsysRoiError as problem:
        st.session_state[PROBLEM_KEY] = str(problem)


def _store() -> MemberStore:
    return MemberStore(door.door().home, state.pilot_name())
