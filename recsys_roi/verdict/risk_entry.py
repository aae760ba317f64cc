"""What a risk of the register is: families, roles, documents, and the form of one entry."""

from __future__ import annotations

from dataclasses import dataclass

INSTRUMENTATION = "Bad instrumentation"
OPERATIONS = "Operations"
DRIFT = "Data-quality drift"
PRIVACY = "Privacy and compliance"
FAMILIES = (INSTRUMENTATION, OPERATIONS, DRIFT, PRIVACY)

CONTRACTS = "reference/data-contracts/index.md"
TROUBLESHOOTING = "recsys-eval/docs/troubleshooting.md"
INTERPRETING = "recsys-eval/docs/interpreting_results.md"
RUN_AND_SHIP = "how-to/run-eval-and-ship.md"
PILOT_PLAN = "start-here/pilot-plan.md"
ROLLBACK = "start-here/operational-reliability-and-rollback.md"
FRESHNESS = "recsys-pipelines/docs/operations/slos-and-freshness.md"
COMPLIANCE = "start-here/security-privacy-compliance.md"

LOGGING_OWNER = "logging owner"
EXPERIMENT_OWNER = "experiment owner"
ANALYST = "analyst"
PRODUCT_OWNER = "product owner"
ENGINEERING_LEAD = "engineering lead"
ON_CALL = "on-call engineer"
PIPELINE_OWNER = "pipeline owner"
PRIVACY_OFFICER = "privacy officer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cue:
    """The sign that anybody can see, and who must hear of it by when."""

    sign: str
    to: str  # a role
    when: str

    @property
    def text(self) -> str:
        """The cue as one sentence."""
        return f"{self.sign}: tell the {self.to}, {self.when}."


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownRisk:
    """What could go wrong, where its status is read, how to lower it, and when to call whom."""

    id: str
    title: str
    family: str
    sources: tuple[str, ...]
    """Where the status comes from, each "integrity:<check>", "guardrail:<id>", "kpi:implausible",
    "drift:<id>" or "attested:<kind>"; the worst that can be read counts."""
    page: str  # where the evidence is shown
    mitigation: str
    cue: Cue
    role: str  # who answers for it where nobody is named
    document: str

    @property
    def attestations(self) -> tuple[str, ...]:
        """The kinds of statement that settle it."""
        return tuple(name.removeprefix("attested:") for name in self.sources if name.startswith("attested:"))
