"""What this package makes of the money cases of the numbers book: one value for every expected key."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from recsys_roi.value.distributions import Lognormal, Pert, Triangular
from recsys_roi.value.roi import Economics, Projection, project
from recsys_roi.value.test_and_roll import (
    ProfitMaximisingTest,
    finite_population_users,
    significance_test_users,
)
from recsys_roi.value.uncertainty import Outlook, lift_and_value, lift_only, tornado
from recsys_roi.value.waiting import Belief, ValueOfWaiting, WaitingRow, flat_waiting, information_value
from tests.fixtures import Case, case

SETTING_OF = {
    "rel_lift": "lift",
    "eng_hours": "engineering_hours",
}
"""The book's names of inputs where the settings have others."""


def money_of(inputs: dict[str, Any]) -> Economics:
    """The economics of a case of section 8."""
    return Economics(
        baseline_kpi=inputs["baseline_kpi"],
        eligible_requests_per_month=inputs["eligible_requests_per_month"],
        traffic_growth_monthly=inputs["traffic_growth_monthly"],
        ramp=tuple(inputs["ramp"]),
        value_per_action=inputs["value_per_action"],
        margin=inputs["margin"],
        cannibalisation=inputs["cannibalisation"],
        horizon_months=inputs["horizon_months"],
        discount_rate=inputs["annual_discount_rate"],
        novelty_share=inputs["novelty_share"],
        novelty_half_life_months=inputs["novelty_half_life_months"],
        lift_decay_monthly=inputs["monthly_decay"],
        engineering_hours=inputs["eng_hours"],
        engineering_rate=inputs["eng_rate"],
        shared_cost=0.0,
        ops_hours_per_month=inputs["ops_hours_per_month"],
        ops_rate=inputs["ops_rate"],
        one_off_cost=inputs["one_off_infra"],
        infra_per_month=inputs["infra_per_month"],
        infra_per_1000_requests=inputs["infra_per_1000_requests"],
    )


def measure(one: Case) -> dict[str, Any]:
    """Every figure of the case that the package can compute, by the fixture's key."""
    return {
        "S8.roi": roi,
        "S8.roi_positive": roi,
        "S8.tornado": spread,
        "S8.distributions": distributions,
        "S8.mc": two_inputs,
        "S9.voi": waiting,
        "S9.testroll_website": profit_maximising,
    }[one.id](one)


def roi(one: Case) -> dict[str, Any]:
    money, lift, se = money_of(one.inputs), one.inputs["rel_lift"], one.inputs["lift_se"]
    projection = project(money)
    sure = lift_only(projection.pv_unit_value, projection.pv_cost, lift, se)
    return {
        "one_off_cost": projection.one_off_cost,
        "monthly_rate": 1 / projection.months[0].discount - 1,
        "rows": months(money, projection, lift),
        "pv_net_value_per_unit_lift": projection.pv_unit_value,
        "pv_recurring_cost": projection.pv_recurring_cost,
        "pv_benefit": projection.pv_benefit(lift),
        "pv_cost": projection.pv_cost,
        "npv": projection.npv(lift),
        "roi_ratio": projection.roi(lift),
        "benefit_cost_ratio": projection.benefit_cost_ratio(lift),
        "break_even_rel_lift": projection.break_even_lift,
        "payback_months_undiscounted": projection.payback_months(lift),
        "payback_months_discounted": projection.payback_months(lift, discounted=True),
        "monthly_irr": internal_rate(projection, lift),
        "monthly_net": [flow.net for flow in projection.flows(lift)],
        **chances(sure),
    }


def months(money: Economics, projection: Projection, lift: float) -> list[dict[str, Any]]:
    return [
        {
            "month": month.month,
            "ramp": money.ramp[min(month.month, len(money.ramp)) - 1],
            "requests": month.requests,
            "served": month.served,
            "lift_retention": month.retention,
            "net_value_per_unit_lift": month.unit_value,
            "benefit": flow.benefit,
            "recurring_cost": flow.cost,
            "net": flow.net,
            "discount": month.discount,
        }
        for month, flow in zip(projection.months, projection.flows(lift), strict=True)
    ]


def internal_rate(projection: Projection, lift: float) -> float | None:
    """Monthly rate at which the flows are worth 0; the product shows none, so it is found here."""
    nets = [-projection.one_off_cost, *(flow.net for flow in projection.flows(lift))]

    def worth(rate: float) -> float:
        return sum(net / (1 + rate) ** month for month, net in enumerate(nets))

    return brentq(worth, 0, 10) if sum(nets) > 0 else None


