"""The catalogue: each KPI and guardrail defined once. Adding one is one entry here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AttributionWindow = Literal["click", "outcome"]
Cap = Literal["revenue", "time"]

USERS = "users"  # denominators that are 1 for every user of the KPI
NEW_USERS = "new_users"
RETURNED = "returned"
PER_USER = (USERS, NEW_USERS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """One total a user that is read from outcomes within their attribution window."""

    event: str  # event_type
    of: Literal["requests", "events", "values", "users"]  # requests with it, events, their values, 0 or 1

    @property
    def window(self) -> AttributionWindow:
        """The attribution window that the event must fall in."""
        return "click" if self.event == "click" else "outcome"


TALLIES: dict[str, Tally] = {
    "clicked_requests": Tally(event="click", of="requests"),
    "clicks": Tally(event="click", of="events"),
    "carted_requests": Tally(event="add_to_cart", of="requests"),
    "buyers": Tally(event="conversion", of="users"),
    "conversions": Tally(event="conversion", of="events"),
    "revenue": Tally(event="conversion", of="values"),
    "starts": Tally(event="start", of="events"),
    "completions": Tally(event="complete", of="events"),
    "dwell_seconds": Tally(event="dwell", of="values"),
    "disliked_requests": Tally(event="negative_feedback", of="requests"),
}
"""Totals a user beside users, requests, sessions, new_users and returned, which need exposures only."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kpi:
    """A KPI is the sum of one total over users by the sum of another."""

    id: str
    numerator: str  # a name in TALLIES, or "returned"
    denominator: Literal["users", "requests", "sessions", "starts", "new_users"]
    unit: str  # of the KPI itself
    action: str  # what value_per_action pays for
    paid: str | None = None  # total that value_per_action pays for; None: the numerator (numbers book 8.1)
    units_per_action: float = 1.0  # units of that total in one action: 60 seconds in a minute
    nature: Literal["purchase", "engagement"]
    cap: Cap | None = None  # what the users' totals are capped as (numbers book 2.4)
    needs: str  # what to log, in a sentence

    @property
    def prior_sd(self) -> float:
        """Standard deviation of the prior of the relative lift (numbers book 7.2, J)."""
        return 0.03 if self.nature == "purchase" else 0.10

    @property
    def decay_monthly(self) -> float:
        """Long-run decay of the lift (numbers book 8.1)."""
        return 0.008 if self.nature == "purchase" else 0.018

    @property
    def paid_total(self) -> str:
        """The total that money counts."""
        return self.paid or self.numerator

    @property
    def events(self) -> tuple[str, ...]:
        """The event types it is read from; none for a KPI of exposures only."""
        names = (self.numerator, self.denominator)
        return tuple(TALLIES[name].event for name in names if name in TALLIES)

    @property
    def needs_value(self) -> bool:
        """It adds the events' values rather than count the events."""
        tally = TALLIES.get(self.numerator)
        return tally is not None and tally.of == "values"

    @property
    def window(self) -> AttributionWindow | None:
        """The window that a request must be older than to be mature; None: its users are always mature."""
        tally = TALLIES.get(self.numerator)
        return tally.window if tally else None

    @property
    def is_money(self) -> bool:
        """The numerator is money already, so value_per_action is 1."""
        return self.numerator == "revenue"

    @property
    def is_share(self) -> bool:
        """The KPI is read as a share between 0 and 1."""
        return self.unit.startswith("share")

    @property
    def is_binary(self) -> bool:
        """Each user counts as 0 or 1, so that few of them make a rare event (numbers book 1.6)."""
        tally = TALLIES.get(self.numerator)
        return self.denominator in PER_USER and (tally is None or tally.of == "users")


_REVENUE_NEEDS = "outcome.v1 events of type conversion with a value"

