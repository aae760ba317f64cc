"""What the browser session holds: which pilot, and the settings a person gave. Results are never stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from recsys_roi.dashboard.samples import SAMPLES, base_settings, install_samples
from recsys_roi.errors import InputError, RecsysRoiError
from recsys_roi.evidence.view import Evidence, View
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.pilot import Pilot, home, pilot_names
from recsys_roi.review.document import Review
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario

SETTINGS_KEY = "settings"
PILOT_KEY = "pilot_name"
PROBLEM_KEY = "link_problem"
PILOT_PARAMETER = "pilot"


@st.cache_resource(show_spinner="Loading the sample pilots (first start only)")
def _samples_ready() -> bool:
    install_samples(home())
    return True


def start_session() -> None:
    """Once a browser session: what the link holds, or the first sample with its own settings."""
    _samples_ready()
    if SETTINGS_KEY in st.session_state:
        return
    query = st.query_params.to_dict()
    names = pilot_names(home())
    pilot = query.pop(PILOT_PARAMETER, None)
    st.session_state[PROBLEM_KEY] = None
    st.session_state[PILOT_KEY] = pilot if pilot in names else SAMPLES[0].name
    st.session_state[SETTINGS_KEY] = base_settings(st.session_state[PILOT_KEY])
    if pilot is not None and pilot not in names:
        st.session_state[PROBLEM_KEY] = f"The link names a pilot that is not here: {pilot!r}."
    elif query:
        try:
            st.session_state[SETTINGS_KEY] = Scenario.from_query(query).given
        except InputError as error:
            st.session_state[PROBLEM_KEY] = f"The link was not used: {error}"


def link_problem() -> str | None:
    """Why the link that opened this session was not used, or None."""
    problem: str | None = st.session_state.get(PROBLEM_KEY)
    return problem


def pilot_name() -> str:
    """The pilot this session looks at."""
    return str(st.session_state[PILOT_KEY])


def choose_pilot(name: str) -> None:
    """Another pilot, with its own settings."""
    st.session_state[PILOT_KEY] = name
    st.session_state[SETTINGS_KEY] = base_settings(name)


def choose_first_pilot() -> None:
    """The first sample, which is always there."""
    choose_pilot(SAMPLES[0].name)


def settings() -> dict[str, Any]:
    """The settings a person gave in this session."""
    given: dict[str, Any] = st.session_state[SETTINGS_KEY]
    return given


def give(name: str, value: object) -> None:
    """Sets one setting; None takes it back to its default."""
    changed = {key: kept for key, kept in settings().items() if key != name}
    if value is not None:
        changed[name] = value
    st.session_state[SETTINGS_KEY] = changed


def reset() -> None:
    """Back to the pilot's own settings."""
    st.session_state[SETTINGS_KEY] = base_settings(pilot_name())


def changes_from_base() -> tuple[str, ...]:
    """Names of the settings that differ from the pilot's own."""
    base, given = base_settings(pilot_name()), settings()
    return tuple(sorted(name for name in base.keys() | given.keys() if base.get(name) != given.get(name)))


def scenario() -> Scenario:
    """The session's scenario."""
    return Scenario.of(settings())


def link_query() -> dict[str, str]:
    """The whole scenario and the pilot as query parameters: what a copied link carries."""
    return {PILOT_PARAMETER: pilot_name(), **scenario().to_query()}


def write_link() -> None:
    """Keeps the address bar in step, so that it can be copied on any page."""
    wanted = link_query()
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


@st.cache_resource(max_entries=64, show_spinner="Counting the logs")
def _evidence(folder: str, fingerprint: str, view: View) -> Evidence:
    return evidence_of(Pilot.open(home(), folder), view)


def current_pilot() -> Pilot:
    """The session's pilot as it is on disk now."""
    return Pilot.open(home(), pilot_name())


def current_evidence(chosen: Scenario) -> Evidence | None:
    """The evidence of the session's pilot, or None where it has no logs yet."""
    pilot = current_pilot()
    if not pilot.files:
        return None
    return _evidence(pilot_name(), pilot.fingerprint, view_of(chosen))


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a page can show: a review, or the sentence that says why there is none."""

    review: Review | None
    problem: str | None


def current_review() -> Outcome:
    """The review of this session; never raises what a person caused."""
    try:
        chosen = scenario()
        review = evaluate(current_evidence(chosen), chosen, as_of=datetime.now(UTC).replace(microsecond=0))
    except RecsysRoiError as error:
        return Outcome(review=None, problem=str(error))
    return Outcome(review=review, problem=None)


def require_review() -> Review:
    """The review, or a message with the next step in place of the page."""
    outcome = current_review()
    if outcome.review is None:
        st.error(outcome.problem or "There is nothing to show.", icon=":material/error:")
        st.page_link("pages/logs.py", label="Go to Logs: look at the files or add what is missing")
        st.stop()
    return outcome.review

