"""What did the new files change? The review is made again without them, when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import streamlit as st

from recsys_roi.dashboard import intake, layout, recording, state
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import RecsysRoiError
from recsys_roi.evidence.apart import count_large_apart
from recsys_roi.evidence.view import Evidence, View
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.earlier import without
from recsys_roi.logs.pilot import Pilot, home
from recsys_roi.render.words.changes import change_rows, change_sentences
from recsys_roi.review.document import Review
from recsys_roi.review.evaluate import evaluate, view_of

ASKED_KEY = "changes_asked"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Question:
    """Which files are new, in which state of the pilot."""

    pilot: str
    fingerprint: str
    new: frozenset[str]  # hashes


# Frozen, so sessions share it uncopied; a pilot that changes has another fingerprint.
@st.cache_resource(max_entries=8, show_spinner="Counting the logs without the new files")
def _evidence_before(question: _Question, view: View) -> Evidence:
    with without(Pilot.open(home(), question.pilot), question.new) as before:
        count_large_apart(before)
        return evidence_of(before, view)


def changes(pilot: Pilot, review: Review) -> None:
    """A choice of files, and what they changed; nothing where there is only one file, or no rows."""
    if len(pilot.files) < 2 or pilot.counted is not None:
        return
    with st.expander("What did the new files change?", icon=":material/difference:"):
        names = {file.hash: f"{file.name} ({file.kind})" for file in pilot.files}
        key = f"changes_new_{pilot.name}_{pilot.fingerprint}"
        chosen = st.multiselect(
            "Files that are new",
            list(names),
            default=_added_last(pilot),
            format_func=names.__getitem__,
            help="The review is made again without them, with the settings of now.",
            key=key,
        )
        question = _Question(pilot=pilot.name, fingerprint=pilot.fingerprint, new=frozenset(chosen))
        if st.button("Compare", icon=":material/difference:", key="changes_compare", disabled=not chosen):
            st.session_state[ASKED_KEY] = question
        if chosen and st.session_state.get(ASKED_KEY) == question:
            _answer(question, review)


def _added_last(pilot: Pilot) -> list[str]:
    """The files that this session added last, else the last one; never all of them."""
    here = [file.hash for file in pilot.files]
    added = [file_hash for file_hash in intake.added_last(pilot) if file_hash in here]
    return added if added and len(added) < len(here) else here[-1:]


def _answer(question: _Question, after: Review) -> None:
    chosen, as_of = state.scenario(), datetime.fromisoformat(after.made_at)
    if len(question.new) == len(state.current_pilot().files):
        st.info("Without these files there are no logs, so there is nothing to compare with.")
        return
    try:
        evidence = _evidence_before(question, view_of(chosen))
        before = evaluate(evidence, chosen, recording.current_record(), as_of=as_of)
    except RecsysRoiError as problem:
        st.info(plain(f"Without these files there is no review to compare with. {problem}"))
        return
    layout.bullets(change_sentences(before, after))
    layout.table(pd.DataFrame(change_rows(before, after), columns=["What", "Without them", "With them"]))
