"""The members of a pilot and their roles; every change stands in the pilot's trail."""

from __future__ import annotations

import sqlite3
import string
import unicodedata
from datetime import datetime
from pathlib import Path

from recsys_roi.errors import ConflictError, InputError
from recsys_roi.record import given
from recsys_roi.record.entries import ROLES, Member, Role
from recsys_roi.record.file import reading, writing
from recsys_roi.record.store import PilotStore
from recsys_roi.record.trail import time_text

_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class MemberStore(PilotStore):
    """The members of one pilot."""

    def all(self) -> tuple[Member, ...]:
        """The members by name."""
        with reading(self._path) as connection:
            return self._all(connection)

    def role_of(self, key: str) -> Role | None:
        """The role of whoever has this key (`person_key`); None for a stranger."""
        with reading(self._path) as connection:
            row = connection.execute(
                "SELECT role FROM members WHERE pilot = ? AND key = ?", (self._pilot, key)
            ).fetchone()
        return None if row is None else _role(row["role"])

    def claim(self, person: str, *, at: datetime) -> None:
        """Makes somebody the first owner, in one step, so that of two who try at once one gets the name.

        Raises ConflictError where it has members already and they are no owner of it.
        """
        if self.role_of(person_key(person)) == "owner":
            return
        with writing(self._path) as connection:
            if self._all(connection):
                raise ConflictError(f"The name {self._pilot!r} cannot be used. Choose another one.")
            self._put(connection, person, "owner", who=person, at=at)

    def put(self, person: str, role: str, *, who: str, at: datetime) -> None:
        """Adds a member, or gives them another role; InputError where no owner would be left."""
        person, who = given.name("The member", person), given.name("Who adds", who)
        chosen = _role(role)
        with writing(self._path) as connection:
            self._put(connection, person, chosen, who=who, at=at)
            self._check_owner(connection)

    def remove(self, person: str, *, who: str, at: datetime) -> None:
        """Takes a member out; InputError where there is none of that name, or no owner would be left."""
        who = given.name("Who removes", who)
        with writing(self._path) as connection:
            gone = connection.execute(
                "DELETE FROM members WHERE pilot = ? AND key = ?", (self._pilot, person_key(person))
            ).rowcount
            if gone == 0:
                raise InputError(f"{person!r} is no member of {self._pilot}.")
            self._check_owner(connection)
            self._note(
                connection,
                who=who,
                at=at,
                action="removed",
                subject=f"member {person}",
                detail={"member": person},
            )

    def _put(
        self, connection: sqlite3.Connection, person: str, role: Role, *, who: str, at: datetime
    ) -> None:
        connection.execute(
            "INSERT INTO members (pilot, key, person, role, who, at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (pilot, key) DO UPDATE SET role = excluded.role, who = excluded.who, "
            "at = excluded.at",
            (self._pilot, person_key(person), person, role, who, time_text(at)),
        )
        self._note(
            connection,
            who=who,
            at=at,
            action="made",
            subject=f"{person} {role}",
            detail={"member": person, "role": role},
        )

    def _all(self, connection: sqlite3.Connection) -> tuple[Member, ...]:
        rows = connection.execute(
            "SELECT person, role, who, at FROM members WHERE pilot = ? ORDER BY key", (self._pilot,)
        )
        return tuple(
            Member(
                person=row["person"],
                role=_role(row["role"]),
                who=row["who"],
                at=datetime.fromisoformat(row["at"]),
            )
            for row in rows
        )

    def _check_owner(self, connection: sqlite3.Connection) -> None:
        if not any(member.role == "owner" for member in self._all(connection)):
            raise InputError("A pilot needs an owner. Make somebody else an owner first.")


def pilots_of(home: Path, key: str) -> tuple[str, ...]:
    """The pilots that whoever has this key is a member of, by name."""
    with reading(home / given.FILE_NAME) as connection:
        rows = connection.execute("SELECT pilot FROM members WHERE key = ? ORDER BY pilot", (key,))
        return tuple(row["pilot"] for row in rows)


def person_key(name: str) -> str:
    """How a person's name is compared: composed, and A to Z as a to z.

    Other letters stay, since folding would make one person of two: strasse@ and stra\u00dfe@.
    """
    return unicodedata.normalize("NFC", name).strip().translate(_SMALL)


def _role(text: str) -> Role:
    for role in ROLES:
        if role == text:
            return role
    raise InputError(f"A role is one of {', '.join(ROLES)}; {text!r} was given.")
