"""Figures of sections 0, 1 and 3 of the numbers book."""

from __future__ import annotations

import math
from typing import Any

from scipy.stats import norm, t

from recsys_roi.estimate.anytime import always_valid, multiplier, one_sided_multiplier, rho_squared
from recsys_roi.estimate.figures import Interval, NotMeasurable
from recsys_roi.estimate.lift import (
    Difference,
    Reading,
    difference,
    fixed_horizon,
    newcombe,
    relative_standard_error,
    upper_limit_without_events,
    wilson,
)
from recsys_roi.evidence.sums import Sums
from tests.fixtures import Case


def measured_difference(control: Sums, candidate: Sums) -> Difference:
    """The difference of two arms that can be measured."""
    found = difference(control, candidate)
    assert isinstance(found, Difference)
    return found


def measured_se(found: Difference) -> float:
    """The relative standard error where it can be measured."""
    se = relative_standard_error(found)
    assert isinstance(se, float)
    return se


def ends(interval: Interval) -> list[float]:
    """Both ends, as the fixtures write them."""
    return [interval.low, interval.high]


def around(centre: float, half_width: float) -> list[float]:
    """An interval of that half width, as the fixtures write it."""
    return [centre - half_width, centre + half_width]


def edge(case: Case) -> dict[str, Any]:
    found = difference(case.sums("control"), case.sums("treatment"))
    assert isinstance(found, NotMeasurable)
    return {"status": "not_measurable", "reason": found.reason}


def _fieller(reading: Reading) -> list[float] | str:
    interval = reading.relative_lift.interval
    return ends(interval) if interval else "unbounded"


def _log_interval(found: Difference) -> list[float]:
    """The log interval of 1.3, whose variances and users are those of the difference."""
    control = found.control_variance / found.control**2
    candidate = found.candidate_variance / found.candidate**2
    df = (control + candidate) ** 2 / (
        control**2 / (found.control_users - 1) + candidate**2 / (found.candidate_users - 1)
    )
    half_width = t.isf(0.025, df) * math.sqrt(control + candidate)
    ratio = found.candidate / found.control
    return [float(ratio * math.exp(-half_width)) - 1, float(ratio * math.exp(half_width)) - 1]


def ratio(case: Case) -> dict[str, Any]:
    found = measured_difference(case.sums("control"), case.sums("treatment"))
    reading = fixed_horizon(found, case.inputs["alpha"])
    t_crit = (reading.difference.high - reading.difference.low) / (2 * found.se)
    lift = reading.relative_lift.estimate
    assert lift is not None
    se = measured_se(found)
    return {
        "control": found.control,
        "treatment": found.candidate,
        "var_of_control_ratio": found.control_variance,
        "var_of_treatment_ratio": found.candidate_variance,
        "se_diff": found.se,
        "df": found.df,
        "t_crit": t_crit,
        "diff": found.estimate,
        "diff_ci_t": ends(reading.difference),
        "p_value_t": reading.p_value,
        "diff_ci_z": around(found.estimate, float(norm.isf(0.025)) * found.se),
        "p_value_z": 2 * float(norm.sf(abs(found.z))),
        "rel_lift": lift,
        "rel_se_delta": se,
        "rel_ci_delta_t": around(lift, t_crit * se),
        "rel_ci_log_t": _log_interval(found),
        "fieller_g": t_crit**2 * found.control_variance / found.control**2,
        "rel_ci_fieller_t": _fieller(reading),
    }


def welch(case: Case) -> dict[str, Any]:
    found = measured_difference(case.sums("control"), case.sums("treatment"))
    reading = fixed_horizon(found, 0.05)
    return {
        "mean_control": found.control,
        "mean_treatment": found.candidate,
        "var_control": found.control_variance_per_user,
        "var_treatment": found.candidate_variance * found.candidate_users,
        "t": found.z,
        "df": found.df,
        "p": reading.p_value,
        "diff_ci": ends(reading.difference),
        "rel_lift": reading.relative_lift.estimate,
        "rel_ci_log_t": _log_interval(found),
        "fieller_g": float(t.isf(0.025, found.df)) ** 2 * found.control_variance / found.control**2,
        "rel_ci_fieller_t": _fieller(reading),
    }


def _newcombe(case: Case) -> Interval:
    given = case.inputs
    return newcombe(
        given["conv_control"], given["n_control"], given["conv_treatment"], given["n_treatment"], 0.05
    )


def _shares(case: Case) -> Difference:
    given = case.inputs
    return measured_difference(
        *(
            Sums(n=users, sy=converted, sx=users, syy=converted, sxx=users, sxy=converted)
            for converted, users in (
                (given["conv_control"], given["n_control"]),
                (given["conv_treatment"], given["n_treatment"]),
            )
        )
    )


def small_counts(case: Case) -> dict[str, Any]:
    given = case.inputs
    return {
        "diff": _shares(case).estimate,
        "ci": ends(_newcombe(case)),
        "wilson_control": ends(wilson(given["conv_control"], given["n_control"], 0.05)),
        "wilson_treatment": ends(wilson(given["conv_treatment"], given["n_treatment"], 0.05)),
    }


def zero_conversions(case: Case) -> dict[str, Any]:
    users = case.inputs["n_control"]
    lift = fixed_horizon(_shares(case), 0.05).relative_lift
    return {
        "clopper_pearson_95_two_sided_upper_control": upper_limit_without_events(users, 0.05, two_sided=True),
        "one_sided_95_upper_control": upper_limit_without_events(users, 0.05, two_sided=False),
        "newcombe_diff_ci": ends(_newcombe(case)),
        "rel_lift": "not_measurable" if lift.estimate is None and lift.interval is None else lift.estimate,
    }


def multipliers(case: Case) -> dict[str, Any]:
    planned = 1000
    rows = []
    for row in case.expected["rows"]:
        alpha, users = row["alpha"], round(row["N_over_Nstar"] * planned)
        two_sided = multiplier(alpha, users, planned)
        one_sided = one_sided_multiplier(alpha, users, planned)
        rows.append(
            {
                "alpha": alpha,
                "N_over_Nstar": users / planned,
                "mult_two_sided": two_sided,
                "mult_one_sided": one_sided,
                "vs_fixed_two_sided": two_sided / float(norm.isf(alpha / 2)),
                "vs_fixed_one_sided": one_sided / float(norm.isf(alpha)),
            }
        )
    return {"rows": rows}


def always_valid_reading(case: Case) -> dict[str, Any]:
    alpha, planned = case.inputs["alpha"], case.inputs["N_star"]
    found = measured_difference(case.sums("control"), case.sums("treatment"))
    assert found.users == case.inputs["N"]
    anytime, fixed = always_valid(found, alpha, planned), fixed_horizon(found, alpha)
    c = multiplier(alpha, found.users, planned)
    assert anytime.relative_lift.estimate is not None
    return {
        "rho": math.sqrt(rho_squared(alpha, planned)),
        "multiplier": c,
        "diff": found.estimate,
        "diff_ci": ends(anytime.difference),
        "p_always_valid": anytime.p_value,
        "rel_ci_linear_delta": around(anytime.relative_lift.estimate, c * measured_se(found)),
        "rel_ci_fieller_with_seq_multiplier": _fieller(anytime),
        "fixed_diff_ci": ends(fixed.difference),
        "fixed_p": fixed.p_value,
    }