def chances(sure: Outlook) -> dict[str, Any]:
    half = float(ndtri(0.975)) * sure.sd
    return {
        "npv_sd_if_only_lift_uncertain": sure.sd,
        "p_npv_positive_if_lift_normal": sure.p_npv_positive,
        "npv_ci95": [sure.mean - half, sure.mean + half],
        "expected_loss_if_ship": information_value(sure.mean, sure.sd) + max(0.0, -sure.mean),
    }


def spread(one: Case) -> dict[str, Any]:
    base = case("S8.roi").inputs
    names = {setting: name for name, setting in SETTING_OF.items()}
    bars = tornado(money_of(base), base["rel_lift"], base["lift_se"])
    return {
        "rows": [
            {
                "input": names.get(bar.input, bar.input),
                "low_value": bar.low_value,
                "high_value": bar.high_value,
                "npv_low": bar.npv_low,
                "npv_high": bar.npv_high,
                "swing": bar.swing,
            }
            for bar in bars
        ]
    }


def distributions(one: Case) -> dict[str, Any]:
    low, likely, high = (one.inputs[name] for name in ("low", "likely", "high"))
    pert = Pert(low=low, likely=likely, high=high)
    triangular = Triangular(low=low, likely=likely, high=high)
    lognormal = Lognormal(p10=low, p90=high)
    places = {"q05": 0.05, "q50": 0.5, "q95": 0.95}

    def described(given: Pert | Triangular | Lognormal) -> dict[str, float]:
        quantiles = {name: float(given.quantiles(np.array(share))) for name, share in places.items()}
        return {"mean": given.mean, "sd": given.sd, **quantiles}

    return {
        "pert": {"alpha": pert.alpha, "beta": pert.beta, **described(pert)},
        "triangular": described(triangular),
        "lognormal_p10_p90": {"mu": lognormal.mu, "sigma": lognormal.sigma, **described(lognormal)},
    }


def two_inputs(one: Case) -> dict[str, Any]:
    given = one.inputs
    value = Pert(low=given["value_low"], likely=given["value_likely"], high=given["value_high"])
    sure = lift_and_value(
        given["A_per_unit_value"], given["total_pv_cost"], given["lift_mean"], given["lift_sd"], value
    )
    return {
        "npv_mean": sure.mean,
        "npv_sd": sure.sd,
        "p_npv_positive_exact": sure.p_npv_positive,
        "p_npv_positive_normal_approx": float(ndtr(sure.mean / sure.sd)),
        "mc_2M_p10_p50_p90": [sure.p10, sure.p50, sure.p90],
    }


def waiting(one: Case) -> dict[str, Any]:
    weeks = [row["extra_weeks"] for row in one.expected["rows"]]
    found = flat_value(one, weeks)
    best = found.best
    return {
        "value_if_ship_now": found.value_now,
        "sd_of_value": found.sd_now,
        "evpi": found.evpi,
        "rows": [wait(row) for row in found.rows],
        "best_extra_weeks": best.weeks if best else None,
    }


def wait(row: WaitingRow) -> dict[str, Any]:
    return {
        "extra_weeks": row.weeks,
        "preposterior_sd": row.preposterior_sd,
        "posterior_sd": row.posterior_sd,
        "evsi": row.evsi,
        "delay_cost": row.delay_cost,
        "net_value_of_waiting": row.net,
        "p_decision_flips": row.p_flip,
    }


def flat_value(one: Case, weeks: list[int]) -> ValueOfWaiting:
    given = one.inputs
    return flat_waiting(
        Belief(
            mean=given["lift_mean"],
            sd=given["lift_sd"],
            se_now=given["se_now"],
            weeks_so_far=given["weeks_so_far"],
        ),
        value_per_week=given["value_per_week_per_unit_lift"],
        rollout_cost=given["rollout_cost"],
        run_cost_per_week=given["run_cost_per_week"],
        horizon_weeks=given["horizon_weeks"],
        pilot_share=given["pilot_share"],
        pilot_cost_per_week=given["pilot_cost_per_week"],
        weeks_offered=weeks,
    )


def profit_maximising(one: Case) -> dict[str, Any]:
    given = one.inputs
    plan = ProfitMaximisingTest(
        population=given["N"], prior_mean=given["mu"], prior_sd=given["sigma"], response_sd=given["s"]
    )
    users = plan.arm_users
    significance = significance_test_users(given["s"], given["d"])
    return {
        "n_star": users,
        "n_star_ceil_or_round": round(users),
        "profit": plan.profit(users),
        "profit_test": plan.profit_in_test(users),
        "regret": plan.regret(users),
        "error_rate": plan.error_rate(users),
        "n_hypothesis_test": significance,
        "n_hypothesis_test_fpc": finite_population_users(significance, given["N"]),
        "regret_hypothesis_test": plan.regret(significance),
    }
