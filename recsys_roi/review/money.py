"""The money part of a review: what the lift is worth, how sure that is, and what waiting is worth."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from recsys_roi.estimate import power
from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import Difference
from recsys_roi.evidence.kpis import Kpi as KpiEntry
from recsys_roi.review import document
from recsys_roi.review.run_time import days_to
from recsys_roi.value.break_even import break_even, heat_map
from recsys_roi.value.pilot import LONGEST_WEEKS, SMALLEST_LIFT
from recsys_roi.value.roi import Economics, Projection, economics, project
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.uncertainty import Outlook, outlook, tornado
from recsys_roi.value.waiting import DAYS_PER_WEEK, WEEKS_OFFERED, Belief, ValueOfWaiting, value_of_waiting

Basis = Literal["measured", "assumed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LiftBelief:
    """The relative lift that money is counted with, and the control's level it is a lift of."""

    kpi: KpiEntry
    mean: float  # posterior mean, or the plan's expected lift as given
    sd: float
    baseline: float  # numerator units a request (numbers book 8.1)
    basis: Basis
    learning: Belief | None  # how fast more of the pilot teaches; None where that cannot be told
    weeks_offered: tuple[int, ...] = WEEKS_OFFERED  # waits that make sense
    shared_part: float = 1.0  # of the cost shared by all surfaces


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """Everything counted from one lift and one scenario."""

    projection: Projection
    outlook: Outlook
    waiting: ValueOfWaiting | None

    @property
    def net_value_of_waiting(self) -> float | None:
        """Of the best wait that is offered."""
        best = self.waiting.best if self.waiting else None
        return best.net if best else None

    @property
    def waiting_teaches(self) -> bool:
        """Whether some wait pays by what is learnt."""
        return self.waiting is not None and self.waiting.advised is not None


def economics_of(belief: LiftBelief, scenario: Scenario) -> Economics:
    """The scenario's economics for the KPI and baseline of the belief."""
    return economics(scenario, belief.kpi, belief.baseline, shared_part=belief.shared_part)


def count_money(belief: LiftBelief, scenario: Scenario) -> Money:
    """Months, present values, spread and waiting for one belief and scenario."""
    money = economics_of(belief, scenario)
    waiting = None
    if belief.learning is not None:
        waiting = value_of_waiting(
            money,
            belief.learning,
            pilot_share=scenario.pilot_share,
            pilot_cost_per_week=scenario.pilot_cost_per_week,
            weeks_offered=belief.weeks_offered,
        )
    return Money(
        projection=project(money),
        outlook=outlook(money, belief.mean, belief.sd, scenario.ranges),
        waiting=waiting,
    )


def roi_part(belief: LiftBelief, scenario: Scenario, money: Money, *, kpi_id: str | None) -> document.Roi:
    """The review's money; `kpi_id` is the KPI whose economics a person must enter (numbers book 11)."""
    projection, lift = money.projection, belief.mean
    return document.Roi(
        status="ok",
        reason=None,
        basis=belief.basis,
        confirmed=scenario.economics_set(kpi_id),
        currency=scenario.currency,
        baseline=belief.baseline,
        lift=lift,
        lift_sd=belief.sd,
        npv=projection.npv(lift),
        roi=projection.roi(lift),
        break_even_lift=projection.break_even_lift,
        payback_months=projection.payback_months(lift),
        p_npv_positive=money.outlook.p_npv_positive,
        pv_benefit=projection.pv_benefit(lift),
        pv_cost=projection.pv_cost,
        pv_costs=document.Costs(
            engineering=projection.pv_engineering,
            operations=projection.pv_operations,
            infrastructure=projection.pv_infrastructure,
        ),
        pv_per_unit_lift=projection.pv_unit_value,
        sunk_cost=projection.sunk_cost,
        programme_roi=projection.programme_roi(lift),
        shared_part=belief.shared_part,
        p10=money.outlook.p10,
        p50=money.outlook.p50,
        p90=money.outlook.p90,
        months=tuple(
            document.MonthFlow(
                month=flow.month,
                benefit=flow.benefit,
                cost=flow.cost,
                net=flow.net,
                cumulative=flow.cumulative,
            )
            for flow in projection.flows(lift)
        ),
        tornado=tuple(
            document.Tornado(
                input=bar.input, low=bar.npv_low, high=bar.npv_high, swing=bar.swing, basis=bar.basis
            )
            for bar in tornado(
                economics_of(belief, scenario),
                lift,
                belief.sd,
                scenario.ranges,
                lift_basis=belief.basis,
            )
        ),
        benefit_cost_ratio=projection.benefit_cost_ratio(lift),
        payback_months_discounted=projection.payback_months(lift, discounted=True),
        break_even=document.BreakEven(**asdict(break_even(economics_of(belief, scenario), lift))),
        heat_map=_heat_map(economics_of(belief, scenario), lift),
        spread=document.Spread(
            method=money.outlook.method,
            mean=money.outlook.mean,
            sd=money.outlook.sd,
            edges=money.outlook.edges,
            shares=money.outlook.shares,
        ),
    )


