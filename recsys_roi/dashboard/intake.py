"""Bringing logs in, taking them out, and looking at what was rejected."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pandas as pd
import streamlit as st

from recsys_roi.dashboard import layout, state
from recsys_roi.dashboard.samples import is_sample
from recsys_roi.errors import RecsysRoiError
from recsys_roi.logs.ingest import IngestResult, ingest_files
from recsys_roi.logs.pilot import LogFile, Pilot, home, pilot_folder

MESSAGES_KEY = "intake_messages"
UPLOADS_KEY = "uploads"
EXAMPLES_SHOWN = 200


def messages() -> None:
    """What the last intake did, said once."""
    for kind, text in st.session_state.pop(MESSAGES_KEY, []):
        show = st.error if kind == "error" else st.success
        show(layout.plain(text), icon=":material/error:" if kind == "error" else ":material/check_circle:")


def _later(kind: str, text: str) -> None:
    st.session_state.setdefault(MESSAGES_KEY, []).append((kind, text))


def uploader() -> None:
    """Upload logs into a new pilot or the present one."""
    with st.expander("Add logs", icon=":material/upload:", expanded=not state.current_pilot().files):
        with st.form("intake", border=False):
            uploads = st.file_uploader(
                "Exposure, outcome and assignment logs (JSON Lines, plain or .gz); the kinds are recognised",
                accept_multiple_files=True,
                key=f"{UPLOADS_KEY}_{st.session_state.get(UPLOADS_KEY, 0)}",
            )
            name = st.text_input(
                "Into the pilot",
                value="" if is_sample(state.pilot_name()) else state.pilot_name(),
                placeholder="A name for a new pilot, or the name of one that is here",
                max_chars=64,
                key=f"intake_name_{st.session_state.get(UPLOADS_KEY, 0)}_{state.pilot_name()}",
            )
            sent = st.form_submit_button("Add to the pilot", type="secondary")
        if sent:
            _take_in(uploads, name.strip())


def _take_in(uploads: list[st.runtime.uploaded_file_manager.UploadedFile], name: str) -> None:
    if not uploads:
        st.error("Choose at least one file first.", icon=":material/error:")
        return
    if not name:
        st.error("Give the pilot a name first.", icon=":material/error:")
        return
    if is_sample(name):
        st.error("The samples stay as they are; give your pilot another name.", icon=":material/error:")
        return
    progress = st.progress(0.0, "Reading")
    try:
        pilot = Pilot.create_or_open(pilot_folder(home(), name))
    except RecsysRoiError as error:
        layout.problem(str(error))
        return
    for number, upload in enumerate(uploads):
        progress.progress(number / len(uploads), f"Reading file {number + 1} of {len(uploads)}")
        try:
            (result,) = ingest_files(pilot, [(upload.name, upload)])
        except RecsysRoiError as error:
            _later("error", str(error))
        else:
            _later("success", _said(result))
    st.session_state[UPLOADS_KEY] = st.session_state.get(UPLOADS_KEY, 0) + 1
    if state.pilot_name() != pilot.name:
        state.choose_pilot(pilot.name)
    st.rerun()


def _said(result: IngestResult) -> str:
    file = result.file
    if not result.added:
        return f"{file.name} is in the pilot already, so it was not counted again."
    rejected = f"; {file.rejected:,} rejected, listed below" if file.rejected else ""
    notes = "".join(f" {note}" for note in file.notes)
    return (
        f"{file.name} was recognised as {file.kind}: {file.lines:,} lines, "
        f"{file.accepted:,} accepted{rejected}.{notes}"
    )


def removal(pilot: Pilot) -> None:
    """Take one file, or the whole pilot, away; never a sample's."""
    if is_sample(pilot.name):
        return
    with st.popover("Remove files", icon=":material/delete:"):
        labels = {file.hash: f"{file.name} ({file.kind}, {file.lines:,} lines)" for file in pilot.files}
        chosen = st.selectbox("File", list(labels), format_func=labels.__getitem__, key="remove_file")
        if st.button("Remove this file from the pilot"):
            _remove(pilot, chosen)
        if st.button("Delete the whole pilot", type="secondary"):
            _delete(pilot)


def _remove(pilot: Pilot, file_hash: str) -> None:
    try:
        removed: LogFile = pilot.remove_file(file_hash)
    except RecsysRoiError as error:
        layout.problem(str(error))
        return
    _later("success", f"{removed.name} and its rejected lines were removed.")
    st.rerun()


def _delete(pilot: Pilot) -> None:
    try:
        pilot.delete()
    except RecsysRoiError as error:
        layout.problem(str(error))
        return
    _later("success", f"The pilot {pilot.name} and all its logs were deleted.")
    state.choose_first_pilot()
    st.rerun()


def rejects(pilot: Pilot) -> None:
    """Rejected lines by reason, examples, and all of them as CSV."""
    if not any(file.rejected for file in pilot.files):
        return
    with st.container(border=True):
        layout.heading("Rejected lines")
        by_reason = Counter((r.file, r.field, r.reason.value) for r in pilot.rejects())
        layout.table(
            pd.DataFrame(
                [
                    {"File": file, "Field": field, "Reason": reason, "Errors": f"{count:,}"}
                    for (file, field, reason), count in by_reason.most_common()
                ]
            )
        )
        layout.say(f"The first {EXAMPLES_SHOWN} errors; a line may have several.")
        layout.table(
            pd.DataFrame(
                [
                    {"File": r.file, "Line": r.line, "Field": r.field, "Reason": r.reason.value, "Value": r.value}
                    for r in islice(pilot.rejects(), EXAMPLES_SHOWN)
                ]
            )
        )
        st.download_button(
            "Download all rejected lines (.csv)",
            lambda: "".join(pilot.rejects_csv()),
            file_name="rejects.csv",
            mime="text/csv",
            on_click="ignore",
        )
