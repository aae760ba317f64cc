"""The risk register on one pilot: each known risk with its status and the evidence that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recsys_roi.verdict.findings import Finding, Status
from recsys_roi.verdict.known_risks import KNOWN_RISKS
from recsys_roi.verdict.risk_entry import FAMILIES, KnownRisk

ORDER: Mapping[Status, int] = {"act": 0, "watch": 1, "cannot_tell": 2, "ok": 3}


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskFinding:
    """A known risk with its status on this pilot."""

    risk: KnownRisk
    status: Status
    evidence: str


def find_risks(findings: Mapping[str, Finding], *, logs: bool) -> tuple[RiskFinding, ...]:
    """Every known risk with its status, worst first.

    `findings` are by source; `logs` says whether there are any, so that a missing finding is explained.
    """
    found = [_judged(risk, findings, logs=logs) for risk in KNOWN_RISKS]
    return tuple(sorted(found, key=lambda one: (ORDER[one.status], FAMILIES.index(one.risk.family))))


def _judged(risk: KnownRisk, findings: Mapping[str, Finding], *, logs: bool) -> RiskFinding:
    """Data that cannot tell is passed over where other data can; a statement that is missing is not."""
    data, stated = (
        [findings[name] for name in risk.sources if name in findings and _is_stated(name) == wanted]
        for wanted in (False, True)
    )
    judged = ([found for found in data if found.status != "cannot_tell"] or data) + stated
    if not judged:
        return RiskFinding(risk=risk, status="cannot_tell", evidence=_unread(risk, logs=logs))
    worst = min((found.status for found in judged), key=ORDER.__getitem__)
    evidence = " ".join(found.evidence for found in judged if found.status == worst)
    return RiskFinding(risk=risk, status=worst, evidence=evidence)


def _is_stated(source: str) -> bool:
    return source.startswith("attested:")


def _unread(risk: KnownRisk, *, logs: bool) -> str:
    if not logs:
        return "No logs yet."
    names = [name.removeprefix("guardrail:").replace("_", " ") for name in risk.sources]
    if all(name.startswith("guardrail:") for name in risk.sources):
        return f"Not watched: none of {', '.join(names)} is among the chosen guardrails."
    return "It was not counted in these logs."