def _heat_map(money: Economics, lift: float) -> document.HeatMap | None:
    found = heat_map(money, lift)
    return None if found is None else document.HeatMap(**asdict(found))


def no_roi(scenario: Scenario, reason: str, *, kpi_id: str | None, basis: Basis = "measured") -> document.Roi:
    """Money that cannot be counted, with the reason."""
    return document.Roi(
        status="not_measurable",
        reason=reason,
        basis=basis,
        confirmed=scenario.economics_set(kpi_id),
        currency=scenario.currency,
        baseline=None,
        lift=None,
        lift_sd=None,
        npv=None,
        roi=None,
        break_even_lift=None,
        payback_months=None,
        p_npv_positive=None,
        pv_benefit=None,
        pv_cost=None,
        pv_costs=None,
        pv_per_unit_lift=None,
        sunk_cost=scenario.sunk_cost,
        programme_roi=None,
        p10=None,
        p50=None,
        p90=None,
        months=(),
        tornado=(),
    )


def waiting_part(
    money: Money, found: Difference, growth: power.UserGrowth, scenario: Scenario
) -> document.Waiting:
    """What more of the same pilot costs and teaches, and how long the break-even lift takes to show."""
    return document.Waiting(
        status="ok",
        reason=None,
        **waiting_rows(money.waiting),
        days_to_detect_break_even=days_to_detect(found, growth, scenario, money.projection.break_even_lift),
        mde_now=_figure(power.detectable_now(found, alpha=scenario.alpha, power=scenario.power)),
    )


def waiting_rows(waiting: ValueOfWaiting | None) -> dict[str, Any]:
    """The waits as fields of the review's part; none of them without a belief that can learn."""
    best, advised = (waiting.best, waiting.advised) if waiting else (None, None)
    return {
        "evpi": waiting.evpi if waiting else None,
        "best_weeks": best.weeks if best else None,
        "net_value": best.net if best else None,
        "advised_weeks": advised.weeks if advised else None,
        "rows": tuple(
            document.WaitingRow(
                weeks=row.weeks, evsi=row.evsi, delay_cost=row.delay_cost, net=row.net, p_flip=row.p_flip
            )
            for row in (waiting.rows if waiting else ())
        ),
    }


def days_to_detect(
    found: Difference, growth: power.UserGrowth, scenario: Scenario, break_even: float | None
) -> int | None:
    """Days until the break-even lift, or the smallest one worth shipping where any gain pays, would show."""
    if break_even is None:
        return None
    lift = break_even if break_even >= SMALLEST_LIFT else scenario.min_effect
    return days_to(found, growth, scenario, lift, horizon_days=LONGEST_WEEKS * DAYS_PER_WEEK)


def no_waiting(reason: str) -> document.Waiting:
    """Waiting that cannot be valued, with the reason."""
    return document.Waiting(
        status="not_measurable",
        reason=reason,
        evpi=None,
        best_weeks=None,
        net_value=None,
        rows=(),
        days_to_detect_break_even=None,
        mde_now=None,
    )


def _figure(found: float | NotMeasurable) -> float | None:
    return None if isinstance(found, NotMeasurable) else found
