"""What the browser session holds: which pilot, and the settings a person gave. Results are never stored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from recsys_roi.access.door import not_yours
from recsys_roi.dashboard import door
from recsys_roi.dashboard.samples import SAMPLES, base_settings, install_samples
from recsys_roi.errors import InputError, PilotError, RecordError, RecsysRoiError, UnknownNameError
from recsys_roi.evidence.declared import declared_settings
from recsys_roi.logs.pilot import Pilot, home
from recsys_roi.record.entries import LockedPlan
from recsys_roi.record.statements import StatementStore
from recsys_roi.review.agreed_plan import plan_scenario
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.settings import LOOK_SETTINGS, SETTINGS

SETTINGS_KEY = "settings"  # of every pilot looked at in this session, by its name
PILOT_KEY = "pilot_name"
LINK_PROBLEM_KEY = "link_problem"
LINK_PAGE_KEY = "link_page"
SAMPLES_PROBLEM_KEY = "samples_problem"
REFUSED_KEY = "refused_setting"
COMPARED_KEY = "compared"  # scenarios side by side, by their ids
PILOT_PARAMETER = "pilot"
COMPARED_PARAMETER = "compare"


@st.cache_resource(show_spinner="Loading the sample pilots (first start only)")
def _samples_ready(home_folder: str) -> bool:
    install_samples(home())
    return True


def is_open() -> bool:
    """Whether the session has been started."""
    return PILOT_KEY in st.session_state


def start_session() -> None:
    """Once a browser session: what the link holds, or the first sample with its own settings."""
    try:
        _samples_ready(str(home()))
    except PilotError as problem:  # the other pilots may be whole
        st.session_state[SAMPLES_PROBLEM_KEY] = problem
    else:
        st.session_state.pop(SAMPLES_PROBLEM_KEY, None)
    if not is_open():
        _open(st.query_params.to_dict())
    elif st.session_state[PILOT_KEY] not in door.door().visible():
        choose_first_pilot()


def _open(query: dict[str, str]) -> None:
    names = door.door().visible()
    pilot = query.pop(PILOT_PARAMETER, None)
    st.session_state[COMPARED_KEY] = _read_compared(query.pop(COMPARED_PARAMETER, ""))
    st.session_state[SETTINGS_KEY] = {}
    st.session_state[LINK_PROBLEM_KEY] = None
    choose_pilot(pilot if pilot in names else SAMPLES[0].name)
    if pilot is not None and pilot not in names:
        st.session_state[LINK_PROBLEM_KEY] = _unknown(pilot)
    elif query:
        try:
            _keep(Scenario.from_query(query).given)
        except InputError as error:
            st.session_state[LINK_PROBLEM_KEY] = f"The link's settings were not used. {error}"


def _unknown(pilot: str) -> str:
    if door.sign_in().is_on:
        return not_yours(pilot)
    return f"The link names a pilot that is not on this machine: {pilot!r}. Its logs are added on Logs."


def _read_compared(text: str) -> tuple[str, ...]:
    """The ids that a link names; what is no list of texts names none."""
    try:
        found = json.loads(text) if text else []
    except (ValueError, RecursionError):
        return ()
    ids = found if isinstance(found, list) else []
    return tuple(dict.fromkeys(one for one in ids if isinstance(one, str)))


def compared() -> tuple[str, ...]:
    """Ids of the scenarios that stand side by side."""
    ids: tuple[str, ...] = st.session_state[COMPARED_KEY]
    return ids


def put_side_by_side(ids: Iterable[str]) -> None:
    """Chooses the scenarios that stand side by side."""
    st.session_state[COMPARED_KEY] = tuple(ids)


def link_problem() -> str | None:
    """Why the link that opened this session was not used, or None."""
    problem: str | None = st.session_state.get(LINK_PROBLEM_KEY)
    return problem


def pilot_name() -> str:
    """The pilot this session looks at."""
    return str(st.session_state[PILOT_KEY])


def known_pilots() -> tuple[str, ...]:
    """The samples first, then the other pilots that whoever is here may see, by name."""
    samples = [sample.name for sample in SAMPLES]
    return (*samples, *(name for name in door.door().visible() if name not in samples))


def current_pilot() -> Pilot:
    """The session's pilot as it is on disk now; AccessError where it is no longer theirs to see."""
    door.check(pilot_name(), "see")
    return Pilot.open(home(), pilot_name())


def unopened() -> RecsysRoiError | None:
    """Why the session's pilot cannot be opened; None where it can."""
    try:
        current_pilot()
    except PilotError as problem:
        return problem
    except UnknownNameError as problem:  # a sample that could not be made
        made: RecsysRoiError = st.session_state.get(SAMPLES_PROBLEM_KEY, problem)
        return made
    return None


