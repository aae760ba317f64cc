"""Who is at the page, and what they may do in the session's pilot; nothing is shown before they are known."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec

import streamlit as st

from recsys_roi.access.door import Door
from recsys_roi.access.rights import Action
from recsys_roi.access.signing_in import (
    Person,
    SignIn,
    check_address,
    person,
    person_behind_proxy,
    sign_in_of,
)
from recsys_roi.dashboard.samples import SAMPLES
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import AccessError, RecsysRoiError
from recsys_roi.logs.pilot import home

VERIFIED_CLAIM = "email_verified"


@cache
def sign_in() -> SignIn:
    """How people sign in, read once: the machine's settings hold for as long as the app runs."""
    return sign_in_of(os.environ)


def require_person() -> None:
    """In place of the page, what keeps this visitor out; nothing where they may come in."""
    try:
        if st.context.headers:  # none where no browser is there, as in a test of a page
            check_address(sign_in(), st.get_option("server.address"))
        if sign_in().mode == "oidc" and not st.user.get("is_logged_in"):
            _offer_sign_in()
        door()
    except RecsysRoiError as problem:
        st.title("RecSys ROI")
        st.error(plain(str(problem)), icon=":material/lock:")
        st.stop()


def _offer_sign_in() -> None:
    if not _is_set_up():
        raise AccessError(
            "Sign-in is not set up yet: the app needs the package authlib (the extra login) and [auth] in "
            ".streamlit/secrets.toml. Ask whoever runs it; docs/for-administrators.md says how."
        )
    st.title("RecSys ROI")
    st.markdown("Sign in with your company's account.")
    st.button("Sign in", icon=":material/login:", type="primary", on_click=st.login)
    st.stop()


def _is_set_up() -> bool:
    try:
        return find_spec("authlib") is not None and "auth" in st.secrets
    except FileNotFoundError:  # Streamlit's own error where there is no such file is one
        return False


def door() -> Door:
    """The door, with whoever is at this session; AccessError where somebody must sign in first."""
    names = tuple(sample.name for sample in SAMPLES)
    return Door(home=home(), sign_in=sign_in(), person=_person(), samples=names)


def _person() -> Person | None:
    found = sign_in()
    if found.mode == "oidc":
        return _person_of_provider(found.claim)
    if found.mode == "proxy":
        return person_behind_proxy(found, st.context.headers.get_all)
    return None


def _person_of_provider(claim: str) -> Person:
    """The claim that names the person; an address that nobody has verified proves nothing."""
    told = st.user.to_dict()
    if not told.get("is_logged_in"):
        raise AccessError("You are not signed in. Open the app again and sign in.")
    if claim == "email" and told.get(VERIFIED_CLAIM) is False:
        raise AccessError(
            "Your sign-in did not verify your e-mail address. Verify it there, then come again."
        )
    name = told.get(claim)
    if not isinstance(name, str) or not name.strip():
        raise AccessError(
            f"Your sign-in did not say who you are (it gave no {claim}). Ask your administrator."
        )
    return person(name)


def may(pilot: str, action: Action) -> bool:
    """Whether whoever is here may do this in a pilot; a button asks, `check` decides."""
    return door().may(pilot, action)


def check(pilot: str, action: Action) -> None:
    """AccessError where whoever is here may not do this in a pilot."""
    door().check(pilot, action)
