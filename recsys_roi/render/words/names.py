"""Ids as people say them: KPIs, guardrails, checks, settings, statuses. An unknown id is shown as it is."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_roi.evidence.kpis import KPIS
from recsys_roi.render.palette import Tone
from recsys_roi.value.settings import SETTINGS

KPI_NAMES = {
    "ctr": "click-through rate",
    "conversion_rate": "conversion rate",
    "revenue_per_request": "revenue per request",
    "revenue_per_user": "revenue per user",
    "revenue_per_session": "revenue per session",
    "add_to_cart_rate": "add-to-cart rate",
    "completion_rate": "completion rate",
    "time_spent": "time spent",
    "return_rate": "return rate",
    "conversions_per_request": "conversions per request",
    "clicks_per_request": "clicks per request",
    "completions_per_user": "completions per user",
}
KPI_NEEDS = {
    "ctr": "click",
    "conversion_rate": "conversion",
    "revenue_per_request": "value on conversion",
    "revenue_per_user": "value on conversion",
    "revenue_per_session": "value on conversion",
    "add_to_cart_rate": "add_to_cart",
    "completion_rate": "start or complete",
    "time_spent": "dwell",
    "return_rate": "exposures over enough days",
    "conversions_per_request": "conversion",
    "clicks_per_request": "click",
    "completions_per_user": "complete",
}
KPI_ACTIONS = {
    "ctr": "click",
    "conversion_rate": "conversion",
    "add_to_cart_rate": "add-to-cart",
    "completion_rate": "completion",
    "time_spent": "minute",
    "return_rate": "returning user",
    "conversions_per_request": "conversion",
    "clicks_per_request": "click",
    "completions_per_user": "completion",
}
GUARDRAIL_NAMES = {
    "p95_latency": "p95 latency",
    "p99_latency": "p99 latency",
    "slow_share": "slow requests",
    "error_rate": "error rate",
    "empty_rate": "empty recommendations",
    "negative_feedback_rate": "negative feedback",
    "coverage": "catalogue coverage",
    "diversity": "diversity",
}
GUARDRAIL_NEEDS = {
    "p95_latency": "latency_ms",
    "p99_latency": "latency_ms",
    "slow_share": "latency_ms",
    "error_rate": "error",
    "empty_rate": "items",
    "negative_feedback_rate": "negative_feedback",
    "coverage": "items",
    "diversity": "items",
}
CHECK_TITLES = {
    "schema": "Lines follow the contract",
    "outcome_join_rate": "Outcomes find their exposure",
    "assignment_join_rate": "Assignments find their exposure",
    "exposure_join_rate": "Exposures with any outcome",
    "duplicate_requests": "Each request logged once",
    "two_arm_users": "Each user in one arm",
    "srm": "Split of users as planned",
    "late_outcomes": "Outcomes come in time",
    "freshness": "No silence in the logs",
    "personal_data": "No personal data",
    "covariate_balance": "Past behaviour balanced between arms",
    "denominator_shift": "Requests a user unchanged",
}
CHECK_UNITS = {
    "schema": ("lines", "share of lines"),
    "outcome_join_rate": ("share of outcomes", "share of outcomes"),
    "assignment_join_rate": ("share of assignments", "share of assignments"),
    "exposure_join_rate": ("share of exposures", ""),
    "duplicate_requests": ("lines", "share of lines"),
    "two_arm_users": ("share of users", "share of users"),
    "srm": ("p-value", "p-value"),
    "late_outcomes": ("outcomes", ""),
    "freshness": ("hours", "hours"),
    "personal_data": ("values", "values"),
    "covariate_balance": ("p-value", "p-value"),
    "denominator_shift": ("p-value", "p-value"),
}
SETTING_NAMES = {
    "kpi": "KPI",
    "eligible_requests_per_month": "eligible requests a month",
    "eligible_new_users_per_month": "eligible new users a month",
    "traffic_growth_monthly": "traffic growth a month",
    "ramp": "roll-out ramp by month",
    "value_per_action": "value per action",
    "horizon_months": "horizon in months",
    "discount_rate": "discount rate a year",
    "novelty_share": "novelty share of the lift",
    "novelty_half_life_months": "novelty half-life in months",
    "lift_decay_monthly": "decay of the lift a month",
    "engineering_hours": "engineering hours",
    "engineering_rate": "engineering cost an hour",
    "one_off_cost": "one-off cost",
    "infra_per_month": "infrastructure a month",
    "infra_per_1000_requests": "infrastructure per 1,000 requests",
    "ops_hours_per_month": "operations hours a month",
    "ops_rate": "operations cost an hour",
    "sunk_cost": "cost already spent",
    "shared_cost": "shared cost",
    "pilot_cost_per_week": "pilot cost a week",
    "pilot_share": "pilot share of traffic",
    "candidate_share": "planned share of users in the candidate",
    "prior_sd": "expected size of lifts (prior)",
    "min_effect": "smallest lift worth shipping",
    "harm_threshold": "loss that rolls back",
    "p_npv_required": "chance of making money asked for",
    "min_days": "fewest days before a verdict",
    "expected_lift": "expected lift",
    "expected_lift_sd": "uncertainty of the expected lift",
    "baseline_kpi": "baseline of the KPI",
    "lift": "lift",
    "margin": "margin",
    "cannibalisation": "cannibalisation",
    "guardrails": "guardrails",
    "currency": "currency",
}
"""Short names for sentences and charts; any other setting has the name that the settings panel shows."""
ABBREVIATIONS = {"kpi": "KPI", "sd": "standard deviation", "npv": "NPV"}


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusMark:
    """How a status is shown: an icon of Streamlit's bundled font, a word, and the tone of its colours."""

    icon: str
    word: str
    tone: Tone


