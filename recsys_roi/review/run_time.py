"""How long the pilot takes to show a lift, as its users come (numbers book 10)."""

from __future__ import annotations

from recsys_roi.estimate import power
from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import Difference
from recsys_roi.evidence.view import Evidence
from recsys_roi.review import document
from recsys_roi.review.measure import money_difference
from recsys_roi.review.parts import planned_users
from recsys_roi.value.pilot import SMALLEST_LIFT
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.waiting import DAYS_PER_WEEK

CURVE_WEEKS = 13  # a pilot beyond it cannot prove the lift (numbers book 10)


def run_time(
    evidence: Evidence, scenario: Scenario, kpi_id: str, break_even_lift: float | None
) -> document.RunTime | None:
    """Days to the smallest lift worth shipping and to the break-even lift; None where no lift is measured."""
    found = money_difference(evidence, kpi_id)
    if isinstance(found, NotMeasurable) or found.control <= 0:
        return None
    growth = power.UserGrowth.observed(evidence.users_by_day)
    return document.RunTime(
        days_to_min_effect=days_to(found, growth, scenario, scenario.min_effect),
        days_to_break_even=days_to(found, growth, scenario, break_even_lift),
        horizon_days=power.HORIZON_DAYS,
        mde_now=_detectable(found, scenario, None),
        mde_now_always_valid=_detectable(found, scenario, planned_users(scenario)),
        curve=tuple(
            document.RunTimePoint(
                days=point.days,
                users=point.users,
                detectable_lift=point.once,
                detectable_always_valid=point.always_valid,
            )
            for point in power.power_curve(
                found,
                growth,
                days=[DAYS_PER_WEEK * week for week in range(1, CURVE_WEEKS + 1)],
                alpha=scenario.alpha,
                power=scenario.power,
                planned_users=planned_users(scenario),
            )
        ),
    )


def days_to(
    found: Difference,
    growth: power.UserGrowth,
    scenario: Scenario,
    lift: float | None,
    horizon_days: int = power.HORIZON_DAYS,
) -> int | None:
    """Days until a lift would show, looked at daily; None beyond the horizon, or without a lift above 0."""
    if lift is None or lift < SMALLEST_LIFT:
        return None
    needed = power.users_needed(
        found.control,
        found.control_variance_per_user,
        lift=lift,
        alpha=scenario.alpha,
        power=scenario.power,
        candidate_share=scenario.candidate_share,
    )
    if isinstance(needed, NotMeasurable):
        return None
    return power.days_to_lift(
        needed, growth, always_valid=True, min_days=scenario.min_days, horizon_days=horizon_days
    )


def _detectable(found: Difference, scenario: Scenario, planned: int | None) -> float | None:
    lift = power.detectable_now(found, alpha=scenario.alpha, power=scenario.power, planned_users=planned)
    return None if isinstance(lift, NotMeasurable) else lift
