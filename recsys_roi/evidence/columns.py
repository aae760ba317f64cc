"""Counts as columns: the compared requests of two arms and their outcomes, by user and time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_roi.errors import PilotError
from recsys_roi.evidence.kpis import TALLIES, AttributionWindow
from recsys_roi.evidence.view import View

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
EVENT_KINDS = tuple(sorted({tally.event for tally in TALLIES.values()}))
UNKNOWN_ERROR = -1

Floats = NDArray[np.float64]
Ints = NDArray[np.signedinteger[Any]]  # of 32 bits where the numbers fit and stand once a request
Mask = NDArray[np.bool_]
Rows = dict[str, NDArray[Any]]  # columns of one statement, none with a missing value


def epoch_us(moment: datetime) -> int:
    """Microseconds since the epoch."""
    return (moment - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Windows:
    """How long after its request an outcome counts."""

    click_us: int
    outcome_us: int

    @classmethod
    def of(cls, view: View) -> Windows:
        """The view's windows, to the microsecond."""
        return cls(
            click_us=round(view.click_window_hours * HOUR_US),
            outcome_us=round(view.outcome_window_hours * HOUR_US),
        )

    def width(self, window: AttributionWindow) -> int:
        """Width of one window in microseconds."""
        return self.click_us if window == "click" else self.outcome_us


