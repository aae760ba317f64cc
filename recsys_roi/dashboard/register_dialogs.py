"""What a person writes into the risk register: owners and dates, statements, own risks."""

from __future__ import annotations

import streamlit as st

from recsys_roi.dashboard import layout, recording, state
from recsys_roi.dashboard.text import plain
from recsys_roi.dashboard.writing import write
from recsys_roi.errors import InputError
from recsys_roi.logs.pilot import home
from recsys_roi.record.entries import Attestation
from recsys_roi.record.register import STATUSES, RegisterStore
from recsys_roi.render import words
from recsys_roi.review.document import ExitCriterion, Risk
from recsys_roi.verdict.attesting import STATEMENTS, Statement, expiry
from recsys_roi.verdict.risk_entry import FAMILIES


def _register() -> RegisterStore:
    return RegisterStore(home(), state.pilot_name())


@st.dialog("Who answers for it, and by when?")
def owner(found: Risk) -> None:
    """Names the owner of a risk and a day."""
    layout.say(found.title)
    named = st.text_input("Owner", value=found.owner or "", key=f"owner_{found.id}", max_chars=80)
    due = st.date_input("Due", value=found.due, key=f"due_{found.id}", format="YYYY-MM-DD")
    recording.ask_who()
    if st.button("Keep", icon=":material/save:", key="register_keep"):
        write(
            f"{named} answers for it.",
            lambda: _register().name_owner(found.id, named, due=due, who=recording.who(), at=recording.now()),
        )


@st.dialog("State what logs cannot show")
def statement(found: Risk | ExitCriterion) -> None:
    """States one of the things that settle a risk or meet a criterion, or takes back what was stated."""
    layout.say(found.title)
    kind = str(
        st.selectbox(
            "I state that",
            found.statements,
            format_func=lambda one: plain(STATEMENTS[one].states),
            key=f"statement_{found.id}",
        )
    )
    asked = STATEMENTS[kind]
    _new_statement(asked)
    for made in recording.current_record().attestations:
        if made.kind == kind:
            _made(made)


def _new_statement(asked: Statement) -> None:
    today = recording.now().date()
    done_on = st.date_input(
        "Done on", value=today, max_value=today, key=f"done_{asked.id}", format="YYYY-MM-DD"
    )
    amount = None
    if asked.amount:
        amount = st.number_input(
            words.capitalised(asked.amount), min_value=0.0, value=None, step=1.0, key=f"amount_{asked.id}"
        )
    note = st.text_area(
        "Note", key=f"note_{asked.id}", placeholder=words.capitalised(asked.asks), max_chars=2000
    )
    link = st.text_input("Link to the evidence", key=f"link_{asked.id}", placeholder="https://")
    recording.ask_who()
    layout.quiet(f"It holds for {asked.valid_days} days after that day, then it must be stated again.")
    if st.button("State it", icon=":material/task_alt:", key="register_state"):

        def change() -> None:
            if done_on is None:
                raise InputError("Say on which day it was done.")
            if asked.amount and amount is None:
                raise InputError(f"Say how many {asked.amount}.")
            until = expiry(asked, done_on)
            if until <= recording.now():
                raise InputError(
                    f"What was done on {words.day(done_on.isoformat())} counts for {asked.valid_days} days, "
                    "which are over. Do it again first."
                )
            recording.statements().attest(
                asked.id,
                who=recording.who("attest"),
                at=recording.now(),
                note=note,
                link=link,
                expires=until,
                done_on=done_on,
                amount=amount,
            )

        write("Stated.", change)


def _made(made: Attestation) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        layout.quiet(f"Stated by {made.who} on {words.day(made.at.isoformat())}")
        if st.button("Take back", key=f"withdraw_{made.id}", type="tertiary", icon=":material/undo:"):
            write(
                "Taken back; it stays in the trail.",
                lambda: recording.statements().withdraw_attestation(
                    made.id, who=recording.who("attest"), at=recording.now()
                ),
            )


@st.dialog("Add a risk")
def new_risk() -> None:
    """A risk that the register does not know."""
    title = st.text_input("What could go wrong?", key="own_title", max_chars=80)
    family = st.selectbox("Family", FAMILIES, key="own_family")
    status = _status("own_status")
    evidence = st.text_area("What does it rest on?", key="own_evidence", max_chars=2000)
    mitigation = st.text_area("What lowers it?", key="own_mitigation", max_chars=2000)
    escalation = st.text_area("Which sign calls whom, by when?", key="own_escalation", max_chars=2000)
    recording.ask_who()
    if st.button("Add", icon=":material/add:", key="register_add"):
        write(
            f"Added {title}.",
            lambda: _register().add_risk(
                title,
                family=str(family),
                status=status,
                evidence=evidence,
                mitigation=mitigation,
                escalation=escalation,
                who=recording.who(),
                at=recording.now(),
            ),
        )


@st.dialog("Judge it anew, or close it")
def own_risk(found: Risk) -> None:
    """Another status of an own risk, or its end."""
    layout.say(found.title)
    number = int(found.id.removeprefix("own-"))
    status = _status("judge_status", found.status)
    why = st.text_area("What does it rest on now?", key="judge_evidence", max_chars=2000)
    recording.ask_who()
    with st.container(horizontal=True):
        if st.button("Keep", icon=":material/save:", key="register_judge"):
            write(
                "Judged anew.",
                lambda: _register().judge_risk(
                    number, status=status, evidence=why, who=recording.who(), at=recording.now()
                ),
            )
        if st.button("Close it", icon=":material/archive:", key="register_close"):
            write(
                "Closed; it stays in the trail.",
                lambda: _register().close_risk(number, why=why, who=recording.who(), at=recording.now()),
            )


def _status(key: str, shown: str = "watch") -> str:
    chosen = st.segmented_control(
        "Status",
        STATUSES,
        default=shown if shown in STATUSES else "watch",
        format_func=lambda one: words.status_mark(one).word,
        required=True,
        key=key,
    )
    return str(chosen)
