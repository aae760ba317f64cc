"""Hand-made reviews: one SHIP, one HOLD, one ROLL BACK, one plan without logs.

Money figures are the worked cases S8.roi_positive, S9.voi and the guardrails of S5 in the numbers book.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

from recsys_roi.review.document import (
    Arms,
    ArmSums,
    Check,
    Costs,
    Decision,
    Estimate,
    ExitCriterion,
    Experiment,
    FixedHorizon,
    Flip,
    Guardrail,
    InputFile,
    Inputs,
    Kpi,
    Mature,
    MonthFlow,
    Plan,
    Posterior,
    Review,
    Risk,
    Roi,
    Slice,
    Software,
    SumsByArm,
    TestedEstimate,
    Tornado,
    Waiting,
    WaitingRow,
    Window,
)

MADE_AT = "2026-11-24T09:00:00Z"
FLOWS = (  # S8.roi_positive, monthly net; month 0 is the one-off cost of 31,200
    *(3182.750000000001, 7870.202892237614, 17025.91646839936, 16359.494968501393),
    *(15937.501137484829, 15669.456247949502, 15498.367817984778, 15388.336267414927),
    *(15316.748381177786, 15269.35999118206, 15237.198569744647, 15214.612180834869),
)
ONE_OFF = 31200.0
SCENARIO: dict[str, Any] = {
    "kpi": "conversion_rate",
    "eligible_requests_per_month": 10_000_000,
    "value_per_action": 18.0,
    "margin": 0.35,
    "cannibalisation": 0.15,
    "horizon_months": 12,
    "ramp": [0.25, 0.5, 1.0],
    "min_days": 14,
    "p_npv_required": 0.9,
    "alpha": 0.05,
    "currency": "EUR",
}
TORNADO = (  # S8.tornado: low, high from the base of S8.roi; swing as published there
    Tornado(input="lift", low=-42875.54, high=-9501.6, swing=33373.945, basis="measured"),
    Tornado(input="engineering_hours", low=-39788.57, high=-20748.57, swing=19040.0, basis="assumed"),
    Tornado(input="infra_per_month", low=-33028.86, high=-19348.28, swing=13680.585, basis="assumed"),
    Tornado(input="novelty_share", low=-32802.2, high=-19574.94, swing=13227.263, basis="assumed"),
    Tornado(input="margin", low=-32699.03, high=-19678.11, swing=13020.914, basis="assumed"),
)


def months(scale: float = 1.0) -> tuple[MonthFlow, ...]:
    """Cash flows of S8.roi_positive; `scale` multiplies each net."""
    flows: list[MonthFlow] = []
    total = -ONE_OFF
    for month, flow in enumerate(FLOWS, start=1):
        net = flow * scale
        total += net
        flows.append(MonthFlow(month=month, benefit=net + 2500.0, cost=2500.0, net=net, cumulative=total))
    return tuple(flows)


def roi(**changes: Any) -> Roi:
    """S8.roi_positive, measured and confirmed."""
    middle = NormalDist(127692.60982791048, 5425380.83162521 * 0.012)
    base = Roi(
        status="ok",
        reason=None,
        basis="measured",
        confirmed=True,
        currency="EUR",
        baseline=0.012,
        lift=0.035,
        lift_sd=0.012,
        npv=127692.60982791048,
        roi=2.053077145955329,
        break_even_lift=0.011463843960303288,
        payback_months=3.1907840459239396,
        p_npv_positive=0.9750806822912899,
        pv_benefit=189888.32910688236,
        pv_cost=62195.7192789719,
        pv_costs=Costs(engineering=27200.0, operations=9500.0, infrastructure=25495.7192789719),
        pv_per_unit_lift=5425380.83162521,
        sunk_cost=0.0,
        programme_roi=None,
        p10=middle.inv_cdf(0.1),
        p50=127692.60982791048,
        p90=middle.inv_cdf(0.9),
        months=months(),
        tornado=TORNADO,
    )
    return base.model_copy(update=changes)


def roi_at(lift: float, lift_sd: float, pv_cost: float, **changes: Any) -> Roi:
    """Money linear in the lift (numbers book 8.1, 8.3), without payback."""
    unit = roi().pv_per_unit_lift
    npv = lift * unit - pv_cost
    spread = NormalDist(npv, unit * lift_sd)
    return roi(
        lift=lift,
        lift_sd=lift_sd,
        npv=npv,
        roi=npv / pv_cost,
        break_even_lift=pv_cost / unit,
        payback_months=None,
        p_npv_positive=1 - spread.cdf(0.0),
        pv_benefit=lift * unit,
        pv_cost=pv_cost,
        pv_costs=None,
        p10=spread.inv_cdf(0.1),
        p50=npv,
        p90=spread.inv_cdf(0.9),
        months=months(0.1),
        **changes,
    )


def no_roi(reason: str) -> Roi:
    """Money that cannot be counted."""
    gone = (
        *("baseline", "lift", "lift_sd", "npv", "roi", "break_even_lift", "payback_months", "p_npv_positive"),
        *("pv_benefit", "pv_cost", "pv_costs", "pv_per_unit_lift", "p10", "p50", "p90"),
    )
    return roi(status="not_measurable", reason=reason, months=(), tornado=(), **dict.fromkeys(gone))


def waiting(**changes: Any) -> Waiting:
    """S9.voi: three more weeks are best."""
    rows = (
        WaitingRow(weeks=1, evsi=1908.84, delay_cost=1105.0, net=803.84, p_flip=0.109),
        WaitingRow(weeks=2, evsi=3805.68, delay_cost=2210.0, net=1595.68, p_flip=0.162),
        WaitingRow(weeks=3, evsi=4961.18, delay_cost=3315.0, net=1646.18, p_flip=0.187),
        WaitingRow(weeks=4, evsi=5697.63, delay_cost=4420.0, net=1277.63, p_flip=0.202),
    )
    base = Waiting(
        status="ok",
        reason=None,
        evpi=10448.068641,
        best_weeks=3,
        advised_weeks=3,
        net_value=1646.18,
        rows=rows,
        days_to_detect_break_even=24,
        mde_now=0.0385,
    )
    return base.model_copy(update=changes)


def sums() -> SumsByArm:
    """24,100 and 23,950 users."""
    arms = [ArmSums(n=n, Sy=sy, Sx=n, Syy=sy, Sxx=n, Sxy=sy) for n, sy in ((24100, 289.0), (23950, 293.0))]
    return SumsByArm(control=arms[0], candidate=arms[1])


def kpi(lower: float, estimate: float, upper: float, mean: float, **changes: Any) -> Kpi:
    """The primary KPI at a control of 1.20 % with this always-valid range of the relative lift."""
    base = Kpi(
        id="conversion_rate",
        primary=True,
        status="ok",
        reason=None,
        unit="share of users",
        control=0.012,
        candidate=0.012 * (1 + estimate),
        difference=TestedEstimate(
            estimate=0.012 * estimate, lower=0.012 * lower, upper=0.012 * upper, p_value=0.2
        ),
        relative_lift=Estimate(estimate=estimate, lower=lower, upper=upper),
        relative_reason=None,
        fixed_horizon=FixedHorizon(
            method="welch",
            difference=TestedEstimate(
                estimate=0.012 * estimate, lower=0.012 * lower / 2, upper=0.012 * upper / 1.3, p_value=0.1
            ),
            relative_lift=Estimate(estimate=estimate, lower=lower / 2, upper=upper / 1.3),
        ),
        posterior=Posterior(
            mean=mean, sd=0.012, p_better=0.88, expected_loss_ship=0.001, expected_loss_keep=0.02
        ),
        implausible=False,
        implausible_p=0.24,
        design_effect=1.0,
        sums=sums(),
        mature=Mature(
            share=0.83, used=True, control=0.012, candidate=0.0122, relative_lift=0.021, posterior=None
        ),
    )
    return base.model_copy(update=changes)


def unmeasured_kpi(reason: str, kpi_id: str = "revenue_per_request") -> Kpi:
    """A KPI without a reading."""
    gone = (
        "control",
        "candidate",
        "difference",
        "relative_lift",
        "fixed_horizon",
        "posterior",
        "sums",
        "mature",
    )
    return kpi(-0.1, 0.0, 0.1, 0.0).model_copy(
        update={
            **dict.fromkeys(gone),
            "id": kpi_id,
            "unit": "money per request",
            "primary": False,
            "status": "not_measurable",
            "reason": reason,
        }
    )


def latency(status: str = "pass", estimate: float = 0.01, upper: float = 0.04, **changes: Any) -> Guardrail:
    """p95 latency at a control of 100 ms, limit 10 %."""
    base = Guardrail(
        id="p95_latency",
        status=status,
        reason=None,
        control=100.0,
        candidate=100.0 * (1 + estimate),
        harm=Estimate(estimate=estimate, lower=2 * estimate - upper, upper=upper),
        margin=0.1,
        unit="relative",
        arm_unit="ms",
        more_days=None,
        note="",
    )
    return base.model_copy(update=changes)


def error_rate(**changes: Any) -> Guardrail:
    """S5.error_rate_0 with its always-valid half width; limit 0.2 points."""
    base = Guardrail(
        id="error_rate",
        status="pass",
        reason=None,
        control=0.004,
        candidate=0.00419699547,
        harm=Estimate(
            estimate=0.00019699547, lower=0.00019699547 - 0.001274226036, upper=0.00019699547 + 0.001274226036
        ),
        margin=0.002,
        unit="share of requests",
        arm_unit="share of requests",
        more_days=None,
        note="",
    )
    return base.model_copy(update=changes)


def unlogged(guardrail: Guardrail) -> Guardrail:
    """The same guardrail where its field is not logged."""
    gone = {"status": "not_measurable", "reason": "missing", "control": None, "candidate": None, "harm": None}
    return guardrail.model_copy(update=gone)


def check(check_id: str, status: str = "pass", fix: str = "") -> Check:
    """One integrity check."""
    return Check(
        id=check_id, status=status, value=0.99, threshold=0.95, detail=f"Detail of {check_id}.", fix=fix
    )


def slice_of(value: str, lower: float, estimate: float, upper: float, **changes: Any) -> Slice:
    """A slice by device."""
    base = Slice(
        key="device",
        value=value,
        kpi="conversion_rate",
        users=12000,
        relative_lift=Estimate(estimate=estimate, lower=lower, upper=upper),
        adjusted_p=0.3,
        shrunken=estimate / 2,
        harm=False,
        reason=None,
    )
    return base.model_copy(update=changes)


def experiment(days: int = 16, users: tuple[int, int] = (24100, 23950)) -> Experiment:
    """The pilot's experiment."""
    return Experiment(
        id="home-recs",
        control="control",
        candidate="candidate",
        surface="home",
        window=Window(start="2026-10-29T00:00:00Z", end="2026-11-13T23:59:00Z", days=days),
        users=Arms(control=users[0], candidate=users[1]),
        requests=Arms(control=241000, candidate=239500),
        notes=("Control is the variant named control.",),
    )


