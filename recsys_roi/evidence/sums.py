"""Sufficient statistics of one metric in one arm (numbers book 0.1)."""

from __future__ import annotations

import math
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
    def is_finite(self) -> bool:
        """Whether all could be added up; a value of 1e200 cannot be squared."""
        return all(map(math.isfinite, (self.sy, self.sx, self.syy, self.sxx, self.sxy)))

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


@dataclass(frozen=True, kw_only=True, slots=True)
class CovariateSums:
    """The sums of one arm with those of a covariate known before the experiment (numbers book 0.1).

    User i has the covariate's numerator u_i and denominator w_i; both are 0 without history, and w is 1 for a
    covariate that is one number a user.
    """

    sums: Sums  # of y and x
    covariate: Sums  # of u and w
    syu: float
    syw: float
    sxu: float
    sxw: float

    @classmethod
    def of_users(cls, y: ArrayLike, x: ArrayLike, u: ArrayLike, w: ArrayLike) -> CovariateSums:
        """From per-user totals, each of shape (users,)."""
        totals, units, before, before_units = (np.asarray(part, dtype=np.float64) for part in (y, x, u, w))
        return cls(
            sums=Sums.of_users(totals, units),
            covariate=Sums.of_users(before, before_units),
            syu=float((totals * before).sum()),
            syw=float((totals * before_units).sum()),
            sxu=float((units * before).sum()),
            sxw=float((units * before_units).sum()),
        )

    def __add__(self, other: CovariateSums) -> CovariateSums:
        return CovariateSums(
            sums=self.sums + other.sums,
            covariate=self.covariate + other.covariate,
            syu=self.syu + other.syu,
            syw=self.syw + other.syw,
            sxu=self.sxu + other.sxu,
            sxw=self.sxw + other.sxw,
        )
