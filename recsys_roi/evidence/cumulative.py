"""The sums as they stood at the end of each day: totals of users grow, and squares are taken of the totals.

Squares of single days are never added: a user seen on three days is one unit (numbers book 0.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from recsys_roi.evidence.columns import DAY_US, Events, Floats, Ints, Mask, Requests, first_of_runs
from recsys_roi.evidence.kpis import NEW_USERS, TALLIES, USERS, Kpi
from recsys_roi.evidence.sums import Sums
from recsys_roi.evidence.totals import Returns, first_of_each
from recsys_roi.evidence.view import Pair

CELLS = 4_000_000  # users x days held at once
ROWS = 1_000_000  # requests held at once


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Growth:
    """What is added to one total: `amount` to a user on a day; each of shape (additions,)."""

    user: Ints  # ascending
    day: Ints  # ascending within a user
    amount: Floats | None = None  # None: 1 each

    def of_users(self, first: int, last: int) -> Growth:
        """The additions to the users from `first` up to and without `last`, numbered from 0."""
        part = slice(*np.searchsorted(self.user, (first, last)))
        amount = None if self.amount is None else self.amount[part]
        return Growth(user=self.user[part] - first, day=self.day[part], amount=amount)

    def cumulative(self, column: Ints, columns: int, days: int) -> Floats:
        """The total at the end of each day, shape (days, columns); `column` is each user's, or -1."""
        place = column[self.user]
        chosen = np.flatnonzero(place >= 0)
        cells = np.bincount(
            self.day[chosen] * columns + place[chosen],
            weights=None if self.amount is None else self.amount[chosen],
            minlength=days * columns,
        )
        total = cells.astype(np.float64).reshape(days, columns)
        for day in range(1, days):
            total[day] += total[day - 1]
        return total

    def squares(self, candidate: Mask, days: int) -> tuple[Floats, Floats]:
        """Sum and sum of squares over users of a count by the end of each day, shape (arms, days).

        The k-th addition to a user takes the square from (k - 1)^2 to k^2: 2 k - 1 more.
        """
        counts, squares = np.zeros(2 * days), np.zeros(2 * days)
        starts = np.flatnonzero(first_of_runs(self.user))
        for part in _whole_runs(starts, len(self.user)):
            user = self.user[part]
            row = np.arange(len(user))
            before = row - np.maximum.accumulate(np.where(first_of_runs(user), row, 0))
            cell = candidate[user] * days + self.day[part]
            counts += np.bincount(cell, minlength=2 * days)
            squares += np.bincount(cell, weights=2.0 * before + 1, minlength=2 * days)
        return np.cumsum(counts.reshape(2, days), axis=1), np.cumsum(squares.reshape(2, days), axis=1)


def _whole_runs(starts: Ints, length: int) -> Iterator[slice]:
    """Parts of about ROWS rows that no user is in two of; `starts` is each user's first row."""
    first = 0
    while first < length:
        place = int(np.searchsorted(starts, first + ROWS))
        last = int(starts[place]) if place < len(starts) else length
        yield slice(first, last)
        first = last


def sums_by_day(
    requests: Requests, events: Events, returns: Returns, kpis: Iterable[Kpi], caps: Mapping[str, float]
) -> dict[str, tuple[Pair[Sums], ...]]:
    """The KPIs' sums at the end of each calendar day (UTC) of the window.

    An outcome counts from the day it happened; one after the last day counts on the last.
    """
    wanted = tuple(kpis)
    growing = [kpi for kpi in wanted if kpi.denominator != NEW_USERS]
    growth = _growth(requests, events, {name for kpi in growing for name in (kpi.numerator, kpi.denominator)})
    squares = {
        name: growth[name].squares(requests.candidate, requests.days)
        for name in {USERS, *(kpi.denominator for kpi in growing)}
    }
    n, _ = squares[USERS]
    products = {kpi.id: np.zeros((3, 2, requests.days)) for kpi in growing}  # sy, syy, sxy by arm and day
    for first, last in _blocks(requests):
        parts = {name: total.of_users(first, last) for name, total in growth.items()}
        block = _Block(parts, requests.candidate[first:last], requests.days, growing, caps)
        for kpi in growing:
            products[kpi.id] += block.products(kpi)
    found = {}
    for kpi in growing:
        (sx, sxx), (sy, syy, sxy) = squares[kpi.denominator], products[kpi.id]
        found[kpi.id] = np.stack((n, sy, sx, syy, sxx, sxy), axis=2)
    found |= {kpi.id: _returning(requests, returns) for kpi in wanted if kpi.denominator == NEW_USERS}
    return {name: _pairs(rows) for name, rows in found.items()}


