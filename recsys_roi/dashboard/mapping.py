"""Which column is which: a dialog with the first rows of a file whose columns have other names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from recsys_roi.dashboard import intake, layout, state
from recsys_roi.dashboard.file_text import format_text
from recsys_roi.dashboard.guessing import guessed, likely_kind
from recsys_roi.dashboard.ingesting import Asked, Naming
from recsys_roi.dashboard.text import plain
from recsys_roi.logs.contracts import CONTRACTS, KINDS, Field, Kind
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.preview import Preview
from recsys_roi.logs.shapes.layout import (
    CONTEXT_PREFIXES,
    ITEM_FIELDS,
    known_columns,
    missing_fields,
    shown_columns,
)
from recsys_roi.render.words.numbers import capitalised, listed

CLOSED_KEY = "mapping_closed"  # the file whose dialog somebody has closed without an answer
IN_A_ROW = 3
NOT_HERE = "Not in this file"
USUAL_KEYS = (
    *("tenant_id", "tenant", "surface", "segment", "locale", "device", "user_type", "session_id"),
    *("algo_version", "config_version", "rules_version"),
)


def waiting(pilot: Pilot) -> None:
    """The files that wait for their columns to be named; the first one's dialog opens by itself."""
    asked = intake.asked_of(pilot)
    if not asked:
        return
    first = asked[0]
    names = listed([one.seen.name for one in asked])
    with st.container(border=True):
        layout.heading("Which column is which?")
        layout.say(f"{names}: not read yet. The columns are not named like the fields of the contracts.")
        with st.container(horizontal=True):
            opened = st.button("Name the columns", icon=":material/table_edit:", type="primary")
            left_out = st.button("Leave out", icon=":material/close:")
    if left_out:
        _leave_out(asked)
    if opened:
        st.session_state.pop(CLOSED_KEY, None)
    if st.session_state.get(CLOSED_KEY) is not first:
        _dialog(pilot, first, asked[1:])


def _leave_out(asked: Sequence[Asked]) -> None:
    intake.answer(asked)
    names = listed([one.seen.name for one in asked])
    intake.later("info", f"{names}: left out, nothing of it was kept.")
    st.rerun()


def _closed() -> None:
    asked = intake.asked_of(state.current_pilot())
    st.session_state[CLOSED_KEY] = asked[0] if asked else None


@st.dialog("Which column is which?", width="large", on_dismiss=_closed)
def _dialog(pilot: Pilot, asked: Asked, others: Sequence[Asked]) -> None:
    seen = asked.seen
    layout.say(_about(seen))
    layout.long_table(pd.DataFrame(list(seen.rows), columns=_unique(seen.columns)))
    kind = _kind(seen)
    named = _named(seen, kind)
    twice = [column for column in named.columns if named.columns.count(column) > 1]
    lacking = missing_fields(seen.columns, kind, named.mapping)
    with st.container():  # always there, so that the buttons below keep their place
        _what_is_left_out(seen, kind, named.mapping)
        if twice:
            layout.problem(f"{twice[0]} was chosen for two fields. Choose each column once.")
        elif lacking:
            st.info(plain(_lacking(lacking, seen)), icon=":material/info:")
    with st.container(horizontal=True):
        fine = not twice and (not lacking or not seen.is_table)
        if st.button("Add with these columns", icon=":material/add:", disabled=not fine, key="map_add"):
            _go_on(pilot, asked, others, kind, named.mapping)
        if st.button("Leave this file out", icon=":material/close:", key="map_leave_out"):
            _leave_out([asked])


def _about(seen: Preview) -> str:
    form = format_text(seen.format, seen.packing)
    if seen.kind is None:
        return f"{seen.name} ({form}): its columns do not say which of the three logs it is."
    title = CONTRACTS[seen.kind].title
    return f"{seen.name} ({form}): looks like {seen.kind}, {title}. Its first rows:"


def _unique(columns: Sequence[str]) -> list[str]:
    """pyarrow, which carries the table to the browser, takes each name once."""
    return [
        column if columns.index(column) == place else f"{column} ({place + 1})"
        for place, column in enumerate(columns)
    ]


