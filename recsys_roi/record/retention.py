"""For how many days a pilot's rows are kept; every change stands in the pilot's trail."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from recsys_roi.errors import InputError
from recsys_roi.record import given
from recsys_roi.record.entries import RetentionRule
from recsys_roi.record.file import reading, writing
from recsys_roi.record.store import PilotStore
from recsys_roi.record.trail import time_text

MOST_DAYS = 36_500


def check_days(days: int) -> int:
    """Days as a rule may have them; InputError for others."""
    if not 1 <= days <= MOST_DAYS:
        raise InputError(f"Days are 1 to {MOST_DAYS:,}; {days} was given.")
    return days


def read_rule(connection: sqlite3.Connection, pilot: str) -> RetentionRule | None:
    """The rule of a pilot that holds; None where nobody has set one."""
    row = connection.execute("SELECT days, who, at FROM retention WHERE pilot = ?", (pilot,)).fetchone()
    if row is None:
        return None
    return RetentionRule(days=row["days"], who=row["who"], at=datetime.fromisoformat(row["at"]))


class RetentionStore(PilotStore):
    """The rule of one pilot."""

    def rule(self) -> RetentionRule | None:
        """The rule that holds; None where nobody has set one."""
        with reading(self._path) as connection:
            return read_rule(connection, self._pilot)

    def put(self, days: int, *, who: str, at: datetime) -> None:
        """Sets the days, in place of those before."""
        check_days(days)
        who = given.name("Who sets it", who)
        with writing(self._path) as connection:
            connection.execute(
                "INSERT INTO retention (pilot, days, who, at) VALUES (?, ?, ?, ?) ON CONFLICT (pilot) "
                "DO UPDATE SET days = excluded.days, who = excluded.who, at = excluded.at",
                (self._pilot, days, who, time_text(at)),
            )
            self._note(
                connection,
                who=who,
                at=at,
                action="set",
                subject="how long rows are kept",
                detail={"days": days},
            )

    def end(self, *, who: str, at: datetime) -> None:
        """Rows are kept until somebody deletes them; InputError where no rule holds."""
        who = given.name("Who ends it", who)
        with writing(self._path) as connection:
            gone = connection.execute("DELETE FROM retention WHERE pilot = ?", (self._pilot,)).rowcount
            if gone == 0:
                raise InputError(f"No days are set for {self._pilot}.")
            self._note(
                connection, who=who, at=at, action="ended", subject="how long rows are kept", detail={}
            )
