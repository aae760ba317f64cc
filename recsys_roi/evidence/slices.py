"""Slices of one view: sums of the users with one value of a context key, or of one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Literal

import numpy as np

from recsys_roi.errors import InputError, UnknownNameError
from recsys_roi.evidence.columns import EPOCH, Ints, Rows, find_in
from recsys_roi.evidence.grouping import Groups
from recsys_roi.evidence.kpi_evidence import Counted
from recsys_roi.evidence.reading import CountsReader
from recsys_roi.evidence.selection import Selection
from recsys_roi.evidence.totals import Totals, Units, count_totals
from recsys_roi.evidence.view import SliceEvidence, SliceKey, View

DAY_KEY = "day"
NAMED_VALUES = 10  # a key's largest values stand alone, the others together
KEYS_KEPT = 16  # held in memory, 16 bytes a user or request each
DEFAULT_VALUES = 50  # a key with more values is sliced by only where it is asked for
NOT_SET = "(not set)"
NEVER = {
    "algo_version": "a version is the treatment itself",
    "config_version": "a version is the treatment itself",
    "rules_version": "a version is the treatment itself",
    "session_id": "a session is no attribute of a user",
    "surface": "a review is of one surface",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Key:
    """A context key of the counts."""

    key: str
    distinct_values: int
    kept: bool  # few enough values to slice by
    varies: bool  # a user's requests do not all carry one value

    @property
    def grouped(self) -> int:
        """Values that are taken together."""
        return max(0, self.distinct_values - NAMED_VALUES)

    def sliced(self, of: Literal["user", "request"]) -> SliceKey:
        """What its slices are of."""
        return SliceKey(key=self.key, values=self.distinct_values, grouped=self.grouped, of=of)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Slicing:
    """Which of the labelled groups each unit is in."""

    key: SliceKey
    labels: list[str]
    totals: Totals
    group: Ints  # shape (units,)


def count_slices(
    reader: CountsReader,
    view: View,
    selection: Selection,
    counted: Counted,
) -> tuple[tuple[SliceEvidence, ...], tuple[SliceKey, ...]]:
    """The sums of every slice of the view, and the keys they are of.

    Keys that nobody declared are read as the user's first value at or before the first exposure; a declared
    key is read from each request, so that a user seen in two slices is one unit in each (numbers book 6).

    Raises UnknownNameError and InputError for a declared key that is not logged or cannot be sliced by.
    """
    known = _known_keys(reader, selection)
    slices: list[SliceEvidence] = []
    keys: list[SliceKey] = []
    for key in _chosen(view, known):
        if key == DAY_KEY:
            slicing = _by_day(counted)
        elif view.slice_keys is not None and known[key].varies:
            slicing = _by_request(reader, selection, known[key], counted)
        else:
            slicing = _by_user(reader, selection, known[key], counted)
        slices += _summed(slicing, counted)
        keys.append(slicing.key)
    return tuple(slices), tuple(keys)


def _known_keys(reader: CountsReader, selection: Selection) -> dict[str, _Key]:
    rows = reader.records(
        "SELECT key, distinct_values, kept, varies FROM context_keys WHERE experiment_id = $experiment "
        "ORDER BY key",
        {"experiment": selection.experiment},
    )
    return {row["key"]: _Key(**row) for row in rows}


def _chosen(view: View, known: dict[str, _Key]) -> list[str]:
    if view.slice_keys is None:
        return [key for key, found in known.items() if 2 <= found.distinct_values <= DEFAULT_VALUES]
    for key in view.slice_keys:
        if key in NEVER:
            raise InputError(f"The setting slice_keys cannot name {key}: {NEVER[key]}.")
        if key != DAY_KEY and key not in known:
            raise UnknownNameError("slice key", key, [*known, DAY_KEY])
        if key != DAY_KEY and not known[key].kept:
            raise InputError(
                f"The setting slice_keys cannot name {key}: it has {known[key].distinct_values:,} different "
                "values in the logs; a slice needs a key with at most 1,000."
            )
    return list(view.slice_keys)


def _labels(reader: CountsReader, selection: Selection, key: _Key) -> list[str]:
    """Names of the groups: the largest values, the others together, and none at all."""
    rows = reader.records(
        "SELECT value FROM context_values WHERE experiment_id = $experiment AND key = $key "
        "AND value_no <= $named ORDER BY value_no",
        {"experiment": selection.experiment, "key": key.key, "named": NAMED_VALUES},
    )
    other = f"other ({key.grouped:,} value{'s' if key.grouped > 1 else ''})" if key.grouped else ""
    return [*(row["value"] for row in rows), *[""] * (NAMED_VALUES - len(rows)), other, NOT_SET]


def _grouped(value_no: Ints) -> Ints:
    """Value numbers, from 1 by size and 0 for none, as positions in the labels."""
    return np.where(value_no == 0, NAMED_VALUES + 1, np.minimum(value_no - 1, NAMED_VALUES))


@lru_cache(maxsize=KEYS_KEPT)
def value_numbers(reader: CountsReader, statement: str, experiment: str, key: str) -> Rows:
    """The numbers of the key's values by user or by request, 1 for its largest value."""
    return reader.columns(statement, {"experiment": experiment, "key": key})


