"""Who does what in a pilot, and who is told when: the cues of the risk register by role."""

from __future__ import annotations

from recsys_roi.verdict.known_risks import KNOWN_RISKS
from recsys_roi.verdict.risk_entry import (
    ANALYST,
    ENGINEERING_LEAD,
    EXPERIMENT_OWNER,
    LOGGING_OWNER,
    ON_CALL,
    PIPELINE_OWNER,
    PRIVACY_OFFICER,
    PRODUCT_OWNER,
)

DUTIES = (
    (
        PRODUCT_OWNER,
        "Names KPI, guardrails and limits; decides by the rule; accepts the unproven in writing",
    ),
    (
        ANALYST,
        "Writes and locks the plan; runs the A/A comparison and reviews; says what departs from it",
    ),
    (LOGGING_OWNER, "Writes the logs as above; runs the validator in the build; mends what a check finds"),
    (EXPERIMENT_OWNER, "Assigns users to arms and keeps them there"),
    (ENGINEERING_LEAD, "Keeps the rollout reversible; has a rollback practised and timed"),
    (ON_CALL, "Switches the candidate off when a guardrail is over its limit"),
    (PIPELINE_OWNER, "Keeps logs and artifacts fresh, and alerts when they are not"),
    (PRIVACY_OFFICER, "Agrees on retention, hashing and who may export"),
)


def cues_by_role() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each role with the signs at which it is told, in the order of the register."""
    cues: dict[str, list[str]] = {}
    for risk in KNOWN_RISKS:
        sign = risk.cue.sign
        cues.setdefault(risk.cue.to, []).append(
            f"{risk.title}: {sign[0].lower()}{sign[1:]}, {risk.cue.when}."
        )
    return tuple((role, tuple(signs)) for role, signs in cues.items())
