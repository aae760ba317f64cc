"""A pilot whose logs cannot be reviewed yet: what is there, what is missing, and the way on."""

from __future__ import annotations

import streamlit as st

from recsys_roi.dashboard import controls, layout, reviewing, state
from recsys_roi.dashboard.text import plain
from recsys_roi.logs.pilot import Pilot
from recsys_roi.render import words
from recsys_roi.review.document import Review

KINDS = {
    "exposure.v1": ("Exposures", "which list was shown to whom"),
    "assignment.v1": ("Assignments", "which user was in which variant"),
    "outcome.v1": ("Outcomes", "what people did with what they saw"),
}


def require_review(*, title: str | None = None, flips: bool = False) -> Review:
    """The review, or in its place what is missing and where to give it, under `title` on a page without."""
    outcome = reviewing.current_review(flips=flips)
    if outcome.review is None:
        if title:
            st.title(title)
        _instead(outcome.problem)
        st.stop()
    return outcome.review


def _instead(problem: str | None) -> None:
    layout.problem(problem)
    if reviewing.current_names().experiments:
        with st.container(border=True):
            layout.heading("What is compared")
            controls.comparison()
    _held(state.current_pilot())


def nothing_measured() -> None:
    """A page that needs logs, in a pilot without."""
    st.info("No logs yet, so nothing is measured.", icon=":material/info:")
    _held(state.current_pilot())


def require_plan() -> Review:
    """The review; where the logs cannot be reviewed, that of the plan alone, and why."""
    outcome = reviewing.current_review()
    if outcome.review is not None:
        return outcome.review
    st.warning(
        f"{plain(outcome.problem or '')} The plan is shown without these logs.",
        icon=":material/unknown_document:",
    )
    return reviewing.review_of(state.scenario(), planned=True)


def _held(pilot: Pilot) -> None:
    """Which of the three logs there are, and the ways on."""
    with st.container(border=True):
        layout.heading("What the logs hold")
        for kind, (name, what) in KINDS.items():
            accepted = sum(file.accepted for file in pilot.files if file.kind == kind)
            count = words.counted(accepted, "line") if accepted else f"no line of {kind}"
            said = f"**{name}**, {what}: {plain(count)}."
            layout.marked("pass" if accepted else "fail", "There" if accepted else "Missing", said)
        with st.container(horizontal=True):
            st.page_link(
                "pages/logs.py", label="Look at the files, or add what is missing", icon=":material/upload:"
            )
            st.page_link("pages/plan.py", label="Make the plan meanwhile", icon=":material/checklist:")
