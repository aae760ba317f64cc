"""The settings of a pilot's plan: what is expected before the data, and how it is run."""

from __future__ import annotations

from recsys_roi.value.setting import Setting
from recsys_roi.value.setting_rows import EXAMPLE, JUDGEMENT, money, number, share

PLAN_SETTINGS = (
    Setting(
        name="domain",
        label="What the product is",
        kind="text",
        group="plan",
        default=None,
        source="none: enter your own",
        choices=("shop", "content", "other"),
    ),
    Setting(
        name="planned_end",
        label="Planned end of the pilot",
        kind="time",
        group="plan",
        default=None,
        source="none: enter your own",
    ),
    number(
        "baseline_kpi", "Baseline of the KPI, a request", 0.012, "plan", EXAMPLE, unit="actions a request"
    ),
    share("expected_lift", "Expected lift", 0.03, "plan", EXAMPLE, unit="relative", low=-0.9, high=5.0),
    share(
        "expected_lift_sd",
        "Uncertainty of the expected lift",
        0.012,
        "plan",
        EXAMPLE,
        unit="relative",
        high=5.0,
    ),
    share("pilot_share", "Share of traffic on the candidate in the pilot", 0.5, "plan", "an even split"),
    money(
        "pilot_cost_per_week",
        "Cost of running the pilot",
        0.0,
        "plan",
        "none: enter your own",
        unit="money a week",
    ),
    number(
        "design_effect",
        "Variance added by users who ask again",
        1.5,
        "plan",
        f"1.49 in a worked pilot; {JUDGEMENT}",
        unit="times",
        low=1.0,
        high=100.0,
    ),
    number(
        "kpi_variation",
        "Spread of the KPI between requests, over its mean",
        None,
        "plan",
        "by KPI: yes or no KPIs from their baseline; revenue 12.9, as of orders in 1.2 % of requests whose "
        "values spread as wide as their mean",
        unit="times",
        high=1000.0,
        above=True,
    ),
    number(
        "artifact_interval_hours",
        "Artifacts are updated every",
        None,
        "plan",
        "learnt from three manifests or more",
        unit="hours",
        high=8760.0,
        above=True,
    ),
)
