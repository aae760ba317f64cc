"""Difference and relative lift between two arms, from sums (numbers book 1).

The user is the unit: the delta method for ratios clusters by user (Deng, Knoblich and Lu, KDD 2018), and with
a denominator of 1 for every user it is Welch's test.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

from scipy.special import ndtri, stdtr, stdtrit

from recsys_roi.estimate.figures import Interval, Method, NotMeasurable, Reason
from recsys_roi.evidence.sums import Sums


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Candidate minus control in the metric's unit, with what every interval is made from."""

    control: float  # ratio Sy / Sx, metric's unit
    candidate: float
    control_variance: float  # variance of the ratio, metric's unit squared
    candidate_variance: float
    control_users: int
    candidate_users: int
    estimate: float  # candidate - control
    se: float
    df: float  # Welch-Satterthwaite degrees of freedom
    design_effect: float | None  # of the control; None unless its ratio lies between 0 and 1

    @property
    def users(self) -> int:
        """Users of both arms."""
        return self.control_users + self.candidate_users

    @property
    def z(self) -> float:
        """Estimate in standard errors."""
        return self.estimate / self.se

    @property
    def control_variance_per_user(self) -> float:
        """v of numbers book 1.1: variance of the linearised value between users of the control."""
        return self.control_variance * self.control_users


@dataclass(frozen=True, kw_only=True, slots=True)
class RelativeLift:
    """candidate / control - 1, as a fraction."""

    estimate: float | None  # None where the control is not above 0
    interval: Interval | None
    reason: Reason | None  # why there is no interval


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A difference read in one way: fixed-horizon or always-valid."""

    difference: Interval  # metric's unit
    p_value: float  # two-sided
    relative_lift: RelativeLift


def ratio_variance(sums: Sums) -> float:
    """Var(Sy / Sx) clustered by user, metric's unit squared; needs n >= 2 and Sx > 0 (numbers book 1.1).

    The residuals y - R x sum to 0, so their sum of squares is Syy - 2 R Sxy + R^2 Sxx without centring.
    Adding n floats errs by up to n epsilon of each term; what lies below that is rounding, not variance.
    """
    ratio = sums.ratio
    terms = (sums.syy, -2 * ratio * sums.sxy, ratio * ratio * sums.sxx)
    residual = sum(terms)
    rounding = (sums.n + 8) * sys.float_info.epsilon * sum(abs(term) for term in terms)
    if residual <= rounding:
        return 0.0
    return residual / sums.sx / sums.sx * sums.n / (sums.n - 1)


def difference(control: Sums, candidate: Sums, *, min_users: int = 2) -> Difference | NotMeasurable:
    """Difference of the ratios Sy / Sx of two arms with its standard error (numbers book 1.1 and 1.2).

    `min_users` is the smallest arm that is measured, at least 2. The reasons are those of 0.4, in its order.
    """
    reason = unmeasurable(control, candidate, min_users)
    if reason is not None:
        return NotMeasurable(reason=reason)
    return difference_of(
        Arm(ratio=control.ratio, variance=ratio_variance(control), users=control.n),
        Arm(ratio=candidate.ratio, variance=ratio_variance(candidate), users=candidate.n),
        design_effect=_design_effect(control, ratio_variance(control)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Arm:
    """One arm's ratio or mean."""

    ratio: float  # metric's unit
    variance: float  # of the ratio, metric's unit squared
    users: int


def difference_of(
    control: Arm, candidate: Arm, *, design_effect: float | None = None
) -> Difference | NotMeasurable:
    """Candidate minus control of two independent arms, with Welch-Satterthwaite degrees of freedom."""
    variance = control.variance + candidate.variance
    estimate = candidate.ratio - control.ratio
    if not (variance > 0 and math.isfinite(variance) and math.isfinite(estimate)):
        return NotMeasurable(reason=Reason.ZERO_VARIANCE)
    return Difference(
        control=control.ratio,
        candidate=candidate.ratio,
        control_variance=control.variance,
        candidate_variance=candidate.variance,
        control_users=control.users,
        candidate_users=candidate.users,
        estimate=estimate,
        se=math.sqrt(variance),
        df=_welch_df(control.variance / variance, control.users, candidate.users),
        design_effect=design_effect,
    )


def unmeasurable(control: Sums, candidate: Sums, min_users: int) -> Reason | None:
    """Why two arms cannot be compared, in the order of numbers book 0.4; None where they can."""
    if min(control.n, candidate.n) < 1:
        return Reason.NO_USERS
    if min(control.n, candidate.n) < max(2, min_users):
        return Reason.TOO_FEW_USERS
    if min(control.sx, candidate.sx) <= 0:
        return Reason.ZERO_DENOMINATOR
    return None


def _welch_df(control_share: float, control_users: int, candidate_users: int) -> float:
    """Welch-Satterthwaite df from the control's share of the variance of the difference."""
    candidate_share = 1 - control_share
    return 1 / (control_share**2 / (control_users - 1) + candidate_share**2 / (candidate_users - 1))


def _design_effect(sums: Sums, variance: float) -> float | None:
    """Variance over that of independent requests, R (1 - R) / Sx (numbers book 1.1)."""
    ratio = sums.ratio
    return variance * sums.sx / (ratio * (1 - ratio)) if 0 < ratio < 1 else None


