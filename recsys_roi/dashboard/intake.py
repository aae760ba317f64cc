"""Bringing logs in: uploads and paths into a pilot, how far the reading is, and what became of each file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

import streamlit as st

from recsys_roi.dashboard import door, layout, making, recording, state
from recsys_roi.dashboard.file_text import result_text
from recsys_roi.dashboard.ingesting import Asked, Ingest, Item, Naming, Outcome
from recsys_roi.dashboard.samples import is_sample
from recsys_roi.dashboard.server_files import VARIABLE, allowed_folder, evidence_within, files_within
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import AccessError, InputError, RecsysRoiError
from recsys_roi.evidence.folder import keep_evidence
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.progress import Progress
from recsys_roi.numerals import full
from recsys_roi.render.words.numbers import listed

DESK_KEY = "intake_desk"
ROUND_KEY = "intake_round"  # counts intakes, so that each begins with an empty form
LOOK_SECONDS = 0.2
SHOW = {
    "error": (st.error, ":material/error:"),
    "warning": (st.warning, ":material/pan_tool:"),
    "info": (st.info, ":material/info:"),
    "success": (st.success, ":material/check_circle:"),
}


class Upload(Protocol):
    """What the browser sent: a binary stream with a name."""

    name: str


@dataclass(kw_only=True, slots=True)
class Desk:
    """What waits to be said or answered in this session.

    It changes without a call of Streamlit, which may end a run at each, so that nothing is lost half-way.
    """

    messages: list[tuple[str, str]] = field(default_factory=list)  # (kind, text)
    asked: list[tuple[str, Asked]] = field(default_factory=list)  # (pilot, file whose columns are unclear)
    added: dict[str, tuple[str, ...]] = field(default_factory=dict)  # hashes added last, by pilot


def _desk() -> Desk:
    if DESK_KEY not in st.session_state:
        st.session_state[DESK_KEY] = Desk()
    desk: Desk = st.session_state[DESK_KEY]
    return desk


@st.cache_resource
def _at_work() -> dict[str, Ingest]:
    """The reading under way, by pilot; one for all sessions of this app, so that a reload finds it."""
    return {}


def messages(pilot: Pilot) -> None:
    """What the last intake did, and what was cut off when the app or a command was killed."""
    for cut in pilot.cut_off():
        kept = "was kept whole" if cut.kept else "was not kept; add it again"
        later("warning", f"The program ended while {cut.name} was being read. It {kept}.")
    for kind, text in _desk().messages:
        show, icon = SHOW[kind]
        show(plain(text), icon=icon)


def later(kind: str, text: str) -> None:
    """Something to say after the page has been drawn anew."""
    _desk().messages.append((kind, text))


def warn(text: str) -> None:
    """A warning to say after the page has been drawn anew; nothing without one."""
    if text:
        later("warning", text)


def all_said() -> None:
    """Once the page is drawn to its end, what it said is not said again."""
    _desk().messages.clear()


def form() -> None:
    """Logs into a new pilot or the present one; without files, an empty pilot to plan with."""
    if not (door.may(state.pilot_name(), "upload") or door.door().may_make()):
        layout.quiet("Only analysts and owners of this pilot may add logs.")
        return
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
            left, right = st.columns(2)
            with left:
                path = _path_input(turn)
            with right:
                name = _name_input(turn)
            ask = st.checkbox(
                "Show me the columns first",
                help="For logs under other names. You are asked in any case where a field is missing.",
                key=f"intake_ask_{turn}",
            )
            hash_ids = st.checkbox(
                "Keep user ids as salted hashes only",
                help="For a new pilot; it stays so. Session ids too. Figures are the same, and nobody can "
                "read the ids here.",
                key=f"intake_hash_{turn}",
            )
            sent = st.form_submit_button("Add", icon=":material/add:")
        if sent:
            _take_in(uploads, path.strip(), name.strip(), ask=ask, hash_ids=hash_ids)


def _name_input(turn: int) -> str:
    return st.text_input(
        "Into the pilot",
        value="" if is_sample(state.pilot_name()) else state.pilot_name(),
        placeholder="A new name, or that of a pilot that is here",
        help="Without files the new pilot is empty: a plan, before there are logs.",
        max_chars=64,
        key=f"intake_name_{turn}_{state.pilot_name()}",
    )


def _path_input(turn: int) -> str:
    """For logs that are too large to upload."""
    folder = allowed_folder()
    if folder is None:
        shown, how = f"Off: {VARIABLE} is not set", f"Whoever starts the app names one folder in {VARIABLE}."
    else:
        shown = f"A file, folder or pattern in {folder}"
        how = f"Only in {folder}. A pattern: day=*/*.gz. An evidence folder becomes a pilot of its own."
    return st.text_input(
        "Or a path on the machine that runs the app",
        placeholder=shown,
        help=plain(f"For logs too large to upload. {how}"),
        disabled=folder is None,
        key=f"intake_path_{turn}",
    )


def _take_in(uploads: Sequence[Upload], path: str, name: str, *, ask: bool, hash_ids: bool) -> None:
    if not name:
        layout.problem("Give the pilot a name first.")
        return
    if is_sample(name):
        layout.problem("The samples stay as they are; give your pilot another name.")
        return
    if not uploads and not path and name in state.known_pilots():
        layout.problem("Choose at least one file first.")
        return
    try:
        making.check_filling(name)
        items = [Item(source=(upload.name, _stream(upload)), ask=ask) for upload in uploads]
        evidence = _evidence_on_the_server(path)
        if evidence is not None and items:
            raise InputError("An evidence folder is a pilot of its own: add it without other files.")
        if evidence is not None:
            _taken(keep_evidence(evidence, making.folder_to_fill(name)))
            return
        items += _on_the_server(path, ask=ask)
        pilot = making.pilot_to_fill(name)
        if hash_ids:
            pilot.hash_ids()
    except RecsysRoiError as problem:
        layout.problem(str(problem))
        return
    if not items:
        later("success", f"The pilot {pilot.name} was made. It is a plan until logs are added.")
    elif not start(pilot, items):
        return
    _look_at(pilot)


def _taken(pilot: Pilot) -> None:
    counted = pilot.counted
    if counted is not None:
        when = f"{counted.made_at:%Y-%m-%d %H:%M} UTC"
        later(
            "success",
            f"The pilot {pilot.name} is evidence counted by {counted.engine} on {when}. It holds no rows.",
        )
        warn(recording.note_logs(pilot.name, "added", "evidence", {"fingerprint": pilot.fingerprint}))
    _look_at(pilot)


def _look_at(pilot: Pilot) -> None:
    """The pilot is shown, with an empty form."""
    st.session_state[ROUND_KEY] = st.session_state.get(ROUND_KEY, 0) + 1
    state.choose_pilot(pilot.name)
    st.rerun()


def _stream(upload: Upload) -> BinaryIO:
    return upload  # type: ignore[return-value]


def _evidence_on_the_server(path: str) -> Path | None:
    folder = allowed_folder()
    return None if not path or folder is None else evidence_within(path, folder)


def _on_the_server(path: str, *, ask: bool) -> list[Item]:
    folder = allowed_folder()
    if not path or folder is None:
        return []
    files = files_within(path, folder)
    alone = len(files) == 1
    return [Item(source=file, from_folder=not alone, ask=ask) for file in files]


def start(pilot: Pilot, items: Iterable[Item], named: Sequence[Naming] = ()) -> bool:
    """Begins to read; False, and said, where files are being read into that pilot already."""
    before = _at_work().get(pilot.name)
    if before is not None and before.is_alive():
        layout.problem(f"Files are being read into {pilot.name} already. Wait for them, or stop that first.")
        return False
    try:
        door.check(pilot.name, "upload")
    except AccessError as problem:
        layout.problem(str(problem))
        return False
    reading = Ingest(pilot, list(items), named, recording.noting_added(pilot.name))
    _at_work()[pilot.name] = reading
    reading.start()
    return True


def follow() -> None:
    """While files are read into the session's pilot: how far they are, and a way to stop."""
    reading = _at_work().get(state.pilot_name())
    if reading is None:
        return
    bar = st.progress(0.0, "Reading")
    st.button(
        "Stop reading",
        icon=":material/stop_circle:",
        key="stop_intake",
        on_click=reading.stop,
        disabled=not door.may(reading.pilot.name, "upload"),
    )
    while reading.is_alive():
        bar.progress(*_how_far(reading))
        reading.join(LOOK_SECONDS)
    desk, at_work = _desk(), _at_work()
    if at_work.pop(reading.pilot.name, None) is reading:
        _put(reading, desk)
    st.rerun()


