"""Whether a KPI is read with what was known of the users before, and what that changes (numbers book 2)."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_roi.estimate.cuped import (
    BALANCE_ALPHA,
    ENOUGH_COVERAGE,
    ENOUGH_REDUCTION,
    Adjustment,
    adjust,
    coverage_balance,
)
from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import Difference
from recsys_roi.evidence.sums import CovariateSums
from recsys_roi.evidence.view import CovariateEvidence, Evidence, Pair
from recsys_roi.review import document
from recsys_roi.review.parts import MIN_USERS, reading_part
from recsys_roi.value.scenario import Scenario

LOW_COVERAGE = "low_coverage"
UNBALANCED = "unbalanced"
SMALL_REDUCTION = "small_reduction"


@dataclass(frozen=True, kw_only=True, slots=True)
class Adjusted:
    """One KPI adjusted; `reason` says why its own figures stay unadjusted."""

    covariate: str
    coverage: float  # share of users with history
    balance_p: float | None
    found: Adjustment | None
    reason: str | None

    @property
    def used(self) -> Difference | None:
        """The adjusted difference where it is the KPI's own figure."""
        return self.found.difference if self.found is not None and self.reason is None else None


def adjusted(evidence: Evidence, sums: Pair[CovariateSums] | None) -> Adjusted | None:
    """The KPI of the sums, adjusted; None where nothing of it is known from before."""
    known = evidence.covariate
    if known is None or sums is None:
        return None
    users = evidence.users.control + evidence.users.candidate
    coverage = (known.known.control + known.known.candidate) / users if users else 0.0
    balance_p = covariate_balance(evidence, known)
    found = adjust(sums.control, sums.candidate, min_users=MIN_USERS)
    return Adjusted(
        covariate=known.name,
        coverage=coverage,
        balance_p=balance_p,
        found=found if isinstance(found, Adjustment) else None,
        reason=_why_not(coverage, balance_p, found),
    )


def covariate_balance(evidence: Evidence, known: CovariateEvidence) -> float | None:
    """Chance that both arms' users differ this much in how many have a history."""
    found = coverage_balance(
        (known.known.control, known.known.candidate), (evidence.users.control, evidence.users.candidate)
    )
    return None if isinstance(found, NotMeasurable) else found


def _why_not(coverage: float, balance_p: float | None, found: Adjustment | NotMeasurable) -> str | None:
    if isinstance(found, NotMeasurable):
        return str(found.reason)
    if coverage < ENOUGH_COVERAGE:
        return LOW_COVERAGE
    if balance_p is None or balance_p < BALANCE_ALPHA:
        return UNBALANCED
    return SMALL_REDUCTION if found.variance_reduction < ENOUGH_REDUCTION else None


def adjustment_part(found: Adjusted, raw: Difference, scenario: Scenario) -> document.Adjustment:
    """Both readings side by side, and which of them is the KPI's own."""
    return document.Adjustment(
        covariate=found.covariate,
        coverage=found.coverage,
        balance_p=found.balance_p,
        variance_reduction=found.found.variance_reduction if found.found else None,
        used=found.used is not None,
        reason=found.reason,
        adjusted=reading_part(found.found.difference, scenario) if found.found else None,
        unadjusted=reading_part(raw, scenario),
    )
