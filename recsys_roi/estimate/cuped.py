"""The lift with noise taken out that was known before the experiment: CUPED (numbers book 2).

Deng, Xu, Kohavi and Walker, WSDM 2013; for ratios in the form of the linearised values, with one slope pooled
over both arms. A mean is a ratio whose denominator is 1 for every user. Whatever was known before cannot be
an effect, so the estimate stays unbiased; users without history have zeros in both arms.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from scipy.special import chdtrc

from recsys_roi.estimate.figures import NotMeasurable, Reason
from recsys_roi.estimate.lift import Arm, Difference, difference_of, ratio_variance, unmeasurable
from recsys_roi.evidence.sums import CovariateSums

ENOUGH_COVERAGE = 0.20  # share of users with history; with less the unadjusted figure is shown (2.3, J)
ENOUGH_REDUCTION = 0.02  # of the variance
ROUNDING = 8  # operations a user whose rounding the variance is not told from
BALANCE_ALPHA = 0.001  # a covariate that depends on the arm is not from before (2.3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Adjustment:
    """A difference adjusted by a covariate."""

    difference: Difference  # of the adjusted ratios
    theta: float  # slope of the linearised metric on the linearised covariate
    variance_reduction: float  # 1 - (se adjusted / se raw)^2; below 0 where the covariate only adds noise


def adjust(
    control: CovariateSums, candidate: CovariateSums, *, min_users: int = 2
) -> Adjustment | NotMeasurable:
    """The adjusted difference of two arms (numbers book 2.1 and 2.2)."""
    for one, other in ((control.sums, candidate.sums), (control.covariate, candidate.covariate)):
        reason = unmeasurable(one, other, min_users)
        if reason is not None:
            return NotMeasurable(reason=reason)
    pooled = control + candidate
    slope_of = _slope(pooled)
    centre = pooled.covariate.ratio
    raw = difference_of(_arm(control, 0.0, centre), _arm(candidate, 0.0, centre))
    found = difference_of(_arm(control, slope_of, centre), _arm(candidate, slope_of, centre))
    if isinstance(raw, NotMeasurable) or isinstance(found, NotMeasurable):
        return NotMeasurable(reason=Reason.ZERO_VARIANCE)
    return Adjustment(
        difference=found, theta=slope_of, variance_reduction=1 - (found.se / raw.se) * (found.se / raw.se)
    )


def _slope(pooled: CovariateSums) -> float:
    """Cov(Ly, Lu) / Var(Lu) over the users of both arms; 0 for a covariate that does not vary."""
    variance = ratio_variance(pooled.covariate)
    return ratio_covariance(pooled) / variance if variance > 0 else 0.0


def _arm(arm: CovariateSums, theta: float, centre: float) -> Arm:
    terms = (
        ratio_variance(arm.sums),
        theta * theta * ratio_variance(arm.covariate),
        -2 * theta * ratio_covariance(arm),
    )
    variance = sum(terms)
    # Where the covariate tells all, what is left of the terms is their rounding, not variance.
    rounding = ROUNDING * arm.sums.n * sys.float_info.epsilon * sum(abs(term) for term in terms)
    return Arm(
        ratio=arm.sums.ratio - theta * (arm.covariate.ratio - centre),
        variance=variance if variance > rounding else 0.0,
        users=arm.sums.n,
    )


def ratio_covariance(arm: CovariateSums) -> float:
    """Cov(Sy / Sx, Su / Sw) clustered by user; needs n >= 2, Sx > 0 and Sw > 0 (numbers book 2.2).

    The residuals y - R_y x and u - R_u w both sum to 0, so their products need no centring.
    """
    r_y, r_u = arm.sums.ratio, arm.covariate.ratio
    products = arm.syu - r_u * arm.syw - r_y * arm.sxu + r_y * r_u * arm.sxw
    n = arm.sums.n
    return products / arm.sums.sx / arm.covariate.sx * n / (n - 1)


def coverage_balance(known: tuple[int, int], users: tuple[int, int]) -> float | NotMeasurable:
    """Chi-square p of "both arms' users are equally often known from before" (numbers book 2.3).

    `known` of `users`, control and candidate.
    """
    total, hits = sum(users), sum(known)
    if min(users) < 1:
        return NotMeasurable(reason=Reason.NO_USERS)
    if hits in (0, total):
        return 1.0
    share = hits / total
    chi2 = sum(
        (part - whole * share) ** 2 / (whole * share * (1 - share))
        for part, whole in zip(known, users, strict=True)
    )
    return float(chdtrc(1, chi2))
