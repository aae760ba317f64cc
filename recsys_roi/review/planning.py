"""What a plan says: its lift and what a pilot is worth before any log exists, and how long one takes."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Literal

from recsys_roi.estimate.lift import Difference
from recsys_roi.estimate.power import ALWAYS_VALID_COST
from recsys_roi.evidence.kpis import KPIS, Kpi
from recsys_roi.evidence.view import Evidence
from recsys_roi.review import document
from recsys_roi.review.measured_money import MeasuredMoney
from recsys_roi.review.money import LiftBelief, Money, count_money, no_roi, no_waiting, roi_part, waiting_rows
from recsys_roi.value.pilot import (
    SMALLEST_LIFT,
    PilotDesign,
    audience_setting,
    kpi_variation,
    measured_design,
    pilot_design,
)
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.settings import NEW_USERS_SETTING, SETTINGS
from recsys_roi.value.waiting import DAYS_PER_WEEK, WEEKS_OFFERED

PLAN_KPI = "conversion_rate"  # a plan that names no KPI pays for each action (numbers book 8.2)
ASSUMED = ("baseline_kpi", "pilot_share", "candidate_share", "design_effect")
MEASURED = "measured in these logs"
MEASURED_SPREAD = "measured in these logs, users who ask again included"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanParts:
    """What a plan fills in of a review."""

    roi: document.Roi
    waiting: document.Waiting
    pilot: document.PilotLength


def plan_parts(scenario: Scenario) -> PlanParts:
    """The plan's money, what a pilot is worth and how long it takes, or why that cannot be told."""
    belief = plan_belief(scenario)
    missing = scenario.money_needs(belief.kpi.id)
    if missing is not None:
        reason = f"{missing}_not_set"
        return PlanParts(
            roi=no_roi(scenario, reason, kpi_id=scenario.kpi, basis="assumed"),
            waiting=no_waiting(reason),
            pilot=_no_length(reason),
        )
    money = count_money(belief, scenario)
    return PlanParts(
        roi=roi_part(belief, scenario, money, kpi_id=scenario.kpi),
        waiting=planned_waiting(belief, scenario, money),
        pilot=pilot_length(belief, scenario, money),
    )


def plan_belief(scenario: Scenario) -> LiftBelief:
    """The plan's own baseline and expected lift, used as given and marked assumed."""
    kpi = KPIS[scenario.kpi or PLAN_KPI]
    design = pilot_design(scenario, kpi, scenario.baseline_kpi)
    mean, sd = scenario.expected_lift, scenario.expected_lift_sd
    shortest = ceil(scenario.min_days / DAYS_PER_WEEK)
    return LiftBelief(
        kpi=kpi,
        mean=mean,
        sd=sd,
        baseline=scenario.baseline_kpi,
        basis="assumed",
        learning=design.belief(mean, sd) if isinstance(design, PilotDesign) else None,
        weeks_offered=tuple(weeks for weeks in WEEKS_OFFERED if weeks >= shortest),
    )


def planned_waiting(belief: LiftBelief, scenario: Scenario, money: Money) -> document.Waiting:
    """What a pilot of some weeks is worth against deciding today; assumed."""
    design = pilot_design(scenario, belief.kpi, belief.baseline)
    if not isinstance(design, PilotDesign):
        return no_waiting(design)
    goals = _goals((money.projection.break_even_lift, belief.mean), design, scenario)
    weeks = _weeks_of(goals, _settled_by(goals))
    return document.Waiting(
        status="ok",
        reason=None,
        **waiting_rows(money.waiting),
        days_to_detect_break_even=None if weeks is None else weeks * DAYS_PER_WEEK,
        mde_now=None,
        basis="assumed",
    )


def pilot_length(belief: LiftBelief, scenario: Scenario, money: Money) -> document.PilotLength:
    """The weeks after which a pilot tells the break-even lift from none, with all that was assumed.

    Where any gain pays, the smallest lift worth shipping stands in for it (numbers book 10).
    """
    design = pilot_design(scenario, belief.kpi, belief.baseline)
    if not isinstance(design, PilotDesign):
        return _no_length(design)
    lifts = (money.projection.break_even_lift, belief.mean)
    return _length(design, scenario, belief.kpi, lifts, _assumptions(belief, scenario), basis="assumed")


