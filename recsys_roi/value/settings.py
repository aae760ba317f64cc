"""Every setting of a scenario: its words, unit, default, allowed range and where the default comes from."""

from __future__ import annotations

from typing import Any

from recsys_roi.evidence.kpis import GUARDRAILS, KPIS, NEW_USERS
from recsys_roi.value.setting import Group, Kind, Setting

DATA = "chosen from the data"
LARGEST = 1e12  # of money, hours and counts: what is larger is a slip, and products stay finite
VALUE: Group = "traffic and value"


def _chosen(name: str, label: str, kind: Kind = "text", **more: Any) -> Setting:
    return Setting(
        **{"default": None, "source": DATA, **more},
        name=name,
        label=label,
        kind=kind,
        group="evidence selection",
    )


def _number(name: str, label: str, default: float | None, group: Group, source: str, **more: Any) -> Setting:
    given = {"kind": "number", "low": 0.0, "high": LARGEST, **more}
    return Setting(name=name, label=label, default=default, group=group, source=source, **given)


def _money(name: str, label: str, default: float | None, group: Group, source: str, **more: Any) -> Setting:
    return _number(name, label, default, group, source, **{"unit": "money", **more})


def _share(name: str, label: str, default: float | None, group: Group, source: str, **more: Any) -> Setting:
    return _number(name, label, default, group, source, **{"unit": "share", "high": 1.0, **more})


def _margin(measure: str, label: str, default: float, slider: tuple[float, float], **more: Any) -> Setting:
    given = {"source": "numbers book 5.4", "unit": "share", **more}
    return _share(
        f"margin_{measure}", f"Limit for {label}", default, "guardrails", above=True, slider=slider, **given
    )


_EVIDENCE = (
    _chosen("experiment", "Experiment"),
    _chosen("control", "Control variant"),
    _chosen("candidate", "Candidate variant"),
    _chosen("surface", "Surface"),
    _chosen("kpi", "Primary KPI", choices=tuple(KPIS)),
    _chosen("start", "First moment counted (UTC)", "time"),
    _chosen("end", "Counted until (UTC, itself left out)", "time"),
    _chosen("slice_keys", "Slices by context key", "texts"),
    _chosen(
        "click_window_hours",
        "Clicks count within",
        "number",
        unit="hours",
        default=24.0,
        low=0.0,
        high=8760.0,
        above=True,
        source="contracts 4",
    ),
    _chosen(
        "outcome_window_hours",
        "Other outcomes count within",
        "number",
        unit="hours",
        default=168.0,
        low=0.0,
        high=8760.0,
        above=True,
        source="contracts 4",
    ),
    _chosen(
        "return_days",
        "Days in which a user is to come back",
        "whole",
        unit="days",
        default=7,
        low=1.0,
        high=90.0,
        source="contracts 5",
    ),
    _chosen(
        "mature_only", "Only requests older than their window", "flag", default=False, source="contracts 4"
    ),
    _chosen(
        "revenue_cap",
        "Cap on revenue",
        "number",
        unit="money a user",
        low=0.0,
        high=LARGEST,
        above=True,
        source="the 0.999 quantile of users with revenue; best fixed before the pilot (numbers book 2.4)",
    ),
    _chosen(
        "covariate",
        "Covariate from before the experiment",
        source="pre_period where the logs reach back; none switches it off (numbers book 2)",
    ),
)

_STATISTICS = (
    _share(
        "alpha",
        "Error level of the KPI, two-sided",
        0.05,
        "statistics",
        "numbers book 0.3",
        low=0.001,
        high=0.2,
    ),
    _share("power", "Power for run times", 0.8, "statistics", "numbers book 0.3", low=0.5, high=0.99),
    _number(
        "planned_users",
        "Planned users of both arms",
        None,
        "statistics",
        "5,000 where none is given (numbers book 0.3)",
        unit="users",
        kind="whole",
        low=2.0,
    ),
    _share(
        "candidate_share",
        "Planned share of users in the candidate",
        0.5,
        "statistics",
        "rulings 1",
        low=0.01,
        high=0.99,
    ),
    _share(
        "prior_sd",
        "Expected size of lifts (prior standard deviation)",
        None,
        "statistics",
        "by KPI: 0.03 conversion and revenue, 0.10 others (rulings 5, J)",
        unit="relative",
        above=True,
    ),
    _share(
        "min_effect", "Smallest lift worth shipping", 0.01, "statistics", "numbers book 0.3", unit="relative"
    ),
    _share("harm_threshold", "Loss that rolls back", 0.01, "statistics", "numbers book 0.3", unit="relative"),
    _number(
        "min_days",
        "Least days before a verdict",
        14,
        "statistics",
        "two full weeks (numbers book 0.3, J)",
        unit="days",
        kind="whole",
        low=1.0,
        high=365.0,
    ),
    _share("p_npv_required", "Chance of making money asked for", 0.9, "statistics", "numbers book 11"),
    Setting(
        name="decision_rule",
        label="Rule for the decision",
        kind="text",
        group="statistics",
        default="value_proven",
        source="value must be proven; expected_value is the risk-neutral alternative (numbers book 11)",
        choices=("value_proven", "expected_value"),
    ),
)

