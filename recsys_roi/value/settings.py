"""Every setting of a scenario: its words, unit, default, allowed range and where the default comes from."""

from __future__ import annotations

from recsys_roi.evidence.kpis import GUARDRAILS, KPIS, NEW_USERS
from recsys_roi.numerals import ENGLISH
from recsys_roi.value.plan_settings import PLAN_SETTINGS
from recsys_roi.value.setting import Group, Setting
from recsys_roi.value.setting_rows import (
    EXAMPLE,
    JUDGEMENT,
    LARGEST,
    PLAYBOOK,
    chosen,
    margin,
    money,
    number,
    share,
)

CONVENTION = "convention"
CONTRACTS = "the recommender suite's data contracts"
VALUE: Group = "traffic and value"

_EVIDENCE = (
    chosen("experiment", "Experiment"),
    chosen("control", "Control variant"),
    chosen("candidate", "Candidate variant"),
    chosen("surface", "Surface"),
    chosen("kpi", "Primary KPI", choices=tuple(KPIS)),
    chosen("start", "First moment counted (UTC)", "time"),
    chosen("end", "Counted until (UTC, itself left out)", "time"),
    chosen("slice_keys", "Slices by context key", "texts"),
    chosen(
        "click_window_hours",
        "Clicks count within",
        "number",
        unit="hours",
        default=24.0,
        low=0.0,
        high=8760.0,
        above=True,
        source=CONTRACTS,
    ),
    chosen(
        "outcome_window_hours",
        "Other outcomes count within",
        "number",
        unit="hours",
        default=168.0,
        low=0.0,
        high=8760.0,
        above=True,
        source=CONTRACTS,
    ),
    chosen(
        "return_days",
        "Days in which a user is to come back",
        "whole",
        unit="days",
        default=7,
        low=1.0,
        high=90.0,
        source=CONTRACTS,
    ),
    chosen("mature_only", "Only requests older than their window", "flag", default=False, source=CONTRACTS),
    chosen(
        "revenue_cap",
        "Cap on revenue",
        "number",
        unit="money a user",
        low=0.0,
        high=LARGEST,
        above=True,
        source="the 0.999 quantile of users with revenue; best fixed before the pilot",
    ),
    chosen(
        "covariate",
        "Covariate from before the experiment",
        source="pre_period where the logs reach back; none switches it off",
    ),
)

_STATISTICS = (
    share(
        "alpha",
        "Error level of the KPI, two-sided",
        0.05,
        "statistics",
        CONVENTION,
        low=0.001,
        high=0.2,
    ),
    share("power", "Power for run times", 0.8, "statistics", CONVENTION, low=0.5, high=0.99),
    number(
        "planned_users",
        "Planned users of both arms",
        None,
        "statistics",
        "5,000 where none is given, as GrowthBook has it",
        unit="users",
        kind="whole",
        low=2.0,
    ),
    share(
        "candidate_share",
        "Planned share of users in the candidate",
        0.5,
        "statistics",
        "an even split; from the plan, never from the counts",
        low=0.01,
        high=0.99,
    ),
    share(
        "prior_sd",
        "Expected size of lifts (prior standard deviation)",
        None,
        "statistics",
        f"by KPI: 0.03 conversion and revenue, 0.10 others; {JUDGEMENT}",
        unit="relative",
        above=True,
    ),
    share("min_effect", "Smallest lift worth shipping", 0.01, "statistics", PLAYBOOK, unit="relative"),
    share("harm_threshold", "Loss that rolls back", 0.01, "statistics", PLAYBOOK, unit="relative"),
    number(
        "min_days",
        "Fewest days before a verdict",
        14,
        "statistics",
        f"two full weeks; {JUDGEMENT}",
        unit="days",
        kind="whole",
        low=1.0,
        high=365.0,
    ),
    share("p_npv_required", "Chance of making money asked for", 0.9, "statistics", JUDGEMENT),
    Setting(
        name="decision_rule",
        label="Rule for the decision",
        kind="text",
        group="statistics",
        default="value_proven",
        source="value must be proven; expected_value is the risk-neutral alternative",
        choices=("value_proven", "expected_value"),
    ),
)

