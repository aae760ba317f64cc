"""Low and high ends of the inputs that a person is unsure of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from recsys_roi.dashboard import layout, state, widgets
from recsys_roi.dashboard.showing import show
from recsys_roi.evidence.kpis import KPIS
from recsys_roi.render import words
from recsys_roi.value.setting import Setting
from recsys_roi.value.settings import (
    KPIS_OF_NEW_USERS,
    NEW_USERS_SETTING,
    SETTINGS,
    UNCERTAIN_SETTINGS,
    VALUE_SETTING,
)

FIRST_ENDS = (0.8, 1.2)  # of the present value
Ranges = Mapping[str, Sequence[float]]


def editor(kpi_id: str | None) -> None:
    """A row for each input with a range, and one to add another."""
    chosen = state.scenario()
    with st.container(border=True):
        layout.heading("How sure are these inputs?")
        layout.quiet("The likely value is the input itself; low and high say how far it could be off.")
        for name in chosen.ranges:
            _row(SETTINGS[name], chosen.ranges, chosen.currency)
        _add(kpi_id, chosen.ranges)


def _add(kpi_id: str | None, ranges: Ranges) -> None:
    key = "range_added"
    show(key, None)
    options = [
        name
        for name in UNCERTAIN_SETTINGS
        if name not in ranges and _applies(name, kpi_id) and getattr(state.scenario(), name) is not None
    ]

    def take() -> None:
        name = st.session_state[key]
        if name is not None:
            state.give(ranges={**ranges, name: _first_range(SETTINGS[name])})

    st.selectbox(
        "Add a range",
        options,
        format_func=lambda name: SETTINGS[name].label,
        key=key,
        placeholder="Choose an input you are unsure of",
        label_visibility="collapsed",
        on_change=take,
    )


def _applies(name: str, kpi_id: str | None) -> bool:
    kpi = KPIS.get(kpi_id or "")
    if name == VALUE_SETTING:
        return kpi is None or not kpi.is_money
    return name != NEW_USERS_SETTING or kpi_id in KPIS_OF_NEW_USERS


def _first_range(setting: Setting) -> list[float]:
    value = float(getattr(state.scenario(), setting.name))
    ends = sorted(float(f"{value * part:.6g}") for part in FIRST_ENDS)
    low, high = (min(max(end, setting.low or 0.0), setting.high or end) for end in ends)
    return [low, value, high]


def _row(setting: Setting, ranges: Ranges, currency: str) -> None:
    numbers = ranges[setting.name]
    of_ends = ("P10", "P90") if len(numbers) == 2 else ("Low", "High")
    likely = words.setting_value(setting.name, getattr(state.scenario(), setting.name), currency)
    with st.container(horizontal=True, vertical_alignment="center"):
        layout.say(f"{setting.label}: {likely}")
        st.button(
            "Remove",
            icon=":material/close:",
            key=f"range_remove_{setting.name}",
            help=f"{setting.label}: take it as known",
            on_click=_without,
            args=(setting.name,),
            type="tertiary",
        )
    for column, place, label in zip(st.columns(2), (0, -1), of_ends, strict=True):
        with column:
            _end(setting, ranges, place, label)


def _without(name: str) -> None:
    ranges = state.scenario().ranges
    state.give(ranges={other: numbers for other, numbers in ranges.items() if other != name} or None)


def _end(setting: Setting, ranges: Ranges, place: int, label: str) -> None:
    share = setting.unit in widgets.SHARES
    scale = 100.0 if share else 1.0
    shown = round(ranges[setting.name][place] * scale, 10)
    key = f"range_{label.lower()}_{setting.name}"
    show(key, shown)

    def take() -> None:
        numbers: list[Any] = list(ranges[setting.name])
        numbers[place] = round(st.session_state[key] / scale, 12)
        state.give(ranges={**ranges, setting.name: numbers})

    st.number_input(
        f"{label} (%)" if share else label,
        key=key,
        format=widgets.number_format(shown),
        step=None,
        on_change=take,
    )