_VALUE = (
    _number(
        "eligible_requests_per_month",
        "Eligible requests a month at full roll-out",
        2_000_000.0,
        VALUE,
        "preset: enter your own (worked example, numbers book 8.2)",
        unit="requests a month",
    ),
    _number(
        "eligible_new_users_per_month",
        "Eligible new users a month (return rate only)",
        None,
        VALUE,
        "none: enter your own (rulings 2)",
        unit="users a month",
    ),
    _share(
        "traffic_growth_monthly",
        "Traffic growth a month",
        0.0,
        VALUE,
        "numbers book 8.1 (J)",
        low=-0.2,
        high=0.2,
    ),
    Setting(
        name="ramp",
        label="Share of traffic served, by month of the roll-out",
        unit="share",
        kind="numbers",
        group=VALUE,
        default=(0.25, 0.5, 1.0),
        source="numbers book 8.1 (J)",
        low=0.0,
        high=1.0,
    ),
    _money(
        "value_per_action",
        "Value of one action",
        1.0,
        VALUE,
        "preset: enter your own",
        unit="money an action",
    ),
    _share("margin", "Margin on that value", 0.35, VALUE, "numbers book 8.1 (J)"),
    _share("cannibalisation", "Share taken from other sales", 0.2, VALUE, "rulings 5 (J)"),
    _number(
        "horizon_months",
        "Horizon",
        12,
        VALUE,
        "numbers book 8.1 (J)",
        unit="months",
        kind="whole",
        low=1.0,
        high=60.0,
    ),
    _share("discount_rate", "Discount rate a year", 0.1, VALUE, "numbers book 8.1 (J)"),
    _share("novelty_share", "Share of the lift that is novelty", 0.2, VALUE, "numbers book 8.1 (J)"),
    _number(
        "novelty_half_life_months",
        "Half-life of the novelty",
        1.5,
        VALUE,
        "numbers book 8.1 (J)",
        unit="months",
        high=60.0,
        above=True,
    ),
    _share(
        "lift_decay_monthly",
        "Decay of the lift a month",
        None,
        VALUE,
        "by KPI: 0.008 revenue and conversion, 0.018 engagement (numbers book 8.1)",
    ),
    Setting(
        name="ranges",
        label="Low, likely and high of uncertain inputs",
        kind="ranges",
        group=VALUE,
        default={},
        source="none: only the lift is uncertain (rulings 19)",
    ),
    Setting(
        name="currency",
        label="Currency (ISO 4217)",
        kind="text",
        group=VALUE,
        default="EUR",
        source="(J)",
    ),
    Setting(
        name="economics_confirmed",
        label="Traffic, value and costs are confirmed",
        kind="flag",
        group=VALUE,
        default=False,
        source="a preset is not a confirmation (rulings 7)",
    ),
)

_EXAMPLE = "preset: worked example of numbers book 8.2"
_COSTS = (
    _number("engineering_hours", "Engineering still to do", 320.0, "engineering", _EXAMPLE, unit="hours"),
    _money("engineering_rate", "Engineering cost", 85.0, "engineering", _EXAMPLE, unit="money an hour"),
    _money("sunk_cost", "Already spent (not in the verdict)", 0.0, "engineering", "numbers book 8.1"),
    _money("shared_cost", "One-off cost shared by all surfaces", 0.0, "engineering", "rulings 12"),
    _number("ops_hours_per_month", "Operations time", 12.0, "operations", _EXAMPLE, unit="hours a month"),
    _money("ops_rate", "Operations cost", 70.0, "operations", _EXAMPLE, unit="money an hour"),
    _money("one_off_cost", "One-off infrastructure", 4000.0, "infrastructure", _EXAMPLE),
    _money(
        "infra_per_month", "Infrastructure, fixed", 1500.0, "infrastructure", _EXAMPLE, unit="money a month"
    ),
    _money(
        "infra_per_1000_requests",
        "Infrastructure, by traffic",
        0.04,
        "infrastructure",
        _EXAMPLE,
        unit="money per 1,000 requests",
    ),
)

