"""What must be logged to measure a KPI and guardrails: fields and events, each with what needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recsys_roi.evidence.kpis import GUARDRAILS, KPIS, TALLIES

CLICK, NEGATIVE_FEEDBACK = "click", "negative_feedback"
VALUES: Mapping[str, str] = {"conversion": "money", "dwell": "seconds"}  # what the value of an event is
DOMAINS: Mapping[str, tuple[str, ...]] = {
    "shop": ("conversion_rate", "revenue_per_session", "add_to_cart_rate", "revenue_per_user"),
    "content": ("time_spent", "return_rate", "completion_rate", "ctr"),
    "other": tuple(KPIS),
}
"""KPIs by what the product is, the usual ones first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventNeed:
    """An event type of outcome.v1 that something is read from."""

    event_type: str
    value: str | None  # what its value holds: "money" or "seconds"; None: no value is needed
    needed_by: tuple[str, ...]  # ids of KPIs and guardrails; none: useful all the same


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggingNeeds:
    """What the loggers must write for one plan."""

    kpi: str
    exposure: Mapping[str, tuple[str, ...]]  # optional field, or context.<key>, to what needs it
    events: tuple[EventNeed, ...]


def logging_needs(kpi_id: str, guardrail_ids: Sequence[str]) -> LoggingNeeds:
    """The needs of a KPI and guardrails of the catalogue."""
    kpi = KPIS[kpi_id]
    exposure: dict[str, tuple[str, ...]] = {}
    events: dict[str, tuple[str, ...]] = dict.fromkeys(kpi.events, (kpi_id,))
    valued = {event for event in kpi.events if kpi.needs_value and event == TALLIES[kpi.numerator].event}
    if kpi.denominator == "sessions":
        exposure["context.session_id"] = (kpi_id,)
    for name in guardrail_ids:
        if name == "negative_feedback_rate":
            events[NEGATIVE_FEEDBACK] = (*events.get(NEGATIVE_FEEDBACK, ()), name)
        else:
            field = _exposure_field(name)
            exposure[field] = (*exposure.get(field, ()), name)
    if not events:
        events[CLICK] = ()  # of no use to this plan, but without any outcome no join can be checked
    return LoggingNeeds(
        kpi=kpi_id,
        exposure=exposure,
        events=tuple(
            EventNeed(
                event_type=event, value=VALUES.get(event) if event in valued else None, needed_by=needed_by
            )
            for event, needed_by in events.items()
        ),
    )


def _exposure_field(guardrail_id: str) -> str:
    """The field of exposure.v1 that a guardrail is read from: the first word of its need."""
    return GUARDRAILS[guardrail_id].needs.split()[0]
