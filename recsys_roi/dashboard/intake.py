"""Bringing logs in, taking them out, and looking at what was rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import BinaryIO, Protocol

import pandas as pd
import streamlit as st

from recsys_roi.dashboard import layout, state
from recsys_roi.dashboard.samples import is_sample
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import RecsysRoiError
from recsys_roi.logs.contracts import MEANINGS
from recsys_roi.logs.documents import ArtifactManifest
from recsys_roi.logs.ingest import IngestResult, ingest_files
from recsys_roi.logs.pilot import Pilot, home, pilot_folder, pilot_names
from recsys_roi.logs.progress import Progress

MESSAGES_KEY = "intake_messages"
ROUND_KEY = "intake_round"  # counts intakes, so that each begins with an empty form
EXAMPLES_SHOWN = 200


class Upload(Protocol):
    """What the browser sent: a binary stream with a name."""

    name: str


def messages() -> None:
    """What the last intake did, said once."""
    for kind, text in st.session_state.pop(MESSAGES_KEY, []):
        show = st.error if kind == "error" else st.success
        show(plain(text), icon=":material/error:" if kind == "error" else ":material/check_circle:")


def _later(kind: str, text: str) -> None:
    st.session_state.setdefault(MESSAGES_KEY, []).append((kind, text))


def uploader() -> None:
    """Logs into a new pilot or the present one; without files, an empty pilot to plan with."""
    nothing_here = not state.current_pilot().files
    turn = st.session_state.get(ROUND_KEY, 0)
    with st.expander("Add logs or a new pilot", icon=":material/upload:", expanded=nothing_here):
        with st.form("intake", border=False):
            uploads = st.file_uploader(
                "Exposure, outcome and assignment logs: JSON Lines, CSV or Parquet, plain, .gz or .zst. "
                "Which is which is recognised.",
                accept_multiple_files=True,
                key=f"uploads_{turn}",
            )
            name = st.text_input(
                "Into the pilot",
                value="" if is_sample(state.pilot_name()) else state.pilot_name(),
                placeholder="A new name, or that of a pilot that is here",
                help="Without files the new pilot is empty: a plan, before there are logs.",
                max_chars=64,
                key=f"intake_name_{turn}_{state.pilot_name()}",
            )
            sent = st.form_submit_button("Add", icon=":material/add:")
        if sent:
            _take_in(uploads, name.strip())


def _take_in(uploads: Sequence[Upload], name: str) -> None:
    if not name:
        st.error("Give the pilot a name first.", icon=":material/error:")
        return
    if is_sample(name):
        st.error("The samples stay as they are; give your pilot another name.", icon=":material/error:")
        return
    if not uploads and name in pilot_names(home()):
        st.error("Choose at least one file first.", icon=":material/error:")
        return
    try:
        pilot = Pilot.create_or_open(pilot_folder(home(), name))
    except RecsysRoiError as problem:
        layout.problem(str(problem))
        return
    if not uploads:
        _later("success", f"The pilot {pilot.name} was made. It is a plan until logs are added.")
    _ingest_all(pilot, uploads)
    st.session_state[ROUND_KEY] = st.session_state.get(ROUND_KEY, 0) + 1
    state.choose_pilot(pilot.name)
    st.rerun()


def _ingest_all(pilot: Pilot, uploads: Sequence[Upload]) -> None:
    """Each file for itself: one that cannot be read does not keep the others out."""
    bar = st.progress(0.0, "Reading")
    # A click runs the script anew, which stops the reading at its next report.
    st.button("Stop", icon=":material/stop_circle:", key="stop_intake", on_click=_stopped, args=(pilot.name,))

    def report(progress: Progress) -> None:
        lines = f", {progress.lines:,} lines, {progress.rejected:,} rejected" if progress.lines else ""
        part = min(1.0, progress.done / progress.total) if progress.total else 0.0
        bar.progress(part, plain(f"{progress.file}: {progress.step}{lines}"))

    for upload in uploads:
        try:
            (result,) = ingest_files(pilot, [(upload.name, _stream(upload))], on_progress=report)
        except RecsysRoiError as problem:
            _later("error", str(problem))
        else:
            _later("success", _said(result))


def _stopped(pilot_name: str) -> None:
    _later("error", "Stopped. The file that was being read was not kept; those before it were.")
    state.choose_pilot(pilot_name)


def _stream(upload: Upload) -> BinaryIO:
    return upload  # type: ignore[return-value]


def _said(result: IngestResult) -> str:
    file = result.file
    if not result.added:
        return f"{file.name} is in the pilot already, so it was not counted again."
    if isinstance(file, ArtifactManifest):
        return f"{file.name}: {file.said}."
    rejected = f", {file.rejected:,} rejected (listed below)" if file.rejected else ", none rejected"
    notes = "".join(f" {note}" for note in file.notes)
    return f"{file.name}: {file.kind}, {file.lines:,} lines, {file.accepted:,} accepted{rejected}.{notes}"


def removal(pilot: Pilot) -> None:
    """Take one file, or the whole pilot, away; never a sample's."""
    if is_sample(pilot.name):
        layout.quiet("A sample: its files stay.")
        return
    with st.container(horizontal=True):
        _file_removal(pilot)
        deletion(pilot)


