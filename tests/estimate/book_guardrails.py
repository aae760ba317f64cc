"""Figures of sections 4 and 5 of the numbers book."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import norm, t

from recsys_roi.estimate import noninferiority
from recsys_roi.estimate.quantiles import (
    QuantileDifference,
    cluster_inflation,
    compare_quantiles,
    quantile_variance,
)
from recsys_roi.estimate.ratio_mismatch import RatioMismatch, ratio_mismatch
from recsys_roi.evidence.quantiles import QuantileSums
from tests.estimate.book_lift import around, measured_difference
from tests.fixtures import Case


def mismatch(case: Case) -> dict[str, Any]:
    found = ratio_mismatch(case.inputs["users"], case.inputs["weights"])
    assert isinstance(found, RatioMismatch)
    return {
        "chi2": found.chi2,
        "df": found.df,
        "p": found.p_value,
        "srm_at_0_001": found.mismatch,
        "log_bayes_factor": found.log_bayes_factor,
        "p_sequential": found.p_sequential,
    }


def error_rate(case: Case) -> dict[str, Any]:
    given = case.inputs
    found = measured_difference(case.sums("control"), case.sums("treatment"))
    fixed = noninferiority.absolute_harm(found, alpha=given["alpha"], planned_users=None)
    anytime = noninferiority.absolute_harm(found, alpha=given["alpha"], planned_users=given["N_star"])
    assert anytime.upper is not None
    margin = given["margin_abs"]
    return {
        "diff": fixed.estimate,
        "se": found.se,
        "df": found.df,
        "ci_lower_one_sided": fixed.lower,
        "ci_upper_one_sided": fixed.upper,
        "p_noninferiority": noninferiority.noninferiority_p(found, margin),
        "status_fixed": noninferiority.status(fixed.estimate, fixed.lower, fixed.upper, margin),
        "seq_halfwidth_one_sided": (anytime.upper - anytime.lower) / 2,
        "status_always_valid": noninferiority.status(anytime.estimate, anytime.lower, anytime.upper, margin),
    }


def quantile_sums(latencies: list[list[float]], level: float) -> QuantileSums:
    """From the latencies of each user."""
    users = np.repeat(np.arange(len(latencies)), [len(own) for own in latencies])
    found = QuantileSums.of_requests(np.concatenate(latencies), users, level)
    assert found is not None
    return found


def latency(case: Case) -> dict[str, Any]:
    given = case.inputs
    rows = (given["latencies_control"], given["latencies_treatment"])
    arms = [quantile_sums(latencies, given["nu"]) for latencies in rows]
    control, candidate = arms
    found = compare_quantiles(control, candidate, min_users=60)
    assert isinstance(found, QuantileDifference)
    harm = noninferiority.quantile_harm(found, alpha=given["alpha_one_sided"], planned_users=None)
    order = [
        [int(np.sum(np.concatenate(latencies) <= value)) for value in (arm.q, arm.q_low, arm.q_high)]
        for arm, latencies in zip(arms, rows, strict=True)
    ]
    return {
        "order_index_control": order[0],
        "order_index_treatment": order[1],
        "q_control": found.control,
        "q_treatment": found.candidate,
        "q_lower_upper_control": [control.q_low, control.q_high],
        "q_lower_upper_treatment": [candidate.q_low, candidate.q_high],
        "n": [arm.n for arm in arms],
        "users": [found.control_users, found.candidate_users],
        "S_sums_control": [control.s, control.ss, control.sn],
        "S_sums_treatment": [candidate.s, candidate.ss, candidate.sn],
        "N_sums_control": [control.n, control.nn],
        "N_sums_treatment": [candidate.n, candidate.nn],
        "cluster_inflation": [cluster_inflation(arm) for arm in arms],
        "var_q": [quantile_variance(arm) for arm in arms],
        "diff": found.estimate,
        "se_diff": found.se,
        "one_sided_bounds_z": around(found.estimate, float(norm.isf(given["alpha_one_sided"])) * found.se),
        "rel": found.relative,
        "rel_se": found.relative_se,
        "rel_one_sided_bounds_z": [harm.lower, harm.upper],
        "rel_margin_status": noninferiority.status(
            harm.estimate, harm.lower, harm.upper, given["margin_rel"]
        ),
    }


def coverage(case: Case) -> dict[str, Any]:
    given = case.inputs
    harm = noninferiority.paired_harm(
        given["control_by_day"],
        given["treatment_by_day"],
        alpha=given["alpha_one_sided"],
        lower_is_worse=True,
    )
    assert isinstance(harm, noninferiority.Harm)
    assert harm.upper is not None
    df = len(given["control_by_day"]) - 1
    half_width = (harm.upper - harm.lower) / 2
    return {
        "mean_diff": -harm.estimate,
        "one_sided_lower": -harm.upper,
        "one_sided_upper": -harm.lower,
        "t": -harm.estimate / half_width * float(t.isf(given["alpha_one_sided"], df)),
        "df": df,
        "status": noninferiority.status(harm.estimate, harm.lower, harm.upper, -given["margin_abs"]),
    }
