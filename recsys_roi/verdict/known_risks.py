"""The risk register as a table: what could go wrong in a pilot, in four families (docs/risks.md).

Adding a risk is one entry here.
"""

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


_INSTRUMENTATION = (
    KnownRisk(
        id="outcomes_do_not_join",
        title="Outcomes do not find their exposure",
        family=INSTRUMENTATION,
        sources=("integrity:outcome_join_rate",),
        page="Logs",
        mitigation="Make request_id once for each rendered list, and pass it to every later event.",
        cue=Cue(sign="Join rate under 95 %", to=LOGGING_OWNER, when="before anyone reads the lift"),
        role=LOGGING_OWNER,
        document=TROUBLESHOOTING,
    ),
    KnownRisk(
        id="assignments_do_not_join",
        title="Assignments do not find their exposure",
        family=INSTRUMENTATION,
        sources=("integrity:assignment_join_rate",),
        page="Logs",
        mitigation="Write the assignment from the place that renders the list.",
        cue=Cue(sign="Join rate under 95 %", to=EXPERIMENT_OWNER, when="the same day"),
        role=EXPERIMENT_OWNER,
        document=TROUBLESHOOTING,
    ),
    KnownRisk(
        id="requests_logged_twice",
        title="Rendered lists are logged twice",
        family=INSTRUMENTATION,
        sources=("integrity:duplicate_requests",),
        page="Logs",
        mitigation="Look for retries, double senders and replays; log once for each rendered list.",
        cue=Cue(sign="More than 0.1 % repeated", to=LOGGING_OWNER, when="within two days"),
        role=LOGGING_OWNER,
        document=TROUBLESHOOTING,
    ),
    KnownRisk(
        id="users_in_two_arms",
        title="Users see both arms",
        family=INSTRUMENTATION,
        sources=("integrity:two_arm_users",),
        page="Logs",
        mitigation="Assign by a stable hash of user_id; never re-assign during the pilot.",
        cue=Cue(sign="1 % of users or more", to=EXPERIMENT_OWNER, when="before the next review"),
        role=EXPERIMENT_OWNER,
        document=TROUBLESHOOTING,
    ),
    KnownRisk(
        id="sample_ratio_mismatch",
        title="The arms are not split as planned",
        family=INSTRUMENTATION,
        sources=("integrity:srm", "integrity:covariate_balance"),
        page="Logs",
        mitigation="Find where one arm loses users (redirects, crashes, filters, bots); restart once mended.",
        cue=Cue(sign="Alarm at p below 0.001", to=EXPERIMENT_OWNER, when="at once; nobody reads the lift"),
        role=EXPERIMENT_OWNER,
        document=TROUBLESHOOTING,
    ),
    KnownRisk(
        id="implausible_lift",
        title="The lift is too good to be true",
        family=INSTRUMENTATION,
        sources=("kpi:implausible",),
        page="Lift",
        mitigation="Check click logging, bots, doubled events, attribution windows and currency.",
        cue=Cue(sign="Chance of such a lift below 0.01", to=ANALYST, when="before the review meeting"),
        role=ANALYST,
        document=INTERPRETING,
    ),
    KnownRisk(
        id="request_volume_moved",
        title="The candidate changes how often people ask",
        family=INSTRUMENTATION,
        sources=("integrity:denominator_shift",),
        page="Logs",
        mitigation="Read the KPI a user beside the KPI a request; find what makes the extra or missing ones.",
        cue=Cue(sign="A difference that holds over two reviews", to=ANALYST, when="at the second review"),
        role=ANALYST,
        document=INTERPRETING,
    ),
    KnownRisk(
        id="never_tested_on_itself",
        title="The whole chain was never run on two equal arms",
        family=INSTRUMENTATION,
        sources=("attested:aa_run",),
        page="Risks",
        mitigation="Run control against itself for a week; logs, joins and report must find no difference.",
        cue=Cue(sign="No A/A run before the first verdict", to=ANALYST, when="before the pilot begins"),
        role=ANALYST,
        document=RUN_AND_SHIP,
    ),
    KnownRisk(
        id="logging_unowned",
        title="Nobody answers for the logs",
        family=INSTRUMENTATION,
        sources=("attested:logging_owner",),
        page="Risks",
        mitigation="Name one person who may change the loggers, and who is told of every failed check.",
        cue=Cue(sign="A failed check with nobody to tell", to=ENGINEERING_LEAD, when="the same day"),
        role=ENGINEERING_LEAD,
        document=PILOT_PLAN,
    ),
)

