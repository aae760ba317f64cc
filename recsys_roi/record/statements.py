"""What people state about a pilot, attestations and waivers; what a review reads, and the trail of it all."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from recsys_roi.errors import InputError
from recsys_roi.record import given
from recsys_roi.record.entries import Attestation, Change, Record, Waiver
from recsys_roi.record.file import FileState, reading, settled_state, writing
from recsys_roi.record.plans import read_plans
from recsys_roi.record.register import read_duties, read_own_risks
from recsys_roi.record.retention import read_rule
from recsys_roi.record.store import PilotStore
from recsys_roi.record.trail import changes, first_broken, head, time_text

KEPT = 64  # records of pilots whose file has not changed since they were read


class StatementStore(PilotStore):
    """The statements of one pilot."""

    def record(self) -> Record:
        """What holds now, as a review reads it; expiry is the review's to judge."""
        seen = settled_state(self._path)
        return self._read() if seen is None else _unchanged(self._path, self._pilot, seen)

    def _read(self) -> Record:
        with reading(self._path) as connection:
            attestations = self._rows(
                connection, "SELECT * FROM attestations WHERE pilot = ? AND withdrawn IS NULL ORDER BY id"
            )
            waivers = self._rows(
                connection, "SELECT * FROM waivers WHERE pilot = ? AND withdrawn IS NULL ORDER BY id"
            )
            return Record(
                attestations=tuple(map(_attestation, attestations)),
                waivers=tuple(map(_waiver, waivers)),
                plans=read_plans(connection, self._pilot),
                duties=read_duties(connection, self._pilot),
                own_risks=read_own_risks(connection, self._pilot),
                retention=read_rule(connection, self._pilot),
                trail=changes(connection, self._pilot),
                audit_head=head(connection, self._pilot),
            )

    def trail(self) -> tuple[Change, ...]:
        """Every change of the pilot's record, saved scenarios included, oldest first."""
        with reading(self._path) as connection:
            return changes(connection, self._pilot)

    def first_broken_change(self) -> int | None:
        """Place, from 0, of the first change that was altered later; None where the trail is whole."""
        with reading(self._path) as connection:
            return first_broken(connection, self._pilot)

    def attest(
        self,
        kind: str,
        *,
        who: str,
        at: datetime,
        note: str = "",
        link: str = "",
        expires: datetime | None = None,
        done_on: date | None = None,
        amount: float | None = None,
    ) -> int:
        """States something that logs cannot show; gives the attestation's number.

        `done_on` and `amount` say when it was done and how much of it: the minutes of a drill, days kept.
        """
        kind, who = given.name("What is attested", kind), given.name("Who attests", who)
        note, link, until = given.note("A note", note), given.link(link), given.expiry(at, expires)
        day, amount = given.day_done(at, done_on), given.amount(amount)
        with writing(self._path) as connection:
            number = connection.execute(
                "INSERT INTO attestations (pilot, kind, who, at, note, link, expires, done_on, amount) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (self._pilot, kind, who, time_text(at), note, link, until, day, amount),
            ).lastrowid
            detail = {
                "kind": kind,
                "note": note,
                "link": link,
                "expires": until,
                "done_on": day,
                "amount": amount,
            }
            self._note(
                connection, who=who, at=at, action="attested", subject=f"attestation {number}", detail=detail
            )
            return int(number or 0)

    def waive(
        self,
        guardrail: str,
        *,
        who: str,
        why: str,
        at: datetime,
        up_to: float | None = None,
        expires: datetime | None = None,
    ) -> int:
        """Accepts in writing a guardrail that is not shown safe; gives the waiver's number."""
        guardrail, who = given.name("The guardrail", guardrail), given.name("Who accepts", who)
        why, until = given.reason("Why it is accepted", why), given.expiry(at, expires)
        with writing(self._path) as connection:
            number = connection.execute(
                "INSERT INTO waivers (pilot, guardrail, who, why, at, up_to, expires) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (self._pilot, guardrail, who, why, time_text(at), up_to, until),
            ).lastrowid
            detail = {"guardrail": guardrail, "why": why, "up_to": up_to, "expires": until}
            self._note(connection, who=who, at=at, action="waived", subject=f"waiver {number}", detail=detail)
            return int(number or 0)

    def withdraw_attestation(self, number: int, *, who: str, at: datetime) -> None:
        """Takes an attestation back; it stays in the trail."""
        statement = "UPDATE attestations SET withdrawn = ? WHERE id = ? AND pilot = ? AND withdrawn IS NULL"
        self._withdraw(f"attestation {number}", statement, number, who, at)

    def withdraw_waiver(self, number: int, *, who: str, at: datetime) -> None:
        """Takes a waiver back; it stays in the trail."""
        statement = "UPDATE waivers SET withdrawn = ? WHERE id = ? AND pilot = ? AND withdrawn IS NULL"
        self._withdraw(f"waiver {number}", statement, number, who, at)

    def _withdraw(self, subject: str, statement: str, number: int, who: str, at: datetime) -> None:
        who = given.name("Who withdraws", who)
        with writing(self._path) as connection:
            if connection.execute(statement, (time_text(at), number, self._pilot)).rowcount == 0:
                raise InputError(f"No {subject} stands here; it may have been withdrawn already.")
            self._note(connection, who=who, at=at, action="withdrawn", subject=subject, detail={})

    def _rows(self, connection: sqlite3.Connection, statement: str) -> list[sqlite3.Row]:
        return connection.execute(statement, (self._pilot,)).fetchall()


@lru_cache(maxsize=KEPT)
def _unchanged(path: Path, pilot: str, seen: FileState) -> Record:
    """The record as it was when the file was in that state; a page asks for it many times."""
    return StatementStore(path.parent, pilot)._read()


def _attestation(row: sqlite3.Row) -> Attestation:
    return Attestation(
        id=row["id"],
        kind=row["kind"],
        who=row["who"],
        at=datetime.fromisoformat(row["at"]),
        note=row["note"],
        link=row["link"],
        expires=_moment(row["expires"]),
        done_on=None if row["done_on"] is None else date.fromisoformat(row["done_on"]),
        amount=row["amount"],
    )


def _waiver(row: sqlite3.Row) -> Waiver:
    return Waiver(
        id=row["id"],
        guardrail=row["guardrail"],
        who=row["who"],
        why=row["why"],
        at=datetime.fromisoformat(row["at"]),
        up_to=row["up_to"],
        expires=_moment(row["expires"]),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
