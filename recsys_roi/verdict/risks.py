"""The risk checklist: four families (contracts.md 9), each risk with evidence read from the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from recsys_roi.verdict.check import JudgedCheck

Status = Literal["ok", "watch", "act", "cannot_tell"]

INSTRUMENTATION = "Bad instrumentation"
OPERATIONS = "Operations"
DRIFT = "Data-quality drift"
PRIVACY = "Privacy and compliance"

TROUBLESHOOTING = "recsys-eval/docs/troubleshooting.md"
ROLLBACK = "start-here/operational-reliability-and-rollback.md"
FRESHNESS = "recsys-pipelines/docs/operations/slos-and-freshness.md"
COMPLIANCE = "start-here/security-privacy-compliance.md"
CONTRACTS = "reference/data-contracts/index.md"


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownRisk:
    """What could go wrong, how to lower it, and the sign at which somebody must be called."""

    id: str
    title: str
    family: str
    source: str  # "integrity:<id>", "guardrail:<id>", "kpi:implausible", or "person" (attested)
    page: str
    mitigation: str
    escalation: str
    document: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskFinding:
    """A known risk with its status on this data."""

    risk: KnownRisk
    status: Status
    evidence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardrailFinding:
    """What the risk checklist needs of a guardrail; harm is positive where the candidate is worse."""

    status: str  # pass, warn, breach, not_measurable
    harm: float | None
    upper: float | None  # one-sided upper bound of the harm
    margin: float
    relative: bool  # harm and margin are relative to the control, else shares of requests

    @property
    def evidence(self) -> str:
        """The harm against its limit, in figures."""
        if self.harm is None:
            return "It cannot be measured on these logs, so it cannot be watched."
        worst = "no upper bound" if self.upper is None else f"could be {self._text(self.upper)}"
        return f"Change {self._text(self.harm)}, {worst}; limit {self._text(self.margin)}."

    def _text(self, harm: float) -> str:
        return f"{harm * 100:+.1f} %" if self.relative else f"{harm * 100:+.3f} points"


def _instrumentation(risk_id: str, title: str, check: str, mitigation: str, escalation: str) -> KnownRisk:
    return KnownRisk(
        id=risk_id,
        title=title,
        family=INSTRUMENTATION,
        source=f"integrity:{check}",
        page="Logs",
        mitigation=mitigation,
        escalation=escalation,
        document=TROUBLESHOOTING,
    )


def _operations(risk_id: str, title: str, guardrail: str, mitigation: str, escalation: str) -> KnownRisk:
    return KnownRisk(
        id=risk_id,
        title=title,
        family=OPERATIONS,
        source=f"guardrail:{guardrail}",
        page="Guardrails",
        mitigation=mitigation,
        escalation=escalation,
        document=ROLLBACK,
    )


KNOWN_RISKS: tuple[KnownRisk, ...] = (
    KnownRisk(
        id="log_lines_rejected",
        title="Log lines break the contract",
        family=DRIFT,
        source="integrity:schema",
        page="Logs",
        mitigation="Validate logs where they are written; treat the schema as strict; add a validation gate.",
        escalation="More than 1 % of lines rejected on one day: the logging owner, the same day.",
        document=CONTRACTS,
    ),
    _instrumentation(
        "outcomes_do_not_join",
        "Outcomes do not find their exposure",
        "outcome_join_rate",
        "Make request_id once for each rendered list, and pass it to every later event.",
        "Join rate under 95 %: the logging owner and the analyst, before anyone reads the lift.",
    ),
    _instrumentation(
        "assignments_do_not_join",
        "Assignments do not find their exposure",
        "assignment_join_rate",
        "Write the assignment from the place that renders the list.",
        "Join rate under 95 %: the logging owner and the experiment owner, the same day.",
    ),
    _instrumentation(
        "requests_logged_twice",
        "Rendered lists are logged twice",
        "duplicate_requests",
        "Look for retries, double senders and replays; log once for each rendered list.",
        "More than 0.1 % repeated: the logging owner, within two days.",
    ),
    _instrumentation(
        "users_in_two_arms",
        "Users see both arms",
        "two_arm_users",
        "Assign by a stable hash of user_id; never re-assign during the pilot.",
        "1 % of users or more: the experiment owner, before the next review.",
    ),
    _instrumentation(
        "sample_ratio_mismatch",
        "The arms are not split as planned",
        "srm",
        "Find where one arm loses users (redirects, crashes, filters, bots); restart the pilot once mended.",
        "Alarm at p below 0.001: the experiment owner, at once; nobody reads the lift.",
    ),
    KnownRisk(
        id="implausible_lift",
        title="The lift is too good to be true",
        family=INSTRUMENTATION,
        source="kpi:implausible",
        page="Lift",
        mitigation="Check click logging, bots, doubled events, attribution windows, currency; run an A/A test.",
        escalation="Chance below 0.01: the analyst and the logging owner, before the review meeting.",
        document=TROUBLESHOOTING,
    ),
    _instrumentation(
        "request_volume_moved",
        "The candidate changes how often people ask",
        "denominator_shift",
        "Read the KPI a user beside the KPI a request; find out what makes the extra or missing requests.",
        "Difference that holds over two reviews: the analyst.",
    ),
    _operations(
        "slow_responses",
        "The candidate answers slower",
        "p95_latency",
        "Keep the rollout reversible; cap candidates and time budgets; cache.",
        "Breach of the latency margin: the on-call engineer, switch the candidate off.",
    ),
    _operations(
        "failing_requests",
        "The candidate fails more often",
        "error_rate",
        "Fall back to the control's list on errors; alert on the error rate by arm.",
        "Breach of the error margin: the on-call engineer, at once, switch the candidate off.",
    ),
    _operations(
        "empty_recommendations",
        "The candidate shows empty lists",
        "empty_rate",
        "Fall back to popular items; check that the publish was complete before it goes live.",
        "Breach of the empty-list margin: the on-call engineer, switch the candidate off.",
    ),
    KnownRisk(
        id="rollback_untested",
        title="A bad publish cannot be undone quickly",
        family=OPERATIONS,
        source="person",
        page="Plan",
        mitigation="Use a reversible rollout; practise a rollback once and note who, when and how long it took.",
        escalation="No drill in the last 90 days: the engineering lead, before more traffic is given.",
        document=ROLLBACK,
    ),
    KnownRisk(
        id="logs_stopped",
        title="Logs stop or arrive late",
        family=DRIFT,
        source="integrity:freshness",
        page="Logs",
        mitigation="Alert on freshness by surface and arm; leave the silent time out of the comparison.",
        escalation="An arm silent for 48 hours: the pipeline's owner, at once.",
        document=FRESHNESS,
    ),
    KnownRisk(
        id="clocks_disagree",
        title="Outcomes come before their exposure, or too late",
        family=DRIFT,
        source="integrity:late_outcomes",
        page="Logs",
        mitigation="Use one clock for all loggers (RFC 3339), and an attribution window that fits.",
        escalation="More than 1 % early or 5 % late: the logging owner, within the week.",
        document=FRESHNESS,
    ),
    KnownRisk(
        id="personal_data_in_logs",
        title="Personal data in the logs",
        family=PRIVACY,
        source="integrity:personal_data",
        page="Logs",
        mitigation="Log pseudonymous ids only; hash with a salt; keep schemas strict; delete what is there.",
        escalation="Any e-mail address, phone or account number: the privacy officer, within 24 hours.",
        document=COMPLIANCE,
    ),
    KnownRisk(
        id="retention_unset",
        title="Logs are kept longer than agreed",
        family=PRIVACY,
        source="person",
        page="Plan",
        mitigation="Agree on how long logs are kept and who may export them, and delete on that day.",
        escalation="No policy when the pilot ends: the privacy officer.",
        document=COMPLIANCE,
    ),
)

_OF_CHECK: Mapping[str, Status] = {
    "pass": "ok",
    "warn": "watch",
    "fail": "act",
    "not_measurable": "cannot_tell",
}
_OF_GUARDRAIL: Mapping[str, Status] = {
    "pass": "ok",
    "warn": "watch",
    "breach": "act",
    "not_measurable": "cannot_tell",
}
_ORDER: Mapping[Status, int] = {"act": 0, "watch": 1, "cannot_tell": 2, "ok": 3}


def find_risks(
    checks: Iterable[JudgedCheck],
    guardrails: Mapping[str, GuardrailFinding],
    *,
    implausible: bool | None,
    implausible_p: float | None,
) -> tuple[RiskFinding, ...]:
    """Every known risk with its status, worst first; without logs every status is `cannot_tell`."""
    by_id = {check.id: check for check in checks}
    found = [
        RiskFinding(risk=risk, status=status, evidence=evidence)
        for risk in KNOWN_RISKS
        for status, evidence in (_status(risk, by_id, guardrails, implausible, implausible_p),)
    ]
    return tuple(sorted(found, key=lambda finding: _ORDER[finding.status]))


def _status(
    risk: KnownRisk,
    checks: Mapping[str, JudgedCheck],
    guardrails: Mapping[str, GuardrailFinding],
    implausible: bool | None,
    implausible_p: float | None,
) -> tuple[Status, str]:
    source, _, name = risk.source.partition(":")
    if source == "integrity" and name in checks:
        return _OF_CHECK[checks[name].status], checks[name].detail
    if source == "guardrail" and name in guardrails:
        return _OF_GUARDRAIL[guardrails[name].status], guardrails[name].evidence
    if source == "guardrail" and checks:
        return "cannot_tell", "This guardrail is not among the chosen ones."
    if source == "kpi" and implausible is not None:
        return ("act" if implausible else "ok"), _odds(implausible_p)
    if source == "person":
        return "cannot_tell", "Not read from logs: somebody must state it."
    return "cannot_tell", "No logs yet." if not checks else "The primary KPI has no lift to judge."


def _odds(p: float | None) -> str:
    if p is None:
        return "The primary KPI has no lift to judge."
    chance = "under 0.001" if p < 0.001 else f"{p:.3f}"
    return (
        f"Chance of a lift this far from zero, given what such lifts usually are: {chance}; alarm below 0.01."
    )
