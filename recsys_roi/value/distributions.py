"""Uncertain inputs as people state them: low, likely and high, or P10 and P90 (numbers book 8.3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, ndtri

from recsys_roi.errors import InputError

Z90 = 1.2815515655446004  # standard normal P90
Shape = Literal["pert", "triangular"]
Array: TypeAlias = NDArray[np.float64]
GRID: Array = np.linspace(0.0, 1.0, 4097)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bounded:
    """Between low and high, most often near likely; InputError where they are not in order."""

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        _check_order(self.low, self.likely, self.high)


class Pert(_Bounded):
    """Beta-shaped between low and high with its mode at likely; a constant where low = high."""

    __slots__ = ()

    @property
    def alpha(self) -> float:
        """First shape of the beta distribution: 1 + 4 (likely - low) / (high - low)."""
        return 1 + 4 * _place(self.low, self.likely, self.high)

    @property
    def beta(self) -> float:
        """Second shape: 1 + 4 (high - likely) / (high - low)."""
        return 6 - self.alpha

    @property
    def mean(self) -> float:
        """(low + 4 likely + high) / 6."""
        return (self.low + 4 * self.likely + self.high) / 6

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return (self.high - self.low) * math.sqrt(self.alpha * self.beta / 7) / 6

    def quantiles(self, shares: Array) -> Array:
        """Values below which the given shares of the distribution lie."""
        return np.asarray(self.low + (self.high - self.low) * betaincinv(self.alpha, self.beta, shares))

    def draws(self, shares: Array) -> Array:
        """`quantiles` by a grid: ten times as fast, and right to a hundred-thousandth of the range."""
        below = betainc(self.alpha, self.beta, GRID)
        return np.asarray(self.low + (self.high - self.low) * np.interp(shares, below, GRID))


class Triangular(_Bounded):
    """Straight from low up to likely and down to high: less sure of the middle than Pert."""

    __slots__ = ()

    @property
    def mean(self) -> float:
        """(low + likely + high) / 3."""
        return (self.low + self.likely + self.high) / 3

    @property
    def sd(self) -> float:
        """Standard deviation."""
        up, down, width = self.likely - self.low, self.high - self.likely, self.high - self.low
        return math.sqrt((up * up + down * down + width * width) / 36)

    def quantiles(self, shares: Array) -> Array:
        """Values below which the given shares of the distribution lie."""
        width, place = self.high - self.low, _place(self.low, self.likely, self.high)
        rising = self.low + width * np.sqrt(shares * place)
        falling = self.high - width * np.sqrt((1 - shares) * (1 - place))
        return np.where(shares < place, rising, falling)

    def draws(self, shares: Array) -> Array:
        """The values at these shares."""
        return self.quantiles(shares)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lognormal:
    """Positive and skewed, from its P10 and P90: money per action."""

    p10: float
    p90: float

    def __post_init__(self) -> None:
        if not 0 < self.p10 <= self.p90:
            raise InputError(
                f"P10 and P90 must be above 0 and in order; {self.p10} and {self.p90} were given."
            )

    @property
    def mu(self) -> float:
        """Mean of the logarithm."""
        return (math.log(self.p10) + math.log(self.p90)) / 2

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return (math.log(self.p90) - math.log(self.p10)) / (2 * Z90)

    @property
    def mean(self) -> float:
        """exp(mu + sigma^2 / 2)."""
        return math.exp(self.mu + self.sigma * self.sigma / 2)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.mean * math.sqrt(math.expm1(self.sigma * self.sigma))

    def quantiles(self, shares: Array) -> Array:
        """Values below which the given shares of the distribution lie."""
        return np.asarray(np.exp(self.mu + self.sigma * ndtri(shares)))

    def draws(self, shares: Array) -> Array:
        """The values at these shares."""
        return self.quantiles(shares)


Distribution: TypeAlias = Pert | Triangular | Lognormal


def distribution(numbers: Sequence[float], shape: Shape = "pert") -> Distribution:
    """A range's distribution: three numbers are low, likely, high; two are P10, P90. Raises InputError."""
    if len(numbers) == 2:
        return Lognormal(p10=numbers[0], p90=numbers[1])
    low, likely, high = numbers
    kind = Pert if shape == "pert" else Triangular
    return kind(low=low, likely=likely, high=high)


def _check_order(low: float, likely: float, high: float) -> None:
    if not low <= likely <= high:
        raise InputError(f"A range runs from low over likely to high; {low}, {likely}, {high} was given.")


def _place(low: float, likely: float, high: float) -> float:
    return (likely - low) / (high - low) if high > low else 0.5
