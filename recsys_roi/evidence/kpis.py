"""The catalogue: each KPI and guardrail defined once. Adding one is one entry here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Measure = Literal["requests_with", "users_with", "value"]
Window = Literal["click", "outcome"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kpi:
    """How one KPI is read from a user's outcomes: numerator y, denominator x."""

    id: str
    event: str  # event_type the numerator counts
    measure: Measure  # requests with the event, users with the event (0 or 1), sum of the event's value
    per: Literal["request", "user"]  # denominator: requests, or 1 a user
    window: Window  # attribution window the event must fall in
    unit: str  # of the KPI itself
    action: str  # one unit of the numerator that value_per_action pays for
    prior_sd: float  # relative lift, rulings 5 (J)
    decay_monthly: float  # long-run decay of the lift, numbers book 8.1
    needs: str  # what to log, in a sentence

    @property
    def is_money(self) -> bool:
        """The numerator is money already, so value_per_action is 1."""
        return self.measure == "value" and self.event == "conversion"

    @property
    def is_share(self) -> bool:
        """The KPI is a share between 0 and 1."""
        return self.measure != "value"


KPIS: dict[str, Kpi] = {
    kpi.id: kpi
    for kpi in (
        Kpi(
            id="revenue_per_request",
            event="conversion",
            measure="value",
            per="request",
            window="outcome",
            unit="money per request",
            action="unit of revenue",
            prior_sd=0.03,
            decay_monthly=0.008,
            needs="outcome.v1 events of type conversion with a value",
        ),
        Kpi(
            id="conversion_rate",
            event="conversion",
            measure="users_with",
            per="user",
            window="outcome",
            unit="share of users",
            action="conversion",
            prior_sd=0.03,
            decay_monthly=0.008,
            needs="outcome.v1 events of type conversion",
        ),
        Kpi(
            id="ctr",
            event="click",
            measure="requests_with",
            per="request",
            window="click",
            unit="share of requests",
            action="request with a click",
            prior_sd=0.10,
            decay_monthly=0.018,
            needs="outcome.v1 events of type click",
        ),
    )
}
"""In the order in which the default primary KPI is chosen (review.md)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Guardrail:
    """A measure that must not get worse by more than its margin; higher is worse for all of them."""

    id: str
    kind: Literal["latency", "rate"]
    level: float | None  # quantile level of a latency guardrail
    margin_setting: str  # scenario setting that holds the margin
    unit: str  # of harm and margin
    arm_unit: str  # of the arms' own figures
    needs: str


GUARDRAILS: dict[str, Guardrail] = {
    guardrail.id: guardrail
    for guardrail in (
        Guardrail(
            id="p95_latency",
            kind="latency",
            level=0.95,
            margin_setting="margin_p95_latency",
            unit="relative",
            arm_unit="ms",
            needs="latency_ms on exposure.v1",
        ),
        Guardrail(
            id="error_rate",
            kind="rate",
            level=None,
            margin_setting="margin_error_rate",
            unit="share of requests",
            arm_unit="share of requests",
            needs="error (true and false) on exposure.v1",
        ),
        Guardrail(
            id="empty_rate",
            kind="rate",
            level=None,
            margin_setting="margin_empty_rate",
            unit="share of requests",
            arm_unit="share of requests",
            needs="items on exposure.v1",
        ),
    )
}
