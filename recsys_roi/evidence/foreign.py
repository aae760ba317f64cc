"""Evidence that was counted elsewhere: looked at before a figure is made of it.

Whoever wrote it may have been careless or hostile: it may be damaged, lead out of its folder by links, grow
without bound as it is unpacked, or hold figures that no logs give. Whether they are true cannot be seen.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from recsys_roi.errors import PilotError
from recsys_roi.evidence.count_columns import COUNT_COLUMNS, ONE_ROW, CountColumn
from recsys_roi.evidence.counting import LAYOUT, Counts, counts_folder
from recsys_roi.evidence.facts import ArmFacts, ExperimentFacts, JoinFacts
from recsys_roi.evidence.kept_views import NAMES, declared_of, kept_path, read_kept
from recsys_roi.evidence.kpis import GUARDRAILS, KPIS
from recsys_roi.evidence.sums import Sums
from recsys_roi.evidence.view import MOST_DAYS, Evidence, Pair
from recsys_roi.logs.contracts import KINDS, LINE_LIMIT
from recsys_roi.logs.manifest import MANIFEST, LogFile, stored_manifest
from recsys_roi.logs.snapshot import Snapshot, rejects_path
from recsys_roi.logs.unpacking import GROWTH_FREE, GROWTH_LIMIT

LOOKING_MEMORY = "1GB"
LOOKED_AT_KEPT = 64  # folders
PARTS = 100_000  # files of one table
_ROUNDED = 1e-9  # relative, of sums added in another order
_CELL = 8  # bytes of a value as it is read
_MOST = 10**15  # of anything that is counted; whole in a float
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # the years 1 to 9999
_DAY_US = 86_400_000_000
_RULES: dict[str, str] = {
    "text": f"strlen({{0}}) <= {LINE_LIMIT}",
    "count": f"{{0}} BETWEEN 0 AND {_MOST}",
    "day": f"{{0}} BETWEEN {_FIRST_DAY} AND {_LAST_DAY}",
    "moment": f"{{0}} BETWEEN {_FIRST_DAY * _DAY_US} AND {(_LAST_DAY + 1) * _DAY_US - 1}",
    "lag": f"abs({{0}}::DOUBLE) <= {(_LAST_DAY - _FIRST_DAY + 1) * _DAY_US}",
    "amount": "isfinite({0}) AND {0} >= 0",
    "number": "isfinite({0})",
    "flag": "true",
}


def look_at(held: Snapshot) -> None:
    """PilotError where evidence cannot be used as it is; once while none of its files changes."""
    if held.manifest.counted is not None:
        files = tuple(map(_File.of, _sound_files(held)))
        if refused := _refusal(held.folder, held.manifest.model_dump_json(), files):
            raise PilotError(refused)


class _File(NamedTuple):
    """A file as it was when it was looked at."""

    inode: int
    changed_ns: int
    size: int

    @classmethod
    def of(cls, path: Path) -> _File:
        """The file at a path."""
        found = path.stat()
        return cls(inode=found.st_ino, changed_ns=found.st_ctime_ns, size=found.st_size)


@lru_cache(maxsize=LOOKED_AT_KEPT)
def _refusal(folder: Path, manifest: str, files: tuple[_File, ...]) -> str:
    """Why evidence cannot be used, or nothing; a refusal is kept too, since each page asks several times."""
    try:
        _look(folder, manifest, files)
    except PilotError as problem:
        return str(problem)
    return ""


def _look(folder: Path, manifest: str, files: tuple[_File, ...]) -> None:
    held = Snapshot(folder=folder, manifest=stored_manifest(manifest))
    declared = declared_of(held)
    if declared is not None:
        for number, view in enumerate(declared.views, start=1):
            _plausible(held.name, read_kept(held.folder, number, view.hash, Evidence))
        return
    for file in held.files:
        if _rejected_lines(held, file) != file.rejected:
            raise damaged(held.name, f"{file.name} has another number of rejected lines than is said")
    _look_at_counts(held, sum(file.size for file in files))


def _rejected_lines(held: Snapshot, file: LogFile) -> int:
    lines = last = 0
    for reject in held.rejects_of(file):
        lines += reject.line != last
        last = reject.line
    return lines


def _look_at_counts(held: Snapshot, size: int) -> None:
    """The tables of counts, in files of `size` bytes in all."""
    counts = Counts(folder=counts_folder(held.folder, held.fingerprint))
    try:
        opened = counts.connect(memory_limit=LOOKING_MEMORY)
    except PilotError as problem:
        raise damaged(held.name, "its counts cannot be read") from problem
    try:
        with opened as connection:
            rows = {table: connection.view(table).count("*").fetchall()[0][0] for table in COUNT_COLUMNS}
            _bounded(held, rows, size)
            texts = sum(_values(held, connection, table) for table in COUNT_COLUMNS)
            if texts > max(GROWTH_FREE, GROWTH_LIMIT * size):
                raise _grows(held)
            _agreeing(held, connection, rows)
    except duckdb.Error as problem:
        raise damaged(held.name, "its counts cannot be read") from problem


def damaged(name: str, why: str) -> PilotError:
    """What a person is told of evidence that is not used."""
    return PilotError(f"The evidence {name} is damaged: {why}. Write it again with: recsys-roi evidence")


def _sound_files(held: Snapshot) -> Iterator[Path]:
    """All that is read: plain files within the folder, reached through no link."""
    for place in _places(held):
        if _kind(place, held) == stat.S_IFDIR:
            for number, entry in enumerate(os.scandir(place)):
                if number >= PARTS:
                    raise damaged(held.name, f"{place.name} has more than {PARTS:,} parts")
                if _kind(Path(entry.path), held) != stat.S_IFREG:
                    raise damaged(held.name, f"{place.name}/{entry.name} is no file")
                yield Path(entry.path)
        else:
            yield place


def _places(held: Snapshot) -> Iterator[Path]:
    yield held.folder / MANIFEST
    declared = declared_of(held)
    if declared is not None:
        for name in (NAMES, *range(1, len(declared.views) + 1)):
            yield kept_path(held.folder, name)
        return
    folder = counts_folder(held.folder, held.fingerprint)
    yield from (folder / f"{table}.parquet" for table in COUNT_COLUMNS)
    yield from (rejects_path(held.folder, file) for file in held.files)


def _kind(place: Path, held: Snapshot) -> int:
    """Whether it is a file or a folder; PilotError for a link on the way to it, and for anything else."""
    within = place.relative_to(held.folder)
    kind = 0
    for above in reversed([within, *within.parents][:-1]):
        try:
            kind = stat.S_IFMT((held.folder / above).lstat().st_mode)
        except FileNotFoundError as problem:
            raise damaged(held.name, f"{above} is missing or was changed") from problem
        except OSError as problem:
            raise damaged(held.name, f"{above} cannot be read ({problem.strerror})") from problem
        if kind == stat.S_IFLNK:
            raise damaged(held.name, f"{above} is missing or is a link")
    if kind not in (stat.S_IFREG, stat.S_IFDIR) or not os.access(place, os.R_OK):
        raise damaged(held.name, f"{within} is no file that can be read")
    return kind


def _bounded(held: Snapshot, rows: dict[str, int], size: int) -> None:
    """As many rows as the manifest says, and no more than files of that size hold."""
    counted = held.manifest.counted
    if counted is None or counted.layout != LAYOUT:
        raise damaged(held.name, f"its counts are not those of this version ({LAYOUT})")
    if counted.rows != rows:
        raise damaged(held.name, "its tables have other numbers of rows than its manifest says")
    for table in ONE_ROW:
        if rows[table] != 1:
            raise damaged(held.name, f"{table} has {rows[table]:,} rows in place of one")
    if sum(count * len(COUNT_COLUMNS[table]) * _CELL for table, count in rows.items()) > max(
        GROWTH_FREE, GROWTH_LIMIT * size
    ):
        raise _grows(held)


def _grows(held: Snapshot) -> PilotError:
    return damaged(held.name, f"it unpacks to more than {GROWTH_LIMIT} times its size")


def _values(held: Snapshot, connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """The bytes of the texts of a table; PilotError where a value is none that counting gives."""
    columns = COUNT_COLUMNS[table]
    texts = [f"coalesce(sum(strlen({one.name})), 0)" for one in columns if one.meaning == "text"]
    wrong = [f"count(*) FILTER (WHERE NOT coalesce({_rule(one)}, false))" for one in columns]
    (found,) = connection.view(table).aggregate(", ".join([*wrong, *texts])).fetchall()
    for column, count in zip(columns, found, strict=False):
        if count:
            raise damaged(held.name, f"{table} has {count:,} values of {column.name} that no logs give")
    return int(sum(found[len(columns) :]))


def _rule(column: CountColumn) -> str:
    rule = _RULES[column.meaning].format(column.name)
    return f"({column.name} IS NULL OR {rule})" if column.may_lack else rule


def _agreeing(held: Snapshot, connection: duckdb.DuckDBPyConnection, rows: dict[str, int]) -> None:
    """Counts of the same thing in several tables, and in the manifest."""

    def total(table: str, column: str) -> int:
        return int(connection.view(table).aggregate(f"coalesce(sum({column}), 0)").fetchall()[0][0])

    def users(table: str) -> dict[str, int]:
        named = connection.view(table).aggregate("experiment_id, count(DISTINCT user_no)").fetchall()
        return {str(experiment): int(count) for experiment, count in named}

    exposures, outcomes = (
        sum(file.records for file in held.files if file.kind == kind)
        for kind in ("exposure.v1", "outcome.v1")
    )
    of_arms = connection.view("arm_facts").aggregate("experiment_id, sum(users)").fetchall()
    assigned = {str(experiment): int(count) for experiment, count in of_arms}
    joined = total("join_facts", "outcomes_joined") * max(1, len(assigned))  # one may be of several

    def names(table: str, columns: str) -> list[tuple[str, ...]]:
        return sorted(connection.view(table).project(columns).fetchall())

    arms, kinds = names("variant_names", "experiment_id, variant"), names("newest", "kind")
    told = {
        "variant_names and arm_facts": arms == names("arm_facts", "experiment_id, variant"),
        "variant_names and experiment_facts": sorted({(experiment,) for experiment, _ in arms})
        == names("experiment_facts", "experiment_id"),
        "variant_names and itself": len(set(arms)) == len(arms),
        "newest and the contracts": kinds == sorted((kind,) for kind in KINDS),
        "exposures_by_day and the manifest": total("exposures_by_day", "lines") == exposures,
        "join_facts and the manifest": total("join_facts", "exposure_lines") == exposures,
        "join_facts and its outcomes": total("join_facts", "outcome_lines") == outcomes,
        "requests and experiment_facts": rows["requests"] <= total("experiment_facts", "assignments_joined"),
        "events and join_facts": rows["events"] <= joined,
        "requests and arm_facts": all(
            count <= assigned.get(experiment, 0) for experiment, count in users("requests").items()
        ),
    }
    for what, agree in told.items():
        if not agree:
            raise damaged(held.name, f"{what} do not agree")


def _plausible(name: str, found: Evidence) -> None:
    """PilotError where a kept view holds what is no number, no sum of users, or not a value a day."""
    if not _whole(found):
        raise damaged(name, "it does not hold what a view of this version holds")
    if not all(0 <= sums.sy <= sums.sx * (1 + _ROUNDED) for sums in _shares(found)):
        raise damaged(name, "its sums are such as no users can have")
    for value in _within(found):
        if isinstance(value, float) and not math.isfinite(value):
            raise damaged(name, "its sums hold a value that is no number")
        if isinstance(value, Sums) and not _possible(value):
            raise damaged(name, "its sums are such as no users can have")
        if isinstance(value, JoinFacts | ExperimentFacts | ArmFacts | Pair) and _negative(value):
            raise damaged(name, "it counts less than nothing")


def _whole(found: Evidence) -> bool:
    """Whether all of the catalogue is there, with an entry for each day."""
    levels = {guardrail.level for guardrail in GUARDRAILS.values() if guardrail.level is not None}
    days: list[Sequence[object]] = [found.arm_users_by_day.control, found.arm_users_by_day.candidate]
    for arm in found.drift.arms:
        days += [arm.requests, arm.error_logged, arm.errors, arm.empties, arm.timed]
        days += [arm.log_latency, arm.log_latency_squares]
    days += [mix.by_day for mix in found.drift.mixes]
    days += [one.by_day for one in found.kpis.values() if one.by_day]
    days += [one.by_day for one in found.rates.values() if one.by_day]
    days += [one.by_day for one in found.latency.values() if one.by_day]
    return (
        found.kpis.keys() == KPIS.keys()
        and {one for one, guardrail in GUARDRAILS.items() if guardrail.kind == "rate"} <= found.rates.keys()
        and found.latency.keys() == levels
        and 0 <= found.days <= MOST_DAYS
        and all(len(row) == len(mix.values) for mix in found.drift.mixes for row in mix.by_day)
        and all(_FIRST_DAY <= one.first_day <= one.last_day <= _LAST_DAY for one in found.drift.names)
        and _FIRST_DAY <= found.drift.first_day <= _LAST_DAY
        and all(len(one) in (found.days, max(1, found.days)) for one in days)
        and (found.start is None or found.end is None or found.start <= found.end)
    )


def _shares(found: Evidence) -> Iterator[Sums]:
    """The sums of what is a share of users or requests."""
    parts: list[object] = [rate.sums for rate in found.rates.values()]
    for kpi in KPIS.values():
        if kpi.is_share:
            one = found.kpis[kpi.id]
            parts += [one.sums, one.mature, one.uncapped, one.by_day]
    for part in parts:
        yield from (value for value in _within(part) if isinstance(value, Sums))


def _negative(value: object) -> bool:
    """Whether a whole number of a value is below 0."""
    return any(isinstance(part, int) and part < 0 for part in _parts(value))


def _possible(sums: Sums) -> bool:
    """Whether there are n users with these sums: Cauchy and Schwarz, a little aside for rounding."""
    if not 0 <= sums.n <= _MOST or sums.syy < 0 or sums.sxx < 0:
        return False
    pairs = ((sums.sy, sums.n, sums.syy), (sums.sx, sums.n, sums.sxx), (sums.sxy, sums.sxx, sums.syy))
    return all(
        abs(mixed) <= math.sqrt(one) * math.sqrt(other) * (1 + _ROUNDED) for mixed, one, other in pairs
    )


def _within(value: object) -> Iterator[object]:
    """A value and all that it is made of."""
    yield value
    for part in _parts(value):
        yield from _within(part)


def _parts(value: object) -> Iterable[Any]:
    if is_dataclass(value):
        return (getattr(value, field.name) for field in fields(value))
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, tuple) else ()
