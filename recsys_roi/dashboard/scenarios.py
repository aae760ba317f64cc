"""Scenarios: saved under a name, opened again, put side by side, taken away as a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from recsys_roi.dashboard import layout, recording, reviewing, state, tables
from recsys_roi.dashboard.showing import show
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import InputError, RecsysRoiError
from recsys_roi.record.entries import SavedScenario
from recsys_roi.render import charts, words
from recsys_roi.render.words.numbers import listed
from recsys_roi.review.comparing import MOST, compare, preset_scenarios
from recsys_roi.review.document import Review
from recsys_roi.value.scenario import Scenario

OPENED_KEY = "opened_scenarios"  # versions that this session has seen, by pilot and name
FILE_KEY = "scenario_file"
NOW = "now"
PRESET, SAVED = "preset:", "saved:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One scenario that may stand side by side with others."""

    id: str
    name: str
    scenario: Scenario | None  # None: its settings are not known any more
    planned: bool  # its lift is its own, whatever was measured


def section(review: Review) -> None:
    """Everything about scenarios, on the page of the money."""
    layout.heading("Scenarios")
    saved = _saved()
    left, right = st.columns([1, 2])
    with left, st.container(border=True):
        _save()
        _files()
    with right, st.container(border=True):
        _list(saved)
    with st.container(border=True):
        _side_by_side(review, saved)


def _saved() -> tuple[SavedScenario, ...]:
    try:
        return recording.scenarios().all()
    except RecsysRoiError:
        return ()  # said above the page


def _attempt(done: str, change: Callable[[], object]) -> None:
    """A change of the record, with what came of it."""
    try:
        change()
    except RecsysRoiError as problem:
        state.refuse(str(problem))
    else:
        st.toast(plain(done), icon=":material/check:")


def _save() -> None:
    recording.ask_who()
    st.text_input("Name of the scenario", key="scenario_name", placeholder="Such as: with two engineers")
    st.button("Save as it stands", icon=":material/save:", key="scenario_save", on_click=_save_new)


def _save_new() -> None:
    name = str(st.session_state["scenario_name"])

    def change() -> None:
        _store(name, state.scenario(), seen_version=None)
        st.session_state["scenario_name"] = ""

    _attempt(f"Saved {name}.", change)


def _store(name: str, chosen: Scenario, *, seen_version: int | None) -> None:
    saved = recording.scenarios().save(
        name,
        json.loads(chosen.to_json()),
        fingerprint=chosen.fingerprint,
        who=recording.who(),
        at=recording.now(),
        seen_version=seen_version,
    )
    _remember(saved)


def _remember(saved: SavedScenario) -> None:
    seen: dict[tuple[str, str], int] = st.session_state.setdefault(OPENED_KEY, {})
    seen[state.pilot_name(), saved.name] = saved.version


def _files() -> None:
    """The scenario as a file, and a file as the scenario."""
    layout.take("Download (.json)", state.scenario().to_json(), "scenario.json", "download_scenario")
    st.file_uploader("Open a scenario file", type="json", key=FILE_KEY, on_change=_open_file)


def _open_file() -> None:
    file = st.session_state[FILE_KEY]
    if file is None:
        return

    def change() -> None:
        try:
            text = file.getvalue().decode("utf-8")
        except UnicodeDecodeError:
            raise InputError(f"{file.name} is not UTF-8 text, so it is no scenario.") from None
        state.open_settings(Scenario.from_json(text).given)

    _attempt(f"Opened {file.name}.", change)


def _list(saved: tuple[SavedScenario, ...]) -> None:
    if not saved:
        layout.say("No scenario is saved yet. Set the inputs, give them a name, and save.")
        return
    for one in saved:
        layout.say(one.name)
        layout.quiet(f"{one.who}, {words.day(one.at.isoformat())}, version {one.version}")
        actions = (
            ("Open", ":material/folder_open:", _open),
            ("Save over", ":material/save:", _save_over),
            ("Copy", ":material/content_copy:", _copy),
            ("Delete", ":material/delete:", _delete),
        )
        with st.container(horizontal=True):
            for label, icon, action in actions:
                st.button(
                    label,
                    icon=icon,
                    key=f"scenario_{label}_{one.name}",
                    help=f"{label}: {plain(one.name)}",
                    on_click=action,
                    args=(one,),
                    type="tertiary",
                )


