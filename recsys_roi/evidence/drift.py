"""Drift of one view read from counts: days of each arm, mixes over time, names and rejects by day."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from recsys_roi.evidence.columns import Floats, Mask, Requests, find_in
from recsys_roi.evidence.drift_facts import Arm, ArmDays, Drift, Mix, NameDays, NewName, RejectDay
from recsys_roi.evidence.reading import COUNTS_KEPT, CountsReader
from recsys_roi.evidence.selection import Selection
from recsys_roi.evidence.slices import DEFAULT_VALUES, NAMED_VALUES, value_numbers
from recsys_roi.evidence.version_steps import logged_versions, version_steps

OTHER, NOT_SET = "other values", "(not set)"


def read_drift(reader: CountsReader, selection: Selection, requests: Requests) -> Drift:
    """The drift of the compared requests of a view, and of the names and rejects of the whole pilot."""
    return Drift(
        first_day=requests.first_day,
        arms=(_arm_days(requests, "control"), _arm_days(requests, "candidate")),
        mixes=_mixes(reader, selection, requests),
        versions=logged_versions(reader, selection),
        steps=version_steps(reader, selection, requests),
        names=_names(reader),
        exposures_by_day=_exposures_by_day(reader),
        reject_days=_reject_days(reader),
        new_names=_new_names(reader),
    )


def _arm_days(requests: Requests, arm: Arm) -> ArmDays:
    of_arm = requests.candidate[requests.user] == (arm == "candidate")
    timed = of_arm & (requests.latency_ms > 0)
    logs = np.log(requests.latency_ms[timed])

    def counted(rows: Mask) -> tuple[int, ...]:
        return tuple(np.bincount(requests.day[rows], minlength=requests.days).tolist())

    def added(values: Floats) -> tuple[float, ...]:
        return tuple(np.bincount(requests.day[timed], weights=values, minlength=requests.days).tolist())

    return ArmDays(
        arm=arm,
        requests=counted(of_arm),
        error_logged=counted(of_arm & (requests.error >= 0)),
        errors=counted(of_arm & (requests.error == 1)),
        empties=counted(of_arm & requests.empty),
        timed=counted(timed),
        log_latency=added(logs),
        log_latency_squares=added(logs * logs),
    )


def _mixes(reader: CountsReader, selection: Selection, requests: Requests) -> tuple[Mix, ...]:
    """Each key with a few values: what share of the requests came from users of each."""
    keys = reader.records(
        "SELECT key FROM context_keys WHERE experiment_id = $experiment AND kept "
        "AND distinct_values BETWEEN 2 AND $most ORDER BY key",
        {"experiment": selection.experiment, "most": DEFAULT_VALUES},
    )
    return tuple(_mix(reader, selection, requests, row["key"]) for row in keys)


def _mix(reader: CountsReader, selection: Selection, requests: Requests, key: str) -> Mix:
    named = [
        row["value"]
        for row in reader.records(
            "SELECT value FROM context_values WHERE experiment_id = $experiment AND key = $key "
            "AND value_no <= $named ORDER BY value_no",
            {"experiment": selection.experiment, "key": key, "named": NAMED_VALUES},
        )
    ]
    rows = value_numbers(reader, "slice_users.sql", selection.experiment, key)
    value_no = np.zeros(requests.users, dtype=np.int64)
    place, found = find_in(rows["user_no"], requests.user_no)
    value_no[found] = rows["value_no"][place[found]]
    # Columns: the largest values, the others together, and users without a value.
    column = np.where(value_no == 0, len(named) + 1, np.minimum(value_no - 1, len(named)))
    cell = requests.day * (len(named) + 2) + column[requests.user]
    shape = (requests.days, len(named) + 2)
    counts = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    used = np.flatnonzero(counts.sum(axis=0))
    labels = (*named, OTHER, NOT_SET)
    return Mix(
        key=key,
        values=tuple(labels[index] for index in used),
        by_day=tuple(map(tuple, counts[:, used].tolist())),
    )


@lru_cache(maxsize=COUNTS_KEPT)
def _names(reader: CountsReader) -> tuple[NameDays, ...]:
    rows = reader.records(
        "SELECT kind, name, sum(lines)::BIGINT AS lines, min(day) AS first_day, max(day) AS last_day "
        "FROM names_by_day GROUP BY kind, name ORDER BY kind, name"
    )
    return tuple(NameDays(**row) for row in rows)


@lru_cache(maxsize=COUNTS_KEPT)
def _exposures_by_day(reader: CountsReader) -> tuple[tuple[int, int], ...]:
    return tuple(
        (row["day"], row["lines"])
        for row in reader.records("SELECT day, lines FROM exposures_by_day ORDER BY day")
    )


@lru_cache(maxsize=COUNTS_KEPT)
def _reject_days(reader: CountsReader) -> tuple[RejectDay, ...]:
    rows = reader.records(
        "SELECT kind, day, sum(accepted)::BIGINT AS accepted, sum(rejected)::BIGINT AS rejected "
        "FROM reject_days GROUP BY kind, day ORDER BY kind, day"
    )
    return tuple(RejectDay(**row) for row in rows)


@lru_cache(maxsize=COUNTS_KEPT)
def _new_names(reader: CountsReader) -> tuple[NewName, ...]:
    rows = reader.records("SELECT kind, name, lines FROM reject_names ORDER BY lines DESC, kind, name")
    return tuple(NewName(**row) for row in rows)
