"""Waivers: a guardrail that is not shown safe, accepted in writing; said wherever the guardrail is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from math import ceil, floor, log10

import streamlit as st

from recsys_roi.dashboard import layout, recording, state
from recsys_roi.dashboard.writing import write
from recsys_roi.errors import InputError
from recsys_roi.numerals import choose, digits
from recsys_roi.render import words
from recsys_roi.review.document import Guardrail, Review, WaiverNote

FIRST_DAYS = 28  # until a new waiver ends, unless its writer chooses another day
PERCENT = 100


def of_guardrail(found: Guardrail, review: Review) -> None:
    """What was accepted of a guardrail, and the way to accept it or to take that back."""
    written = [one for one in review.record.waivers if one.guardrail == found.id]
    for waiver in written:
        _written(waiver, review)
    accepted = any(waiver.applied for waiver in written)
    if found.status == "breach":
        layout.quiet("A breach cannot be accepted in writing.")
    if (
        found.status == "warn"
        and not accepted
        and st.button("Accept in writing", key=f"waive_{found.id}", icon=":material/edit_note:")
    ):
        accept(found)


def _written(waiver: WaiverNote, review: Review) -> None:
    layout.say(words.waiver_sentence(waiver, review))
    if st.button("Take back", key=f"take_back_{waiver.id}", type="tertiary", icon=":material/undo:"):
        take_back(waiver, review)


@st.dialog("Take the acceptance back?")
def take_back(waiver: WaiverNote, review: Review) -> None:
    """Ends a waiver now; what was written stays in the trail."""
    choose(review.locale)
    layout.say(words.waiver_sentence(waiver, review))
    recording.ask_who()
    if st.button("Take back", key="waiver_take_back", icon=":material/undo:"):
        write(
            "Taken back; it stays in the trail.",
            lambda: recording.statements().withdraw_waiver(
                waiver.id, who=recording.who("waive"), at=recording.now()
            ),
        )


@st.dialog("Accept what is not shown safe?")
def accept(found: Guardrail) -> None:
    """Asks who accepts a guardrail, why, up to which harm and until when."""
    choose(state.scenario().locale)
    name = words.capitalised(words.guardrail_name(found.id))
    layout.say(words.introduced(name, words.guardrail_sentence(found)))
    layout.quiet("While this stands, the verdict takes the guardrail as passed, and says so everywhere.")
    why = st.text_area("Why is it acceptable?", key=f"waiver_why_{found.id}", max_chars=2000)
    limit = _up_to(found)
    tomorrow = recording.now().date() + timedelta(days=1)
    until = st.date_input(
        "Until",
        value=tomorrow + timedelta(days=FIRST_DAYS - 1),
        min_value=tomorrow,
        key=f"waiver_until_{found.id}",
        format="YYYY-MM-DD",
    )
    recording.ask_who()
    if st.button("Accept", key="waiver_accept", icon=":material/edit_note:"):
        write(f"{name} accepted.", lambda: _store(found, why=why, up_to=limit, until=until))


def _up_to(found: Guardrail) -> float | None:
    """The harm that is accepted, in the guardrail's own unit; at first what it could be now."""
    worst = _worst(found)
    unit = "%" if found.unit == "relative" else "points"
    limit = st.number_input(
        f"Accepted up to a harm of ({unit})",
        value=None if worst is None else _rounded_up(worst * PERCENT),
        min_value=0.0,
        step=None,
        format="%.10g",
        key=f"waiver_up_to_{found.id}",
        help="Should it become possible that the harm is larger, the acceptance no longer applies.",
    )
    return None if limit is None else round(limit / PERCENT, 12)


def _worst(found: Guardrail) -> float | None:
    return None if found.harm is None else found.harm.upper


def _rounded_up(value: float) -> float:
    """Two digits, never less than the value."""
    if value <= 0:
        return 0.0
    digits = 1 - floor(log10(value))
    return ceil(value / 10.0**-digits) / 10.0**digits


def _store(found: Guardrail, *, why: str, up_to: float | None, until: date | None) -> None:
    worst = _worst(found)
    if until is None:
        raise InputError("Say until when it is accepted.")
    if up_to is None:
        raise InputError("Say up to which harm it is accepted.")
    if worst is not None and up_to < worst:
        raise InputError(
            f"It could already be {words.worst_text(found)}, so this would not apply. Accept at least "
            f"{digits(_rounded_up(worst * PERCENT), 10)}, or wait for more days."
        )
    recording.statements().waive(
        found.id,
        who=recording.who("waive"),
        why=why,
        at=recording.now(),
        up_to=up_to,
        expires=datetime.combine(until, time(23, 59, 59), UTC),
    )
