"""What a review can say before any log exists: the plan's lift, what a pilot is worth, how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

from recsys_roi.estimate.power import ALWAYS_VALID_COST
from recsys_roi.evidence.kpis import KPIS
from recsys_roi.review import document
from recsys_roi.review.money import LiftBelief, Money, count_money, no_roi, no_waiting, roi_part, waiting_rows
from recsys_roi.value.pilot import DAYS_PER_WEEK, PilotDesign, audience_setting, kpi_variation, pilot_design
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.settings import NEW_USERS_SETTING, SETTINGS
from recsys_roi.value.waiting import WEEKS_OFFERED

PLAN_KPI = "conversion_rate"  # a plan that names no KPI pays for each action (numbers book 8.2)
ASSUMED = ("baseline_kpi", "pilot_share", "candidate_share", "design_effect")


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
    weeks = _goal("break_even", money.projection.break_even_lift, design, scenario).weeks
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
    goals = (
        _goal("break_even", money.projection.break_even_lift, design, scenario),
        _goal("expected", belief.mean, design, scenario),
        _goal("min_effect", scenario.min_effect, design, scenario),
    )
    settled_by = _settled_by(goals)
    if settled_by is None:
        return _no_length("no_lift")
    weeks = next(goal.weeks for goal in goals if goal.goal == settled_by)
    return document.PilotLength(
        status="ok",
        reason="too_long" if weeks is None else None,
        settled_by=settled_by,
        weeks=weeks,
        goals=goals,
        counted="new users" if audience_setting(belief.kpi) == NEW_USERS_SETTING else "requests",
        assumptions=_assumptions(belief, scenario),
    )


def _goal(
    goal: Literal["break_even", "expected", "min_effect"],
    lift: float | None,
    design: PilotDesign,
    scenario: Scenario,
) -> document.PilotGoal:
    if not lift:
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
    if lifts["break_even"] > 0:
        return "break_even"
    return "min_effect" if lifts["min_effect"] else None


def _assumptions(belief: LiftBelief, scenario: Scenario) -> tuple[document.PilotAssumption, ...]:
    variation = kpi_variation(scenario, belief.kpi, belief.baseline)
    taken = [
        document.PilotAssumption(
            name=name, value=float(getattr(scenario, name)), source=_source(name, scenario)
        )
        for name in (audience_setting(belief.kpi), *ASSUMED)
    ]
    if variation is not None:
        taken.append(
            document.PilotAssumption(
                name="kpi_variation", value=variation, source=_source("kpi_variation", scenario)
            )
        )
    return tuple(taken)


def _source(name: str, scenario: Scenario) -> str:
    return "given" if name in scenario.changed else SETTINGS[name].source


def _no_length(reason: str) -> document.PilotLength:
    return document.PilotLength(
        status="not_measurable", reason=reason, settled_by=None, weeks=None, goals=(), assumptions=()
    )
