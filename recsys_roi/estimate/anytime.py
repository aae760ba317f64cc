"""Always-valid inference: intervals and p-values that stay valid however often one looks (numbers book 3.1).

Waudby-Smith et al., "Time-uniform central limit theory and asymptotic confidence sequences",
arXiv 2103.06476v7; the equations named here are its own. `users` is of both arms so far, above 0;
`planned_users` (N*, both arms, above 0) is fixed for the experiment: near it the bounds are tightest.
"""

from __future__ import annotations

import math

from recsys_roi.estimate.lift import Difference, Reading, reading


def rho_squared(alpha: float, planned_users: int) -> float:
    """Tuning of the two-sided sequence (equation 161), alpha below 1; one-sided takes 2 alpha."""
    information = -2 * math.log(alpha)
    return (information + math.log(information + 1)) / planned_users


def multiplier(alpha: float, users: int, planned_users: int) -> float:
    """Standard errors either side of the estimate, in place of 1.96 (equation 9)."""
    k = users * rho_squared(alpha, planned_users)
    return math.sqrt(2 * (k + 1) / k * math.log(math.sqrt(k + 1) / alpha))


def one_sided_multiplier(alpha: float, users: int, planned_users: int) -> float:
    """Standard errors on one side, in place of 1.645 (equation 134); alpha below 0.5."""
    k = users * rho_squared(2 * alpha, planned_users)
    return math.sqrt(2 * (k + 1) / k * math.log1p(math.sqrt(k + 1) / (2 * alpha)))


def p_value(z: float, alpha: float, users: int, planned_users: int) -> float:
    """Two-sided p of this look (equation 155): below alpha exactly where the interval leaves 0 out.

    `z` is the estimate in standard errors; alpha enters by the tuning only.
    """
    k = users * rho_squared(alpha, planned_users)
    return min(1.0, math.exp(math.log1p(k) / 2 - z * z * k / (2 * (k + 1))))


def always_valid(found: Difference, alpha: float, planned_users: int) -> Reading:
    """Interval, p of this look and Fieller lift interval, valid at every look (numbers book 3.1)."""
    return reading(
        found,
        multiplier=multiplier(alpha, found.users, planned_users),
        p_value=p_value(found.z, alpha, found.users, planned_users),
        alpha=alpha,
        method="always_valid",
        relative_method="fieller_always_valid",
    )
