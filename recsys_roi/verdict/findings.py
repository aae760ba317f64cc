"""One finding a source: what checks, guardrails, the KPI, the drift and people's statements say of a risk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from recsys_roi.numerals import full, with_sign
from recsys_roi.verdict.check import JudgedCheck

Status = Literal["ok", "watch", "act", "cannot_tell"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A status with the sentence that it rests on."""

    status: Status
    evidence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardrailReading:
    """What is needed of a guardrail; harm is positive where the candidate is worse."""

    id: str
    status: str  # pass, warn, breach, not_measurable
    harm: float | None
    upper: float | None  # one-sided upper bound of the harm
    margin: float
    relative: bool  # harm and margin are relative to the control, else points
    accepted: str = ""  # by whom and until when, where it counts as passed


_STATUSES: Mapping[str, Status] = {
    "pass": "ok",
    "warn": "watch",
    "fail": "act",
    "breach": "act",
    "not_measurable": "cannot_tell",
}
"""Of a check or a guardrail, as a risk has it (numbers book 12.1)."""


def of_checks(checks: Iterable[JudgedCheck]) -> dict[str, Finding]:
    """The integrity checks by "integrity:<id>" (numbers book 12.1)."""
    return {
        f"integrity:{check.id}": Finding(status=_STATUSES[check.status], evidence=check.detail)
        for check in checks
    }


def of_guardrails(guardrails: Iterable[GuardrailReading]) -> dict[str, Finding]:
    """The chosen guardrails by "guardrail:<id>"."""
    return {
        f"guardrail:{reading.id}": Finding(
            status=_STATUSES[reading.status], evidence=_guardrail_evidence(reading)
        )
        for reading in guardrails
    }


def of_lift(p_value: float | None, *, implausible: bool) -> dict[str, Finding]:
    """Whether the primary KPI's lift is plausible; `p_value` is None where there is no lift to judge."""
    if p_value is None:
        found = Finding(status="cannot_tell", evidence="The primary KPI has no lift to judge.")
    else:
        chance = "under 0.001" if p_value < 0.001 else full(p_value, 3)
        found = Finding(
            status="act" if implausible else "ok",
            evidence=f"Chance of a lift this far from zero, given what such lifts usually are: {chance}; "
            "alarm below 0.01.",
        )
    return {"kpi:implausible": found}


def _guardrail_evidence(reading: GuardrailReading) -> str:
    name = reading.id.replace("_", " ")
    if reading.harm is None:
        return f"The {name} cannot be measured on these logs, so it cannot be watched."
    harm, limit = (_harm(reading, value) for value in (reading.harm, reading.margin))
    worst = "no bound yet" if reading.upper is None else f"could be {_harm(reading, reading.upper)}"
    accepted = f" Accepted in writing by {reading.accepted}." if reading.accepted else ""
    return f"Harm in the {name}: {harm}, {worst}; limit {limit}.{accepted}"


def _harm(reading: GuardrailReading, harm: float) -> str:
    return f"{with_sign(harm * 100, 1)} %" if reading.relative else f"{with_sign(harm * 100, 3)} points"