def decision(verdict: str | None, *reasons: str, **changes: Any) -> Decision:
    """A decision with its reasons, the first one primary."""
    base = Decision(
        decision=verdict,
        primary_reason=reasons[0] if reasons else None,
        reasons=reasons,
        preliminary=False,
        valid_from=None,
        incident=False,
        flips=(),
    )
    return base.model_copy(update=changes)


def ship(**changes: Any) -> Review:
    """Value proven: the low end is a gain, 98 % chance of positive value."""
    base = Review(
        made_at=MADE_AT,
        software=Software(name="recsys-roi", version="0.1.0"),
        inputs=Inputs(
            files=(
                InputFile(
                    name="exposures.jsonl.gz",
                    hash="blake3:0f3c",
                    kind="exposure.v1",
                    lines=480600,
                    accepted=480500,
                    rejected=100,
                ),
            ),
            scenario=SCENARIO,
            changed=("value_per_action", "eligible_requests_per_month"),
        ),
        experiment=experiment(),
        integrity=(check("schema", "warn", "Mend the logging."), check("outcome_join_rate"), check("srm")),
        kpis=(kpi(0.001, 0.041, 0.0835, 0.035), unmeasured_kpi("missing")),
        guardrails=(latency(), error_rate()),
        slices=(slice_of("mobile", -0.01, 0.03, 0.07), slice_of("desktop", 0.002, 0.05, 0.1)),
        roi=roi(),
        waiting=waiting(advised_weeks=None, net_value=-200.0),
        decision=decision(
            "ship", "value_proven", flips=(Flip(input="value_per_action", at=7.2, becomes="hold"),)
        ),
        risks=(
            Risk(
                id="rollback",
                title="A bad publish reaches users",
                family="Operations",
                status="cannot_tell",
                evidence="Nobody has stated that rollback was practised.",
                page="Risks",
                mitigation="Practise rollback once.",
                escalation="Call the on-call engineer.",
                owner="Ada",
                due="2026-12-01",
                document="start-here/operational-reliability-and-rollback.md",
            ),
            Risk(
                id="srm",
                title="Users are lost in one arm",
                family="Bad instrumentation",
                status="ok",
                evidence="Split as planned.",
                page="Logs",
                mitigation="Assign by hash.",
                escalation="Call the logging owner.",
                owner=None,
                due=None,
                document="recsys-eval/docs/troubleshooting.md",
            ),
        ),
        plan=Plan(
            phase="Weeks 2-3: a better candidate",
            exit_criteria=(
                ExitCriterion(
                    id="logs_validate", title="Logs validate", met=True, evidence="0.02 % rejected."
                ),
                ExitCriterion(
                    id="joins_sane", title="Joins are sane", met=False, evidence="One join is low."
                ),
                ExitCriterion(id="rollback", title="Rollback practised", met=None, evidence="Not attested."),
            ),
        ),
    )
    return base.model_copy(update=changes)


