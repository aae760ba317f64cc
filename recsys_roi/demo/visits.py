"""When each user comes: sessions over the days, one to a few requests each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys_roi.demo.calendar import DAY_MS, HOUR_MS, PILOT, START_MS, Period
from recsys_roi.demo.streams import stream

LAST_REQUEST_CHANCE = 0.62  # that a session ends after a request
REQUESTS_PER_SESSION_LIMIT = 8
PAUSE_MEAN_MS = 120_000
PAUSE_LIMIT_MS = 420_000
SESSION_GAP_MS = 30 * 60_000  # a longer silence starts a new session
NEWCOMER_DECAY_DAYS = 3.5  # how fast first visits give way to returning users


@dataclass(frozen=True, kw_only=True, slots=True)
class Visits:
    """Requests in order of time; every array has shape (requests,)."""

    ts: NDArray[np.int64]  # milliseconds since the epoch
    user: NDArray[np.int32]  # index into the users
    session: NDArray[np.int32]  # 1 for the user's first session

    @property
    def count(self) -> int:
        """Number of requests."""
        return len(self.ts)


def draw_visits(requests: int, activity: NDArray[np.float64], seed: int) -> Visits:
    """Exactly `requests` requests, at least one of each user; `activity` has shape (users,).

    Most users first come early and the active ones come back more often; about one in thirty first comes
    in the last three days.
    """
    draw = stream(seed, "visits")
    sizes = _session_sizes(requests, draw)
    starts = _session_starts(len(sizes), PILOT, draw)
    return _visits(starts, sizes, _session_users(starts, activity, draw), draw)


def draw_earlier_visits(requests: int, activity: NDArray[np.float64], period: Period, seed: int) -> Visits:
    """Exactly `requests` requests of a period in which every user is known from its start.

    `activity` has shape (users,); a user whose activity is 0 does not come.
    """
    draw = stream(seed, "visits")
    sizes = _session_sizes(requests, draw)
    starts = _session_starts(len(sizes), period, draw)
    known = np.flatnonzero(activity)
    total = np.cumsum(activity[known])
    at = np.searchsorted(total, draw.random(len(starts)) * total[-1], side="right")
    visitor = known[np.minimum(at, len(known) - 1)].astype(np.int32)
    return _visits(starts, sizes, visitor, draw)


def _visits(
    starts: NDArray[np.int64], sizes: NDArray[np.int64], visitor: NDArray[np.int32], draw: np.random.Generator
) -> Visits:
    """The requests of the sessions, a pause between them; shapes (sessions,)."""
    requests = int(sizes.sum())
    pauses = np.minimum(draw.exponential(PAUSE_MEAN_MS, requests), PAUSE_LIMIT_MS).astype(np.int64)
    first = np.cumsum(sizes) - sizes
    pauses[first] = 0
    since_start = np.cumsum(pauses)
    ts = np.repeat(starts - since_start[first], sizes) + since_start
    order = np.argsort(ts, kind="stable")
    ts, user = ts[order], np.repeat(visitor, sizes)[order]
    return Visits(ts=ts, user=user, session=_session_numbers(ts, user))


def _session_sizes(requests: int, draw: np.random.Generator) -> NDArray[np.int64]:
    """Requests of each session, summing to `requests`."""
    sizes = np.minimum(draw.geometric(LAST_REQUEST_CHANCE, requests), REQUESTS_PER_SESSION_LIMIT)
    total = np.cumsum(sizes)
    sessions = int(np.searchsorted(total, requests)) + 1
    sizes = sizes[:sessions].astype(np.int64)
    sizes[-1] -= int(total[sessions - 1]) - requests
    return sizes


def _session_starts(sessions: int, period: Period, draw: np.random.Generator) -> NDArray[np.int64]:
    """Ascending start times that leave the last session time to end within the period."""
    weights = period.hour_weights()
    hours = draw.choice(len(weights), sessions, p=weights / weights.sum())
    starts = period.start_ms + hours * HOUR_MS + draw.integers(0, HOUR_MS, sessions)
    longest = REQUESTS_PER_SESSION_LIMIT * PAUSE_LIMIT_MS
    earlier = DAY_MS if period.days > 1 else HOUR_MS
    return np.sort(np.where(starts + longest >= period.end_ms, starts - earlier, starts)).astype(np.int64)


def _session_users(
    starts: NDArray[np.int64], activity: NDArray[np.float64], draw: np.random.Generator
) -> NDArray[np.int32]:
    """The user of each session: first visits in user order, the rest by activity among earlier comers."""
    days = (starts - START_MS) / DAY_MS
    # Weighted sampling without replacement (Efraimidis and Spirakis 2006): the largest log(u) / weight win.
    keys = np.log(draw.random(len(starts))) * np.exp(days / NEWCOMER_DECAY_DAYS)
    keys[0] = np.inf
    is_first = np.zeros(len(starts), dtype=np.bool_)
    is_first[np.argpartition(keys, -len(activity))[-len(activity) :]] = True
    newcomers = np.cumsum(is_first)
    total = np.cumsum(activity)
    returning = np.searchsorted(total, draw.random(len(starts)) * total[newcomers - 1], side="right")
    user = np.where(is_first, newcomers - 1, np.minimum(returning, newcomers - 1))
    return user.astype(np.int32)


def _session_numbers(ts: NDArray[np.int64], user: NDArray[np.int32]) -> NDArray[np.int32]:
    """Number of each request's session within its user: a new one after 30 minutes of silence."""
    order = np.lexsort((ts, user))
    new_user = np.diff(user[order], prepend=-1) != 0
    starts = new_user | (np.diff(ts[order], prepend=0) > SESSION_GAP_MS)
    running = np.cumsum(starts)
    before = np.maximum.accumulate(np.where(new_user, running - 1, 0))
    numbers = np.empty(len(ts), dtype=np.int32)
    numbers[order] = running - before
    return numbers