def _file_removal(pilot: Pilot) -> None:
    with st.popover("Remove files", icon=":material/delete:"):
        labels = {file.hash: f"{file.name} ({file.kind}, {file.lines:,} lines)" for file in pilot.files}
        chosen = st.selectbox("File", list(labels), format_func=labels.__getitem__, key="remove_file")
        if st.button("Remove this file from the pilot"):
            _remove(pilot, chosen)


def deletion(pilot: Pilot) -> None:
    """Delete the pilot with everything kept of its logs, after a second word; never a sample."""
    if is_sample(pilot.name):
        return
    with st.popover("Delete the pilot", icon=":material/delete_forever:"):
        layout.say("The pilot and all that was kept of its logs go for good.")
        sure = st.checkbox("Yes, delete it", key=f"sure_{pilot.name}")
        if st.button("Delete", disabled=not sure):
            _delete(pilot)


def _remove(pilot: Pilot, file_hash: str) -> None:
    try:
        removed = pilot.remove_file(file_hash)
    except RecsysRoiError as problem:
        layout.problem(str(problem))
        return
    _later("success", f"{removed.name} and its rejected lines were removed.")
    st.rerun()


def _delete(pilot: Pilot) -> None:
    try:
        pilot.delete()
    except RecsysRoiError as problem:
        layout.problem(str(problem))
        return
    _later("success", f"The pilot {pilot.name} and all its logs were deleted.")
    state.forget_pilot(pilot.name)
    st.rerun()


def rejects(pilot: Pilot) -> None:
    """Rejected lines by reason, examples, and all of them as CSV."""
    if not any(file.rejected for file in pilot.files):
        return
    with st.container(border=True):
        layout.heading("Rejected lines")
        by_reason = Counter((r.file, r.field, r.reason) for r in pilot.rejects())
        layout.long_table(
            pd.DataFrame(
                [
                    {"File": file, "Field": field, "Reason": MEANINGS[reason], "Errors": f"{count:,}"}
                    for (file, field, reason), count in by_reason.most_common()
                ]
            )
        )
        errors = by_reason.total()
        part = f"The first {EXAMPLES_SHOWN} of {errors:,}" if errors > EXAMPLES_SHOWN else f"All {errors}"
        layout.say(f"{part} errors; a line may have several.")
        layout.long_table(
            pd.DataFrame(
                [
                    {
                        "File": r.file,
                        "Line": r.line,
                        "Field": r.field,
                        "Reason": MEANINGS[r.reason],
                        "Found": r.value,
                    }
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
            icon=":material/download:",
        )
