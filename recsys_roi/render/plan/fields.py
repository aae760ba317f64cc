"""What to log, field by field: from the contracts, with what the plan needs each field for."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_roi.evidence.kpis import KPIS
from recsys_roi.logs.contracts import CONTRACTS, STRICT_EVENT_TYPES, Contract, Field, Kind
from recsys_roi.render.words.names import guardrail_name, kpi_name
from recsys_roi.verdict.logging_needs import EventNeed, LoggingNeeds

KEYS: dict[str, str] = {
    "surface": "one primary KPI a surface; stable names",
    "tenant_id": "where several tenants share the logs",
    "algo_version": "so that a change of the candidate is seen; also config_version and rules_version",
    "session_id": "sessions as the product counts them",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldRow:
    """One field of one log."""

    field: str
    type: str
    must: str  # "always", "for this plan" or "useful"
    rule: str
    why: str  # what needs it; may be empty


def field_rows(needs: LoggingNeeds) -> dict[Kind, tuple[FieldRow, ...]]:
    """Every field that the plan has a use for, by log, in the order of the contracts."""
    return {
        kind: tuple(row for field in contract.fields for row in _rows(contract, field, needs))
        for kind, contract in CONTRACTS.items()
    }


def _rows(contract: Contract, field: Field, needs: LoggingNeeds) -> list[FieldRow]:
    if contract.kind == "exposure.v1" and field.name == "context":
        return [_context_row(key, why, needs) for key, why in KEYS.items()]
    if field.name == "context":
        return []
    if contract.kind == "outcome.v1" and field.name == "event_type":
        return [_event_row(event) for event in needs.events]
    if contract.kind == "outcome.v1" and field.name == "value":
        return [_value_row(event) for event in needs.events if event.value is not None]
    needed_by = needs.exposure.get(field.name, ()) if contract.kind == "exposure.v1" else ()
    if not (field.required or needed_by):
        return []
    return [_row(field, "always" if field.required else "for this plan", _names(needed_by))]


def _row(field: Field, must: str, why: str) -> FieldRow:
    inner = f" of {', '.join(one.name for one in field.fields if one.required)}" if field.fields else ""
    return FieldRow(field=field.name, type=f"{field.type}{inner}", must=must, rule=field.rule, why=why)


def _context_row(key: str, why: str, needs: LoggingNeeds) -> FieldRow:
    needed_by = needs.exposure.get(f"context.{key}", ())
    must = "always" if key == "surface" else "for this plan" if needed_by else "useful"
    return FieldRow(field=f"context.{key}", type="string", must=must, rule=why, why=_names(needed_by))


def _event_row(event: EventNeed) -> FieldRow:
    ours = "" if event.event_type in STRICT_EVENT_TYPES else "; an extension of ours, counted as such"
    return FieldRow(
        field=f"event_type = {event.event_type}",
        type="string",
        must="for this plan" if event.needed_by else "useful",
        rule=f"written so{ours}",
        why=_names(event.needed_by) or "joins can be checked",
    )


def _value_row(event: EventNeed) -> FieldRow:
    return FieldRow(
        field="value",
        type="number",
        must="for this plan",
        rule=f"{event.value} of the {event.event_type}",
        why=_names(event.needed_by),
    )


def _names(ids: tuple[str, ...]) -> str:
    return ", ".join(_name(one) for one in ids)


def _name(one: str) -> str:
    return kpi_name(one) if one in KPIS else guardrail_name(one)
