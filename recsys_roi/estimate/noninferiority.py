"""Guardrails as non-inferiority tests: is the candidate worse by more than a margin? (numbers book 5)

Harm is positive where the candidate is worse. Bounds are one-sided, each at alpha: always-valid with
`planned_users` (N*, both arms), or for one look on the planned end date where that is None.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from recsys_roi.estimate.anytime import one_sided_multiplier
from recsys_roi.estimate.figures import Method, NotMeasurable, Reason
from recsys_roi.estimate.lift import Difference
from recsys_roi.estimate.quantiles import QuantileDifference

Status = Literal["pass", "warn", "breach"]

MIN_PAIRED_DAYS = 7  # numbers book 5.4
LONGEST_WAIT_DAYS = 3650  # a longer wait is no advice (judgement)


@dataclass(frozen=True, kw_only=True, slots=True)
class Harm:
    """How much worse the candidate is, in the margin's unit; positive is worse."""

    estimate: float
    lower: float
    upper: float | None  # None: no upper bound exists
    alpha: float  # of each bound
    method: Method


def absolute_harm(
    found: Difference, *, alpha: float, planned_users: int | None, lower_is_worse: bool = False
) -> Harm:
    """Harm of a rate in its own unit, for an absolute margin (numbers book 5.1)."""
    estimate = -found.estimate if lower_is_worse else found.estimate
    half_width = _multiplier(found, alpha, planned_users) * found.se
    return Harm(
        estimate=estimate,
        lower=estimate - half_width,
        upper=estimate + half_width,
        alpha=alpha,
        method=_method(planned_users),
    )


def noninferiority_p(found: Difference, margin: float, *, lower_is_worse: bool = False) -> float:
    """Fixed-horizon p of "harm is at least `margin`", margin in the rate's unit (numbers book 5.1)."""
    harm = -found.estimate if lower_is_worse else found.estimate
    return float(stdtr(found.df, (harm - margin) / found.se))


def relative_harm(found: Difference, *, alpha: float, planned_users: int | None) -> Harm | NotMeasurable:
    """Harm of a rate relative to the control, higher is worse, for a relative margin (numbers book 5.4).

    The upper bound is at most M exactly where the test of T = R_B - (1 + M) R_A passes: both are Fieller's.
    With a control near 0 there is no upper bound, and the lower one can still show a breach.
    """
    if found.control <= 0:
        return NotMeasurable(reason=Reason.CONTROL_NEAR_ZERO)
    if found.candidate == 0 and found.candidate_variance == 0:
        return NotMeasurable(reason=Reason.ZERO_VARIANCE)
    square = _multiplier(found, alpha, planned_users) ** 2
    lower, upper = _ratio_bounds(
        found.candidate / found.control,
        g=square * found.control_variance / found.control / found.control,
        spread=square * found.candidate_variance / found.control / found.control,
    )
    return Harm(
        estimate=found.candidate / found.control - 1,
        lower=lower - 1,
        upper=None if upper is None else upper - 1,
        alpha=alpha,
        method="fieller_welch" if planned_users is None else "fieller_always_valid",
    )


def _ratio_bounds(ratio: float, *, g: float, spread: float) -> tuple[float, float | None]:
    """Roots r >= 0 of (ratio - r)^2 = spread + g r^2: lower and upper bound of a ratio of two rates.

    g and spread are c^2 times the variances of control and candidate over the control squared. The lower root
    is written with its conjugate, which holds for g < 1, g = 1 and g > 1.
    """
    root = math.sqrt(max(0.0, spread * (1 - g) + g * ratio * ratio))
    excess = ratio * ratio - spread
    lower = excess / (ratio + root) if excess > 0 else 0.0
    return lower, (ratio + root) / (1 - g) if g < 1 else None


def quantile_harm(found: QuantileDifference, *, alpha: float, planned_users: int | None) -> Harm:
    """Relative harm of a latency quantile, higher is worse (numbers book 5.2).

    While looking every day the bound is an approximation: theory covers means, not quantiles.
    """
    c1 = (
        -float(ndtri(alpha))
        if planned_users is None
        else one_sided_multiplier(alpha, found.users, planned_users)
    )
    return Harm(
        estimate=found.relative,
        lower=found.relative - c1 * found.relative_se,
        upper=found.relative + c1 * found.relative_se,
        alpha=alpha,
        method="normal" if planned_users is None else "always_valid",
    )


def paired_harm(
    control: Sequence[float], candidate: Sequence[float], *, alpha: float, lower_is_worse: bool
) -> Harm | NotMeasurable:
    """Harm in a measure with one value a day in each arm, by a paired t; fixed-horizon (numbers book 5.4).

    For coverage and diversity at equal request counts; both sequences are by day, in the same order.
    """
    if len(control) < MIN_PAIRED_DAYS:
        return NotMeasurable(reason=Reason.TOO_FEW_DAYS)
    differences = np.asarray(candidate, dtype=np.float64) - np.asarray(control, dtype=np.float64)
    days = len(differences)
    spread = float(np.std(differences, ddof=1))
    rounding = days * float(np.finfo(np.float64).eps) * float(np.max(np.abs([control, candidate])))
    if not spread > rounding:
        return NotMeasurable(reason=Reason.ZERO_VARIANCE)
    mean = float(np.mean(differences))
    estimate = -mean if lower_is_worse else mean
    half_width = -float(stdtrit(days - 1, alpha)) * spread / math.sqrt(days)
    return Harm(
        estimate=estimate,
        lower=estimate - half_width,
        upper=estimate + half_width,
        alpha=alpha,
        method="paired_t",
    )


def status(estimate: float, lower: float, upper: float | None, margin: float) -> Status:
    """The guardrail's status, first match (numbers book 5.3): breach is shown harm beyond the margin."""
    if lower > 0 and estimate > margin:
        return "breach"
    if upper is not None and upper <= margin:
        return "pass"
    return "warn"


def more_days(estimate: float, upper: float | None, margin: float, days: int) -> int | None:
    """How many more days until the bound should fall within the margin, if the estimate stayed.

    The half width shrinks like 1 / sqrt(users), and users come as fast as in the `days` so far. None where
    the estimate itself is at or over the margin, there is no bound, or it would take more than ten years.
    """
    if upper is None or estimate >= margin:
        return None
    total = days * ((upper - estimate) / (margin - estimate)) ** 2
    more = total - days
    if more > LONGEST_WAIT_DAYS:
        return None
    return max(0, math.ceil(more))


def _multiplier(found: Difference, alpha: float, planned_users: int | None) -> float:
    if planned_users is None:
        return -float(stdtrit(found.df, alpha))
    return one_sided_multiplier(alpha, found.users, planned_users)


def _method(planned_users: int | None) -> Method:
    return "welch" if planned_users is None else "always_valid"
