"""One widget for each kind of setting. What a widget shows comes from the scenario, so that it outlives a
page switch and a value from a link is never snapped to a step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from recsys_roi.dashboard import state, steps
from recsys_roi.dashboard.showing import show
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import InputError
from recsys_roi.numerals import choose, chosen, current_currencies, written_for
from recsys_roi.render import words
from recsys_roi.value.reading import read_text, write_text
from recsys_roi.value.setting import Setting

SHARES = frozenset({"share", "relative"})
LARGE_UNITS = frozenset({"requests a month", "users a month", "users"})
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "PLN", "JPY", "INR", "BRL")
LOCALES = ("en", "de", "de_CH", "fr", "es", "it", "nl", "pl", "pt_BR", "sv", "en_IN", "ja")
PERCENT_DIGITS = 10  # of a share shown as a percentage, so that 0.35 reads 35 and not 35.00000000000001
STEPS = ((1.0, 0.01), (10.0, 0.5), (100.0, 1.0), (1000.0, 10.0), (1e4, 100.0), (1e5, 1000.0))
FIELD_DECIMALS = 10


def key_of(setting: Setting, place: str) -> str:
    """The widget's key; `place` keeps two widgets of one setting apart."""
    return f"{place}_{setting.name}"


def _prepare(setting: Setting, place: str, shown: object, *drawn_with: object) -> str:
    key = key_of(setting, place)
    show(key, shown, *drawn_with)
    return key


def _taken(name: str, key: str, read: Callable[[Any], Any]) -> None:
    """Takes what a person did to a widget into the scenario, or says why not; before the page is drawn."""
    choose(state.scenario().locale)
    try:
        state.give(**{name: read(st.session_state[key])})
    except InputError as problem:
        state.refuse(str(problem))


def help_text(setting: Setting, currency: str) -> str:
    """Where the default comes from, and what is allowed."""
    default = (
        "none" if setting.default is None else words.setting_value(setting.name, setting.default, currency)
    )
    rule = setting.rule if setting.low is not None and setting.high is not None and setting.high < 1e9 else ""
    allowed = f" It {rule}." if rule else ""
    return f"Default: {default}. Source: {setting.source}.{allowed}"


def label_of(setting: Setting, currency: str) -> str:
    """The setting's words with its unit."""
    unit = setting.unit
    if unit in SHARES:
        return f"{setting.label} (%)"
    if unit.startswith("money"):
        return f"{setting.label} ({unit.replace('money', currency, 1)})"
    return f"{setting.label} ({unit})" if unit and unit not in LARGE_UNITS else setting.label


def chooser(
    setting: Setting,
    place: str,
    options: Sequence[str],
    chosen: str | None,
    *,
    label: str | None = None,
    text: Callable[[str], str] = str,
    help_: str | None = None,
) -> None:
    """One of several names."""
    key = _prepare(setting, place, chosen if chosen in options else None)
    st.selectbox(
        label or setting.label,
        options,
        format_func=text,
        key=key,
        help=help_,
        placeholder="Choose one",
        on_change=_taken,
        args=(setting.name, key, lambda value: value),
    )


def _as_now(text: Callable[[float], str]) -> Callable[[float], str]:
    """`text` in the locale of this run: Streamlit writes options again elsewhere, to find the chosen one."""
    locale = chosen()

    def said(value: float) -> str:
        with written_for(locale):
            return text(value)

    return said


def log_slider(
    setting: Setting,
    value: float,
    *,
    label: str,
    stops: tuple[float, float],
    also: float,
    text: Callable[[float], str],
) -> None:
    """A slider over powers of ten; `also` and the present value are stops of it, exactly."""
    options = steps.log_steps(*stops, (also, value))
    key = _prepare(setting, "side", value, *options)
    st.select_slider(
        label,
        options,
        format_func=_as_now(text),
        key=key,
        on_change=_taken,
        args=(setting.name, key, lambda chosen: chosen),
    )


