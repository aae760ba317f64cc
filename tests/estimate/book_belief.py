"""Figures of sections 6, 7 and 10 of the numbers book."""

from __future__ import annotations

import math
from typing import Any

from recsys_roi.estimate import belief, power, slices
from recsys_roi.estimate.lift import fixed_horizon
from tests.estimate.book_lift import ends, measured_difference, measured_se
from tests.fixtures import Case


def benjamini_hochberg(case: Case) -> dict[str, Any]:
    adjusted = slices.benjamini_hochberg(case.inputs["p"])
    return {"p_adjusted": adjusted, "rejected": [p <= case.inputs["q"] for p in adjusted]}


def shrinkage(case: Case) -> dict[str, Any]:
    found = slices.shrink(case.inputs["effects"], case.inputs["se"])
    return {
        "Q": found.heterogeneity,
        "tau2_dl": found.tau2,
        "mu_dl": found.mean,
        "shrink_weight": [one.weight for one in found.lifts],
        "posterior_mean": [one.mean for one in found.lifts],
        "posterior_sd": [one.sd for one in found.lifts],
        "I2": found.i2,
    }


def posterior(case: Case) -> dict[str, Any]:
    given = case.inputs
    found = measured_difference(case.sums("control"), case.sums("treatment"))
    lift = fixed_horizon(found, 0.05).relative_lift.estimate
    assert lift is not None
    post = belief.posterior(
        lift, measured_se(found), prior_sd=given["prior_sd"], prior_mean=given["prior_mean"]
    )
    return {
        "posterior_mean": post.mean,
        "posterior_sd": post.sd,
        "p_better": post.p_better,
        "credible_95": ends(post.credible),
        "expected_loss_if_ship": post.expected_loss_ship,
        "expected_loss_if_keep": post.expected_loss_keep,
    }


def twyman(case: Case) -> dict[str, Any]:
    lift, se, scale = (case.inputs[key] for key in ("lift_hat", "lift_se", "prior_scale"))
    p = belief.implausible_p(lift, se, scale)
    return {
        "p_predictive_t": p,
        "posterior_mean_normal": belief.posterior(lift, se, prior_sd=scale).mean,
        "flag": p < 0.01,
    }


def false_positive_risk(case: Case) -> dict[str, Any]:
    return {
        "rows": [
            row
            | {
                "false_positive_risk": belief.false_positive_risk(
                    row["success_rate"], row["alpha"], row["power"]
                )
            }
            for row in case.expected["rows"]
        ]
    }


def days(case: Case) -> dict[str, Any]:
    given, control = case.inputs, case.sums("control")
    found = measured_difference(control, control)
    users = power.users_needed(
        found.control,
        found.control_variance_per_user,
        lift=given["rel_effect"],
        alpha=given["alpha"],
        power=given["power"],
    )
    assert isinstance(users, float)
    growth = power.UserGrowth(users=given["new_users_per_day_total"], days=1, exponent=1.0)
    return {
        "metric_mean": found.control,
        "variance_per_user": found.control_variance_per_user,
        "abs_effect": given["rel_effect"] * found.control,
        "users_per_arm": users / 2,
        "users_total_closed_form": users,
        "users_total_tea_tasting_ceil": math.ceil(users),
        "days": math.ceil(growth.days_until(users)),
    }


def detectable_now(case: Case) -> dict[str, Any]:
    given = case.inputs
    found = measured_difference(case.sums("control"), case.sums("treatment"))
    return {
        "mde_rel_80": power.detectable_now(found, alpha=0.05, power=0.8),
        "requests_per_arm_for_noninferiority": power.requests_for_margin(
            given["error_rate"],
            given["design_effect"],
            margin=given["margin"],
            alpha=0.05,
            power=0.8,
            always_valid=False,
        ),
    }


def design_effect(case: Case) -> dict[str, Any]:
    control = case.sums("control")
    found = measured_difference(control, control)
    assert found.design_effect is not None
    return {
        "var_clustered": found.control_variance,
        "var_iid": found.control_variance / found.design_effect,
        "deff": found.design_effect,
    }