_OPERATIONS = (
    KnownRisk(
        id="slow_responses",
        title="The candidate answers slower",
        family=OPERATIONS,
        sources=("guardrail:p95_latency", "guardrail:p99_latency", "guardrail:slow_share"),
        page="Guardrails",
        mitigation="Keep the rollout reversible; cap candidates and time budgets; cache.",
        cue=Cue(sign="Latency over its limit", to=ON_CALL, when="at once, who switches the candidate off"),
        role=ENGINEERING_LEAD,
        document=ROLLBACK,
    ),
    KnownRisk(
        id="failing_requests",
        title="The candidate fails more often",
        family=OPERATIONS,
        sources=("guardrail:error_rate",),
        page="Guardrails",
        mitigation="Fall back to the control's list on errors; alert on the error rate by arm.",
        cue=Cue(sign="Errors over their limit", to=ON_CALL, when="at once, who switches the candidate off"),
        role=ENGINEERING_LEAD,
        document=ROLLBACK,
    ),
    KnownRisk(
        id="empty_recommendations",
        title="The candidate shows empty lists",
        family=OPERATIONS,
        sources=("guardrail:empty_rate",),
        page="Guardrails",
        mitigation="Fall back to popular items; check that a publish is complete before it goes live.",
        cue=Cue(
            sign="Empty lists over their limit", to=ON_CALL, when="at once, who switches the candidate off"
        ),
        role=ENGINEERING_LEAD,
        document=ROLLBACK,
    ),
    KnownRisk(
        id="unwanted_recommendations",
        title="People dislike what they are shown, or see ever the same",
        family=OPERATIONS,
        sources=("guardrail:negative_feedback_rate", "guardrail:coverage", "guardrail:diversity"),
        page="Guardrails",
        mitigation="Read complaints by item; cap how often an item is shown; mix in what is new.",
        cue=Cue(sign="A limit passed on two days in a row", to=PRODUCT_OWNER, when="within two days"),
        role=PRODUCT_OWNER,
        document=INTERPRETING,
    ),
    KnownRisk(
        id="publish_harms_service",
        title="A publish makes the service worse",
        family=OPERATIONS,
        sources=("drift:versions", "drift:bad_days"),
        page="Guardrails",
        mitigation="Publish to a small share first; compare errors, empty lists and latency with before.",
        cue=Cue(
            sign="A step up after a change of version, or a day that stands out",
            to=ON_CALL,
            when="at once, who goes back to the version before",
        ),
        role=ENGINEERING_LEAD,
        document=ROLLBACK,
    ),
    KnownRisk(
        id="rollback_untested",
        title="A bad publish cannot be undone quickly",
        family=OPERATIONS,
        sources=("attested:rollback_practised",),
        page="Risks",
        mitigation="Practise a rollback once on the live service; note who did it, when, and the minutes.",
        cue=Cue(
            sign="No drill in the last 90 days", to=ENGINEERING_LEAD, when="before more traffic is given"
        ),
        role=ENGINEERING_LEAD,
        document=ROLLBACK,
    ),
    KnownRisk(
        id="nobody_switches_it_off",
        title="Nobody can switch the candidate off at night",
        family=OPERATIONS,
        sources=("attested:reversible_rollout", "attested:on_call_path"),
        page="Risks",
        mitigation="Put the candidate behind one switch; say who is on call and who decides.",
        cue=Cue(sign="A breach that stays for an hour", to=ENGINEERING_LEAD, when="at once"),
        role=ENGINEERING_LEAD,
        document=ROLLBACK,
    ),
)

