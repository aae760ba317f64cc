"""What is kept of people in a pilot: forgetting one user, and for how many days rows stay; owners only."""

from __future__ import annotations

import streamlit as st

from recsys_roi.dashboard import intake, layout, recording, state
from recsys_roi.errors import InputError, RecsysRoiError
from recsys_roi.evidence.retaining import due, retain
from recsys_roi.logs.forgetting import Forgotten, forget_user, rows_of_user
from recsys_roi.logs.pilot import Pilot, home
from recsys_roi.numerals import choose
from recsys_roi.record.retention import MOST_DAYS, RetentionStore
from recsys_roi.render import words
from recsys_roi.verdict.attesting import agreed_days

GO = (
    "What goes: every row of this user in every file, and every value of a rejected line that holds the id. "
    "Figures are counted anew."
)
STAY = (
    "What stays: scenarios, statements, plans, the audit trail, and reviews that were exported. Backups, and "
    "the logs outside of this pilot, are not touched: a log that is added later and holds the user brings "
    "them back."
)
ROWS_GO = (
    "When the oldest event is so many days old, every row of the pilot goes, and the values of rejected "
    "lines. Counts, figures, what people wrote and the audit trail stay; no more logs can be added then."
)

DAILY = "They are deleted by the daily command recsys-roi retain, or here."


def offer(pilot: Pilot) -> None:
    """The buttons; nothing for a pilot without rows."""
    if pilot.counted is not None or not pilot.files:
        return
    if st.button("Forget a user", icon=":material/person_remove:", key="privacy_forget"):
        _forgetting(pilot)
    if st.button("How long rows are kept", icon=":material/auto_delete:", key="privacy_days"):
        _keeping(pilot)


@st.dialog("Forget a user")
def _forgetting(pilot: Pilot) -> None:
    choose(state.scenario().locale)
    layout.say(GO)
    layout.say(STAY)
    user = st.text_input("User id, as it stands in the logs", key="forget_user", autocomplete="off")
    if user.strip():
        layout.say_if(_would_go(pilot, user))
    sure = _confirmation(pilot)
    recording.ask_who()
    if st.button("Forget this user", key="forget_do", icon=":material/person_remove:", type="primary"):
        _forget(pilot, user, sure=sure)


def _would_go(pilot: Pilot, user: str) -> str | None:
    """How many rows are of the user; the id itself is said nowhere."""
    try:
        rows = rows_of_user(pilot, user)
    except RecsysRoiError as problem:
        layout.problem(str(problem))
        return None
    return f"{words.counted(rows, 'row')} of this user would go." if rows else "No row here is of this user."


def _confirmation(pilot: Pilot) -> str:
    return st.text_input(f"To be sure, type the name of the pilot: {pilot.name}", key="privacy_sure")


def _check_sure(pilot: Pilot, sure: str) -> None:
    recording.log_keeper("remove")
    if sure.strip() != pilot.name:
        raise InputError(f"Type the name of the pilot to be sure: {pilot.name}.")


def _forget(pilot: Pilot, user: str, *, sure: str) -> None:
    try:
        _check_sure(pilot, sure)
        found = forget_user(pilot, user)
        if not found.files:
            raise InputError(f"Nothing of that user is in {pilot.name}.")
    except RecsysRoiError as problem:
        layout.problem(str(problem))
        return
    intake.later("success", _forgotten(found))
    detail = {"rows": found.rows, "files": found.files, "values": found.values}
    intake.warn(recording.note_logs(pilot.name, "forgot", "a user", detail))
    st.rerun()


def _forgotten(found: Forgotten) -> str:
    rows, files = words.counted(found.rows, "row"), words.counted(found.files, "file")
    values = words.counted(found.values, "value")
    return f"A user was forgotten: {rows} in {files}, and {values} of rejected lines, were taken out."


@st.dialog("How long rows are kept")
def _keeping(pilot: Pilot) -> None:
    choose(state.scenario().locale)
    store = RetentionStore(home(), pilot.name)
    rule = store.rule()
    layout.say(ROWS_GO)
    if rule is not None:
        layout.say(f"{words.counted(rule.days, 'day')}, set by {rule.who} on {rule.at:%Y-%m-%d}.")
    shown = rule.days if rule is not None else _agreed()
    days = st.number_input("Days", 1, MOST_DAYS, shown, step=1, key="keep_days", placeholder="Such as 90")
    is_due = days is not None and _said_when(pilot, int(days))
    recording.ask_who()
    with st.container(horizontal=True):
        if st.button("Keep this rule", key="keep_set", icon=":material/save:"):
            _set(store, None if days is None else int(days))
        if rule is not None and st.button("End the rule", key="keep_end", icon=":material/undo:"):
            _end(store)
    if is_due and days is not None:
        sure = _confirmation(pilot)
        if st.button("Delete the rows now", key="keep_do", icon=":material/delete_forever:", type="primary"):
            _delete_rows(pilot, int(days), sure=sure)


def _agreed() -> int | None:
    """The days that people have stated on Risks."""
    agreed = agreed_days(recording.current_record().attestations, recording.now())
    return None if agreed is None or not 1 <= agreed <= MOST_DAYS else int(agreed)


def _said_when(pilot: Pilot, days: int) -> bool:
    """Says what would be deleted today; whether anything would."""
    try:
        found = due(pilot, days=days)
    except RecsysRoiError as problem:
        layout.problem(str(problem))
        return False
    if found.due is None or found.oldest is None:
        layout.say("No row here has a day.")
        return False
    oldest = f"The oldest event is of {found.oldest:%Y-%m-%d}"
    if recording.now() < found.due:
        layout.say(f"{oldest}, so nothing would be deleted today: the rows go on {found.due:%Y-%m-%d}.")
        return False
    rows, files = words.counted(found.rows, "row"), words.counted(len(pilot.files), "file")
    layout.say(f"{oldest}: today all {rows} in {files} would be deleted.")
    return True


def _set(store: RetentionStore, days: int | None) -> None:
    try:
        who = recording.log_keeper("remove")
        if days is None:
            raise InputError("Say for how many days rows are kept.")
        store.put(days, who=who, at=recording.now())
    except RecsysRoiError as problem:
        layout.problem(str(problem))
        return
    intake.later("success", f"Rows are kept for {words.counted(days, 'day')}. {DAILY}")
    st.rerun()


def _end(store: RetentionStore) -> None:
    try:
        store.end(who=recording.log_keeper("remove"), at=recording.now())
    except RecsysRoiError as problem:
        layout.problem(str(problem))
        return
    intake.later("success", "Rows are kept until somebody deletes them.")
    st.rerun()


def _delete_rows(pilot: Pilot, days: int, *, sure: str) -> None:
    try:
        _check_sure(pilot, sure)
        found = retain(pilot, days=days, now=recording.now())
    except RecsysRoiError as problem:
        layout.problem(str(problem))
        return
    if not found.deleted:
        layout.problem("Nothing was deleted: the rows are not due any more.")
        return
    intake.later("success", f"The rows of {pilot.name} were deleted. Counts, record and trail stay.")
    detail = {"days": days, "rows": found.rows}
    intake.warn(recording.note_logs(pilot.name, "deleted", "the rows, after their time", detail))
    st.rerun()
