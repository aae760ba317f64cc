"""Counts to evidence: the sums of one view, read in a moment whatever the length of the logs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from recsys_roi.evidence.counting import Counts, counts_of
from recsys_roi.evidence.facts import (
    ArmFacts,
    Attribution,
    ExperimentFacts,
    Facts,
    JoinFacts,
    PersonalDataFinding,
    Silence,
    Span,
)
from recsys_roi.evidence.kpis import GUARDRAILS, KPIS, Kpi
from recsys_roi.evidence.quantiles import QuantileSums
from recsys_roi.evidence.selection import Selection, select
from recsys_roi.evidence.sums import Sums
from recsys_roi.evidence.view import (
    CountedFile,
    Evidence,
    KpiEvidence,
    Pair,
    RateEvidence,
    SliceEvidence,
    View,
)
from recsys_roi.logs.pilot import Pilot

MAX_SLICE_VALUES = 10
HOUR_US = 3_600_000_000

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def evidence_of(pilot: Pilot, view: View) -> Evidence:
    """The evidence of one view of a pilot; counts the pilot's rows first when its files are new."""
    counts = counts_of(pilot)
    files = tuple(
        CountedFile(
            name=file.name,
            hash=file.hash,
            kind=file.kind,
            lines=file.lines,
            accepted=file.accepted,
            rejected=file.rejected,
            extended=file.extended,
            null_for_absent=file.null_for_absent,
        )
        for file in pilot.files
    )
    return read_view(counts, view, files=files, fingerprint=pilot.fingerprint)


def read_view(counts: Counts, view: View, *, files: tuple[CountedFile, ...], fingerprint: str) -> Evidence:
    """Reads one view from counts."""
    with counts.connect() as connection:
        selection = select(connection, view)
        _choose(connection, view, selection)
        users = _Users.read(connection)
        logged = _logged_events(connection)
        start, end = _window(connection)
        slices, grouped = _slices(connection, users, view)
        return Evidence(
            files=files,
            fingerprint=fingerprint,
            experiment=selection.experiment,
            control=selection.control,
            candidate=selection.candidate,
            surface=selection.surface,
            surfaces=selection.surfaces,
            notes=selection.notes,
            start=start,
            end=end,
            days=_days(start, end),
            users=_pair(int((~users.candidate).sum()), int(users.candidate.sum())),
            users_by_day=_users_by_day(connection, _days(start, end)),
            requests=_pair(
                int(users.requests[~users.candidate].sum()), int(users.requests[users.candidate].sum())
            ),
            requests_per_user=users.per_arm(users.requests, None),
            kpis={kpi.id: _kpi(users, kpi, logged) for kpi in KPIS.values()},
            rates={"error_rate": _error_rate(users), "empty_rate": _empty_rate(users)},
            latency=_latency(connection),
            slices=slices,
            grouped_keys=grouped,
            facts=_facts(connection, selection),
        )


def _sql(name: str) -> str:
    return resources.files("recsys_roi.evidence").joinpath("sql", name).read_text(encoding="utf-8")


def _choose(connection: duckdb.DuckDBPyConnection, view: View, selection: Selection) -> None:
    newest = connection.execute("SELECT coalesce(max(last_us), 0) FROM newest").fetchone()
    windows = {
        "experiment": selection.experiment,
        "click_us": round(view.click_window_hours * HOUR_US),
        "outcome_us": round(view.outcome_window_hours * HOUR_US),
    }
    connection.execute(
        _sql("view.sql"),
        windows
        | {
            "control": selection.control,
            "candidate": selection.candidate,
            "surface": selection.surface,
            "start": _naive(view.start),
            "end": _naive(view.end),
            "mature_only": view.mature_only,
            "newest_us": newest[0] if newest else 0,
        },
    )
    connection.execute(_sql("view_events.sql"), windows)


