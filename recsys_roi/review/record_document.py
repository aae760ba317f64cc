"""What people wrote, as a review carries it."""

from __future__ import annotations

from typing import Any

from recsys_roi.review.part import Part


class AttestationNote(Part):
    id: int
    kind: str
    who: str
    at: str  # RFC 3339, UTC
    note: str
    link: str
    expires: str | None
    holds: bool  # it has not expired when the review is made
    done_on: str | None = None  # date of what is stated
    amount: float | None = None  # minutes of a drill, days that logs are kept


class WaiverNote(Part):
    id: int
    guardrail: str
    who: str
    why: str
    at: str
    up_to: float | None  # the harm that was accepted, in the guardrail's unit
    expires: str | None
    applied: bool  # it turned this review's "not shown safe" into accepted


class Deviation(Part):
    """Something that is not what the locked plan says."""

    setting: str  # a setting, or "logs_end": the day of the last request, once the planned end is over
    planned: Any
    now: Any  # what counts in the analysis, chosen from the data where the setting is none


class LaterLock(Part):
    """A lock after the one that counts."""

    fingerprint: str
    who: str
    at: str
    why: str


class LockedPlanNote(Part):
    """The plan that was agreed: the last lock before the first request, else the first lock of all."""

    fingerprint: str
    who: str
    at: str
    why: str
    before_data: bool | None  # None: there are no logs yet
    locks: int  # how often a plan was locked
    brought_by: str | None = None  # who opened its file here; None: it was locked here
    brought_at: str | None = None
    later: tuple[LaterLock, ...] = ()
    deviations: tuple[Deviation, ...]


class ChangeNote(Part):
    """One change of the record; its hash is over itself and the hash before it."""

    at: str
    who: str
    action: str
    subject: str
    hash: str


class Recorded(Part):
    attestations: tuple[AttestationNote, ...] = ()
    waivers: tuple[WaiverNote, ...] = ()
    plan: LockedPlanNote | None = None  # None: nothing was agreed beforehand
    audit_head: str | None = None  # hash of the last change of the record
    audit: tuple[ChangeNote, ...] = ()  # every change, oldest first