_GUARDRAILS = (
    Setting(
        name="guardrails",
        label="Guardrails (two to four)",
        kind="texts",
        group="guardrails",
        default=("p95_latency", "error_rate", "empty_rate"),
        source="rulings 19",
        choices=tuple(GUARDRAILS),
    ),
    _share(
        "guardrail_alpha",
        "Error level of a guardrail, one-sided",
        0.05,
        "guardrails",
        "numbers book 0.3",
        low=0.001,
        high=0.2,
    ),
    _margin("p95_latency", "p95 latency", 0.10, (0.10, 0.20), unit="relative"),
    _margin("p99_latency", "p99 latency", 0.20, (0.10, 0.30), unit="relative", source="numbers book 5.4 (J)"),
    _margin("error_rate", "error rate", 0.002, (0.001, 0.005)),
    _margin("empty_rate", "empty recommendations", 0.005, (0.002, 0.010)),
    _margin(
        "negative_feedback",
        "negative feedback",
        0.10,
        (0.05, 0.20),
        unit="relative",
        source="numbers book 5.4 (J)",
    ),
    _margin("coverage", "catalogue coverage", 0.02, (0.01, 0.05), source="numbers book 5.4 (J)"),
    _margin("diversity", "diversity", 0.05, (0.02, 0.10), unit="relative", source="numbers book 5.4 (J)"),
    _margin("slow_share", "slow requests", 0.005, (0.002, 0.010), source="as for empty recommendations (J)"),
    _number(
        "slow_threshold_ms",
        "A request is slow above",
        500.0,
        "guardrails",
        "(J); use your own service level",
        unit="ms",
        above=True,
    ),
)

_PLAN = (
    Setting(
        name="planned_end",
        label="Planned end of the pilot",
        kind="time",
        group="plan",
        default=None,
        source="none: enter your own",
    ),
    _number(
        "baseline_kpi", "Baseline of the KPI, a request", 0.012, "plan", _EXAMPLE, unit="actions a request"
    ),
    _share("expected_lift", "Expected lift", 0.03, "plan", _EXAMPLE, unit="relative", low=-0.9, high=5.0),
    _share(
        "expected_lift_sd",
        "Uncertainty of the expected lift",
        0.012,
        "plan",
        _EXAMPLE,
        unit="relative",
        high=5.0,
    ),
    _share("pilot_share", "Share of traffic on the candidate in the pilot", 0.5, "plan", "rulings 6"),
    _money("pilot_cost_per_week", "Cost of running the pilot", 0.0, "plan", "rulings 6", unit="money a week"),
    _number(
        "design_effect",
        "Variance added by users who ask again",
        1.5,
        "plan",
        "1.49 in a worked pilot (numbers book 1.1, J)",
        unit="times",
        low=1.0,
        high=100.0,
    ),
    _number(
        "kpi_variation",
        "Spread of the KPI between requests, over its mean",
        None,
        "plan",
        "by KPI: yes or no KPIs from their baseline; revenue 12.9, as of orders in 1.2 % of requests whose "
        "values spread as wide as their mean (J)",
        unit="times",
        high=1000.0,
        above=True,
    ),
)

SETTINGS: dict[str, Setting] = {
    setting.name: setting for setting in (*_EVIDENCE, *_STATISTICS, *_VALUE, *_COSTS, *_GUARDRAILS, *_PLAN)
}
"""Every setting by name, in the order in which pages and documents show them."""

TRAFFIC_SETTING = "eligible_requests_per_month"
NEW_USERS_SETTING = "eligible_new_users_per_month"
KPIS_OF_NEW_USERS = frozenset(kpi.id for kpi in KPIS.values() if kpi.denominator == NEW_USERS)
"""Their money needs the number of new users a month (rulings 2)."""
VALUE_SETTING = "value_per_action"
COST_SETTINGS = (
    *("engineering_hours", "engineering_rate", "shared_cost", "one_off_cost"),
    *("ops_hours_per_month", "ops_rate", "infra_per_month", "infra_per_1000_requests"),
)
"""The costs that the roll-out still has; the one already spent confirms nothing (rulings 7)."""

UNCERTAIN_SETTINGS = (
    *(TRAFFIC_SETTING, "traffic_growth_monthly", VALUE_SETTING, "margin", "cannibalisation", "discount_rate"),
    *("novelty_share", "novelty_half_life_months", "lift_decay_monthly"),
    *(name for name in COST_SETTINGS if name != "shared_cost"),
    NEW_USERS_SETTING,
)
"""The inputs of money that may be given a range."""