_DRIFT = (
    KnownRisk(
        id="log_lines_rejected",
        title="Log lines break the contract, or change their form",
        family=DRIFT,
        sources=("integrity:schema", "drift:schema"),
        page="Logs",
        mitigation="Validate logs where they are written; treat the schema as strict.",
        cue=Cue(sign="More than 1 % of a day's lines rejected", to=LOGGING_OWNER, when="the same day"),
        role=LOGGING_OWNER,
        document=CONTRACTS,
    ),
    KnownRisk(
        id="logs_stopped",
        title="Logs stop, or have holes",
        family=DRIFT,
        sources=("integrity:freshness",),
        page="Logs",
        mitigation="Alert on freshness by surface and arm; leave the silent time out of the comparison.",
        cue=Cue(sign="An arm silent for 48 hours", to=PIPELINE_OWNER, when="at once"),
        role=PIPELINE_OWNER,
        document=FRESHNESS,
    ),
    KnownRisk(
        id="clocks_disagree",
        title="Outcomes come before their exposure, or too late",
        family=DRIFT,
        sources=("integrity:late_outcomes",),
        page="Logs",
        mitigation="Use one clock for all loggers (RFC 3339), and an attribution window that fits.",
        cue=Cue(sign="More than 1 % early or 5 % late", to=LOGGING_OWNER, when="within the week"),
        role=LOGGING_OWNER,
        document=FRESHNESS,
    ),
    KnownRisk(
        id="volume_moved",
        title="Requests surge or fall away",
        family=DRIFT,
        sources=("drift:volume",),
        page="Lift",
        mitigation="Look for bots, campaigns, replays and outages; leave such days out with start and end.",
        cue=Cue(sign="A day with three times the usual in one arm", to=ANALYST, when="the same day"),
        role=ANALYST,
        document=FRESHNESS,
    ),
    KnownRisk(
        id="mix_moved",
        title="Other people are counted than before, or in each arm",
        family=DRIFT,
        sources=("drift:mix_between_arms", "drift:mix_over_time"),
        page="Lift",
        mitigation="Read the slices beside the whole; find what brought the other people in.",
        cue=Cue(sign="Stability index over 0.25, or arms 5 points apart", to=ANALYST, when="within two days"),
        role=ANALYST,
        document=INTERPRETING,
    ),
    KnownRisk(
        id="artifacts_stale",
        title="The candidate serves old artifacts",
        family=DRIFT,
        sources=("drift:artifacts",),
        page="Logs",
        mitigation="Alert on the age of the manifest; serve the last good artifacts, never half of new ones.",
        cue=Cue(sign="No update within twice the schedule", to=PIPELINE_OWNER, when="the same day"),
        role=PIPELINE_OWNER,
        document=FRESHNESS,
    ),
    KnownRisk(
        id="drift_unwatched",
        title="Drift would go unnoticed",
        family=DRIFT,
        sources=("attested:validation_gate", "attested:freshness_alert"),
        page="Risks",
        mitigation="Run the validator in the loggers' own build; alert when an arm or artifact goes stale.",
        cue=Cue(sign="A fault found by a reader, not by an alert", to=PIPELINE_OWNER, when="the same week"),
        role=PIPELINE_OWNER,
        document=FRESHNESS,
    ),
)

_PRIVACY = (
    KnownRisk(
        id="personal_data_in_logs",
        title="Personal data in the logs",
        family=PRIVACY,
        sources=("integrity:personal_data",),
        page="Logs",
        mitigation="Log pseudonymous ids only; keep schemas strict; delete the files that hold such values.",
        cue=Cue(
            sign="Any e-mail address, phone or account number", to=PRIVACY_OFFICER, when="within 24 hours"
        ),
        role=PRIVACY_OFFICER,
        document=COMPLIANCE,
    ),
    KnownRisk(
        id="undeclared_context",
        title="The context carries what nobody declared",
        family=PRIVACY,
        sources=("drift:context_keys",),
        page="Logs",
        mitigation="Name each key and its use, or stop logging it; declare slice keys in the settings.",
        cue=Cue(sign="A key that nobody can explain", to=PRIVACY_OFFICER, when="within the week"),
        role=LOGGING_OWNER,
        document=CONTRACTS,
    ),
    KnownRisk(
        id="ids_traced_back",
        title="Ids can be traced back to people",
        family=PRIVACY,
        sources=("attested:ids_hashed",),
        page="Risks",
        mitigation="Hash user ids with a salt that the readers of the logs do not have.",
        cue=Cue(
            sign="A user_id that another system also holds", to=PRIVACY_OFFICER, when="before more is logged"
        ),
        role=PRIVACY_OFFICER,
        document=COMPLIANCE,
    ),
    KnownRisk(
        id="kept_too_long",
        title="Logs are kept longer than agreed",
        family=PRIVACY,
        sources=("drift:retention", "attested:retention_policy"),
        page="Risks",
        mitigation="Agree on how many days logs are kept, and delete them on that day.",
        cue=Cue(sign="An event older than the agreed days", to=PRIVACY_OFFICER, when="that day"),
        role=PRIVACY_OFFICER,
        document=COMPLIANCE,
    ),
    KnownRisk(
        id="exports_uncontrolled",
        title="Exports travel further than agreed",
        family=PRIVACY,
        sources=("attested:export_access",),
        page="Risks",
        mitigation="Agree on who may export reviews and rejected lines, and where they may be kept.",
        cue=Cue(sign="An export outside the agreed circle", to=PRIVACY_OFFICER, when="within 24 hours"),
        role=PRIVACY_OFFICER,
        document=COMPLIANCE,
    ),
)

KNOWN_RISKS: tuple[KnownRisk, ...] = (*_INSTRUMENTATION, *_OPERATIONS, *_DRIFT, *_PRIVACY)