_VALUE = (
    number(
        "eligible_requests_per_month",
        "Eligible requests a month at full roll-out",
        2_000_000.0,
        VALUE,
        EXAMPLE,
        unit="requests a month",
    ),
    number(
        "eligible_new_users_per_month",
        "Eligible new users a month (return rate only)",
        None,
        VALUE,
        "none: enter your own",
        unit="users a month",
    ),
    share(
        "traffic_growth_monthly",
        "Traffic growth a month",
        0.0,
        VALUE,
        JUDGEMENT,
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
        source=JUDGEMENT,
        low=0.0,
        high=1.0,
    ),
    money(
        "value_per_action",
        "Value of one action",
        1.0,
        VALUE,
        "preset: enter your own",
        unit="money an action",
    ),
    share("margin", "Margin on that value", 0.35, VALUE, JUDGEMENT),
    share(
        "cannibalisation",
        "Share taken from other sales",
        0.2,
        VALUE,
        f"0 only where the KPI is all of a user's revenue; {JUDGEMENT}",
    ),
    number(
        "horizon_months",
        "Horizon",
        12,
        VALUE,
        JUDGEMENT,
        unit="months",
        kind="whole",
        low=1.0,
        high=60.0,
    ),
    share("discount_rate", "Discount rate a year", 0.1, VALUE, JUDGEMENT),
    share("novelty_share", "Share of the lift that is novelty", 0.2, VALUE, JUDGEMENT),
    number(
        "novelty_half_life_months",
        "Half-life of the novelty",
        1.5,
        VALUE,
        JUDGEMENT,
        unit="months",
        high=60.0,
        above=True,
    ),
    share(
        "lift_decay_monthly",
        "Decay of the lift a month",
        None,
        VALUE,
        "by KPI: 0.008 revenue and conversion, 0.018 engagement; what Optimizely saw left after a year",
    ),
    Setting(
        name="ranges",
        label="Low, likely and high of uncertain inputs",
        kind="ranges",
        group=VALUE,
        default={},
        source="none: only the lift is uncertain",
    ),
    Setting(
        name="currency",
        label="Currency (ISO 4217)",
        kind="text",
        group=VALUE,
        default="EUR",
        source=CONVENTION,
    ),
    Setting(
        name="locale",
        label="Numbers are written as in",
        kind="text",
        group=VALUE,
        default=ENGLISH,
        source="any CLDR locale, such as de, fr_CH or en_IN; it changes no figure",
    ),
    Setting(
        name="economics_confirmed",
        label="Traffic, value and costs are confirmed",
        kind="flag",
        group=VALUE,
        default=False,
        source="a preset is not a confirmation",
    ),
)

_COSTS = (
    number("engineering_hours", "Engineering still to do", 320.0, "engineering", EXAMPLE, unit="hours"),
    money("engineering_rate", "Engineering cost", 85.0, "engineering", EXAMPLE, unit="money an hour"),
    money("sunk_cost", "Already spent (not in the verdict)", 0.0, "engineering", "none: enter your own"),
    money("shared_cost", "One-off cost shared by all surfaces", 0.0, "engineering", "none: enter your own"),
    number("ops_hours_per_month", "Operations time", 12.0, "operations", EXAMPLE, unit="hours a month"),
    money("ops_rate", "Operations cost", 70.0, "operations", EXAMPLE, unit="money an hour"),
    money("one_off_cost", "One-off infrastructure", 4000.0, "infrastructure", EXAMPLE),
    money(
        "infra_per_month", "Infrastructure, fixed", 1500.0, "infrastructure", EXAMPLE, unit="money a month"
    ),
    money(
        "infra_per_1000_requests",
        "Infrastructure, by traffic",
        0.04,
        "infrastructure",
        EXAMPLE,
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
        source="what every service can log",
        choices=tuple(GUARDRAILS),
    ),
    share(
        "guardrail_alpha",
        "Error level of a guardrail, one-sided",
        0.05,
        "guardrails",
        CONVENTION,
        low=0.001,
        high=0.2,
    ),
    margin("p95_latency", "p95 latency", 0.10, (0.10, 0.20), unit="relative"),
    margin("p99_latency", "p99 latency", 0.20, (0.10, 0.30), unit="relative", source=JUDGEMENT),
    margin("error_rate", "error rate", 0.002, (0.001, 0.005)),
    margin("empty_rate", "empty recommendations", 0.005, (0.002, 0.010)),
    margin(
        "negative_feedback",
        "negative feedback",
        0.10,
        (0.05, 0.20),
        unit="relative",
        source=JUDGEMENT,
    ),
    margin("coverage", "catalogue coverage", 0.02, (0.01, 0.05), source=JUDGEMENT),
    margin("diversity", "diversity", 0.05, (0.02, 0.10), unit="relative", source=JUDGEMENT),
    margin(
        "slow_share",
        "slow requests",
        0.005,
        (0.002, 0.010),
        source=f"as for empty recommendations; {JUDGEMENT}",
    ),
    number(
        "slow_threshold_ms",
        "A request is slow above",
        500.0,
        "guardrails",
        f"{JUDGEMENT}; use your own service level",
        unit="ms",
        above=True,
    ),
)

SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (*_EVIDENCE, *_STATISTICS, *_VALUE, *_COSTS, *_GUARDRAILS, *PLAN_SETTINGS)
}
"""Every setting by name, in the order in which pages and documents show them."""

TRAFFIC_SETTING = "eligible_requests_per_month"
NEW_USERS_SETTING = "eligible_new_users_per_month"
KPIS_OF_NEW_USERS = frozenset(kpi.id for kpi in KPIS.values() if kpi.denominator == NEW_USERS)
"""Their money needs the number of new users a month (numbers book 8.1)."""
VALUE_SETTING = "value_per_action"
COST_SETTINGS = (
    *("engineering_hours", "engineering_rate", "shared_cost", "one_off_cost"),
    *("ops_hours_per_month", "ops_rate", "infra_per_month", "infra_per_1000_requests"),
)
"""The costs that the roll-out still has; the one already spent confirms nothing (numbers book 11)."""

LOOK_SETTINGS = frozenset({"locale"})
"""They change how figures are written, and none of them: no change from a plan or a base."""

UNCERTAIN_SETTINGS = (
    *(TRAFFIC_SETTING, "traffic_growth_monthly", VALUE_SETTING, "margin", "cannibalisation", "discount_rate"),
    *("novelty_share", "novelty_half_life_months", "lift_decay_monthly"),
    *(name for name in COST_SETTINGS if name != "shared_cost"),
    NEW_USERS_SETTING,
)
"""The inputs of money that may be given a range."""
