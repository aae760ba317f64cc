"""What a person states because logs cannot show it: the kinds of statement, and which still hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from recsys_roi.record.entries import Attestation
from recsys_roi.verdict.findings import Finding
from recsys_roi.verdict.wording import counted, date_text


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One kind of attestation."""

    id: str
    states: str  # the end of the sentence "I state that ..."
    asks: str  # what the note must say
    valid_days: int | None  # after which it has to be stated again; None: it does not expire


STATEMENTS: Mapping[str, Statement] = {
    statement.id: statement
    for statement in (
        Statement(
            id="rollback_practised",
            states="a rollback was practised on the live service",
            asks="who did it, how many minutes it took, and what was learnt",
            valid_days=90,
        ),
        Statement(
            id="reversible_rollout",
            states="one switch takes the candidate off all traffic",
            asks="where the switch is",
            valid_days=180,
        ),
        Statement(
            id="on_call_path",
            states="it is known who is on call and who decides",
            asks="the rota, and the next person to call",
            valid_days=180,
        ),
        Statement(
            id="aa_run",
            states="an A/A run found no difference",
            asks="when, how many users, and the p-value of the split",
            valid_days=365,
        ),
        Statement(
            id="logging_owner", states="the logs have an owner", asks="the owner's name", valid_days=365
        ),
        Statement(
            id="validation_gate",
            states="loggers are validated before they go live",
            asks="where the validator runs",
            valid_days=365,
        ),
        Statement(
            id="freshness_alert",
            states="an alert tells when logs or artifacts go stale",
            asks="after how long it tells, and whom",
            valid_days=365,
        ),
        Statement(
            id="ids_hashed",
            states="user ids are hashed with a salt that readers of the logs do not have",
            asks="who holds the salt",
            valid_days=365,
        ),
        Statement(
            id="retention_policy",
            states="it is agreed how long logs are kept",
            asks="how many days, and who deletes them",
            valid_days=365,
        ),
        Statement(
            id="export_access",
            states="it is agreed who may export",
            asks="who may, and where exports may be kept",
            valid_days=365,
        ),
    )
}


def attested(attestations: Iterable[Attestation], as_of: datetime) -> dict[str, Finding]:
    """The standing of every kind of statement, by "attested:<kind>".

    The one that holds longest counts; one that has expired reopens its risk.
    """
    made: dict[str, list[Attestation]] = {}
    for one in attestations:
        made.setdefault(one.kind, []).append(one)
    return {
        f"attested:{kind}": _standing(statement, made.get(kind, []), as_of)
        for kind, statement in STATEMENTS.items()
    }


def expiry(statement: Statement, at: datetime) -> datetime | None:
    """When a statement made now has to be made again."""
    return None if statement.valid_days is None else at + timedelta(days=statement.valid_days)


def _standing(statement: Statement, made: list[Attestation], as_of: datetime) -> Finding:
    said = [one for one in made if one.at <= as_of]
    if not said:
        return Finding(status="cannot_tell", evidence=f"Nobody has stated yet that {statement.states}.")
    best = max(said, key=lambda one: (one.expires or datetime.max.replace(tzinfo=UTC), one.at))
    who = f"{best.who} stated on {date_text(best.at)} that {statement.states}"
    note = f": {best.note.rstrip('. ')}" if best.note else ""
    if best.holds(as_of):
        until = "" if best.expires is None else f" It holds until {date_text(best.expires)}."
        return Finding(status="ok", evidence=f"{who}{note}.{until}")
    days = 0 if best.expires is None else (as_of - best.expires).days
    ended = "today" if days == 0 else f"{counted(days, 'day')} ago"
    return Finding(status="watch", evidence=f"{who}{note}. That expired {ended}; it must be stated again.")
