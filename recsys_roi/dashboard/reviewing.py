"""The review of the session's pilot and scenario: counted once a view, evaluated once a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

import streamlit as st

from recsys_roi.dashboard import recording, state
from recsys_roi.errors import RecsysRoiError
from recsys_roi.evidence.apart import count_large_apart
from recsys_roi.evidence.selection import Names, names_of
from recsys_roi.evidence.view import Evidence, View
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.pilot import Pilot, home
from recsys_roi.record.entries import Record
from recsys_roi.review.document import Review
from recsys_roi.review.evaluate import Evaluated, evaluated, view_of
from recsys_roi.review.programme import Programme, on_surface
from recsys_roi.value.scenario import Scenario

NO_NAMES = Names(variants={}, surfaces={})
# Threads that count at once take the processor from each other by turns, and all of them end late.
_ONE_AT_A_TIME = Lock()


# What is cached here is frozen, so sessions share it uncopied; a pilot that changes has another content.
@st.cache_resource(max_entries=64, show_spinner="Counting the logs")
def _evidence(pilot: str, content: str, view: View) -> Evidence:
    return evidence_of(_counted(pilot), view)


@st.cache_resource(max_entries=64, show_spinner="Counting the logs")
def _names(pilot: str, fingerprint: str) -> Names:
    return names_of(_counted(pilot))


def _counted(name: str) -> Pilot:
    """A pilot, counted already where that takes long, so that this process stays quick for all."""
    pilot = Pilot.open(home(), name)
    count_large_apart(pilot)
    return pilot


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What a review is made from beside the evidence."""

    scenario: Scenario
    record: Record


@st.cache_resource(max_entries=512, ttl="1h", show_spinner=False)
def _evaluated(
    key: tuple[str, str, str | None], given: tuple[tuple[str, str], ...], _parts: Parts
) -> Evaluated:
    pilot, content, _ = key
    evidence = _evidence(pilot, content, view_of(_parts.scenario)) if content else None
    as_of = datetime.now(UTC).replace(microsecond=0)
    return evaluated(evidence, _parts.scenario, _parts.record, as_of=as_of)


@st.cache_resource(max_entries=512, ttl="1h", show_spinner=False)
def _with_flips(
    key: tuple[str, str, str | None], given: tuple[tuple[str, str], ...], made_at: str, _first: Evaluated
) -> Review:
    with _ONE_AT_A_TIME:
        return _first.with_flips()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a page can show: a review, or the sentence that says why there is none."""

    review: Review | None
    problem: str | None


def current_review(*, flips: bool = False) -> Outcome:
    """The review of this session; never raises what a person caused.

    `flips` finds the lines that would change the decision, which cost more than the rest together.
    """
    try:
        review = review_of(state.scenario(), flips=flips)
    except RecsysRoiError as error:
        return Outcome(review=None, problem=str(error))
    return Outcome(review=review, problem=None)


def review_of(chosen: Scenario, *, planned: bool = False, flips: bool = False) -> Review:
    """The review of the session's pilot with a scenario; `planned` leaves the logs aside.

    Raises RecsysRoiError where there is none.
    """
    pilot, record = state.current_pilot(), recording.current_record()
    content = _content(pilot) if pilot.files and not planned else ""
    given = tuple(sorted(chosen.to_query().items()))
    key = (pilot.name, content, record.audit_head)
    first = _evaluated(key, given, Parts(scenario=chosen, record=record))
    return _with_flips(key, given, first.review.made_at, first) if flips else first.review


def programme() -> Programme:
    """Every surface of the experiment with the session's scenario; RecsysRoiError where one has no review."""
    chosen, pilot = state.scenario(), state.current_pilot()
    first = review_of(chosen).experiment
    # Of the two arms only: a surface that a third one has alone has nothing to compare.
    surfaces = _evidence(pilot.name, _content(pilot), view_of(chosen)).surfaces if first else ()
    shares = {
        name: _evidence(pilot.name, _content(pilot), view_of(chosen.updated({"surface": name}))).surface_share
        for name in surfaces
    }
    here = shares.get(first.surface or "", 1.0) if first else 1.0
    return Programme(
        surfaces=surfaces,
        reviews=tuple(
            review_of(on_surface(chosen, name, share=share, here=here)) for name, share in shares.items()
        ),
    )


def _content(pilot: Pilot) -> str:
    """What the pilot holds: the fingerprint of its rows, and the documents beside them."""
    return " ".join((pilot.fingerprint, *(document.hash for document in pilot.documents)))


def current_names() -> Names:
    """Experiments, variants and surfaces of the session's pilot; none where it has no logs to be read."""
    pilot = state.current_pilot()
    if not pilot.files:
        return NO_NAMES
    try:
        return _names(pilot.name, pilot.fingerprint)
    except RecsysRoiError:  # said in place of the review
        return NO_NAMES
