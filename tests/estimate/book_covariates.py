"""Figures of section 2 of the numbers book: covariates and capping."""

from __future__ import annotations

from typing import Any

import numpy as np

from recsys_roi.estimate.cuped import Adjustment, adjust, coverage_balance
from recsys_roi.estimate.lift import fixed_horizon
from recsys_roi.evidence.capping import pooled_cap
from recsys_roi.evidence.sums import CovariateSums, Sums
from tests.estimate.book_lift import ends, measured_difference
from tests.fixtures import Case


def _adjusted(control: CovariateSums, candidate: CovariateSums) -> Adjustment:
    found = adjust(control, candidate)
    assert isinstance(found, Adjustment)
    return found


def _of_rows(case: Case, arm: str) -> CovariateSums:
    """A mean: the denominators of metric and covariate are 1."""
    rows = case.inputs["rows"]
    y, u = rows[f"y_{arm}"], rows[f"x_{arm}"]
    return CovariateSums.of_users(y, np.ones(len(y)), u, np.ones(len(u)))


def mean(case: Case) -> dict[str, Any]:
    control, candidate = _of_rows(case, "control"), _of_rows(case, "treatment")
    found = _adjusted(control, candidate)
    reading = fixed_horizon(found.difference, 0.05)
    raw = fixed_horizon(measured_difference(control.sums, candidate.sums), 0.05)
    return {
        "theta": found.theta,
        "adj_mean_control": found.difference.control,
        "adj_mean_treatment": found.difference.candidate,
        "diff": found.difference.estimate,
        "diff_ci": ends(reading.difference),
        "p": reading.p_value,
        "p_unadjusted": raw.p_value,
        "variance_reduction": found.variance_reduction,
        "rel_lift_over_adjusted_control": reading.relative_lift.estimate,
        "rel_lift_over_unadjusted_control": found.difference.estimate / control.sums.ratio,
    }


def ratio(case: Case) -> dict[str, Any]:
    control, candidate = (_of_sums(case.inputs[arm]) for arm in ("control", "treatment"))
    found = _adjusted(control, candidate)
    reading = fixed_horizon(found.difference, 0.05)
    raw = measured_difference(control.sums, candidate.sums)
    return {
        "theta_total": found.theta,
        "control": found.difference.control,
        "treatment": found.difference.candidate,
        "diff": found.difference.estimate,
        "diff_ci": ends(reading.difference),
        "p": reading.p_value,
        "p_unadjusted": fixed_horizon(raw, 0.05).p_value,
        "unadjusted_diff": raw.estimate,
    }


def _of_sums(given: dict[str, float]) -> CovariateSums:
    def sums(y: str, x: str) -> Sums:
        return Sums(
            n=int(given["n"]),
            sy=given[f"sum_{y}"],
            sx=given[f"sum_{x}"],
            syy=given[f"sum_{y}_{y}"],
            sxx=given[f"sum_{x}_{x}"],
            sxy=given[f"sum_{y}_{x}"],
        )

    return CovariateSums(
        sums=sums("yn", "yd"),
        covariate=sums("xn", "xd"),
        syu=given["sum_yn_xn"],
        syw=given["sum_yn_xd"],
        sxu=given["sum_yd_xn"],
        sxw=given["sum_yd_xd"],
    )


def missing(case: Case) -> dict[str, Any]:
    control, candidate = _of_rows(case, "control"), _of_rows(case, "treatment")
    found = _adjusted(control, candidate)
    reading = fixed_horizon(found.difference, 0.05)
    users = control.sums.n
    known = users - len(case.inputs["missing_index_both_arms"])
    return {
        "theta": found.theta,
        "diff": found.difference.estimate,
        "diff_ci": ends(reading.difference),
        "p": reading.p_value,
        "coverage": known / users,
        "coverage_balance_p": coverage_balance((known, known), (users, users)),
    }


def winsor(case: Case) -> dict[str, Any]:
    values = np.asarray(case.inputs["values_pooled"], dtype=np.float64)
    cap = pooled_cap(values, case.inputs["q"])
    capped = Sums.of_users(np.minimum(values, cap))
    return {
        "cap": cap,
        "capped_mean": capped.ratio,
        "capped_var": capped.var_y,
        "share_capped": float(np.mean(values > cap)),
        "raw_mean": Sums.of_users(values).ratio,
    }