STATUS_MARKS = {
    "pass": StatusMark(icon=":material/check_circle:", word="Passed", tone="ok"),
    "warn": StatusMark(icon=":material/warning:", word="Not shown safe", tone="watch"),
    "fail": StatusMark(icon=":material/cancel:", word="Failed", tone="act"),
    "breach": StatusMark(icon=":material/dangerous:", word="Over its limit", tone="act"),
    "ok": StatusMark(icon=":material/check_circle:", word="OK", tone="ok"),
    "watch": StatusMark(icon=":material/visibility:", word="Watch", tone="watch"),
    "act": StatusMark(icon=":material/priority_high:", word="Act", tone="act"),
    "cannot_tell": StatusMark(icon=":material/help:", word="Cannot tell", tone="cannot_tell"),
    "not_measurable": StatusMark(icon=":material/help:", word="Cannot tell", tone="cannot_tell"),
    "ship": StatusMark(icon=":material/rocket_launch:", word="SHIP", tone="ok"),
    "hold": StatusMark(icon=":material/pause_circle:", word="HOLD", tone="watch"),
    "roll_back": StatusMark(icon=":material/undo:", word="ROLL BACK", tone="act"),
    "plan": StatusMark(icon=":material/checklist:", word="PLAN", tone="cannot_tell"),
}
CHOICE_TEXTS = {
    "value_proven": "ship only a value that is proven",
    "expected_value": "ship what is expected to pay (risk-neutral)",
}
CHECK_WORDS = {"pass": "Passed", "warn": "Look at this", "fail": "Failed", "not_measurable": "Cannot tell"}


def status_mark(status: str) -> StatusMark:
    """Icon, word and tone of a status of a check, guardrail, risk or decision."""
    return STATUS_MARKS.get(status, STATUS_MARKS["cannot_tell"])


def choice_text(choice: str) -> str:
    """One of a setting's named choices."""
    return CHOICE_TEXTS.get(choice) or KPI_NAMES.get(choice) or _spaced(choice)


def check_status_word(status: str) -> str:
    """The word of an integrity check's status."""
    return CHECK_WORDS.get(status, CHECK_WORDS["not_measurable"])


def kpi_name(kpi_id: str) -> str:
    """A KPI as it reads inside a sentence."""
    return KPI_NAMES.get(kpi_id, _spaced(kpi_id))


def kpi_needs(kpi_id: str) -> str:
    """What must be logged for a KPI, as short as it can be said; an id of no catalogue is its own name."""
    if kpi_id in KPI_NEEDS:
        return KPI_NEEDS[kpi_id]
    return KPIS[kpi_id].needs.partition("of type ")[2] if kpi_id in KPIS else kpi_name(kpi_id)


def kpi_action(kpi_id: str) -> str:
    """What the value of one action pays for."""
    known = KPIS[kpi_id].action if kpi_id in KPIS else "action"
    return KPI_ACTIONS.get(kpi_id, known)


def guardrail_name(guardrail_id: str) -> str:
    """A guardrail as it reads inside a sentence."""
    return GUARDRAIL_NAMES.get(guardrail_id, _spaced(guardrail_id))


def check_title(check_id: str) -> str:
    """What an integrity check found to be so when it passes."""
    return CHECK_TITLES.get(check_id) or _spaced(check_id).capitalize()


def check_units(check_id: str) -> tuple[str, str]:
    """The unit of a check's value and that of its threshold; empty where there is no threshold."""
    return CHECK_UNITS.get(check_id, ("", ""))


def setting_name(setting: str) -> str:
    """A setting of the scenario, or "lift", as it reads inside a sentence."""
    if setting in SETTING_NAMES:
        return SETTING_NAMES[setting]
    if setting in SETTINGS:
        label = SETTINGS[setting].label
        return f"{label[0].lower()}{label[1:]}"
    return _spaced(setting)


def _spaced(name: str) -> str:
    return " ".join(ABBREVIATIONS.get(word, word) for word in name.split("_"))