def fixed_horizon(found: Difference, alpha: float) -> Reading:
    """Welch's t interval and p: valid looked at once, on the planned end date (numbers book 1.1)."""
    return reading(
        found,
        multiplier=-float(stdtrit(found.df, alpha / 2)),
        p_value=min(1.0, 2 * float(stdtr(found.df, -abs(found.z)))),
        alpha=alpha,
        method="welch",
        relative_method="fieller_welch",
    )


def reading(
    found: Difference,
    *,
    multiplier: float,
    p_value: float,
    alpha: float,
    method: Method,
    relative_method: Method,
) -> Reading:
    """The absolute and the relative interval with the same multiplier, so that they never contradict."""
    half_width = multiplier * found.se
    return Reading(
        difference=Interval(
            low=found.estimate - half_width,
            high=found.estimate + half_width,
            level=1 - alpha,
            method=method,
        ),
        p_value=p_value,
        relative_lift=_relative_lift(found, multiplier, 1 - alpha, relative_method),
    )


def _relative_lift(found: Difference, multiplier: float, level: float, method: Method) -> RelativeLift:
    if found.control <= 0:
        return RelativeLift(estimate=None, interval=None, reason=Reason.CONTROL_NEAR_ZERO)
    estimate = found.candidate / found.control - 1
    bounds = fieller_bounds(found, multiplier)
    if isinstance(bounds, NotMeasurable):
        return RelativeLift(estimate=estimate, interval=None, reason=bounds.reason)
    low, high = bounds
    return RelativeLift(
        estimate=estimate, interval=Interval(low=low, high=high, level=level, method=method), reason=None
    )


def fieller_bounds(found: Difference, multiplier: float) -> tuple[float, float] | NotMeasurable:
    """Fieller's interval of candidate / control - 1, arms independent (numbers book 1.4).

    Unbounded where the control lies within `multiplier` standard errors of 0. A candidate that is 0 for every
    user would give a width of 0, which is no knowledge, so it is not measurable either.
    """
    if found.control <= 0:
        return NotMeasurable(reason=Reason.CONTROL_NEAR_ZERO)
    square = multiplier * multiplier
    g = square * (found.control_variance / found.control / found.control)
    if not g < 1:
        return NotMeasurable(reason=Reason.CONTROL_NEAR_ZERO)
    if found.candidate == 0 and found.candidate_variance == 0:
        return NotMeasurable(reason=Reason.ZERO_VARIANCE)
    ratio = found.candidate / found.control
    candidate_part = found.candidate_variance / found.control / found.control
    half_width = math.sqrt(square * candidate_part * (1 - g) + g * ratio * ratio)
    return (ratio - half_width) / (1 - g) - 1, (ratio + half_width) / (1 - g) - 1


def relative_standard_error(found: Difference) -> float | NotMeasurable:
    """Standard error of candidate / control - 1 by the delta method (numbers book 1.3).

    Not measurable with a control at or below 0, or a candidate that is 0 for every user (the method gives 0).
    """
    if found.control <= 0:
        return NotMeasurable(reason=Reason.CONTROL_NEAR_ZERO)
    ratio = found.candidate / found.control
    se = math.hypot(
        math.sqrt(found.candidate_variance) / found.control,
        math.sqrt(found.control_variance) * ratio / found.control,
    )
    if not (se > 0 and math.isfinite(se)):
        return NotMeasurable(reason=Reason.ZERO_VARIANCE)
    return se


def newcombe(
    converted_control: int, users_control: int, converted_candidate: int, users_candidate: int, alpha: float
) -> Interval:
    """Hybrid score interval of the difference of two shares of users, fixed-horizon (numbers book 1.6).

    For fewer than ten converters in an arm; both arms need users. Newcombe, Statistics in Medicine 1998.
    """
    control, candidate = converted_control / users_control, converted_candidate / users_candidate
    of_control = wilson(converted_control, users_control, alpha)
    of_candidate = wilson(converted_candidate, users_candidate, alpha)
    estimate = candidate - control
    return Interval(
        low=estimate - math.hypot(candidate - of_candidate.low, of_control.high - control),
        high=estimate + math.hypot(of_candidate.high - candidate, control - of_control.low),
        level=1 - alpha,
        method="newcombe",
    )


def wilson(converted: int, users: int, alpha: float) -> Interval:
    """Wilson's score interval of a share of users, users >= 1 (numbers book 1.6)."""
    z = -float(ndtri(alpha / 2))
    share, weight = converted / users, z * z / users
    half_width = z * math.sqrt(share * (1 - share) / users + weight / (4 * users))
    low = 0.0 if converted == 0 else (share + weight / 2 - half_width) / (1 + weight)
    high = 1.0 if converted == users else (share + weight / 2 + half_width) / (1 + weight)
    return Interval(low=low, high=high, level=1 - alpha, method="wilson")


def upper_limit_without_events(users: int, alpha: float, *, two_sided: bool) -> float:
    """Exact (Clopper-Pearson) upper limit of a share when none of `users` converted (numbers book 1.6)."""
    tail = alpha / 2 if two_sided else alpha
    return -math.expm1(math.log(tail) / users)