def whole_slider(setting: Setting, value: int, *, label: str, suffix: str) -> None:
    """A slider of whole numbers over the setting's whole range."""
    key = _prepare(setting, "side", value)
    st.slider(
        label,
        int(setting.low or 0),
        int(setting.high or 0),
        step=1,
        format=f"%d {suffix}",
        key=key,
        on_change=_taken,
        args=(setting.name, key, lambda chosen: chosen),
    )


def field(setting: Setting, value: Any, *, place: str, currency: str) -> None:
    """The setting's widget on a page, by its kind and unit."""
    draw = _FIELDS.get(setting.kind, _text)
    if setting.kind in {"number", "whole"}:
        draw = _large if setting.unit in LARGE_UNITS else _margin if setting.slider else _number
    if setting.kind == "text":
        draw = _NAMED.get(setting.name, _choice if setting.choices else _text)
    draw(setting, value, place, currency)


def _percent(value: float) -> float:
    return round(value * 100, PERCENT_DIGITS)


def _share(percent: float) -> float:
    return round(percent / 100, PERCENT_DIGITS + 2)


def _number(setting: Setting, value: float | None, place: str, currency: str) -> None:
    shared = setting.unit in SHARES
    whole = setting.kind == "whole"
    shown = None if value is None else int(value) if whole else _percent(value) if shared else float(value)
    low, high = (
        None if end is None else _percent(end) if shared else end for end in (setting.low, setting.high)
    )
    key = _prepare(setting, place, shown)
    st.number_input(
        label_of(setting, currency),
        min_value=low if low is None or not whole else int(low),
        max_value=high if high is None or not whole else int(high),
        step=1 if whole else _step(shown),
        format="%d" if whole else number_format(shown),
        value=None,
        key=key,
        placeholder="not set",
        help=help_text(setting, currency),
        on_change=_taken,
        args=(setting.name, key, _read_number(shared)),
    )


def _read_number(shared: bool) -> Callable[[float | None], float | None]:
    return lambda shown: None if shown is None else _share(shown) if shared else shown


def number_format(value: float | None) -> str:
    """As many decimals as the value has, so that nothing of it is hidden."""
    text = f"{value or 0.0:.{FIELD_DECIMALS}f}".rstrip("0")
    return f"%.{len(text.partition('.')[2])}f"


def _step(value: float | None) -> float:
    size = abs(value or 0.0)
    return next((step for below, step in STEPS if size < below), STEPS[-1][1])


def _margin(setting: Setting, value: float, place: str, currency: str) -> None:
    low, high = setting.slider or (setting.low or 0.0, setting.high or 1.0)
    width = high - low
    # A limit from a link may lie outside the book's range; the slider then reaches to it.
    low, high = min(low, value), max(high, value)
    key = _prepare(setting, place, _percent(value), low, high)
    st.slider(
        setting.label,
        _percent(low),
        _percent(high),
        step=_percent(width / 20),
        format="%.2f %%" if high < 0.02 else "%.1f %%",
        key=key,
        help=help_text(setting, currency),
        on_change=_taken,
        args=(setting.name, key, _share),
    )


def _large(setting: Setting, value: float | None, place: str, currency: str) -> None:
    key = _prepare(setting, place, "" if value is None else words.exact_number(value))
    st.text_input(
        setting.label,
        key=key,
        placeholder="not set",
        help=f"{help_text(setting, currency)} Written as {_large_examples()}.",
        on_change=_taken,
        args=(setting.name, key, _read_large(setting)),
    )


def _large_examples() -> str:
    return f"{words.exact_number(2e6)} or {words.large_count(2.5e6)}"


def _read_large(setting: Setting) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        if not text.strip():
            return setting.default if setting.default is not None else None
        number = steps.read_number(text)
        if number is None:
            raise InputError(f"{setting.label}: {text!r} is not a number. Write {_large_examples()}.")
        return number

    return read