def _open(saved: SavedScenario) -> None:
    def change() -> None:
        state.open_settings(saved.settings)
        _remember(saved)

    _attempt(f"Opened {saved.name}.", change)


def _save_over(saved: SavedScenario) -> None:
    """Over the version that this session opened or saved last; else over the one on the page."""
    seen: dict[tuple[str, str], int] = st.session_state.get(OPENED_KEY, {})
    version = seen.get((state.pilot_name(), saved.name), saved.version)
    _attempt(f"Saved {saved.name}.", lambda: _store(saved.name, state.scenario(), seen_version=version))


def _copy(saved: SavedScenario) -> None:
    taken = {one.name for one in _saved()}
    names = (f"{saved.name} ({number})" for number in range(2, len(taken) + 3))
    name = next(name for name in names if name not in taken)
    _attempt(
        f"Copied to {name}.",
        lambda: recording.scenarios().duplicate(saved.name, name, who=recording.who(), at=recording.now()),
    )


def _delete(saved: SavedScenario) -> None:
    def change() -> None:
        recording.scenarios().delete(
            saved.name, who=recording.who(), at=recording.now(), seen_version=saved.version
        )
        state.put_side_by_side(one for one in state.compared() if one != f"{SAVED}{saved.name}")

    _attempt(f"Deleted {saved.name}. Its settings stay in the record's trail.", change)


def columns(review: Review, saved: tuple[SavedScenario, ...]) -> dict[str, Column]:
    """What may stand side by side, by id: as it stands now, the presets, and what was saved."""
    chosen = state.scenario()
    found = [Column(id=NOW, name="Now", scenario=chosen, planned=False)]
    found += [
        Column(id=f"{PRESET}{name}", name=f"{name} lift", scenario=preset, planned=True)
        for name, preset in preset_scenarios(review, chosen).items()
    ]
    taken = {column.name for column in found}
    for one in saved:
        name = f"{one.name} (saved)" if one.name in taken else one.name
        try:
            scenario = Scenario.of(dict(one.settings))
        except InputError:
            scenario = None
        found.append(Column(id=f"{SAVED}{one.name}", name=name, scenario=scenario, planned=False))
    return {column.id: column for column in found}


def _side_by_side(review: Review, saved: tuple[SavedScenario, ...]) -> None:
    layout.heading("Side by side")
    known = columns(review, saved)
    gone = [one for one in state.compared() if one not in known]
    if gone:
        names = listed([one.partition(":")[2] or one for one in gone])
        st.info(plain(f"Not saved on this machine: {names}."), icon=":material/info:")
    chosen = [one for one in state.compared() if one in known]
    show("page_compared", chosen)
    st.pills(
        f"Choose up to {MOST}",
        list(known),
        selection_mode="multi",
        format_func=lambda one: plain(known[one].name),
        key="page_compared",
        on_change=_choose,
    )
    _compared(known, chosen)


def _choose() -> None:
    ids = list(st.session_state["page_compared"])
    if len(ids) > MOST:
        state.refuse(f"Up to {MOST} scenarios can stand side by side.")
        return
    state.put_side_by_side(ids)


def _compared(known: dict[str, Column], chosen: list[str]) -> None:
    reviews = []
    for one in chosen:
        column = known[one]
        try:
            if column.scenario is None:
                raise InputError("its settings are of another version of recsys-roi")
            reviews.append((column.name, reviewing.review_of(column.scenario, planned=column.planned)))
        except RecsysRoiError as problem:
            st.warning(plain(f"{column.name} cannot be shown: {problem}"), icon=":material/error:")
    if not reviews:
        return
    found = compare(reviews)
    layout.say_if(words.currencies_sentence(found))
    layout.figure(charts.comparison_chart(found, layout.palette()), "comparison", words.comparison_alt(found))
    layout.table(tables.comparison(found))
