"""Taking a file out of a pilot, and deleting a pilot with everything kept of its logs."""

from __future__ import annotations

import streamlit as st

from recsys_roi.dashboard import door, intake, layout, privacy, recording, state
from recsys_roi.dashboard.samples import is_sample
from recsys_roi.errors import RecsysRoiError
from recsys_roi.logs.documents import Document
from recsys_roi.logs.pilot import LogFile, Pilot, delete_pilot, home, pilot_folder
from recsys_roi.numerals import full


def removal(pilot: Pilot) -> None:
    """Take one file, or the whole pilot, away; never a sample's."""
    if is_sample(pilot.name):
        layout.quiet("A sample: its files stay.")
        return
    if not door.may(pilot.name, "remove"):
        layout.quiet("Only owners of this pilot may remove its files, forget users or delete it.")
        return
    with st.container(horizontal=True):
        if (pilot.files or pilot.documents) and pilot.counted is None:
            _file_removal(pilot)
        privacy.offer(pilot)
        deletion(pilot.name)


def _file_removal(pilot: Pilot) -> None:
    files: tuple[LogFile | Document, ...] = (*pilot.files, *pilot.documents)
    labels = {file.hash: _label(file) for file in files}
    with st.popover("Remove files", icon=":material/delete:"):
        chosen = st.selectbox("File", list(labels), format_func=labels.__getitem__, key="remove_file")
        if st.button("Remove this file from the pilot"):
            _remove(pilot, chosen)


def _label(file: LogFile | Document) -> str:
    lines = f", {full(file.lines)} lines" if isinstance(file, LogFile) else ""
    return f"{file.name} ({file.kind}{lines})"


def deletion(name: str) -> None:
    """Delete a pilot, whole or damaged, with everything kept of its logs, after a second word."""
    with st.popover("Delete the pilot", icon=":material/delete_forever:"):
        layout.say("The pilot and all that was kept of its logs go for good.")
        sure = st.checkbox("Yes, delete it", key=f"sure_{name}")
        if st.button("Delete", disabled=not sure):
            _delete(name)


def _remove(pilot: Pilot, file_hash: str) -> None:
    try:
        door.check(pilot.name, "remove")
        removed = pilot.remove_file(file_hash)
    except RecsysRoiError as problem:
        layout.problem(str(problem))
        return
    rows = " Its rows, its rejected lines and what was counted from it are gone."
    intake.later("success", f"{removed.name} was removed.{rows if isinstance(removed, LogFile) else ''}")
    intake.warn(recording.note_logs(pilot.name, "removed", f"file {removed.name}", {"hash": removed.hash}))
    st.rerun()


def _delete(name: str) -> None:
    try:
        door.check(name, "remove")
        delete_pilot(pilot_folder(home(), name))
    except RecsysRoiError as problem:
        layout.problem(str(problem))
        return
    intake.later("success", f"The pilot {name} and all its logs were deleted.")
    intake.warn(recording.note_logs(name, "deleted", "the pilot and its logs"))
    state.forget_pilot(name)
    st.rerun()