def hold() -> Review:
    """Waiting pays: the range includes a loss; latency is not logged, revenue has too few users."""
    few = unmeasured_kpi("too_few_users").model_copy(
        update={
            "sums": SumsByArm(
                control=ArmSums(n=61, Sy=1, Sx=61, Syy=1, Sxx=61, Sxy=1),
                candidate=ArmSums(n=58, Sy=1, Sx=58, Syy=1, Sxx=58, Sxy=1),
            )
        }
    )
    return ship(
        kpis=(kpi(-0.025, 0.022, 0.069, 0.018), few),
        guardrails=(unlogged(latency()), error_rate()),
        slices=(
            slice_of("mobile", -0.01, 0.03, 0.07),
            slice_of("tv", 0, 0, 0, relative_lift=None, shrunken=None, reason="too_few_users"),
        ),
        roi=roi_at(0.018, 0.014, 47200.0),
        waiting=waiting(),
        decision=decision(
            "hold",
            "waiting_pays",
            "guardrail_not_measurable",
            preliminary=True,
            valid_from="2026-11-12",
        ),
    )


def roll_back() -> Review:
    """A latency breach."""
    breach = latency("breach", 0.25, 0.38, note="Only an approximation while looking every day.")
    return ship(
        kpis=(kpi(-0.06, -0.03, -0.004, -0.021),),
        guardrails=(breach, error_rate()),
        roi=roi_at(-0.021, 0.012, 62195.7192789719),
        decision=decision("roll_back", "guardrail_breach", "kpi_regression"),
    )


def plan_only() -> Review:
    """No logs yet: an expected lift of 3 %, everything assumed."""
    return ship(
        inputs=Inputs(files=(), scenario={**SCENARIO, "expected_lift": 0.03}, changed=("expected_lift",)),
        experiment=None,
        integrity=(),
        kpis=(),
        guardrails=(),
        slices=(),
        roi=roi_at(0.03, 0.012, 62195.7192789719, basis="assumed"),
        waiting=Waiting(
            status="not_measurable",
            reason="missing",
            evpi=None,
            best_weeks=None,
            net_value=None,
            rows=(),
            days_to_detect_break_even=None,
            mde_now=None,
        ),
        decision=decision(None),
        risks=(),
    )


ALL = {"ship": ship, "hold": hold, "roll_back": roll_back, "plan_only": plan_only}
