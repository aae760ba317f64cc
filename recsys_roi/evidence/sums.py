"""Sufficient statistics of one metric in one arm (numbers book 0.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """Sums over randomised users; user i has numerator y_i and denominator x_i over the whole window.

    A user is one unit however many days they were seen, so `+` pools disjoint users only:
    adding two days of the same users would give a wrong syy.
    """

    n: int  # users with at least one eligible request
    sy: float
    sx: float
    syy: float
    sxx: float
    sxy: float

    @classmethod
    def of_users(cls, y: ArrayLike, x: ArrayLike | None = None) -> Sums:
        """Sums of per-user totals `y`, shape (users,), and denominators `x` (1 for a per-user mean)."""
        totals: NDArray[np.float64] = np.asarray(y, dtype=np.float64)
        units = np.ones_like(totals) if x is None else np.asarray(x, dtype=np.float64)
        return cls(
            n=len(totals),
            sy=float(totals.sum()),
            sx=float(units.sum()),
            syy=float((totals * totals).sum()),
            sxx=float((units * units).sum()),
            sxy=float((totals * units).sum()),
        )

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            n=self.n + other.n,
            sy=self.sy + other.sy,
            sx=self.sx + other.sx,
            syy=self.syy + other.syy,
            sxx=self.sxx + other.sxx,
            sxy=self.sxy + other.sxy,
        )

    @property
    def ratio(self) -> float:
        """Sy / Sx, in the metric's unit; the caller has checked that Sx is not 0."""
        return self.sy / self.sx

    @property
    def var_y(self) -> float:
        """Variance of y between users, ddof 1, never below 0; needs n >= 2."""
        return max(0.0, (self.syy - self.sy * self.sy / self.n) / (self.n - 1))

    @property
    def var_x(self) -> float:
        """Variance of x between users, ddof 1, never below 0; needs n >= 2."""
        return max(0.0, (self.sxx - self.sx * self.sx / self.n) / (self.n - 1))

    @property
    def cov_xy(self) -> float:
        """Covariance of x and y between users, ddof 1; needs n >= 2."""
        return (self.sxy - self.sx * self.sy / self.n) / (self.n - 1)