def choose_pilot(name: str) -> None:
    """Another pilot, with the settings it had in this session, or its own; AccessError for a stranger's."""
    door.check(name, "see")
    st.session_state[PILOT_KEY] = name
    if name not in st.session_state[SETTINGS_KEY]:
        reset()


def choose_first_pilot() -> None:
    """The first sample, which is always there."""
    choose_pilot(SAMPLES[0].name)


def forget_pilot(name: str) -> None:
    """Leaves a pilot that was deleted, with the settings it had."""
    st.session_state[SETTINGS_KEY] = {
        pilot: given for pilot, given in st.session_state[SETTINGS_KEY].items() if pilot != name
    }
    choose_first_pilot()


def settings() -> dict[str, Any]:
    """The settings a person gave for the present pilot."""
    given: dict[str, Any] = st.session_state[SETTINGS_KEY][pilot_name()]
    return given


def _keep(given: dict[str, Any]) -> None:
    st.session_state[SETTINGS_KEY] = {**st.session_state[SETTINGS_KEY], pilot_name(): given}


def give(**changes: Any) -> None:
    """Sets settings; None takes one back to its default. What is not allowed is refused, and said."""
    merged = _with_ranges_that_hold({**settings(), **changes}, changes)
    given = {name: value for name, value in merged.items() if value is not None}
    try:
        Scenario.of(given)
    except InputError as error:
        st.session_state[REFUSED_KEY] = str(error)
        return
    _keep(given)


def _with_ranges_that_hold(merged: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The ranges moved along with the inputs that were set: the likely value is the input itself."""
    ranges = dict(merged.get("ranges") or {})
    for name in changes.keys() & ranges.keys():
        value = changes[name]
        if isinstance(value, int | float):
            low, *likely, high = ranges[name]
            ranges[name] = [min(low, value), *([value] if likely else ()), max(high, value)]
    return {**merged, "ranges": ranges or None}


def open_settings(given: Mapping[str, Any]) -> None:
    """Takes over a whole scenario, such as a saved one or one from a file; InputError when it is none."""
    _keep(Scenario.of(dict(given)).given)


def refused() -> str | None:
    """Why the last setting was not taken; said once."""
    problem: str | None = st.session_state.pop(REFUSED_KEY, None)
    return problem


def refuse(problem: str) -> None:
    """Keeps a setting as it was and says why."""
    st.session_state[REFUSED_KEY] = problem


def reset() -> None:
    """Back to the pilot's own settings."""
    _keep(base().given)


def base() -> Scenario:
    """The pilot's own scenario, before anybody changed it: its plan as locked last, else how it began.

    Evidence without counts begins with the view that was declared first.
    """
    plan, declared = locked_plan(), _declared()
    if plan is not None:
        try:
            return Scenario.of(declared).updated(plan_scenario(plan).given)
        except InputError:  # of another version; its deviations are told all the same
            pass
    return Scenario.of({**declared, **base_settings(pilot_name())})


def _declared() -> dict[str, Any]:
    try:
        return declared_settings(Pilot.open(home(), pilot_name()))
    except (InputError, PilotError):  # said in place of the review
        return {}


def locked_plan() -> LockedPlan | None:
    """The plan of the session's pilot that was locked last; None where none can be read."""
    try:
        plans = StatementStore(home(), pilot_name()).record().plans
    except RecordError:  # said above the page
        return None
    return plans[-1] if plans else None


def changes_from_base() -> tuple[str, ...]:
    """Names of the settings whose value differs from the pilot's own, in the table's order."""
    own, now = base(), scenario()
    given = {*own.changed, *now.changed}
    return tuple(
        name
        for name in SETTINGS
        if name in given - LOOK_SETTINGS and getattr(own, name) != getattr(now, name)
    )


def scenario() -> Scenario:
    """The session's scenario."""
    return Scenario.of(settings())


def link_query() -> dict[str, str]:
    """The whole scenario, the pilot and what stands side by side as query parameters, as a link has them."""
    ids = compared()
    side_by_side = {COMPARED_PARAMETER: json.dumps(ids, ensure_ascii=False)} if ids else {}
    return {PILOT_PARAMETER: pilot_name(), **scenario().to_query(), **side_by_side}


def write_link(page: str) -> None:
    """Keeps the address bar in step, so that it can be copied on any page.

    On a page switch the browser may have dropped what the server still believes to stand there.
    """
    wanted = link_query()
    switched = st.session_state.get(LINK_PAGE_KEY) != page
    st.session_state[LINK_PAGE_KEY] = page
    if switched or st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
