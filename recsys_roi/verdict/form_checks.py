"""The form and age of what is logged: rejects by day, names that come or go, stale artifacts, retention."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from recsys_roi.evidence.drift_facts import Artifact, Drift, NameDays
from recsys_roi.evidence.facts import Span
from recsys_roi.numerals import full
from recsys_roi.verdict.findings import Finding, Status
from recsys_roi.verdict.wording import counted, cut, date_text, day_text, figure, listed, moment_at

REJECT_DAY = 0.01  # share of a day's lines of one log
SMALLEST_DAY = 100  # lines
EXPECTED = 20.0  # sightings that would have been expected in a silence, so that it is no accident
SILENT_DAYS = 3  # before a name that came, or after one that went
STALE_INTERVALS = 2  # numbers book 12.2: no update within twice the schedule
UPDATES_TO_LEARN = 3  # of one artifact, to read its schedule from them
NEARLY = 0.9  # of the agreed days
NAMED_KEYS = frozenset(
    {
        *("tenant_id", "tenant", "surface", "segment", "locale", "device", "user_type", "session_id"),
        *("algo_version", "config_version", "rules_version"),
    }
)  # docs/logs.md
TOLD = 3
HOUR = timedelta(hours=1)


def schema_findings(drift: Drift) -> dict[str, Finding]:
    """The finding "drift:schema": rejects by day, new names in them, names that come or go in the others."""
    worst = max(
        (
            (day.rejected / (day.accepted + day.rejected), day)
            for day in drift.reject_days
            if day.accepted + day.rejected >= SMALLEST_DAY
        ),
        default=None,
        key=lambda pair: pair[0],
    )
    said: list[str] = []
    bad = False
    if worst is not None and worst[0] > 0:
        share, day = worst
        bad = share > REJECT_DAY
        said.append(
            f"Most on {day_text(day.day)}: {full(share * 100, 1)} % of {day.kind} lines "
            f"(act above {full(REJECT_DAY * 100)} % of a day)."
        )
    if drift.new_names:
        names = [f"{one.kind} {cut(one.name)} ({full(one.lines)})" for one in drift.new_names]
        said.append(f"New names in rejected lines: {listed(names)}.")
    went, came = _gone(drift), _come(drift)
    said += [*went, *came]
    status: Status = "act" if bad or went else "watch" if said else "ok"
    return {"drift:schema": Finding(status=status, evidence=" ".join(said) or "No name is new or gone.")}


def _come(drift: Drift) -> list[str]:
    """Names that were not there from the start, and should have been seen were they always logged."""
    days = dict(drift.exposures_by_day)
    found = []
    for name in drift.names:
        before = sum(count for day, count in days.items() if day < name.first_day)
        since = sum(count for day, count in days.items() if day >= name.first_day)
        silent = name.first_day - min(days, default=name.first_day)
        if silent >= SILENT_DAYS and name.lines / max(1, since) * before >= EXPECTED:
            found.append(f"The {name.kind} {cut(name.name)} comes first on {day_text(name.first_day)}.")
    return found[:TOLD]


def _gone(drift: Drift) -> list[str]:
    days = dict(drift.exposures_by_day)
    found = []
    for name in drift.names:
        after = sum(count for day, count in days.items() if day > name.last_day)
        until = sum(count for day, count in days.items() if day <= name.last_day)
        silent = max(days, default=name.last_day) - name.last_day
        expected = name.lines / max(1, until) * after
        if silent >= SILENT_DAYS and expected >= EXPECTED:
            found.append(
                f"The {name.kind} {cut(name.name)} is last seen on {day_text(name.last_day)}; about "
                f"{full(expected)} were expected since."
            )
    return found[:TOLD]


def key_findings(names: Sequence[NameDays], declared: Collection[str]) -> dict[str, Finding]:
    """The finding "drift:context_keys": keys that neither the contract names nor a person declared."""
    keys = [name for name in names if name.kind == "context key"]
    if not keys:
        return {"drift:context_keys": Finding(status="ok", evidence="The context holds no keys.")}
    other = [name for name in keys if name.name not in NAMED_KEYS and name.name not in declared]
    if not other:
        known = f"{counted(len(keys), 'context key')}, all named by the contract or declared as slices."
        return {"drift:context_keys": Finding(status="ok", evidence=known)}
    told = [f"{cut(name.name)} ({counted(name.lines, 'line')})" for name in other]
    return {
        "drift:context_keys": Finding(
            status="watch",
            evidence=f"{counted(len(other), 'context key')} that nobody declared: {listed(told)}.",
        )
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Schedule:
    """The updates of one tenant's artifacts on one surface, oldest first."""

    name: str
    updates: tuple[datetime, ...]
    interval: timedelta | None


def artifact_findings(
    artifacts: Sequence[Artifact], spans: Sequence[Span], interval_hours: float | None
) -> dict[str, Finding]:
    """The finding "drift:artifacts": held against the newest event of the logs (numbers book 12.2)."""
    return {"drift:artifacts": _artifacts(artifacts, spans, interval_hours)}