KPIS: dict[str, Kpi] = {
    kpi.id: kpi
    for kpi in (
        Kpi(
            id="revenue_per_request",
            numerator="revenue",
            denominator="requests",
            unit="money per request",
            action="unit of revenue",
            cap="revenue",
            needs=_REVENUE_NEEDS,
            nature="purchase",
        ),
        Kpi(
            id="conversion_rate",
            numerator="buyers",
            denominator="users",
            unit="share of users",
            action="conversion",
            paid="conversions",
            needs="outcome.v1 events of type conversion",
            nature="purchase",
        ),
        Kpi(
            id="ctr",
            numerator="clicked_requests",
            denominator="requests",
            unit="share of requests",
            action="request with a click",
            needs="outcome.v1 events of type click",
            nature="engagement",
        ),
        Kpi(
            id="revenue_per_user",
            numerator="revenue",
            denominator="users",
            unit="money per user",
            action="unit of revenue",
            cap="revenue",
            needs=_REVENUE_NEEDS,
            nature="purchase",
        ),
        Kpi(
            id="revenue_per_session",
            numerator="revenue",
            denominator="sessions",
            unit="money per session",
            action="unit of revenue",
            cap="revenue",
            needs=f"{_REVENUE_NEEDS}; session_id in the context of exposure.v1 (else 30 minutes of silence)",
            nature="purchase",
        ),
        Kpi(
            id="add_to_cart_rate",
            numerator="carted_requests",
            denominator="requests",
            unit="share of requests",
            action="request with an add-to-cart",
            needs="outcome.v1 events of type add_to_cart",
            nature="engagement",
        ),
        Kpi(
            id="completion_rate",
            numerator="completions",
            denominator="starts",
            unit="share of starts",
            action="completion",
            needs="outcome.v1 events of types start and complete",
            nature="engagement",
        ),
        Kpi(
            id="time_spent",
            numerator="dwell_seconds",
            denominator="users",
            unit="seconds per user",
            action="minute",
            units_per_action=60.0,
            cap="time",
            needs="outcome.v1 events of type dwell with a value in seconds",
            nature="engagement",
        ),
        Kpi(
            id="return_rate",
            numerator="returned",
            denominator="new_users",
            unit="share of new users",
            action="returning user",
            needs="exposure.v1 over more days than a user is given to come back (setting return_days)",
            nature="engagement",
        ),
        Kpi(
            id="conversions_per_request",
            numerator="conversions",
            denominator="requests",
            unit="conversions per request",
            action="conversion",
            needs="outcome.v1 events of type conversion",
            nature="purchase",
        ),
        Kpi(
            id="clicks_per_request",
            numerator="clicks",
            denominator="requests",
            unit="clicks per request",
            action="click",
            needs="outcome.v1 events of type click",
            nature="engagement",
        ),
        Kpi(
            id="completions_per_user",
            numerator="completions",
            denominator="users",
            unit="completions per user",
            action="completion",
            needs="outcome.v1 events of type complete",
            nature="engagement",
        ),
    )
}
"""In the order in which the default primary KPI is chosen; secondary forms come last."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Guardrail:
    """A measure that must not get worse by more than its margin."""

    id: str
    kind: Literal["latency", "rate", "by_day"]
    level: float | None = None  # quantile level of a latency guardrail
    lower_is_worse: bool = False
    can_roll_back: bool = True  # False: read once at a fixed horizon, so it may hold but not roll back
    margin_setting: str  # scenario setting that holds the margin
    unit: Literal["relative", "share of requests", "share of catalogue"]  # of harm and margin
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
            id="p99_latency",
            kind="latency",
            level=0.99,
            margin_setting="margin_p99_latency",
            unit="relative",
            arm_unit="ms",
            needs="latency_ms on exposure.v1",
        ),
        Guardrail(
            id="slow_share",
            kind="rate",
            margin_setting="margin_slow_share",
            unit="share of requests",
            arm_unit="share of requests",
            needs="latency_ms on exposure.v1",
        ),
        Guardrail(
            id="error_rate",
            kind="rate",
            margin_setting="margin_error_rate",
            unit="share of requests",
            arm_unit="share of requests",
            needs="error (true and false) on exposure.v1",
        ),
        Guardrail(
            id="empty_rate",
            kind="rate",
            margin_setting="margin_empty_rate",
            unit="share of requests",
            arm_unit="share of requests",
            needs="items on exposure.v1",
        ),
        Guardrail(
            id="negative_feedback_rate",
            kind="rate",
            margin_setting="margin_negative_feedback",
            unit="relative",
            arm_unit="share of requests",
            needs="outcome.v1 events of type negative_feedback",
        ),
        Guardrail(
            id="coverage",
            kind="by_day",
            lower_is_worse=True,
            can_roll_back=False,
            margin_setting="margin_coverage",
            unit="share of catalogue",
            arm_unit="share of catalogue",
            needs="items on exposure.v1",
        ),
        Guardrail(
            id="diversity",
            kind="by_day",
            lower_is_worse=True,
            can_roll_back=False,
            margin_setting="margin_diversity",
            unit="relative",
            arm_unit="normalised entropy",
            needs="items on exposure.v1",
        ),
    )
}
