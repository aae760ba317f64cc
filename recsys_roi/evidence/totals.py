"""Totals a user: what every KPI and guardrail rate is a ratio of sums of (numbers book 0.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_roi.evidence.columns import (
    DAY_US,
    Events,
    Floats,
    Ints,
    Mask,
    Requests,
    first_of_runs,
    first_of_sessions,
)
from recsys_roi.evidence.kpis import NEW_USERS, RETURNED, TALLIES, USERS, Tally


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Units:
    """What a total is counted for: a user, or a user within one slice."""

    of_request: Ints  # index into the units, shape (requests,)
    candidate: Mask  # shape (units,)

    @property
    def count(self) -> int:
        """Number of units."""
        return len(self.candidate)

    @classmethod
    def users(cls, requests: Requests) -> Units:
        """Every user is one unit however many days they were seen."""
        return cls(of_request=requests.user, candidate=requests.candidate)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Totals:
    """Totals by the names of the catalogue, each of shape (units,).

    Counts are held in as few bytes as they fit into: `of` gives them as numbers to reckon with.
    """

    candidate: Mask
    columns: Mapping[str, NDArray[Any]]
    _some: dict[str, Ints] = field(default_factory=dict)

    def of(self, name: str, units: Ints | Mask | None = None) -> Floats:
        """One total, of some units or of all."""
        column = self.columns[name]
        return (column if units is None else column[units]).astype(np.float64, copy=False)

    def some(self, name: str) -> Ints:
        """The units that have any of it: few of them, for most outcomes."""
        if name not in self._some:
            self._some[name] = np.flatnonzero(self.columns[name])
        return self._some[name]

    def with_columns(self, columns: Mapping[str, NDArray[Any]]) -> Totals:
        """The same with further totals."""
        return Totals(candidate=self.candidate, columns={**self.columns, **columns}, _some=self._some)

    def capped(self, caps: Mapping[str, float]) -> Totals:
        """The same with each named total cut at its cap, above 0 (numbers book 2.4)."""
        cut = {name: np.minimum(self.of(name), cap) for name, cap in caps.items()}
        return Totals(candidate=self.candidate, columns={**self.columns, **cut}, _some=self._some)


def count_totals(
    requests: Requests,
    events: Events,
    units: Units,
    *,
    kept: Mask | None = None,
    tallies: Mapping[str, Tally] = TALLIES,
) -> Totals:
    """Totals of the requests to keep (shape (requests,); None: all) and of their outcomes in time.

    A unit without kept requests has zeros, and is no user of the view.
    """
    asking = units.of_request if kept is None else units.of_request[kept]
    asked = _counted(units, asking)
    columns = {USERS: asked > 0, "requests": asked}
    if any(tally.window == "outcome" for tally in tallies.values()):  # no KPI of clicks is a session's
        starts = session_starts(requests, units, kept)
        columns["sessions"] = _counted(units, units.of_request[starts])
    chosen = np.ones(len(events.kind), dtype=np.bool_) if kept is None else kept[events.request]
    some = {}
    for name, tally in tallies.items():
        of_tally = np.flatnonzero(chosen & events.is_of(tally.event))
        columns[name] = _tallied(events, tally, units, of_tally)
        if units.of_request is requests.user:  # ascending, so who has any is found without a search
            some[name] = first_of_each(requests.user[events.request[of_tally]])
    return Totals(candidate=units.candidate, columns=columns, _some=some)


def _counted(units: Units, unit: Ints) -> NDArray[Any]:
    counts = np.bincount(unit, minlength=units.count)
    return counts.astype(np.min_scalar_type(counts.max(initial=0)))


def _tallied(events: Events, tally: Tally, units: Units, chosen: Ints) -> NDArray[Any]:
    request = events.request[chosen]
    if tally.of == "values":
        unit = units.of_request[request]
        return np.bincount(unit, weights=events.value[chosen], minlength=units.count)
    if tally.of == "requests":
        return _counted(units, units.of_request[first_of_each(request)])
    counted = _counted(units, units.of_request[request])
    return counted > 0 if tally.of == "users" else counted


def first_of_each(ascending: Ints) -> Ints:
    """The different numbers of an ascending column."""
    return ascending[first_of_runs(ascending)]


def session_starts(requests: Requests, units: Units, kept: Mask | None = None) -> Ints:
    """Indices of the first of the kept requests in each session of a unit; ascending where the units are."""
    if kept is None and units.of_request is requests.user:
        return requests.first_of_session
    rows = None if kept is None else np.flatnonzero(kept)
    unit, session = units.of_request, requests.session
    if rows is not None:
        unit, session = unit[rows], session[rows]
    if np.any(unit[1:] < unit[:-1]):
        order = np.argsort(unit, kind="stable")
        rows = order if rows is None else rows[order]
        unit, session = unit[order], session[order]
    starts = first_of_sessions(unit, session)
    return starts if rows is None else rows[starts]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Returns:
    """Who came back: users on a later calendar day (UTC) within k days of their first request."""

    grown: Mask  # shape (users,): first seen at least k days before the end, so that they had the time
    back: Mask  # shape (users,)
    grown_us: Ints  # shape (users,): when k days had passed, microseconds since the epoch

    def columns(self) -> dict[str, Mask]:
        """The totals of the return rate; a user who did not have the time is no unit of it."""
        return {NEW_USERS: self.grown, RETURNED: self.grown & self.back}


def count_returns(requests: Requests, *, return_days: int, end_us: int) -> Returns:
    """Who of the view's users came back; `end_us` is the last moment at which a return would be seen."""
    first_us = requests.ts_us[requests.first_of_user]
    grown_us = first_us + return_days * DAY_US
    first_day = requests.day[requests.first_of_user]
    later = (requests.day > first_day[requests.user]) & (requests.ts_us <= grown_us[requests.user])
    back = np.zeros(requests.users, dtype=np.bool_)
    back[requests.user[later]] = True
    return Returns(grown=grown_us <= end_us, back=back, grown_us=grown_us)