def _artifacts(artifacts: Sequence[Artifact], spans: Sequence[Span], interval_hours: float | None) -> Finding:
    newest = max((span.last_us for span in spans if span.last_us is not None), default=None)
    if not artifacts or newest is None:
        return Finding(
            status="cannot_tell",
            evidence="No artifact manifest is known: add the pipelines' manifest.v1 files on the Logs page.",
        )
    schedules = list(_schedules(artifacts, interval_hours))
    unknown = [one.name for one in schedules if one.interval is None]
    now = moment_at(newest)
    stale = [text for one in schedules if (text := _stale(one, now)) is not None]
    if stale:
        return Finding(status="act", evidence=" ".join(stale[:TOLD]))
    late = [text for one in schedules if (text := _late(one)) is not None]
    if late:
        return Finding(status="watch", evidence=" ".join(late[:TOLD]))
    if unknown:
        return Finding(
            status="cannot_tell",
            evidence=f"The schedule of {listed(unknown)} is not known: say how many hours lie between two "
            f"updates, or add {UPDATES_TO_LEARN} manifests.",
        )
    youngest = max(artifact.updated_at for artifact in artifacts)
    return Finding(
        status="ok",
        evidence=f"Last update {_hours(max(timedelta(), now - youngest))} before the newest event; none was "
        f"later than {STALE_INTERVALS} intervals.",
    )


def _schedules(artifacts: Sequence[Artifact], interval_hours: float | None) -> Iterator[_Schedule]:
    for tenant, surface in sorted({(one.tenant, one.surface) for one in artifacts}):
        updates = sorted(
            {one.updated_at for one in artifacts if (one.tenant, one.surface) == (tenant, surface)}
        )
        gaps = [(later - earlier) / HOUR for earlier, later in pairwise(updates)]
        learnt = median(gaps) * HOUR if len(updates) >= UPDATES_TO_LEARN else None
        yield _Schedule(
            name=f"{cut(tenant)} {cut(surface)}".strip(),
            updates=tuple(updates),
            interval=learnt if interval_hours is None else interval_hours * HOUR,
        )


def _stale(schedule: _Schedule, now: datetime) -> str | None:
    if schedule.interval is None or now - schedule.updates[-1] <= STALE_INTERVALS * schedule.interval:
        return None
    return (
        f"The artifacts of {schedule.name} were last updated {_hours(now - schedule.updates[-1])} before the "
        f"newest event; due every {_hours(schedule.interval)}, stale after twice that."
    )


def _late(schedule: _Schedule) -> str | None:
    gaps = [later - earlier for earlier, later in pairwise(schedule.updates)]
    if schedule.interval is None or not gaps or max(gaps) <= STALE_INTERVALS * schedule.interval:
        return None
    return (
        f"The artifacts of {schedule.name} once had no update for {_hours(max(gaps))}; due every "
        f"{_hours(schedule.interval)}, stale after twice that."
    )


def _hours(span: timedelta) -> str:
    return f"{full(span / HOUR, 1)} hours"


def retention_findings(
    spans: Sequence[Span],
    stated: float | None,
    as_of: datetime,
    *,
    rule: int | None = None,
    rows_deleted: datetime | None = None,
) -> dict[str, Finding]:
    """The finding "drift:retention": the age of the oldest event against the agreed days.

    `stated` are the days that people agreed on, `rule` those after which the pilot's rows are deleted; the
    fewer hold, and where the rule keeps rows for longer than was agreed it is said.
    """
    oldest = min((span.first_us for span in spans if span.first_us is not None), default=None)
    if oldest is None:
        return {}
    if rows_deleted is not None:
        told = f"The rows were deleted on {date_text(rows_deleted)}; their counts stay."
        return {"drift:retention": Finding(status="ok", evidence=told)}
    age = (as_of - moment_at(oldest)).days
    held = f"The oldest event is {counted(max(0, age), 'day')} old"
    limit = min((days for days in (stated, rule) if days is not None), default=None)
    if limit is None:
        found = Finding(
            status="cannot_tell", evidence=f"{held}; for how many days logs may be kept is not stated."
        )
    elif age > limit:
        found = Finding(status="act", evidence=f"{held}; logs may be kept {_days(limit)}.")
    else:
        status: Status = "watch" if age > NEARLY * limit else "ok"
        found = Finding(status=status, evidence=f"{held}, of {_days(limit)} that logs may be kept.")
    return {"drift:retention": _with_rule(found, stated, rule)}


def _with_rule(found: Finding, stated: float | None, rule: int | None) -> Finding:
    """With what the rule on Logs says, where it is not what was stated on Risks."""
    if rule is None or rule == stated:
        return found
    if stated is None:
        return replace(found, evidence=f"{found.evidence} So says the rule on Logs.")
    told = f"{_days(stated)} were stated on Risks, and the rule on Logs deletes rows after {_days(rule)}."
    status: Status = "watch" if rule > stated and found.status == "ok" else found.status
    return Finding(status=status, evidence=f"{found.evidence} {told}")


def _days(agreed: float) -> str:
    """Days as a person stated them, half a day too."""
    return f"{figure(agreed)} {'day' if agreed == 1 else 'days'}"
