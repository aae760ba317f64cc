"""Which column of a table holds which field of a contract."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from recsys_roi.errors import InputError, LogError
from recsys_roi.logs.contracts import CONTRACTS, KINDS, VALUE_LIMIT, Field, Kind
from recsys_roi.personal import mask

CONTEXT_PREFIXES = ("context.", "context_")

ITEM_FIELDS: Mapping[str, Field] = {
    field.name: field
    for whole in CONTRACTS["exposure.v1"].fields
    if whole.type == "array of objects"
    for field in whole.fields
}
_NEAREST = 3  # names that are told of those like one that is not there
_ITEM_NEEDS = tuple(name for name, field in ITEM_FIELDS.items() if field.required)
# item_id alone tells nothing: an exposure's item has one, and so has an outcome.
_MARKS: Mapping[Kind, frozenset[str]] = {
    "exposure.v1": CONTRACTS["exposure.v1"].marks | {"rank"},
    "outcome.v1": CONTRACTS["outcome.v1"].marks - {"item_id"},
    "assignment.v1": CONTRACTS["assignment.v1"].marks,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Where the fields of one kind stand in the columns of a table, counted from 0."""

    kind: Kind
    fields: Mapping[str, int]  # top-level field -> column
    context: Mapping[str, int]  # context key -> column, where the context is spread over columns
    item: Mapping[str, int]  # field of an item -> column, where each row holds one item of a request
    left_out: tuple[str, ...]  # columns that are no field

    @property
    def shared(self) -> tuple[int, ...]:
        """The columns that rows of one list have in common."""
        return (*self.fields.values(), *self.context.values())


def kind_of_columns(columns: Collection[str], mapping: Mapping[str, str] | None = None) -> Kind | None:
    """The contract that knows most of the columns, one of its own marks among them; None when unclear."""
    names = _renamed(columns, mapping or {})
    known = {kind: sum(name in _names_of(kind) for name in names) for kind in KINDS if names & _MARKS[kind]}
    best = [kind for kind, count in known.items() if count == max(known.values())]
    return best[0] if len(best) == 1 else None


def knows_columns(columns: Collection[str], mapping: Mapping[str, str] | None = None) -> bool:
    """Whether two of the columns or more are fields of the contracts."""
    every = {name for kind in KINDS for name in _names_of(kind)}
    return len(_renamed(columns, mapping or {}) & every) > 1


def check_mapping(mapping: Mapping[str, str], kind: Kind) -> None:
    """InputError when the mapping names a field that the contract has not."""
    for field in mapping:
        known = field in _names_of(kind) or (_takes_context(kind) and field.startswith("context."))
        if not known or field == "context.":
            names = ", ".join([*_names_of(kind), *(["context.KEY"] if _takes_context(kind) else [])])
            raise InputError(f"The mapping names {field!r}, which {kind} has not. Its fields: {names}.")


def layout_of(columns: Sequence[str], kind: Kind, mapping: Mapping[str, str], name: str) -> Layout:
    """The layout of a table with these columns; LogError when it lacks a required field.

    A mapping {field: column} goes before the columns' own names; "context.KEY" is a field too.
    """
    check_mapping(mapping, kind)
    places = _places(columns, name)
    for field, column in mapping.items():
        if column not in places:
            raise LogError(
                name,
                f"has no column {column!r}, which {field} should be read from."
                f"{nearest_said(nearest(column, columns))} {_has(columns)}",
            )
    taken = {field: places[column] for field, column in mapping.items()}
    for column, place in places.items():
        own = _field_named(column, kind)
        if own is not None and place not in taken.values():
            taken.setdefault(own, place)
    top = {field.name for field in CONTRACTS[kind].fields}
    item_names = ITEM_FIELDS if kind == "exposure.v1" else {}
    layout = Layout(
        kind=kind,
        fields={field: place for field, place in taken.items() if field in top},
        context={field[8:]: place for field, place in taken.items() if field.startswith("context.")},
        item={field: place for field, place in taken.items() if field in item_names},
        left_out=tuple(column for column, place in places.items() if place not in taken.values()),
    )
    _check(layout, columns, name)
    return layout