def _length(
    design: PilotDesign,
    scenario: Scenario,
    kpi: Kpi,
    lifts: tuple[float | None, float],
    assumptions: tuple[document.PilotAssumption, ...],
    *,
    basis: Literal["measured", "assumed"],
) -> document.PilotLength:
    """`lifts` are the break-even and the expected one."""
    goals = _goals(lifts, design, scenario)
    settled_by = _settled_by(goals)
    if settled_by is None:
        return _no_length("no_lift")
    weeks = _weeks_of(goals, settled_by)
    return document.PilotLength(
        status="ok",
        reason="too_long" if weeks is None else None,
        settled_by=settled_by,
        weeks=weeks,
        goals=goals,
        counted="new users" if audience_setting(kpi) == NEW_USERS_SETTING else "requests",
        assumptions=assumptions,
        basis=basis,
    )


def pilot_from_logs(
    evidence: Evidence, scenario: Scenario, measured: MeasuredMoney, kpi_id: str
) -> document.PilotLength:
    """The same by the baseline and spread that the control has; by assumed ones where there are none.

    The expected lift stays the plan's: a length counted for the lift just seen says nothing new.
    """
    spread = None if measured.found is None else _measured_variation(evidence, kpi_id, measured.found)
    if measured.belief is None or measured.money is None or spread is None:
        return plan_parts(scenario.updated({"kpi": kpi_id})).pilot
    kpi, baseline = measured.belief.kpi, measured.belief.baseline
    design = measured_design(scenario, kpi, spread)
    if not isinstance(design, PilotDesign):
        return _no_length(design)
    asked = (audience_setting(kpi), "pilot_share", "candidate_share")
    taken = (
        *(_assumption(name, scenario) for name in asked),
        document.PilotAssumption(name="baseline_kpi", value=baseline, source=MEASURED),
        document.PilotAssumption(name="kpi_variation", value=spread, source=MEASURED_SPREAD),
    )
    lifts = (measured.money.projection.break_even_lift, scenario.expected_lift)
    return _length(design, scenario, kpi, lifts, taken, basis="measured")


def _measured_variation(evidence: Evidence, kpi_id: str, found: Difference) -> float | None:
    """Spread between requests over the mean, as users who ask again leave it: sqrt(v requests / n) / R."""
    requests = evidence.kpis[kpi_id].requests_total
    if found.control <= 0 or requests <= 0:
        return None
    return sqrt(found.control_variance_per_user * requests / found.control_users) / found.control


def _goals(
    lifts: tuple[float | None, float], design: PilotDesign, scenario: Scenario
) -> tuple[document.PilotGoal, ...]:
    """`lifts` are the break-even and the expected one."""
    return (
        _goal("break_even", lifts[0], design, scenario),
        _goal("expected", lifts[1], design, scenario),
        _goal("min_effect", scenario.min_effect, design, scenario),
    )


def _goal(
    goal: Literal["break_even", "expected", "min_effect"],
    lift: float | None,
    design: PilotDesign,
    scenario: Scenario,
) -> document.PilotGoal:
    if lift is None or abs(lift) < SMALLEST_LIFT:
        return document.PilotGoal(goal=goal, lift=lift, requests=None, weeks=None)
    asked = {"alpha": scenario.alpha, "power": scenario.power}
    return document.PilotGoal(
        goal=goal,
        lift=lift,
        requests=design.requests_needed(lift, **asked) * ALWAYS_VALID_COST,
        weeks=design.weeks_needed(lift, **asked, min_days=scenario.min_days),
    )


def _settled_by(goals: tuple[document.PilotGoal, ...]) -> Literal["break_even", "min_effect"] | None:
    lifts = {goal.goal: goal.lift for goal in goals}
    if lifts["break_even"] is None:
        return None
    if lifts["break_even"] >= SMALLEST_LIFT:
        return "break_even"
    return "min_effect" if (lifts["min_effect"] or 0.0) >= SMALLEST_LIFT else None


def _weeks_of(goals: tuple[document.PilotGoal, ...], name: str | None) -> int | None:
    return next((goal.weeks for goal in goals if goal.goal == name), None)


def _assumptions(belief: LiftBelief, scenario: Scenario) -> tuple[document.PilotAssumption, ...]:
    variation = kpi_variation(scenario, belief.kpi, belief.baseline)
    taken = [_assumption(name, scenario) for name in (audience_setting(belief.kpi), *ASSUMED)]
    if variation is not None:
        taken.append(
            document.PilotAssumption(
                name="kpi_variation", value=variation, source=_source("kpi_variation", scenario)
            )
        )
    return tuple(taken)


def _assumption(name: str, scenario: Scenario) -> document.PilotAssumption:
    return document.PilotAssumption(
        name=name, value=float(getattr(scenario, name)), source=_source(name, scenario)
    )


def _source(name: str, scenario: Scenario) -> str:
    return "given" if name in scenario.changed else SETTINGS[name].source


def _no_length(reason: str) -> document.PilotLength:
    return document.PilotLength(
        status="not_measurable", reason=reason, settled_by=None, weeks=None, goals=(), assumptions=()
    )
