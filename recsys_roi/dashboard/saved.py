"""A saved review on a page of its own: as it was, read-only, and held against a fresh computation."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from recsys_roi.dashboard import layout, state
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import InputError, RecsysRoiError
from recsys_roi.evidence.apart import count_large_apart
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.pilot import Pilot, home
from recsys_roi.record.statements import StatementStore
from recsys_roi.render import words
from recsys_roi.render.pack.contents.blocks import Block, Lines, Picture, Table, drawn
from recsys_roi.render.pack.contents.report import contents_of
from recsys_roi.review.document import Review
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.review.saved import Departure, departures, open_saved
from recsys_roi.value.scenario import Scenario


def ask_for_file() -> Review | None:
    """A saved review that a person chooses; None until then, and where the file is none."""
    upload = st.file_uploader(
        "A saved review: review.json, decision.json or the zip of a pack", type=["json", "zip"]
    )
    if upload is None:
        return None
    try:
        return open_saved(upload.getvalue(), upload.name)
    except InputError as problem:
        layout.problem(str(problem))
        return None


def pilot_of(review: Review) -> str | None:
    """The pilot on this machine that holds exactly the files of a review."""
    hashes = {file.hash for file in review.inputs.files}
    for name in state.known_pilots():
        try:
            files = Pilot.open(home(), name).files
        except RecsysRoiError:  # that pilot says so itself, on its own pages
            continue
        if hashes and {file.hash for file in files} == hashes:
            return name
    return None


def compare_with_fresh(saved: Review) -> None:
    """Where a computation of today, from the same logs and settings, differs from what was saved."""
    pilot = pilot_of(saved)
    if pilot is None:
        st.info(
            plain(words.NO_PILOT if saved.inputs.files else words.NOTHING_TO_COMPUTE), icon=":material/info:"
        )
        return
    try:
        fresh = _fresh(saved, pilot)
    except RecsysRoiError as problem:
        layout.problem(str(problem))
        return
    found = departures(saved, fresh)
    said = words.freshness_sentence(found, pilot)
    (st.warning if found else st.success)(plain(said), icon=":material/compare_arrows:")
    rows = words.freshness_rows(saved, fresh)
    if rows:
        layout.table(pd.DataFrame(rows, columns=["What", "Saved", "Afresh"]))
    if found:
        with st.expander("Every entry that differs"):
            layout.long_table(_frame(found))
    _offer_settings(saved, pilot)


def _fresh(saved: Review, pilot: str) -> Review:
    scenario = Scenario.of(_given(saved))
    held = Pilot.open(home(), pilot)
    count_large_apart(held)
    evidence = evidence_of(held, view_of(scenario))
    record = StatementStore(home(), pilot).record()
    return evaluate(evidence, scenario, record, as_of=datetime.fromisoformat(saved.made_at))


def _given(saved: Review) -> dict[str, object]:
    return {name: saved.inputs.scenario.get(name) for name in saved.inputs.changed}


def _frame(found: tuple[Departure, ...]) -> pd.DataFrame:
    rows = [(one.where, _shown(one.saved), _shown(one.fresh)) for one in found]
    return pd.DataFrame(rows, columns=["Entry", "Saved", "Afresh"])


def _shown(value: object) -> str:
    return "none" if value is None else str(value)


def _offer_settings(saved: Review, pilot: str) -> None:
    def take() -> None:
        try:
            state.choose_pilot(pilot)
            state.open_settings(_given(saved))
        except RecsysRoiError as problem:
            state.refuse(str(problem))

    st.button("Use this pilot with these settings", on_click=take, icon=":material/tune:")


def show(review: Review) -> None:
    """Everything that the saved review says, part by part."""
    contents = contents_of(review)
    layout.heading(contents.cover.headline)
    layout.say(contents.cover.sentence)
    layout.alarm(review)
    layout.tiles(contents.cover.tiles)
    _block(contents.cover.picture)
    for section in contents.sections:
        with st.expander(section.title):
            for block in section.blocks:
                _block(block)


def _block(block: Block) -> None:
    if isinstance(block, Picture):
        layout.figure(drawn(block, layout.palette()), f"saved_{block.name}", block.alt)
    elif isinstance(block, Table):
        columns = [column.title for column in block.columns]
        layout.table(pd.DataFrame([[cell.text for cell in row] for row in block.rows], columns=columns))
    else:
        _lines(block)


def _lines(block: Lines) -> None:
    if block.style == "list":
        layout.bullets(block.lines)
    elif block.style == "quiet":
        layout.quiet(*block.lines)
    else:
        for line in block.lines:
            (layout.heading if block.style == "heading" else layout.say)(line)
