"""Reading many slices at once: adjusted p-values and shrunken lifts (numbers book 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import false_discovery_control

MIN_SLICES = 3  # fewer say nothing about how much slices differ (numbers book 6.2)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShrunkenLift:
    """One slice's lift drawn towards the others."""

    weight: float  # share of the slice's own lift in the mean, 0 to 1
    mean: float  # fraction
    sd: float  # with the uncertainty of the common mean, without that of tau2


@dataclass(frozen=True, kw_only=True, slots=True)
class Shrinkage:
    """Empirical-Bayes shrinkage over slices; below three slices there is none, and no common figures."""

    lifts: tuple[ShrunkenLift, ...]  # in the order given
    mean: float | None  # common lift
    heterogeneity: float | None  # Q of Cochran
    tau2: float | None  # variance of true lifts between slices; 0: no evidence that slices differ
    i2: float | None  # share of the variation that is not noise, 0 to 1


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values, in the order given (numbers book 6.1); feed p-values that are always-valid."""
    if not p_values:
        return ()
    return tuple(float(p) for p in false_discovery_control(p_values, method="bh"))


def shrink(lifts: Sequence[float], standard_errors: Sequence[float]) -> Shrinkage:
    """Shrunken lifts with the DerSimonian-Laird variance between slices (numbers book 6.2).

    Both by slice, fractions; standard errors above 0. Fewer than three slices stay as they are.
    """
    y = np.asarray(lifts, dtype=np.float64)
    s2 = np.asarray(standard_errors, dtype=np.float64) ** 2
    if len(y) < MIN_SLICES:
        raw = tuple(
            ShrunkenLift(weight=1.0, mean=float(lift), sd=float(se))
            for lift, se in zip(lifts, standard_errors, strict=True)
        )
        return Shrinkage(lifts=raw, mean=None, heterogeneity=None, tau2=None, i2=None)
    w = 1 / s2
    heterogeneity = float(np.sum(w * (y - np.average(y, weights=w)) ** 2))
    excess = max(0.0, heterogeneity - (len(y) - 1))
    tau2 = excess / float(np.sum(w) - np.sum(w * w) / np.sum(w))
    total_weights = 1 / (s2 + tau2)
    mean = float(np.average(y, weights=total_weights))
    own = tau2 / (tau2 + s2)
    sd = np.sqrt(own * s2 + (1 - own) ** 2 / np.sum(total_weights))
    return Shrinkage(
        lifts=tuple(
            ShrunkenLift(weight=float(weight), mean=float(centre), sd=float(spread))
            for weight, centre, spread in zip(own, own * y + (1 - own) * mean, sd, strict=True)
        ),
        mean=mean,
        heterogeneity=heterogeneity,
        tau2=tau2,
        i2=excess / heterogeneity if heterogeneity > 0 else 0.0,
    )
