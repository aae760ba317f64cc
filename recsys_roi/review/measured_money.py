"""Money of a measured lift: the belief it is counted with, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_roi.estimate import power
from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import Difference, difference, relative_standard_error
from recsys_roi.evidence.kpis import KPIS
from recsys_roi.evidence.view import Evidence, KpiEvidence
from recsys_roi.review import document
from recsys_roi.review.measure import money_difference
from recsys_roi.review.money import (
    LiftBelief,
    Money,
    count_money,
    no_roi,
    no_waiting,
    roi_part,
    waiting_part,
)
from recsys_roi.review.parts import MIN_USERS
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.waiting import DAYS_PER_WEEK, Belief, slope_of

NO_MATURE_LIFT = "no_mature_lift"  # measured on all requests, not on those that money counts


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredMoney:
    """What was counted; `reason` says why there is no money."""

    belief: LiftBelief | None
    found: Difference | None
    money: Money | None
    reason: str | None


def measured_money(evidence: Evidence, scenario: Scenario, primary: document.Kpi) -> MeasuredMoney:
    """The money of the primary KPI's shrunken lift on mature requests (numbers book 0.5)."""
    belief, found = _belief(evidence, scenario, primary)
    if belief is None:
        reason = primary.reason or (NO_MATURE_LIFT if primary.posterior else "control_near_zero")
        return MeasuredMoney(belief=None, found=None, money=None, reason=reason)
    missing = scenario.money_needs(primary.id)
    if missing is not None:
        return MeasuredMoney(belief=None, found=found, money=None, reason=f"{missing}_not_set")
    return MeasuredMoney(belief=belief, found=found, money=count_money(belief, scenario), reason=None)


def _belief(
    evidence: Evidence, scenario: Scenario, primary: document.Kpi
) -> tuple[LiftBelief | None, Difference | None]:
    counted = evidence.kpis[primary.id]
    found = money_difference(evidence, primary.id)
    posterior = primary.mature.posterior if primary.mature else None
    if posterior is None or isinstance(found, NotMeasurable) or counted.requests_total == 0:
        return None, None
    se = relative_standard_error(found)
    learning = None
    if not isinstance(se, NotMeasurable):
        learning = Belief(
            mean=posterior.mean,
            sd=posterior.sd,
            se_now=se,
            weeks_so_far=evidence.days / DAYS_PER_WEEK,
            slope=slope_of(
                _errors_by_day(counted), power.UserGrowth.observed(evidence.users_by_day).exponent
            ),
        )
    belief = LiftBelief(
        kpi=KPIS[primary.id],
        mean=posterior.mean,
        sd=posterior.sd,
        baseline=counted.numerator_total / counted.requests_total,
        basis="measured",
        learning=learning,
        shared_part=evidence.surface_share,
    )
    return belief, found


def _errors_by_day(counted: KpiEvidence) -> dict[int, float]:
    """Standard error of the relative lift by the end of day 1, 2, ..., where it can be measured."""
    found = {}
    for day, pair in enumerate(counted.by_day, start=1):
        lift = difference(pair.control, pair.candidate, min_users=MIN_USERS)
        se = lift if isinstance(lift, NotMeasurable) else relative_standard_error(lift)
        if not isinstance(se, NotMeasurable):
            found[day] = se
    return found


def money_parts(
    evidence: Evidence, scenario: Scenario, measured: MeasuredMoney, *, kpi_id: str
) -> tuple[document.Roi, document.Waiting]:
    """The review's money and waiting."""
    if measured.belief is None or measured.found is None or measured.money is None:
        reason = measured.reason or "missing"
        return no_roi(scenario, reason, kpi_id=kpi_id), no_waiting(reason)
    growth = power.UserGrowth.observed(evidence.users_by_day)
    return (
        roi_part(measured.belief, scenario, measured.money, kpi_id=kpi_id),
        waiting_part(measured.money, measured.found, growth, scenario),
    )
