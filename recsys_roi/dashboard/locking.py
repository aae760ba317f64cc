"""Locking a plan: who agreed to what when, every lock there was, and a locked plan as a file."""

from __future__ import annotations

import streamlit as st

from recsys_roi.access.rights import Action
from recsys_roi.dashboard import layout, recording, sections, state
from recsys_roi.dashboard.text import plain
from recsys_roi.dashboard.writing import write
from recsys_roi.errors import InputError, RecordError
from recsys_roi.record.entries import LockedPlan
from recsys_roi.render import words
from recsys_roi.render.plan.document import standing
from recsys_roi.render.words.numbers import sentence
from recsys_roi.review.agreed_plan import plan_scenario, scenario_to_lock
from recsys_roi.review.document import Review
from recsys_roi.review.plan_file import from_file, to_file


def banner(review: Review) -> None:
    """Draft or locked, by whom and when, and what departs from it."""
    locked = review.record.plan
    text = plain(standing(review))
    with st.container():  # one element whatever it says, so that the chosen tab below stays chosen
        if locked is None:
            st.info(text, icon=":material/edit_note:")
        elif locked.deviations:
            st.warning(text, icon=":material/lock_open:")
        else:
            st.success(text, icon=":material/lock:")
        sections.deviations(review)


def actions(review: Review) -> None:
    """Lock what stands here, take a locked plan away, or open one from another machine."""
    locks = _locks()
    layout.say(
        "Locking keeps every setting with your name, the time and a hash. Later changes are told on Summary "
        "and in every export; a new version can be locked with a reason, and the old one stays."
    )
    with st.container(horizontal=True):
        if st.button("Lock this plan", icon=":material/lock:", key="lock_plan"):
            lock(review)
        if st.button("Open a locked plan", icon=":material/file_open:", key="open_plan"):
            open_file()
        if locks:
            layout.take(
                "Locked plan (.json)",
                to_file(locks[-1], state.pilot_name()),
                f"{state.pilot_name()} locked plan.json",
                "download_locked",
            )
            st.button(
                "Back to the locked plan", icon=":material/undo:", key="to_locked", on_click=state.reset
            )
    if locks:
        layout.heading("Every lock")
        with st.container(key="locks", gap="xsmall"):
            for place, one in enumerate(locks, start=1):
                layout.say(f"Version {place}: {_told(one)}")
                st.code(one.fingerprint, language=None, wrap_lines=True)


def _locks() -> tuple[LockedPlan, ...]:
    try:
        return recording.plans().all()
    except RecordError:
        return ()  # said above the page


def _right() -> Action:
    """A first plan may be locked by more people than one over a plan that is locked."""
    return "change_locked_plan" if _locks() else "lock_plan"


def _told(plan: LockedPlan) -> str:
    brought = "" if plan.brought_by is None else f", opened here by {plan.brought_by}"
    return f"{plan.who}{brought}, {plan.at:%Y-%m-%d %H:%M} UTC. {sentence(plan.why)}".strip()


@st.dialog("Lock this plan")
def lock(review: Review) -> None:
    """Keeps every setting as agreed."""
    chosen = scenario_to_lock(review)
    guardrails = ", ".join(words.guardrail_name(name) for name in chosen.guardrails)
    layout.bullets(
        [
            f"KPI: {words.kpi_name(chosen.kpi or '')}; surface: {chosen.surface or 'not named'}",
            f"Guardrails: {guardrails}",
            f"Hash: {chosen.fingerprint}",
        ]
    )
    if review.experiment is not None:
        st.warning("There are logs already: the plan counts as locked after the first request.")
    why = ""
    if _locks():
        why = st.text_area("Why is it locked again?", key="lock_why", max_chars=2000)
    recording.ask_who()
    if st.button("Lock", icon=":material/lock:", key="lock_now"):

        def change() -> None:
            recording.plans().lock(
                chosen.dump(),
                fingerprint=chosen.fingerprint,
                who=recording.who(_right()),
                at=recording.now(),
                why=why,
            )
            state.open_settings(chosen.given)

        write(f"Locked: {chosen.fingerprint}.", change)


@st.dialog("Open a locked plan")
def open_file() -> None:
    """A plan that was locked on another machine becomes this pilot's, with its own name and time."""
    upload = st.file_uploader("The file of a locked plan (.json)", type="json", key="plan_file")
    if upload is None:
        return
    try:
        plan = from_file(_text(upload.getvalue(), upload.name), upload.name)
    except InputError as problem:
        layout.problem(str(problem))
        return
    layout.say(f"Locked by {plan.who} on {plan.at:%Y-%m-%d} at {plan.at:%H:%M} UTC, hash {plan.fingerprint}.")
    recording.ask_who()
    if st.button("Keep it as this pilot's plan", icon=":material/lock:", key="bring_plan"):

        def change() -> None:
            recording.plans().bring(plan, who=recording.who(_right()), at=recording.now())
            state.open_settings(plan_scenario(plan).given)

        write(f"The plan that {plan.who} locked is kept here.", change)


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{name}: is not UTF-8 text, so it is no locked plan.") from None
