"""The plans of a pilot: each lock stands with its hash beside the earlier ones, and none is replaced."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recsys_roi.errors import ConflictError
from recsys_roi.record import given
from recsys_roi.record.entries import LockedPlan
from recsys_roi.record.file import reading, writing
from recsys_roi.record.store import PilotStore
from recsys_roi.record.trail import json_text, time_text


class PlanStore(PilotStore):
    """The locked plans of one pilot."""

    def all(self) -> tuple[LockedPlan, ...]:
        """Every lock, the earliest first."""
        with reading(self._path) as connection:
            return read_plans(connection, self._pilot)

    def lock(
        self, settings: Mapping[str, Any], *, fingerprint: str, who: str, at: datetime, why: str = ""
    ) -> LockedPlan:
        """Locks every setting as agreed; a later lock needs a reason and leaves the earlier ones standing."""
        who = given.name("Who locks", who)
        with writing(self._path) as connection:
            locked = read_plans(connection, self._pilot)
            why = given.reason("Why the plan is locked again", why) if locked else given.note("Why", why)
            plan = LockedPlan(settings=dict(settings), fingerprint=fingerprint, who=who, why=why, at=at)
            self._keep(connection, plan)
            detail = {"fingerprint": fingerprint, "why": why, "settings": plan.settings}
            self._note(connection, who=who, at=at, action="locked", subject="plan", detail=detail)
        return plan

    def bring(self, plan: LockedPlan, *, who: str, at: datetime) -> LockedPlan:
        """Keeps a plan that was locked elsewhere, with who brought it and when beside who locked it."""
        who = given.name("Who brings the plan", who)
        brought = LockedPlan(
            settings=dict(plan.settings),
            fingerprint=plan.fingerprint,
            who=given.name("Who locked it", plan.who),
            why=given.note("Why", plan.why),
            at=plan.at,
            brought_by=who,
            brought_at=at,
        )
        with writing(self._path) as connection:
            for kept in read_plans(connection, self._pilot):
                if (kept.fingerprint, kept.who, kept.at) == (plan.fingerprint, plan.who, plan.at):
                    raise ConflictError(f"This plan is here already: locked by {kept.who}.")
            self._keep(connection, brought)
            detail = {
                "fingerprint": plan.fingerprint,
                "locked_by": brought.who,
                "locked_at": time_text(plan.at),
                "why": brought.why,
                "settings": brought.settings,
            }
            self._note(connection, who=who, at=at, action="brought", subject="plan", detail=detail)
        return brought

    def _keep(self, connection: sqlite3.Connection, plan: LockedPlan) -> None:
        brought_at = None if plan.brought_at is None else time_text(plan.brought_at)
        connection.execute(
            "INSERT INTO plans (pilot, settings, fingerprint, who, why, at, brought_by, brought_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._pilot,
                json_text(plan.settings),
                plan.fingerprint,
                plan.who,
                plan.why,
                time_text(plan.at),
                plan.brought_by,
                brought_at,
            ),
        )


def read_plans(connection: sqlite3.Connection, pilot: str) -> tuple[LockedPlan, ...]:
    """The locks of a pilot, the earliest first."""
    rows = connection.execute("SELECT * FROM plans WHERE pilot = ? ORDER BY id", (pilot,))
    return tuple(sorted(map(_plan, rows), key=lambda plan: plan.at))


def _plan(row: sqlite3.Row) -> LockedPlan:
    brought_at = row["brought_at"]
    return LockedPlan(
        settings=json.loads(row["settings"]),
        fingerprint=row["fingerprint"],
        who=row["who"],
        why=row["why"],
        at=datetime.fromisoformat(row["at"]),
        brought_by=row["brought_by"],
        brought_at=None if brought_at is None else datetime.fromisoformat(brought_at),
    )
