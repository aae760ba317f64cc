"""What this package makes of a case of the numbers book: one value for every expected key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.estimate import book_belief, book_covariates, book_guardrails, book_lift
from tests.fixtures import Case

NOT_IN_THE_PRODUCT = {
    "rel_se_gbstats": "the product follows tea-tasting's convention; the book shows gbstats' beside it",
    "holm_adjusted": "the product adjusts by Benjamini-Hochberg",
    "tau2_paule_mandel": "the product takes DerSimonian-Laird; the book shows this beside it",
    "p_predictive_normal": "the product checks with the t3 prior; the book shows the normal beside it",
    "posterior_mean_t": "the product does not shrink an implausible lift, it flags it",
}


def measure(case: Case) -> dict[str, Any]:
    """Every figure of the case that the package can compute, by the fixture's key."""
    by_id = {
        "S1.welch": book_lift.welch,
        "S1.small_counts": book_lift.small_counts,
        "S1.zero_conversions": book_lift.zero_conversions,
        "S2.cuped_mean": book_covariates.mean,
        "S2.cuped_ratio": book_covariates.ratio,
        "S2.cuped_missing": book_covariates.missing,
        "S2.winsor": book_covariates.winsor,
        "S3.multipliers": book_lift.multipliers,
        "S5.p95_latency": book_guardrails.latency,
        "S5.coverage_daily": book_guardrails.coverage,
        "S6.bh": book_belief.benjamini_hochberg,
        "S6.eb": book_belief.shrinkage,
        "S7.fpr": book_belief.false_positive_risk,
        "S10.mde": book_belief.detectable_now,
        "S10.deff": book_belief.design_effect,
    }
    by_family: dict[str, Callable[[Case], dict[str, Any]]] = {
        "S0.edge": book_lift.edge,
        "S1.ratio": book_lift.ratio,
        "S1.fieller": book_lift.ratio,
        "S3.seq": book_lift.always_valid_reading,
        "S4.srm": book_guardrails.mismatch,
        "S5.error": book_guardrails.error_rate,
        "S7.bayes": book_belief.posterior,
        "S7.twyman": book_belief.twyman,
        "S10.days": book_belief.days,
    }
    family = case.id.split("_")[0]
    return by_id[case.id](case) if case.id in by_id else by_family[family](case)
