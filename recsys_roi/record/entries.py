"""The entries of a record as frozen values; times are in UTC, settings are as JSON has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedScenario:
    """A named scenario of a pilot; `version` counts how often it was saved."""

    name: str
    settings: Mapping[str, Any]  # those that a person gave
    fingerprint: str  # of all values, defaults included
    version: int
    who: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LockedPlan:
    """Settings agreed at a moment; a later lock stands beside the earlier ones and replaces none."""

    settings: Mapping[str, Any]  # every setting with its value
    fingerprint: str
    who: str
    why: str  # of a later lock; empty for the first
    at: datetime
    brought_by: str | None = None  # who opened its file here; None: it was locked here
    brought_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attestation:
    """Something that cannot be read from logs, stated by a person."""

    id: int
    kind: str  # what is stated: rollback_practised, retention_policy, ...
    who: str
    at: datetime
    note: str
    link: str
    expires: datetime | None
    done_on: date | None = None  # when what is stated was done, where that is not the day of stating it
    amount: float | None = None  # minutes, days: what the kind of statement asks for

    def holds(self, as_of: datetime) -> bool:
        """Whether it was made and has not expired."""
        return self.at <= as_of and (self.expires is None or as_of < self.expires)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """A guardrail that is not shown safe and that its owner accepts in writing."""

    id: int
    guardrail: str
    who: str
    why: str
    at: datetime
    up_to: float | None  # the harm accepted, in the guardrail's own unit; None: whatever is not a breach
    expires: datetime | None

    def covers(self, harm: float | None, as_of: datetime) -> bool:
        """Whether it covers a harm that could be as large as this."""
        if as_of < self.at or (self.expires is not None and as_of >= self.expires):
            return False
        return self.up_to is None or (harm is not None and harm <= self.up_to)


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """Who answers for a risk, and by when it must be settled."""

    risk: str  # id in the register
    owner: str
    due: date | None
    who: str  # said so
    at: datetime


OwnStatus = Literal["ok", "watch", "act"]
Role = Literal["viewer", "analyst", "owner"]
ROLES: tuple[Role, ...] = get_args(Role)  # each may do what those before it may


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """Somebody who may see a pilot, and do there what the role allows."""

    person: str  # the name that they sign in with
    role: Role
    who: str  # said so
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionRule:
    """For how many days the rows of a pilot are kept, counted from its oldest event."""

    days: int
    who: str  # said so
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnRisk:
    """A risk that somebody added to the register, judged by people."""

    id: int
    title: str
    family: str
    status: OwnStatus
    evidence: str
    mitigation: str
    escalation: str
    who: str  # judged it last
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change of the record; each names the one before it, so that none is taken from among others unseen.

    Where the newest were taken off the end, the rest still holds: a saved review has the hash that was last.
    """

    at: datetime
    who: str
    action: str  # saved, deleted, locked, attested, waived, withdrawn, ...
    subject: str  # what was changed: "scenario Base", "waiver 3", ...
    detail: str  # JSON of what was written
    hash: str  # "sha256:" and hex, of this change and the hash before it


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What a review reads: everything that holds now for one pilot."""

    attestations: tuple[Attestation, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    plans: tuple[LockedPlan, ...] = ()  # the earliest first
    duties: tuple[Duty, ...] = ()
    own_risks: tuple[OwnRisk, ...] = ()
    retention: RetentionRule | None = None
    trail: tuple[Change, ...] = ()  # every change, oldest first
    audit_head: str | None = None  # hash of the last change; None where nothing was written


NOTHING_WRITTEN = Record()