def _blocks(requests: Requests) -> Iterator[tuple[int, int]]:
    size = max(1, CELLS // max(1, requests.days))
    for first in range(0, requests.users, size):
        yield first, min(first + size, requests.users)


def _growth(requests: Requests, events: Events, names: set[str]) -> dict[str, Growth]:
    rows = {USERS: requests.first_of_user}
    if "sessions" in names:
        rows["sessions"] = requests.first_of_session
    growth = {name: Growth(user=requests.user[of], day=requests.day[of]) for name, of in rows.items()}
    growth["requests"] = Growth(user=requests.user, day=requests.day)
    user = requests.user[events.request]
    happened = (requests.ts_us[events.request] + events.lag_us) // DAY_US - requests.first_day
    day = np.minimum(happened, requests.days - 1)
    for name in sorted(names & TALLIES.keys()):
        tally = TALLIES[name]
        chosen = np.flatnonzero(events.is_of(tally.event))
        if tally.of == "requests":  # a request's outcomes stand by lag, so the first is the oldest
            request = events.request[chosen]
            chosen = chosen[np.searchsorted(request, first_of_each(request))]
        chosen = chosen[np.lexsort((day[chosen], user[chosen]))]
        amount = events.value[chosen] if tally.of == "values" else None
        growth[name] = Growth(user=user[chosen], day=day[chosen], amount=amount)
    return growth


class _Block:
    """The totals by day of the users that have any outcome, the control's first; most users have none."""

    def __init__(
        self,
        growth: Mapping[str, Growth],
        candidate: Mask,
        days: int,
        kpis: Iterable[Kpi],
        caps: Mapping[str, float],
    ) -> None:
        """`candidate` has shape (users,)."""
        active = np.zeros(len(candidate), dtype=np.bool_)
        for kpi in kpis:
            active[growth[kpi.numerator].user] = True
        self._users = np.concatenate(
            (np.flatnonzero(active & ~candidate), np.flatnonzero(active & candidate))
        )
        self._controls = int(np.count_nonzero(active & ~candidate))
        self._growth = growth
        self._days = days
        self._caps = caps
        self._column = np.full(len(candidate), -1)
        self._column[self._users] = np.arange(len(self._users))
        self._numerators: dict[str, _Numerator] = {}
        self._denominators: dict[str, Floats] = {}

    def products(self, kpi: Kpi) -> Floats:
        """Sums over the users of each arm of y, y^2 and x y, shape (3, arms, days)."""
        found = self._numerator(kpi.numerator)
        if kpi.denominator == USERS:  # who has an outcome was seen, so x is 1
            return np.stack((found.sy, found.syy, found.sy))
        x = self._denominator(kpi.denominator)
        return np.stack((found.sy, found.syy, found.times(x if found.everyone else x[:, found.some])))

    def _denominator(self, name: str) -> Floats:
        if name not in self._denominators:
            self._denominators[name] = self._growth[name].cumulative(
                self._column, len(self._users), self._days
            )
        return self._denominators[name]

    def _numerator(self, name: str) -> _Numerator:
        if name not in self._numerators:
            growth = self._growth[name]
            having = np.zeros(len(self._column), dtype=np.bool_)
            having[growth.user] = True
            some = np.flatnonzero(having[self._users])
            column = np.full(len(having), -1)
            column[self._users[some]] = np.arange(len(some))
            y = growth.cumulative(column, len(some), self._days)
            if name in self._caps:
                y = np.minimum(y, self._caps[name])
            if TALLIES[name].of == "users":
                y = (y > 0).astype(np.float64)
            self._numerators[name] = _Numerator(
                y=y,
                some=some,
                controls=int(np.searchsorted(some, self._controls)),
                everyone=len(some) == len(self._users),
            )
        return self._numerators[name]


class _Numerator:
    """One numerator of those users of a block that have any of it."""

    def __init__(self, *, y: Floats, some: Ints, controls: int, everyone: bool) -> None:
        """`y` has shape (days, users having it), `some` their places in the block, the control's first."""
        self.some = some
        self.everyone = everyone
        self._arms = (slice(None, controls), slice(controls, None))
        self._y = y
        self.sy = np.stack([y[:, arm].sum(axis=1) for arm in self._arms])
        self.syy = self.times(y)

    def times(self, x: Floats) -> Floats:
        """Sums of x y over the users of each arm, shape (arms, days)."""
        return np.stack([np.einsum("du,du->d", x[:, arm], self._y[:, arm]) for arm in self._arms])


def _returning(requests: Requests, returns: Returns) -> Floats:
    """The return rate: a user counts from the day on which they had had the time to come back."""
    day = np.minimum(returns.grown_us // DAY_US - requests.first_day, requests.days - 1)
    arms = []
    for arm in (False, True):
        grown = returns.grown & (requests.candidate == arm)
        n, y = (
            np.cumsum(np.bincount(day[chosen], minlength=requests.days)).astype(np.float64)
            for chosen in (grown, grown & returns.back)
        )
        arms.append(np.column_stack((n, y, n, y, n, y)))
    return np.stack(arms)


def _pairs(rows: Floats) -> tuple[Pair[Sums], ...]:
    def sums(row: list[float]) -> Sums:
        return Sums(n=int(row[0]), sy=row[1], sx=row[2], syy=row[3], sxx=row[4], sxy=row[5])

    control, candidate = rows.tolist()
    return tuple(
        Pair(control=sums(one), candidate=sums(other)) for one, other in zip(control, candidate, strict=True)
    )
