"""What a person states because logs cannot show it: the kinds of statement, and which still hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from recsys_roi.record.entries import Attestation
from recsys_roi.verdict.findings import Finding
from recsys_roi.verdict.wording import counted, date_text, figure


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One kind of attestation."""

    id: str
    states: str  # the end of the sentence "I state that ..."
    asks: str  # what the note must say
    valid_days: int  # after it was done, until it has to be stated again
    amount: str = ""  # unit of the number that is asked for: minutes, days; empty: none


ROLLBACK, RETENTION = "rollback_practised", "retention_policy"

STATEMENTS: Mapping[str, Statement] = {
    statement.id: statement
    for statement in (
        Statement(
            id=ROLLBACK,
            states="a rollback was practised on the live service",
            asks="who did it, and what was learnt",
            valid_days=90,
            amount="minutes",
        ),
        Statement(
            id="runbooks_exercised",
            states='the runbooks "service not ready" and "empty recommendations" were exercised',
            asks="who did it, and what was learnt",
            valid_days=180,
        ),
        Statement(
            id="offline_comparison",
            states="candidate and control were compared offline",
            asks="on which logs, and what came of it",
            valid_days=180,
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
            id=RETENTION,
            states="it is agreed how long logs are kept",
            asks="who deletes them",
            valid_days=365,
            amount="days",
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


def expiry(statement: Statement, done_on: date) -> datetime:
    """When a statement about that day has to be made again: midnight UTC."""
    return datetime.combine(done_on, time(), UTC) + timedelta(days=statement.valid_days)


def agreed_days(attestations: Iterable[Attestation], as_of: datetime) -> float | None:
    """How many days logs may be kept, as stated last; None where nothing that holds says so."""
    said = [
        one for one in attestations if one.kind == RETENTION and one.amount is not None and one.holds(as_of)
    ]
    return max(said, key=lambda one: (one.at, one.id)).amount if said else None


def _standing(statement: Statement, made: list[Attestation], as_of: datetime) -> Finding:
    said = [one for one in made if one.at <= as_of]
    if not said:
        return Finding(status="cannot_tell", evidence=f"Nobody has stated yet that {statement.states}.")
    best = max(said, key=lambda one: (one.expires or datetime.max.replace(tzinfo=UTC), one.at))
    told = _told(statement, best)
    if best.holds(as_of):
        until = "" if best.expires is None else f" It holds until {date_text(best.expires)}."
        return Finding(status="ok", evidence=f"{told}{until}")
    days = 0 if best.expires is None else (as_of - best.expires).days
    ended = "today" if days == 0 else f"{counted(days, 'day')} ago"
    return Finding(status="watch", evidence=f"{told} That expired {ended}; it must be stated again.")


def _told(statement: Statement, made: Attestation) -> str:
    """Who stated what when, in one sentence."""
    facts = [
        *([] if made.done_on is None else [f"done on {date_text(made.done_on)}"]),
        *([] if made.amount is None else [f"{figure(made.amount)} {statement.amount}".strip()]),
    ]
    done = f" ({', '.join(facts)})" if facts else ""
    note = f": {made.note.rstrip('. ')}" if made.note else ""
    return f"{made.who} stated on {date_text(made.at)} that {statement.states}{done}{note}."