def _flag(setting: Setting, value: bool, place: str, currency: str) -> None:
    key = _prepare(setting, place, value)
    st.toggle(
        setting.label,
        key=key,
        help=help_text(setting, currency),
        on_change=_taken,
        args=(setting.name, key, lambda chosen: chosen),
    )


def _texts(setting: Setting, value: Sequence[str] | None, place: str, currency: str) -> None:
    key = _prepare(setting, place, list(value or ()))
    # Not st.multiselect: its tags are white on the primary colour, which cannot be read in the dark theme.
    st.pills(
        setting.label,
        setting.choices or tuple(value or ()),
        selection_mode="multi",
        format_func=lambda name: plain(words.capitalised(words.guardrail_name(name))),
        key=key,
        help=help_text(setting, currency),
        on_change=_taken,
        args=(setting.name, key, tuple),
    )


def _time(setting: Setting, value: datetime | None, place: str, currency: str) -> None:
    key = _prepare(setting, place, None if value is None else value.astimezone(UTC).replace(tzinfo=None))
    st.datetime_input(
        setting.label,
        value=None,
        key=key,
        help=help_text(setting, currency),
        on_change=_taken,
        args=(setting.name, key, lambda chosen: None if chosen is None else chosen.replace(tzinfo=UTC)),
    )


def _numbers(setting: Setting, value: Sequence[float], place: str, currency: str) -> None:
    key = _prepare(setting, place, ", ".join(f"{_percent(part):g}" for part in value))
    st.text_input(
        label_of(setting, currency),
        key=key,
        help=f"{help_text(setting, currency)} Percentages with commas between; the last one stays.",
        on_change=_taken,
        args=(setting.name, key, _read_percents(setting)),
    )


def _read_percents(setting: Setting) -> Callable[[str], tuple[float, ...]]:
    def read(text: str) -> tuple[float, ...]:
        parts = [steps.read_english(part.replace("%", "")) for part in text.split(",")]
        if None in parts:
            raise InputError(f"{setting.label}: write percentages with commas between, such as 25, 50, 100.")
        return tuple(_share(part) for part in parts if part is not None)

    return read


def _currency(setting: Setting, value: str, place: str, currency: str) -> None:
    key = _prepare(setting, place, value)
    st.selectbox(
        setting.label,
        list(dict.fromkeys((*CURRENCIES, value, *current_currencies()))),
        key=key,
        accept_new_options=True,
        help=help_text(setting, currency),
        on_change=_taken,
        args=(setting.name, key, lambda chosen: chosen.strip().upper() if chosen else None),
    )


def _locale(setting: Setting, value: str, place: str, currency: str) -> None:
    key = _prepare(setting, place, value)
    st.selectbox(
        setting.label,
        list(dict.fromkeys((*LOCALES, value))),
        format_func=words.locale_text,
        key=key,
        accept_new_options=True,
        help=help_text(setting, currency),
        on_change=_taken,
        args=(setting.name, key, lambda chosen: chosen or None),
    )


def _choice(setting: Setting, value: str, place: str, currency: str) -> None:
    chooser(
        setting,
        place,
        setting.choices,
        value,
        text=words.choice_text,
        help_=help_text(setting, currency),
    )


def _text(setting: Setting, value: Any, place: str, currency: str) -> None:
    key = _prepare(setting, place, "" if value is None else write_text(setting, value))
    st.text_input(
        setting.label,
        key=key,
        placeholder="not set",
        help=help_text(setting, currency),
        on_change=_taken,
        args=(setting.name, key, lambda text: read_text(setting, text) if text.strip() else None),
    )


_NAMED = {"currency": _currency, "locale": _locale}
_FIELDS: dict[str, Callable[[Setting, Any, str, str], None]] = {
    "flag": _flag,
    "texts": _texts,
    "time": _time,
    "numbers": _numbers,
    "ranges": _text,
}
