"""The saved scenarios of a pilot: save, list, duplicate, delete; nobody overwrites what they did not see."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recsys_roi.errors import ConflictError, UnknownNameError
from recsys_roi.record import given
from recsys_roi.record.entries import SavedScenario
from recsys_roi.record.file import reading, writing
from recsys_roi.record.store import PilotStore
from recsys_roi.record.trail import json_text, time_text


class ScenarioStore(PilotStore):
    """The scenarios of one pilot."""

    def all(self) -> tuple[SavedScenario, ...]:
        """Every saved scenario, by name."""
        with reading(self._path) as connection:
            rows = connection.execute(
                "SELECT * FROM scenarios WHERE pilot = ? ORDER BY name COLLATE NOCASE, name", (self._pilot,)
            )
            return tuple(map(_scenario, rows))

    def named(self, name: str) -> SavedScenario:
        """The scenario of that name; UnknownNameError where there is none."""
        with reading(self._path) as connection:
            return self._named(connection, name)

    def save(
        self,
        name: str,
        settings: Mapping[str, Any],
        *,
        fingerprint: str,
        who: str,
        at: datetime,
        seen_version: int | None = None,
    ) -> SavedScenario:
        """Saves a new scenario, or over the version that was seen.

        Raises ConflictError when the name is taken, or somebody saved or deleted it since; nothing changes.
        """
        name, who = given.name("The name of a scenario", name), given.name("Who saves", who)
        with writing(self._path) as connection:
            found = self._find(connection, name)
            _check_seen(name, found, seen_version)
            version = 1 if found is None else found.version + 1
            connection.execute(
                "INSERT INTO scenarios (pilot, name, settings, fingerprint, version, who, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (pilot, name) DO UPDATE SET "
                "settings = excluded.settings, fingerprint = excluded.fingerprint, "
                "version = excluded.version, who = excluded.who, at = excluded.at",
                (self._pilot, name, json_text(settings), fingerprint, version, who, time_text(at)),
            )
            detail = {"version": version, "fingerprint": fingerprint, "settings": dict(settings)}
            self._note(connection, who=who, at=at, action="saved", subject=f"scenario {name}", detail=detail)
            return self._named(connection, name)

    def duplicate(self, name: str, new_name: str, *, who: str, at: datetime) -> SavedScenario:
        """A copy under a new name."""
        found = self.named(name)
        return self.save(new_name, found.settings, fingerprint=found.fingerprint, who=who, at=at)

    def delete(self, name: str, *, who: str, at: datetime, seen_version: int) -> None:
        """Deletes the version that was seen; its settings stay in the trail."""
        who = given.name("Who deletes", who)
        with writing(self._path) as connection:
            found = self._named(connection, name)
            _check_seen(name, found, seen_version)
            connection.execute("DELETE FROM scenarios WHERE pilot = ? AND name = ?", (self._pilot, name))
            detail = {"version": found.version, "settings": dict(found.settings)}
            self._note(
                connection, who=who, at=at, action="deleted", subject=f"scenario {name}", detail=detail
            )

    def _find(self, connection: sqlite3.Connection, name: str) -> SavedScenario | None:
        row = connection.execute(
            "SELECT * FROM scenarios WHERE pilot = ? AND name = ?", (self._pilot, name)
        ).fetchone()
        return None if row is None else _scenario(row)

    def _named(self, connection: sqlite3.Connection, name: str) -> SavedScenario:
        found = self._find(connection, name)
        if found is None:
            rows = connection.execute(
                "SELECT name FROM scenarios WHERE pilot = ? ORDER BY name", (self._pilot,)
            )
            raise UnknownNameError("scenario", name, [row["name"] for row in rows])
        return found


def _scenario(row: sqlite3.Row) -> SavedScenario:
    return SavedScenario(
        name=row["name"],
        settings=json.loads(row["settings"]),
        fingerprint=row["fingerprint"],
        version=row["version"],
        who=row["who"],
        at=datetime.fromisoformat(row["at"]),
    )


def _check_seen(name: str, found: SavedScenario | None, seen_version: int | None) -> None:
    if found is None:
        if seen_version is not None:
            raise ConflictError(
                f"Scenario {name!r} was deleted or renamed since you opened it (version {seen_version}). "
                "Save it under a new name to keep it."
            )
        return
    if found.version == seen_version:
        return
    stands = f"version {found.version}, by {found.who} at {found.at:%Y-%m-%d %H:%M} UTC"
    if seen_version is None:
        raise ConflictError(f"A scenario called {name!r} exists already ({stands}). Choose another name.")
    raise ConflictError(
        f"Scenario {name!r} was saved since you opened it: {stands}; yours is version {seen_version}. "
        "Open it again to see theirs, or save yours under another name."
    )
