"""Totals of units to sums of groups of units: arms, and arms within slices."""

from __future__ import annotations

import numpy as np

from recsys_roi.evidence.columns import Floats, Ints, Mask
from recsys_roi.evidence.kpis import PER_USER, USERS, Kpi
from recsys_roi.evidence.sums import Sums
from recsys_roi.evidence.totals import Totals
from recsys_roi.evidence.view import Pair


class Groups:
    """The units of each arm in each of `count` groups."""

    def __init__(
        self,
        totals: Totals,
        group: Ints,
        count: int,
        denominators: dict[str, tuple[Floats, Floats, Floats]] | None = None,
    ) -> None:
        """`group` numbers each unit's group from 0, shape (units,); `denominators`: those added already."""
        self.totals = totals
        self.count = count
        self._group = group
        self._cell = group * 2 + totals.candidate
        self._denominators = {} if denominators is None else denominators

    @classmethod
    def arms(cls, totals: Totals) -> Groups:
        """One group: all units."""
        return cls(totals, np.zeros(len(totals.candidate), dtype=np.int8), 1)

    def of_capped(self, capped: Totals) -> Groups:
        """The same groups of the capped totals; no denominator is capped."""
        return Groups(capped, self._group, self.count, self._denominators)

    def units(self) -> list[Pair[int]]:
        """Units with a request, by group."""
        n, _, _ = self._denominator(USERS)
        return [
            Pair(control=int(control), candidate=int(candidate))
            for control, candidate in n.reshape(-1, 2).tolist()
        ]

    def sums(self, kpi: Kpi) -> list[Pair[Sums]]:
        """The KPI's sums by group."""
        return self.ratio_sums(kpi.numerator, kpi.denominator)

    def ratio_sums(self, numerator: str, denominator: str) -> list[Pair[Sums]]:
        """Sums of two totals by group."""
        n, sx, sxx = self._denominator(denominator)
        some = self.totals.some(numerator)
        y, x = self.totals.of(numerator, some), self.totals.of(denominator, some)
        sy, syy, sxy = (self._added(self._cell[some], part) for part in (y, y * y, y * x))
        sums = [
            Sums(n=int(row[0]), sy=row[1], sx=row[2], syy=row[3], sxx=row[4], sxy=row[5])
            for row in np.column_stack((n, sy, sx, syy, sxx, sxy)).tolist()
        ]
        return [
            Pair(control=control, candidate=candidate)
            for control, candidate in zip(sums[::2], sums[1::2], strict=True)
        ]

    def _denominator(self, name: str) -> tuple[Floats, Floats, Floats]:
        """Members, and the sum and sum of squares of their denominators, by group and arm."""
        if name not in self._denominators:
            member = self._members(name)
            every = bool(member.all())
            x = self.totals.of(name, None if every else member)
            cell = self._cell if every else self._cell[member]
            self._denominators[name] = (
                self._added(cell, None),
                self._added(cell, x),
                self._added(cell, x * x),
            )
        return self._denominators[name]

    def _members(self, denominator: str) -> Mask:
        """A mean has its own users only; a ratio has every user with a request (numbers book 0.1)."""
        name = denominator if denominator in PER_USER or USERS not in self.totals.columns else USERS
        member: Mask = self.totals.columns[name] > 0
        return member

    def _added(self, cell: Ints, weights: Floats | None) -> Floats:
        return np.bincount(cell, weights=weights, minlength=2 * self.count).astype(np.float64)
