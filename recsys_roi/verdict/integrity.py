"""Is the data fit to be read? Facts judged against the gates of numbers book 4."""

from __future__ import annotations

from recsys_roi.evidence.kpis import Kpi
from recsys_roi.evidence.view import Evidence
from recsys_roi.verdict.arm_checks import arm_checks
from recsys_roi.verdict.check import IntegrityCheck
from recsys_roi.verdict.log_checks import log_checks

ORDER = (
    *("schema", "outcome_join_rate", "assignment_join_rate", "exposure_join_rate", "duplicate_requests"),
    *("two_arm_users", "srm", "late_outcomes", "freshness", "personal_data", "covariate_balance"),
    "denominator_shift",
)


def judge_integrity(
    evidence: Evidence, kpi: Kpi, *, candidate_share: float, alpha: float, planned_users: int
) -> tuple[IntegrityCheck, ...]:
    """All integrity checks in the order of numbers book 4.2; `kpi` is the primary one."""
    found = log_checks(evidence, kpi) | arm_checks(
        evidence, kpi, candidate_share=candidate_share, alpha=alpha, planned_users=planned_users
    )
    return tuple(found[name] for name in ORDER)