def _naive(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


def _columns(
    connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, object] | None = None
) -> dict[str, NDArray[Any]]:
    """The rows of a query by column; none of its columns may hold NULL."""
    rows = connection.execute(query, values or {}).fetchnumpy()
    return {name: np.asarray(column) for name, column in rows.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Numerators:
    """One event type's totals a user, aligned with the users."""

    requests_with: Floats
    value: Floats
    events: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class _Users:
    """One row a user of the view, ordered by arm and user number."""

    user_no: NDArray[np.int64]
    candidate: Mask
    requests: Floats
    mature: dict[str, Floats]  # mature requests by attribution window
    errors: Floats
    error_logged: Floats
    empties: Floats
    numerators: dict[str, _Numerators]  # by event type
    mature_numerators: dict[str, _Numerators]

    @classmethod
    def read(cls, connection: duckdb.DuckDBPyConnection) -> _Users:
        rows = _columns(connection, _sql("view_users.sql"))
        user_no = rows["user_no"].astype(np.int64)
        events = _columns(connection, _sql("view_numerators.sql"))
        return cls(
            user_no=user_no,
            candidate=rows["candidate"].astype(np.bool_),
            requests=rows["requests"].astype(np.float64),
            mature={
                "click": rows["mature_click"].astype(np.float64),
                "outcome": rows["mature_outcome"].astype(np.float64),
            },
            errors=rows["errors"].astype(np.float64),
            error_logged=rows["error_logged"].astype(np.float64),
            empties=rows["empties"].astype(np.float64),
            numerators=_by_event(events, user_no, ""),
            mature_numerators=_by_event(events, user_no, "mature_"),
        )

    def per_arm(self, y: Floats, x: Floats | None, keep: Mask | None = None) -> Pair[Sums]:
        """Sums of both arms over the users to keep."""
        chosen = np.ones(len(y), dtype=np.bool_) if keep is None else keep

        def of(arm: Mask) -> Sums:
            where = arm & chosen
            return Sums.of_users(y[where], None if x is None else x[where])

        return Pair(control=of(~self.candidate), candidate=of(self.candidate))


def _by_event(
    events: dict[str, NDArray[Any]], user_no: NDArray[np.int64], prefix: str
) -> dict[str, _Numerators]:
    kinds = np.asarray(events["event_type"], dtype=object)
    # A user has one arm, so the number alone finds the row.
    order = np.argsort(user_no, kind="stable")
    at = order[np.searchsorted(user_no, np.asarray(events["user_no"], dtype=np.int64), sorter=order)]
    found: dict[str, _Numerators] = {}
    for kind in sorted(set(kinds.tolist())):
        of_kind = kinds == kind

        def spread(column: str, of_kind: Mask = of_kind) -> Floats:
            totals = np.zeros(len(user_no))
            totals[at[of_kind]] = np.asarray(events[prefix + column], dtype=np.float64)[of_kind]
            return totals

        found[kind] = _Numerators(
            requests_with=spread("requests_with"), value=spread("value"), events=spread("events")
        )
    return found


def _logged_events(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    rows = connection.execute("SELECT event_type, events, with_value FROM event_types").fetchall()
    return {event_type: with_value for event_type, _, with_value in rows}


def _kpi(users: _Users, kpi: Kpi, logged: dict[str, int]) -> KpiEvidence:
    is_logged = kpi.event in logged and (kpi.measure != "value" or logged[kpi.event] > 0)
    mature_requests = users.mature[kpi.window]
    has_mature = mature_requests > 0
    everything = _sums(users, kpi, users.numerators, users.requests, None)
    mature = _sums(users, kpi, users.mature_numerators, mature_requests, has_mature)
    any_mature = bool(has_mature.any())
    numerators = users.mature_numerators if any_mature else users.numerators
    requests = mature_requests if any_mature else users.requests
    total = float(users.requests.sum())
    return KpiEvidence(
        logged=is_logged,
        sums=everything,
        mature=mature,
        numerator_total=float(_money_numerator(users, kpi, numerators)[~users.candidate].sum()),
        requests_total=int(requests[~users.candidate].sum()),
        mature_share=float(mature_requests.sum()) / total if total else None,
    )


def _sums(
    users: _Users, kpi: Kpi, numerators: dict[str, _Numerators], requests: Floats, keep: Mask | None
) -> Pair[Sums]:
    y = _measured(users, kpi, numerators)
    return users.per_arm(y, requests if kpi.per == "request" else None, keep)


def _measured(users: _Users, kpi: Kpi, numerators: dict[str, _Numerators]) -> Floats:
    found = numerators.get(kpi.event)
    if found is None:
        return np.zeros(len(users.user_no))
    if kpi.measure == "value":
        return found.value
    if kpi.measure == "users_with":
        return (found.requests_with > 0).astype(np.float64)
    return found.requests_with


def _money_numerator(users: _Users, kpi: Kpi, numerators: dict[str, _Numerators]) -> Floats:
    """What value_per_action pays for, a user: events rather than converted users (rulings 2)."""
    found = numerators.get(kpi.event)
    if found is not None and kpi.measure == "users_with":
        return found.events
    return _measured(users, kpi, numerators)


def _error_rate(users: _Users) -> RateEvidence:
    logged = users.error_logged
    if not logged.any():
        return RateEvidence(sums=None, reason="missing")
    if (users.errors == logged).all():
        # Errors written only when true would read as a rate of 100 %.
        return RateEvidence(sums=None, reason="error_only_when_true")
    return RateEvidence(sums=users.per_arm(users.errors, logged, logged > 0), reason=None)


def _empty_rate(users: _Users) -> RateEvidence:
    return RateEvidence(sums=users.per_arm(users.empties, users.requests), reason=None)


def _latency(connection: duckdb.DuckDBPyConnection) -> dict[float, Pair[QuantileSums | None]]:
    rows = _columns(
        connection, "SELECT candidate, user_no, latency_ms FROM chosen WHERE latency_ms IS NOT NULL"
    )
    candidate = rows["candidate"].astype(np.bool_)
    latency = rows["latency_ms"].astype(np.float64)
    user = rows["user_no"].astype(np.int64)
    levels = [g.level for g in GUARDRAILS.values() if g.level is not None]
    return {
        level: Pair(
            control=QuantileSums.of_requests(latency[~candidate], user[~candidate], level),
            candidate=QuantileSums.of_requests(latency[candidate], user[candidate], level),
        )
        for level in levels
    }


def _window(connection: duckdb.DuckDBPyConnection) -> tuple[datetime | None, datetime | None]:
    row = connection.execute("SELECT min(ts), max(ts) FROM chosen").fetchone()
    if row is None or row[0] is None:
        return None, None
    return row[0].replace(tzinfo=UTC), row[1].replace(tzinfo=UTC)


def _users_by_day(connection: duckdb.DuckDBPyConnection, days: int) -> tuple[int, ...]:
    """Users of both arms seen by the end of each calendar day (UTC) of the window."""
    rows = _columns(connection, _sql("view_new_users.sql"))
    new = np.bincount(rows["day"].astype(np.int64), weights=rows["users"].astype(np.float64), minlength=days)
    return tuple(int(seen) for seen in np.cumsum(new))


def _days(start: datetime | None, end: datetime | None) -> int:
    if start is None or end is None:
        return 0
    first: date = start.date()
    return (end.date() - first).days + 1


def _slices(
    connection: duckdb.DuckDBPyConnection, users: _Users, view: View
) -> tuple[tuple[SliceEvidence, ...], tuple[str, ...]]:
    keys = dict(connection.execute("SELECT key, distinct_values FROM slice_keys ORDER BY key").fetchall())
    wanted = list(keys) if view.slice_keys is None else [k for k in view.slice_keys if k in keys]
    slices: list[SliceEvidence] = []
    for key in wanted:
        if not 2 <= keys[key] <= MAX_SLICE_VALUES:
            continue
        rows = _columns(
            connection,
            "SELECT user_no, value FROM user_slices WHERE key = $key ORDER BY user_no",
            {"key": key},
        )
        values = np.asarray(rows["value"], dtype=object)
        members = rows["user_no"].astype(np.int64)
        for value in sorted(set(values.tolist())):
            inside = np.isin(users.user_no, members[values == value])
            slices.append(_slice(users, key, value, inside))
    return tuple(slices), tuple(k for k in wanted if keys[k] > MAX_SLICE_VALUES)


def _slice(users: _Users, key: str, value: str, inside: Mask) -> SliceEvidence:
    return SliceEvidence(
        key=key,
        value=value,
        users=_pair(int((inside & ~users.candidate).sum()), int((inside & users.candidate).sum())),
        kpis={kpi.id: _sums(users, kpi, users.numerators, users.requests, inside) for kpi in KPIS.values()},
    )


def _facts(connection: duckdb.DuckDBPyConnection, selection: Selection) -> Facts:
    def rows(query: str) -> list[dict[str, Any]]:
        cursor = connection.execute(query, {"experiment": selection.experiment} if "$" in query else {})
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    (joins,) = rows("SELECT * FROM join_facts")
    (experiment,) = rows(
        "SELECT * EXCLUDE experiment_id FROM experiment_facts WHERE experiment_id = $experiment"
    )
    attribution = dict(
        connection.execute("SELECT attribution, count(*) FROM chosen_events GROUP BY attribution").fetchall()
    )
    (scan,) = rows("SELECT looked_at FROM personal_data_scan")
    return Facts(
        joins=JoinFacts(**joins),
        experiment=ExperimentFacts(**experiment),
        arms=tuple(
            ArmFacts(**row)
            for row in rows(
                "SELECT * EXCLUDE experiment_id FROM arm_facts "
                "WHERE experiment_id = $experiment ORDER BY variant"
            )
        ),
        silences=tuple(
            Silence(**row)
            for row in rows(
                "SELECT * EXCLUDE experiment_id FROM silences "
                "WHERE experiment_id = $experiment ORDER BY variant, surface"
            )
        ),
        spans=tuple(Span(**row) for row in rows("SELECT * FROM newest ORDER BY kind")),
        personal_data=tuple(
            PersonalDataFinding(field=field, pattern=pattern, values=values, example=example)
            for field, pattern, values, example in connection.execute(
                "SELECT field, pattern, found, example FROM personal_data ORDER BY ALL"
            ).fetchall()
        ),
        personal_data_values=scan["looked_at"],
        attribution=Attribution(
            within=attribution.get("within", 0),
            early=attribution.get("early", 0),
            late=attribution.get("late", 0),
        ),
    )


def _pair(control: int, candidate: int) -> Pair[int]:
    return Pair(control=control, candidate=candidate)