def _how_far(reading: Ingest) -> tuple[float, str]:
    """Share done of the file at work, and the sentence for it."""
    now: Progress | None = reading.progress
    many = len(reading.items)
    count = f"File {min(len(reading.outcomes) + 1, many)} of {many}. " if many > 1 else ""
    if reading.counting is not None:
        done, steps = reading.counting
        return done / steps, f"Counting: step {done + 1} of {steps}"
    if reading.is_waiting:
        return 0.0, f"{count}Waiting: another program is writing this pilot"
    if now is None:
        return 0.0, f"{count}Looking at it"
    lines = f", {full(now.lines)} lines, {full(now.rejected)} rejected" if now.lines else ""
    size = f"{full(now.done / 1e6, 1)} of {full(now.total / 1e6, 1)} MB"
    part = min(1.0, now.done / now.total) if now.total else 0.0
    return part, plain(f"{count}{now.file}: {now.step} {size}{lines}")


def _put(reading: Ingest, desk: Desk) -> None:
    """What became of each file, for this session to say or to answer."""
    pilot, added = reading.pilot.name, []
    for outcome in reading.outcomes:
        if outcome.result is not None:
            desk.messages.append(("success", result_text(outcome.result, outcome.named_as)))
            added += [outcome.result.file.hash] if outcome.result.added else []
        elif outcome.asked is not None:
            desk.asked.append((pilot, outcome.asked))
        elif outcome.problem is not None:
            desk.messages.append(("error", outcome.problem))
        elif outcome.passed_over is not None:
            desk.messages.append(("info", f"Passed over {outcome.passed_over}"))
    desk.messages += [("warning", warning) for warning in dict.fromkeys(reading.warnings)]
    stopped = [outcome for outcome in reading.outcomes if outcome.stopped]
    if stopped:
        desk.messages.append(("warning", _stopped(stopped)))
    if added:
        desk.added[pilot] = tuple(added)


def _stopped(outcomes: Sequence[Outcome]) -> str:
    names = listed([outcome.name for outcome in outcomes])
    were = "was" if len(outcomes) == 1 else "were"
    return f"Stopped. {names} {were} not kept; what had been read before was."


def asked_of(pilot: Pilot) -> tuple[Asked, ...]:
    """The files of this session that wait for somebody to say which column is which."""
    return tuple(asked for name, asked in _desk().asked if name == pilot.name)


def added_last(pilot: Pilot) -> tuple[str, ...]:
    """The hashes of the files that this session added last."""
    return _desk().added.get(pilot.name, ())


def answer(asked: Sequence[Asked]) -> None:
    """Takes files off the list of those that wait."""
    desk = _desk()
    desk.asked = [(name, one) for name, one in desk.asked if one not in asked]
