"""What people add to the risk register of a pilot: who answers for a risk by when, and risks of their own."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from typing import get_args

from recsys_roi.errors import InputError
from recsys_roi.record import given
from recsys_roi.record.entries import Duty, OwnRisk, OwnStatus
from recsys_roi.record.file import writing
from recsys_roi.record.store import PilotStore
from recsys_roi.record.trail import time_text

STATUSES: tuple[OwnStatus, ...] = get_args(OwnStatus)


class RegisterStore(PilotStore):
    """The register of one pilot."""

    def name_owner(self, risk: str, owner: str, *, due: date | None, who: str, at: datetime) -> None:
        """Says who answers for a risk, and by when it must be settled; the last saying counts."""
        risk, owner = given.name("The risk", risk), given.name("The owner", owner)
        who = given.name("Who writes", who)
        day = None if due is None else due.isoformat()
        with writing(self._path) as connection:
            connection.execute(
                "INSERT INTO duties (pilot, risk, owner, due, who, at) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (pilot, risk) DO UPDATE SET owner = excluded.owner, due = excluded.due, "
                "who = excluded.who, at = excluded.at",
                (self._pilot, risk, owner, day, who, time_text(at)),
            )
            detail = {"owner": owner, "due": day}
            self._note(
                connection, who=who, at=at, action="named the owner of", subject=f"risk {risk}", detail=detail
            )

    def add_risk(
        self,
        title: str,
        *,
        family: str,
        status: str,
        evidence: str,
        mitigation: str,
        escalation: str,
        who: str,
        at: datetime,
    ) -> int:
        """Adds a risk of somebody's own; gives its number."""
        title, who = given.name("The title of a risk", title), given.name("Who adds", who)
        told = {
            "title": title,
            "family": given.name("The family", family),
            "status": _status(status),
            "evidence": given.reason("What the risk rests on", evidence),
            "mitigation": given.note("What lowers it", mitigation),
            "escalation": given.note("The cue to call somebody", escalation),
        }
        with writing(self._path) as connection:
            number = connection.execute(
                "INSERT INTO own_risks (pilot, title, family, status, evidence, mitigation, escalation, "
                "who, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (self._pilot, *told.values(), who, time_text(at)),
            ).lastrowid
            self._note(connection, who=who, at=at, action="added", subject=f"risk own-{number}", detail=told)
            return int(number or 0)

    def judge_risk(self, number: int, *, status: str, evidence: str, who: str, at: datetime) -> None:
        """Judges a risk of somebody's own anew; what was said before stays in the trail."""
        who, status = given.name("Who judges", who), _status(status)
        evidence = given.reason("What the risk rests on", evidence)
        statement = (
            "UPDATE own_risks SET status = ?, evidence = ?, who = ?, at = ? "
            "WHERE id = ? AND pilot = ? AND withdrawn IS NULL"
        )
        values = (status, evidence, who, time_text(at), number, self._pilot)
        self._change(statement, values, number, "judged", {"status": status, "evidence": evidence}, who, at)

    def close_risk(self, number: int, *, why: str, who: str, at: datetime) -> None:
        """Takes a risk of somebody's own off the register; it stays in the trail."""
        who, why = given.name("Who closes", who), given.reason("Why the risk is closed", why)
        statement = "UPDATE own_risks SET withdrawn = ? WHERE id = ? AND pilot = ? AND withdrawn IS NULL"
        self._change(statement, (time_text(at), number, self._pilot), number, "closed", {"why": why}, who, at)

    def _change(  # noqa: PLR0917 - a row of the trail reads best in order
        self,
        statement: str,
        values: tuple[object, ...],
        number: int,
        action: str,
        detail: dict[str, str],
        who: str,
        at: datetime,
    ) -> None:
        with writing(self._path) as connection:
            if connection.execute(statement, values).rowcount == 0:
                raise InputError(f"No risk own-{number} stands here; it may have been closed already.")
            self._note(connection, who=who, at=at, action=action, subject=f"risk own-{number}", detail=detail)


def read_duties(connection: sqlite3.Connection, pilot: str) -> tuple[Duty, ...]:
    """Who answers for which risk, by risk."""
    rows = connection.execute("SELECT * FROM duties WHERE pilot = ? ORDER BY risk", (pilot,))
    return tuple(
        Duty(
            risk=row["risk"],
            owner=row["owner"],
            due=None if row["due"] is None else date.fromisoformat(row["due"]),
            who=row["who"],
            at=datetime.fromisoformat(row["at"]),
        )
        for row in rows
    )


def read_own_risks(connection: sqlite3.Connection, pilot: str) -> tuple[OwnRisk, ...]:
    """The risks that people added and nobody closed, oldest first."""
    rows = connection.execute(
        "SELECT * FROM own_risks WHERE pilot = ? AND withdrawn IS NULL ORDER BY id", (pilot,)
    )
    return tuple(
        OwnRisk(
            id=row["id"],
            title=row["title"],
            family=row["family"],
            status=row["status"],
            evidence=row["evidence"],
            mitigation=row["mitigation"],
            escalation=row["escalation"],
            who=row["who"],
            at=datetime.fromisoformat(row["at"]),
        )
        for row in rows
    )


def _status(given_status: str) -> OwnStatus:
    for status in STATUSES:
        if status == given_status:
            return status
    raise InputError(f"The status of a risk is one of {', '.join(STATUSES)}; {given_status!r} was given.")