def _kind(seen: Preview) -> Kind:
    if seen.kind is not None:
        return seen.kind
    found = likely_kind(seen)
    return st.radio(
        "What each record is",
        KINDS,
        index=KINDS.index(found),
        format_func=lambda kind: f"{capitalised(CONTRACTS[kind].title)} ({kind})",
        key=f"map_kind_{seen.name}",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Named:
    mapping: dict[str, str]  # {field: column}; fields that have a column of their own name are left out
    columns: tuple[str, ...]  # chosen for fields, a column as often as it was chosen


def _named(seen: Preview, kind: Kind) -> _Named:
    """What the person chose for each field."""
    guess = guessed(seen, kind)
    needed, optional = _fields(seen, kind, guess)
    chosen = _choices(needed, seen, guess, kind)
    with st.expander("Optional fields"):
        chosen |= _choices(optional, seen, guess, kind)
        keys = _context(seen, kind, chosen)
    mapping = {field: column for field, column in chosen.items() if field != column}
    return _Named(
        mapping=mapping | {f"context.{key}": key for key in keys}, columns=(*chosen.values(), *keys)
    )


def _fields(seen: Preview, kind: Kind, guess: Mapping[str, str]) -> tuple[list[Field], list[Field]]:
    """Required and optional fields to choose columns for; in a table a row may be one item of a list."""
    fields = [field for field in CONTRACTS[kind].fields if field.type != "object of strings"]
    needed = [field for field in fields if field.required]
    optional = [field for field in fields if not field.required]
    if kind == "exposure.v1" and seen.is_table and "items" not in seen.columns:
        ways = ("One row an item: item_id and rank", "A list of items in one column")
        start = 1 if "items" in guess and "rank" not in guess else 0
        way = st.radio("Items", ways, index=start, horizontal=True, key=f"map_items_{seen.name}")
        if way == ways[0]:
            needed = [field for field in needed if field.name != "items"]
            needed += [field for field in ITEM_FIELDS.values() if field.required]
            optional += [field for field in ITEM_FIELDS.values() if not field.required]
    return needed, optional


def _choices(fields: Sequence[Field], seen: Preview, guess: Mapping[str, str], kind: Kind) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for start in range(0, len(fields), IN_A_ROW):
        for column, field in zip(st.columns(IN_A_ROW), fields[start : start + IN_A_ROW], strict=False):
            with column:
                found = _choice(field, seen, guess.get(field.name), kind)
            if found is not None:
                chosen[field.name] = found
    return chosen


def _choice(field: Field, seen: Preview, guess: str | None, kind: Kind) -> str | None:
    columns: list[str | None] = list(dict.fromkeys(seen.columns))
    # A column with the field's own name is read in any case, so that it cannot be left out.
    options = columns if field.required or field.name in columns else [None, *columns]
    start = options.index(guess) if guess is not None else None if field.required else 0
    return st.selectbox(
        f"{field.name}{' (required)' if field.required else ''}",
        options,
        index=start,
        format_func=lambda column: NOT_HERE if column is None else column,
        placeholder="Choose a column",
        help=plain(f"{field.type}. {field.rule}"),
        key=f"map_{seen.name}_{kind}_{field.name}",
    )


def _context(seen: Preview, kind: Kind, chosen: Mapping[str, str]) -> list[str]:
    """Other columns that say something of the request, as keys of its context."""
    if "context" in seen.columns or not any(f.type == "object of strings" for f in CONTRACTS[kind].fields):
        return []
    free = [
        column
        for column in dict.fromkeys(seen.columns)
        if column not in chosen.values() and not column.startswith(CONTEXT_PREFIXES)
    ]
    return st.multiselect(
        "Columns to keep as context: surface, segment, device and other slice keys",
        free,
        default=[column for column in free if column in USUAL_KEYS],
        key=f"map_{seen.name}_{kind}_context",
    )


def _what_is_left_out(seen: Preview, kind: Kind, mapping: Mapping[str, str]) -> None:
    known = known_columns(seen.columns, kind, mapping)
    left_out = [column for column in dict.fromkeys(seen.columns) if column not in known]
    if left_out:
        layout.quiet(f"Left out, as no field holds them: {shown_columns(left_out)}.")


def _lacking(lacking: Sequence[str], seen: Preview) -> str:
    names = listed(list(lacking))
    if seen.is_table:
        return f"Choose the column for {names}."
    return f"No key for {names} yet. Lines without it are rejected."


def _go_on(
    pilot: Pilot, asked: Asked, others: Sequence[Asked], kind: Kind, mapping: Mapping[str, str]
) -> None:
    """Reads the file, then looks again at those that wait: the same columns need no second answer."""
    seen = asked.seen
    naming = Naming(file=seen.name, kind=kind, is_table=seen.is_table, mapping=mapping, columns=seen.columns)
    named = replace(asked.item, kind=kind, mapping=mapping, is_named=True)
    if intake.start(pilot, [named, *(one.item for one in others)], [naming]):
        intake.answer([asked, *others])
        st.rerun()
