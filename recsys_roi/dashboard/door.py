"""Who is at the page, and what they may do in the session's pilot; nothing is shown before they are known."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec

import streamlit as st

from recsys_roi.access.door import Door
from recsys_roi.access.people import Person
from recsys_roi.access.provider import SECRETS, Provider, has_lapsed, lapsed, person_of_claims
from recsys_roi.access.rights import Action
from recsys_roi.access.signing_in import SignIn, check_address, person_behind_proxy, sign_in_of
from recsys_roi.dashboard.samples import SAMPLES
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import AccessError, RecsysRoiError
from recsys_roi.logs.pilot import home


@cache
def sign_in() -> SignIn:
    """How people sign in, read once: the machine's settings hold for as long as the app runs."""
    return sign_in_of(os.environ)


def require_person() -> None:
    """In place of the page, what keeps this visitor out; nothing where they may come in."""
    try:
        if st.context.headers:  # none where no browser is there, as in a test of a page
            check_address(sign_in(), st.get_option("server.address"))
        provider = sign_in().provider
        if provider is not None and not _is_signed_in(provider):
            _offer_sign_in(provider)
        door()
    except RecsysRoiError as problem:
        st.title("RecSys ROI")
        st.error(plain(str(problem)), icon=":material/lock:")
        st.stop()


def _is_signed_in(provider: Provider) -> bool:
    return bool(st.user.get("is_logged_in")) and not has_lapsed(provider, st.user.to_dict(), _now())


def _now() -> datetime:
    return datetime.now(UTC)


def _offer_sign_in(provider: Provider) -> None:
    if not _is_set_up():
        raise AccessError(
            "Sign-in is not set up yet: the app needs the package authlib (the extra login) and a file with "
            f"[auth] that {SECRETS} names. Ask whoever runs it; docs/for-administrators.md says how."
        )
    st.title("RecSys ROI")
    if st.user.get("is_logged_in"):
        st.info(lapsed(provider), icon=":material/schedule:")
    st.markdown("Sign in with your company's account.")
    st.button("Sign in", icon=":material/login:", type="primary", key="sign_in", on_click=st.login)
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
    if found.provider is not None:
        return person_of_claims(found.provider, st.user.to_dict(), _now())
    if found.mode == "proxy":
        return person_behind_proxy(found, st.context.headers.get_all)
    return None


def may(pilot: str, action: Action) -> bool:
    """Whether whoever is here may do this in a pilot; a button asks, `check` decides."""
    return door().may(pilot, action)


def check(pilot: str, action: Action) -> None:
    """AccessError where whoever is here may not do this in a pilot."""
    door().check(pilot, action)