def missing_fields(columns: Collection[str], kind: Kind, mapping: Mapping[str, str]) -> tuple[str, ...]:
    """The required fields for which there is no column."""
    names = _renamed(columns, mapping)
    lacking = [field.name for field in CONTRACTS[kind].fields if field.required and field.name not in names]
    if "items" in lacking and names & set(_ITEM_NEEDS):
        lacking.remove("items")
        lacking += [field for field in _ITEM_NEEDS if field not in names]
    return tuple(lacking)


def known_columns(columns: Collection[str], kind: Kind, mapping: Mapping[str, str]) -> set[str]:
    """The columns that hold a field, by their own name or by the mapping."""
    return {column for column in columns if column in mapping.values() or _field_named(column, kind)}


def mappable_fields(kind: Kind) -> tuple[str, ...]:
    """What a column may be mapped to, besides "context.KEY"."""
    return _names_of(kind)


def shown_columns(columns: Collection[str]) -> str:
    """Column names for people: at most eight, masked and cut."""
    listed = mask(", ".join(list(columns)[:8])[:VALUE_LIMIT])
    return f"{listed}, ..." if len(columns) > 8 else listed


def nearest(given: str, there: Collection[str]) -> str:
    """Names like one that is not there, the nearest first, for people; nothing where none is like it."""
    folded = {name.casefold(): name for name in sorted(there) if name != given}
    near = difflib.get_close_matches(given.casefold(), folded, n=_NEAREST)
    return shown_columns([folded[name] for name in near])


def nearest_said(near: str) -> str:
    """ " Nearest: time, times."; nothing where nothing is near."""
    return f" Nearest: {near}." if near else ""


def _places(columns: Sequence[str], name: str) -> dict[str, int]:
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        raise LogError(name, f"has two columns called {shown_columns(twice)}. Rename one of them.")
    return {column: place for place, column in enumerate(columns)}


def _check(layout: Layout, columns: Sequence[str], name: str) -> None:
    found = [*layout.fields, *layout.item]
    lacking = missing_fields(found, layout.kind, {})
    if lacking:
        what = " and ".join(lacking)
        items = " (a list of items in one column, or item_id and rank with one row an item)"
        raise LogError(
            name,
            f"looks like {layout.kind}, but has no column for {what}{items if 'items' in lacking else ''}. "
            f"{_has(columns)} Say which column holds it (map {lacking[0]}=COLUMN).",
        )
    if "items" in layout.fields and layout.item:
        raise LogError(
            name,
            f"has both a column for items and columns for one item ({', '.join(layout.item)}). Leave one.",
        )
    if "context" in layout.fields and layout.context:
        raise LogError(name, "has both a column for context and columns for its keys. Leave one.")


def _has(columns: Collection[str]) -> str:
    return f"Its columns: {shown_columns(columns)}."


def _renamed(columns: Collection[str], mapping: Mapping[str, str]) -> set[str]:
    mapped = set(mapping.values())
    return {field for field, column in mapping.items() if column in columns} | (set(columns) - mapped)


def _names_of(kind: Kind) -> tuple[str, ...]:
    fields = tuple(field.name for field in CONTRACTS[kind].fields)
    return fields + tuple(ITEM_FIELDS) if kind == "exposure.v1" else fields


def _takes_context(kind: Kind) -> bool:
    return any(field.type == "object of strings" for field in CONTRACTS[kind].fields)


def _field_named(column: str, kind: Kind) -> str | None:
    """The field that a column of this name holds unless it is mapped to another."""
    if column in _names_of(kind):
        return column
    if _takes_context(kind):
        for prefix in CONTEXT_PREFIXES:
            if column.startswith(prefix) and len(column) > len(prefix):
                return f"context.{column.removeprefix(prefix)}"
    return None