def _by_user(reader: CountsReader, selection: Selection, key: _Key, counted: Counted) -> _Slicing:
    rows = value_numbers(reader, "slice_users.sql", selection.experiment, key.key)
    return _Slicing(
        key=key.sliced("user"),
        labels=_labels(reader, selection, key),
        totals=counted.capped,
        group=_grouped(_aligned(counted.requests.user_no, rows["user_no"], rows["value_no"])),
    )


def _by_request(reader: CountsReader, selection: Selection, key: _Key, counted: Counted) -> _Slicing:
    rows = value_numbers(reader, "slice_requests.sql", selection.experiment, key.key)
    group = _grouped(_aligned(counted.requests.number, rows["request_no"], rows["value_no"]))
    labels = _labels(reader, selection, key)
    return _of_requests(key.sliced("request"), labels, group, counted)


def _by_day(counted: Counted) -> _Slicing:
    first = EPOCH.date() + timedelta(days=counted.requests.first_day)
    labels = [(first + timedelta(days=day)).isoformat() for day in range(counted.requests.days)]
    return _of_requests(
        SliceKey(key=DAY_KEY, values=len(labels), grouped=0, of="request"),
        labels,
        counted.requests.day,
        counted,
    )


def _aligned(wanted: Ints, number: Ints, value: Ints) -> Ints:
    """The value beside each wanted number, 0 where there is none; `number` ascends."""
    place, found = find_in(number, wanted)
    aligned = np.zeros(len(wanted), dtype=np.int64)
    aligned[found] = value[place[found]]
    return aligned


def _of_requests(key: SliceKey, labels: list[str], group: Ints, counted: Counted) -> _Slicing:
    """A user is one unit in each group of requests (shape (requests,)) that they are seen in."""
    requests, count = counted.requests, len(labels)
    pairs, of_request = np.unique(
        np.multiply(requests.user, count, dtype=np.int64) + group, return_inverse=True
    )
    user, of_unit = np.divmod(pairs, count)
    units = Units(of_request=of_request, candidate=requests.candidate[user])
    # Who comes back is a fact of the user: it counts where the user was first seen.
    first = of_request[requests.first_of_user]
    returned = {
        name: np.bincount(first, weights=column, minlength=units.count).astype(np.float64)
        for name, column in counted.returns.columns().items()
    }
    totals = count_totals(requests, counted.events, units).with_columns(returned)
    return _Slicing(key=key, labels=labels, totals=totals.capped(counted.caps), group=of_unit)


def _summed(slicing: _Slicing, counted: Counted) -> list[SliceEvidence]:
    groups = Groups(slicing.totals, slicing.group, len(slicing.labels))
    by_kpi = {kpi.id: groups.sums(kpi) for kpi in counted.kpis}
    return [
        SliceEvidence(
            key=slicing.key.key,
            value=label,
            users=users,
            kpis={name: sums[place] for name, sums in by_kpi.items()},
        )
        for place, (label, users) in enumerate(zip(slicing.labels, groups.units(), strict=True))
        if users.control + users.candidate > 0
    ]
