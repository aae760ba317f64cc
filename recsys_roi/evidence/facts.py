"""What was counted over the whole pilot, for the integrity checks to judge."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class JoinFacts:
    """Counts of the joins over all logs of the pilot."""

    exposure_lines: int
    exposures: int  # distinct request_id
    outcome_lines: int
    outcomes: int  # distinct in request_id, item_id, event_type, ts and value
    outcomes_joined: int  # with an exposure
    outcomes_other_user: int  # joined, but another user_id than the exposure: left out
    exposures_with_outcome: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentFacts:
    """Counts of one experiment's assignments."""

    assignments: int  # distinct request_id
    assignments_joined: int
    assignments_other_user: int
    two_variant_requests: int
    exposures_unassigned: int  # from their user's first assignment on
    exposures_before: int  # before it: the pre-period


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmFacts:
    """Users assigned to one variant."""

    variant: str
    users: int  # seen in this variant only
    two_arm_users: int  # counted under their first variant by name
    users_by_day: tuple[int, ...]  # of `users`, assigned by the end of each day since the experiment began


@dataclass(frozen=True, kw_only=True, slots=True)
class Unjoined:
    """Outcomes of one event type that no exposure is known of."""

    event_type: str
    events: int
    requests: int
    users: int
    value: float  # the sum of their values


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """When one arm on one surface was heard; microseconds since the epoch."""

    variant: str
    surface: str | None
    first_us: int
    last_us: int
    longest_gap_us: int
    requests: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Oldest and newest event of one kind of log; None where there is none."""

    kind: str
    first_us: int | None
    last_us: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalDataFinding:
    """Values that look like personal data in one field."""

    field: str  # "exposure user_id", "context.locale", ...
    pattern: str  # "e-mail address", "phone number", ...
    values: int  # distinct values found
    example: str  # masked


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribution:
    """Outcomes of the compared requests by whether they fall in their attribution window."""

    within: int
    early: int  # before their exposure
    late: int  # after the window


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """All integrity facts of one experiment of a pilot."""

    joins: JoinFacts
    experiment: ExperimentFacts
    arms: tuple[ArmFacts, ...]
    unjoined: tuple[Unjoined, ...]
    silences: tuple[Silence, ...]
    spans: tuple[Span, ...]
    personal_data: tuple[PersonalDataFinding, ...]
    personal_data_values: int  # distinct values that were looked at
    personal_data_held: int  # distinct values that there are; a field with very many is sampled
    attribution: Attribution