@dataclass(frozen=True, kw_only=True, eq=False)
class Requests:
    """One entry a request unless it says users; requests of one user stand together, oldest first."""

    number: Ints  # request_no of the counts, ascending
    user: Ints  # index into the users, ascending
    user_no: Ints  # shape (users,): number of the user in the counts, ascending
    candidate: Mask  # shape (users,)
    ts_us: Ints  # microseconds since the epoch
    session: Ints  # number of its session in the counts
    latency_ms: Floats  # NaN where not logged
    error: NDArray[np.int8]  # 1, 0, or -1 where not logged
    empty: Mask

    @classmethod
    def of_rows(cls, rows: Rows) -> Requests:
        """From the columns request_no, user_no, candidate, ts_us, session_no, latency_ms, error and empty."""
        number = rows["request_no"]
        if np.any(number[1:] < number[:-1]):  # counts are written in order; parts may have been mixed
            order = np.argsort(number)
            rows = {name: column[order] for name, column in rows.items()}
            number = number[order]
        user_no = rows["user_no"]
        new = first_of_runs(user_no)
        _check_order(number, user_no, rows["candidate"], new)
        return cls(
            number=compact(number),
            user=numbered_runs(new),
            user_no=compact(user_no[new]),
            candidate=rows["candidate"].astype(np.bool_, copy=False)[new],
            ts_us=rows["ts_us"].astype(np.int64, copy=False),
            session=compact(rows["session_no"]),
            latency_ms=rows["latency_ms"].astype(np.float64, copy=False),
            error=rows["error"].astype(np.int8, copy=False),
            empty=rows["empty"].astype(np.bool_, copy=False),
        )

    def where(self, kept: Mask) -> Requests:
        """The requests to keep (shape (requests,)), and their users only."""
        user = self.user[kept]
        new = first_of_runs(user)
        seen = user[new]
        return Requests(
            number=self.number[kept],
            user=numbered_runs(new),
            user_no=self.user_no[seen],
            candidate=self.candidate[seen],
            ts_us=self.ts_us[kept],
            session=self.session[kept],
            latency_ms=self.latency_ms[kept],
            error=self.error[kept],
            empty=self.empty[kept],
        )

    @property
    def users(self) -> int:
        """Users of both arms."""
        return len(self.user_no)

    @cached_property
    def first_day(self) -> int:
        """The calendar day (UTC, since the epoch) of the oldest request; 0 without requests."""
        return int(self.ts_us.min() // DAY_US) if len(self.ts_us) else 0

    @cached_property
    def day(self) -> Ints:
        """Calendar day (UTC) of each request, from 0."""
        return compact(self.ts_us // DAY_US - self.first_day)

    @cached_property
    def days(self) -> int:
        """Calendar days from the oldest request to the newest."""
        return int(self.day.max()) + 1 if len(self.day) else 0

    @cached_property
    def arm_day(self) -> Ints:
        """Each request's arm and day as one number: days of the control, then days of the candidate."""
        return compact(self.candidate[self.user] * self.days + self.day)

    @cached_property
    def first_of_user(self) -> Ints:
        """Shape (users,): index of each user's oldest request."""
        return np.flatnonzero(first_of_runs(self.user))

    @cached_property
    def first_of_session(self) -> Ints:
        """Shape (sessions,): index of the oldest request of each session."""
        return first_of_sessions(self.user, self.session)


@dataclass(frozen=True, kw_only=True, eq=False)
class Events:
    """One entry an outcome of a compared request, by request, kind and lag; shape (events,)."""

    request: Ints  # index into the requests, ascending
    kind: Ints  # index into EVENT_KINDS
    lag_us: Ints  # after its request
    value: Floats  # 0 where there is none

    @classmethod
    def of_rows(cls, rows: Rows, requests: Requests) -> Events:
        """From the columns request_no, kind, lag_us and value (NaN: none); others' outcomes are left out."""
        number = rows["request_no"]
        if np.any(number[1:] < number[:-1]):
            order = np.lexsort((rows["value"], rows["lag_us"], rows["kind"], number))
            rows = {name: column[order] for name, column in rows.items()}
        place, found = find_in(requests.number, rows["request_no"])
        return cls(
            request=compact(place[found]),
            kind=rows["kind"][found].astype(np.int8),
            lag_us=rows["lag_us"][found].astype(np.int64),
            value=np.nan_to_num(rows["value"][found].astype(np.float64)),
        )

    def where(self, kept: Mask) -> Events:
        """The outcomes of the requests to keep, `kept` of shape (requests,)."""
        chosen = kept[self.request]
        place = numbered_runs(kept)
        return Events(
            request=place[self.request[chosen]],
            kind=self.kind[chosen],
            lag_us=self.lag_us[chosen],
            value=self.value[chosen],
        )

    def within(self, windows: Windows) -> Events:
        """The outcomes inside their attribution window, both ends included."""
        width = np.where(self.kind == EVENT_KINDS.index("click"), windows.click_us, windows.outcome_us)
        chosen = (self.lag_us >= 0) & (self.lag_us <= width)
        return Events(
            request=self.request[chosen],
            kind=self.kind[chosen],
            lag_us=self.lag_us[chosen],
            value=self.value[chosen],
        )

    def is_of(self, event: str) -> Mask:
        """Which outcomes are of one event type."""
        of_event: Mask = self.kind == EVENT_KINDS.index(event)
        return of_event


def _check_order(number: Ints, user_no: Ints, candidate: NDArray[Any], new: Mask) -> None:
    """PilotError unless requests are numbered once, user by user, each user in one arm."""
    turned = candidate[1:] != candidate[:-1]
    if np.any(number[1:] == number[:-1]) or np.any(user_no[1:] < user_no[:-1]) or np.any(turned & ~new[1:]):
        raise PilotError(
            "The counts are damaged: their requests are not those of one user after the other. "
            "Count the logs again."
        )


def compact(column: NDArray[Any]) -> Ints:
    """Whole numbers in 32 bits where they fit: a column of the requests is what takes most room."""
    if column.dtype.itemsize <= 4:
        return column
    fits = not len(column) or (column.min() >= -(2**31) and column.max() < 2**31)
    return column.astype(np.int32 if fits else np.int64, copy=False)


def numbered_runs(new: Mask) -> Ints:
    """The number of each run from 0, from where the runs begin."""
    return compact(np.cumsum(new, dtype=np.int32 if len(new) < 2**31 else np.int64) - 1)


def first_of_runs(column: Ints) -> Mask:
    """Where a number differs from the one before it."""
    new = np.ones(len(column), dtype=np.bool_)
    np.not_equal(column[1:], column[:-1], out=new[1:])
    return new


def first_of_sessions(unit: Ints, session: Ints) -> Ints:
    """Where each session of each unit begins; units ascend, and are in order of time within."""
    starts = np.flatnonzero(first_of_runs(session) | first_of_runs(unit))
    unit, session = unit[starts], session[starts]
    # A session is numbered by its first request, so a smaller number means that an older one went on.
    went_on = np.flatnonzero((session[1:] < session[:-1]) & (unit[1:] == unit[:-1])) + 1
    if len(went_on):
        mixed = np.isin(unit, unit[went_on])
        _, first = np.unique(np.stack((unit[mixed], session[mixed])), axis=1, return_index=True)
        starts = np.sort(np.concatenate((starts[~mixed], starts[mixed][first])))
    return starts


def find_in(ascending: Ints, wanted: NDArray[Any]) -> tuple[Ints, Mask]:
    """Where each wanted number stands in an ascending column, and whether it is there at all."""
    place = np.searchsorted(ascending, wanted)
    found = place < len(ascending)
    found[found] = ascending[place[found]] == wanted[found]
    return place, found
