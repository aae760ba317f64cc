"""Sample ratio mismatch: do the arms' users split as planned? (numbers book 4)

Count randomised users, never requests: a treatment may change how often people ask.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.special import chdtrc, gammaln

from recsys_roi.estimate.figures import NotMeasurable, Reason

ALPHA = 0.001  # judgement, numbers book 0.3
SUSPICIOUS = 0.01  # of the sequential test
MIN_USERS = 100  # of all arms together
CONCENTRATION = 100.0  # of the Dirichlet prior; Lindon and Malek, NeurIPS 2022

Cause = Literal["uneven_split", "empty_arm", "unplanned_arm"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RatioMismatch:
    """How far the users' split lies from the planned one."""

    chi2: float | None  # None where an arm that was not planned has users
    df: int
    p_value: float  # chi-square; 0 where the split is impossible under the plan
    log_bayes_factor: float | None  # None where an arm that was not planned has users
    p_sequential: float  # of this look; valid while looking as its running minimum
    cause: Cause | None  # None: no mismatch

    @property
    def mismatch(self) -> bool:
        """The gate: the split is not the planned one."""
        return self.cause is not None


def ratio_mismatch(
    users: Sequence[int], weights: Sequence[float], *, alpha: float = ALPHA
) -> RatioMismatch | NotMeasurable:
    """Chi-square test and sequential test of the arms' users against their planned shares (numbers book 4).

    `users` and `weights` are by arm, in the same order; weights need not sum to 1.
    """
    total, whole = sum(users), sum(weights)
    planned = [(count, weight / whole) for count, weight in zip(users, weights, strict=True) if weight > 0]
    if total < MIN_USERS:
        return NotMeasurable(reason=Reason.TOO_FEW_USERS if total else Reason.NO_USERS)
    df = len(planned) - 1
    if any(count > 0 and weight <= 0 for count, weight in zip(users, weights, strict=True)):
        return RatioMismatch(
            chi2=None, df=df, p_value=0.0, log_bayes_factor=None, p_sequential=0.0, cause="unplanned_arm"
        )
    chi2 = sum((count - total * share) ** 2 / (total * share) for count, share in planned)
    p_value = float(chdtrc(df, chi2)) if df else 1.0
    log_bayes_factor = _log_bayes_factor(planned, total)
    return RatioMismatch(
        chi2=chi2,
        df=df,
        p_value=p_value,
        log_bayes_factor=log_bayes_factor,
        p_sequential=math.exp(min(0.0, -log_bayes_factor)),
        cause=_cause(planned, p_value, alpha),
    )


def sequential_p(looks: Iterable[Sequence[int]], weights: Sequence[float]) -> float | None:
    """The sequential test's smallest p over all looks, each with the arms' users so far (numbers book 4).

    None before a look has 100 users.
    """
    found = (ratio_mismatch(users, weights) for users in looks)
    return min((one.p_sequential for one in found if isinstance(one, RatioMismatch)), default=None)


def _cause(planned: Sequence[tuple[int, float]], p_value: float, alpha: float) -> Cause | None:
    if any(count == 0 for count, _ in planned):
        return "empty_arm"
    return "uneven_split" if p_value < alpha else None


def _log_bayes_factor(planned: Sequence[tuple[int, float]], total: int) -> float:
    """Dirichlet-multinomial against the planned multinomial; Lindon and Malek, NeurIPS 2022."""
    arms = sum(
        float(gammaln(CONCENTRATION * share + count) - gammaln(CONCENTRATION * share))
        - count * math.log(share)
        for count, share in planned
    )
    return float(gammaln(CONCENTRATION) - gammaln(CONCENTRATION + total)) + arms
