"""The sums as they stood at the end of each day: totals of users grow, and squares are taken of the totals.

Squares of single days are never added: a user seen on three days is one unit (numbers book 0.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recsys_roi.evidence.columns import DAY_US, Events, Floats, Ints, Mask, Requests, first_of_runs
from recsys_roi.evidence.kpis import NEW_USERS, TALLIES, USERS, Kpi
from recsys_roi.evidence.sums import Sums
from recsys_roi.evidence.totals import Returns, Units, first_of_each, session_starts
from recsys_roi.evidence.view import Pair

CELLS = 4_000_000  # users x days held at once


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

    def of_chosen(self, place: Ints) -> Growth:
        """The additions to some users: `place` is each user's new number, or -1, shape (users,)."""
        user = place[self.user]
        chosen = np.flatnonzero(user >= 0)
        amount = None if self.amount is None else self.amount[chosen]
        return Growth(user=user[chosen], day=self.day[chosen], amount=amount)

    def cumulative(self, users: int, days: int) -> Floats:
        """The total at the end of each day, shape (days, users)."""
        cells = np.bincount(self.day * users + self.user, weights=self.amount, minlength=days * users)
        total = cells.astype(np.float64).reshape(days, users)
        for day in range(1, days):
            total[day] += total[day - 1]
        return total

    def squares(self, candidate: Mask, days: int) -> tuple[Floats, Floats]:
        """Sum and sum of squares over users of a count by the end of each day, shape (arms, days).

        The k-th addition to a user takes the square from (k - 1)^2 to k^2: 2 k - 1 more.
        """
        row = np.arange(len(self.user))
        before = row - np.maximum.accumulate(np.where(first_of_runs(self.user), row, 0))
        cell = candidate[self.user] * days + self.day
        more = (
            np.bincount(cell, weights=weights, minlength=2 * days) for weights in (None, 2.0 * before + 1)
        )
        counts, squares = (np.cumsum(part.reshape(2, days), axis=1).astype(np.float64) for part in more)
        return counts, squares


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
        for arm, of_arm in enumerate((~requests.candidate[first:last], requests.candidate[first:last])):
            block = _Block(parts, of_arm, growing, requests.days, caps)
            for kpi in growing:
                products[kpi.id][:, arm] += block.products(kpi)
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
    rows = {USERS: requests.first_of_user, "requests": np.arange(len(requests.number))}
    if "sessions" in names:
        rows["sessions"] = session_starts(requests, Units.users(requests))
    growth = {name: Growth(user=requests.user[of], day=requests.day[of]) for name, of in rows.items()}
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
    """The totals by day of the users of one arm that have any outcome; most users have none."""

    def __init__(
        self,
        growth: dict[str, Growth],
        of_arm: Mask,
        kpis: Sequence[Kpi],
        days: int,
        caps: Mapping[str, float],
    ) -> None:
        """`of_arm` has shape (users,)."""
        active = np.zeros(len(of_arm), dtype=np.bool_)
        for kpi in kpis:
            active[growth[kpi.numerator].user] = True
        chosen = np.flatnonzero(active & of_arm)
        self._place = np.full(len(of_arm), -1)
        self._place[chosen] = np.arange(len(chosen))
        self._users = len(chosen)
        self._growth = growth
        self._days = days
        self._caps = caps
        self._totals: dict[str, Floats] = {}
        self._some: dict[str, tuple[Ints, Floats]] = {}

    def products(self, kpi: Kpi) -> Floats:
        """Sums over users of y, y^2 and x y, shape (3, days)."""
        some, y = self._numerator(kpi.numerator)
        x = self._denominator(kpi.denominator)[:, some]
        return np.stack([part.sum(axis=1) for part in (y, y * y, x * y)])

    def _numerator(self, name: str) -> tuple[Ints, Floats]:
        """The users that have any of it, and their totals."""
        if name not in self._some:
            growth = self._growth[name].of_chosen(self._place)
            some = first_of_each(growth.user)
            own = Growth(user=np.searchsorted(some, growth.user), day=growth.day, amount=growth.amount)
            y = own.cumulative(len(some), self._days)
            if name in self._caps:
                y = np.minimum(y, self._caps[name])
            if TALLIES[name].of == "users":
                y = (y > 0).astype(np.float64)
            self._some[name] = (some, y)
        return self._some[name]

    def _denominator(self, name: str) -> Floats:
        if name not in self._totals:
            growth = self._growth[name].of_chosen(self._place)
            self._totals[name] = growth.cumulative(self._users, self._days)
        return self._totals[name]


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
