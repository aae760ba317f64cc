"""Difference of a latency quantile between two arms, clustered by user (numbers book 5.2).

Deng, Knoblich and Lu, KDD 2018, section 4; Yao, Li and Lu, arXiv 2401.14549. The share of requests at or
below the quantile is a ratio metric; its variance over that of independent requests widens the rank interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtri

from recsys_roi.estimate.figures import NotMeasurable, Reason
from recsys_roi.estimate.lift import ratio_variance
from recsys_roi.evidence.quantiles import QuantileSums
from recsys_roi.evidence.sums import Sums

Z_95 = -float(ndtri(0.025))  # half width of the rank interval in standard errors
SMALLEST_ODDS = 3.84  # requests needed per nu / (1 - nu), so that the rank interval stays inside the data
MIN_USERS = 100  # an arm (judgement, numbers book 5.2)


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantileDifference:
    """Candidate minus control at one quantile level."""

    level: float  # 0.95 for p95
    control: float  # ms
    candidate: float  # ms
    control_variance: float  # of the quantile, ms squared
    candidate_variance: float
    control_users: int
    candidate_users: int
    estimate: float  # ms
    se: float  # ms
    relative: float  # candidate / control - 1
    relative_se: float  # delta method (numbers book 1.3)

    @property
    def users(self) -> int:
        """Users of both arms."""
        return self.control_users + self.candidate_users


def cluster_inflation(sums: QuantileSums) -> float:
    """Variance of the share at or below the quantile over that of independent requests; needs 2 users."""
    of_share = Sums(n=sums.users, sy=sums.s, sx=sums.n, syy=sums.ss, sxx=sums.nn, sxy=sums.sn)
    return ratio_variance(of_share) / (sums.level * (1 - sums.level) / sums.n)


def quantile_variance(sums: QuantileSums) -> float:
    """Variance of the quantile, ms squared: rank interval times cluster inflation; needs 2 users."""
    sigma = (sums.q_high - sums.q_low) / (2 * Z_95)
    return sigma * sigma * (sums.n - 1) / sums.n * cluster_inflation(sums)


def compare_quantiles(
    control: QuantileSums, candidate: QuantileSums, *, min_users: int = MIN_USERS
) -> QuantileDifference | NotMeasurable:
    """Difference and relative difference of one quantile, with standard errors (numbers book 5.2).

    Each arm needs `min_users` (at least 2) and more than 3.84 nu / (1 - nu) requests (73 for p95).
    """
    reason = _unmeasurable(control, candidate, min_users)
    if reason is not None:
        return NotMeasurable(reason=reason)
    control_variance, candidate_variance = quantile_variance(control), quantile_variance(candidate)
    variance = control_variance + candidate_variance
    if not (variance > 0 and math.isfinite(variance)):
        return NotMeasurable(reason=Reason.ZERO_VARIANCE)
    if control.q <= 0:
        return NotMeasurable(reason=Reason.CONTROL_NEAR_ZERO)
    ratio = candidate.q / control.q
    return QuantileDifference(
        level=control.level,
        control=control.q,
        candidate=candidate.q,
        control_variance=control_variance,
        candidate_variance=candidate_variance,
        control_users=control.users,
        candidate_users=candidate.users,
        estimate=candidate.q - control.q,
        se=math.sqrt(variance),
        relative=ratio - 1,
        relative_se=math.hypot(math.sqrt(candidate_variance), math.sqrt(control_variance) * ratio)
        / control.q,
    )


def _unmeasurable(control: QuantileSums, candidate: QuantileSums, min_users: int) -> Reason | None:
    if min(control.users, candidate.users) < 1:
        return Reason.NO_USERS
    if min(control.users, candidate.users) < max(2, min_users):
        return Reason.TOO_FEW_USERS
    if min(control.n, candidate.n) <= SMALLEST_ODDS * control.level / (1 - control.level):
        return Reason.TOO_FEW_REQUESTS
    return None
