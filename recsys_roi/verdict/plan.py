"""What must be logged to measure the chosen KPI and guardrails."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_roi.evidence.kpis import GUARDRAILS, KPIS


@dataclass(frozen=True, kw_only=True, slots=True)
class RequiredField:
    """A field that the chosen KPI and guardrails need."""

    contract: str
    field: str
    why: str


def required_fields(kpi_id: str, guardrail_ids: tuple[str, ...]) -> tuple[RequiredField, ...]:
    """The fields that must be logged to measure this KPI and these guardrails."""
    kpi = KPIS[kpi_id]
    value = "value, " if kpi.needs_value else ""
    fields = [
        RequiredField(
            contract="exposure.v1",
            field="request_id, user_id, ts, items (item_id, rank)",
            why="one record a rendered list: what was shown to whom",
        ),
        RequiredField(contract="exposure.v1", field="context.surface", why="one primary KPI a surface"),
        *(
            RequiredField(
                contract="outcome.v1",
                field=f"request_id, user_id, item_id, event_type = {event}, {value}ts",
                why=f"the KPI {kpi.id}",
            )
            for event in kpi.events
        ),
        RequiredField(
            contract="assignment.v1",
            field="experiment_id, variant, request_id, user_id, ts",
            why="who was in which arm",
        ),
    ]
    fields += [
        RequiredField(
            contract="exposure.v1", field=GUARDRAILS[name].needs.split(" on ")[0], why=f"the guardrail {name}"
        )
        for name in guardrail_ids
        if name in GUARDRAILS
    ]
    return tuple(fields)
