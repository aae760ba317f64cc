"""Changes of version within an arm, and the requests on both sides of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np

from recsys_roi.evidence.columns import EPOCH, HOUR_US, Floats, Ints, Mask, Requests, Rows, find_in
from recsys_roi.evidence.drift_facts import Arm, VersionStep
from recsys_roi.evidence.reading import CountsReader
from recsys_roi.evidence.selection import Selection
from recsys_roi.evidence.sums import Sums

DAYS_AROUND = 3  # compared on each side, so that a slow drift is no step
MOST = 0.8  # share of an hour's requests that makes its version
SHORTEST = 100  # requests of a version that count as a publish
VERSIONS_KEPT = 8

Sides = tuple[Mask, Mask]  # before and after, each of shape (requests,)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """Hours in which one version served most requests."""

    version: int
    first: int  # hours since the epoch
    last: int
    requests: int


def logged_versions(reader: CountsReader, selection: Selection) -> tuple[str, ...]:
    """The version keys that the requests of the view's arms carry."""
    rows = reader.records(
        "SELECT DISTINCT key FROM versions WHERE experiment_id = $experiment "
        "AND variant IN ($control, $candidate) ORDER BY key",
        _arms_of(selection),
    )
    return tuple(row["key"] for row in rows)


def version_steps(reader: CountsReader, selection: Selection, requests: Requests) -> tuple[VersionStep, ...]:
    """Every change from one version to the next, oldest first."""
    names = reader.records(
        "SELECT key, variant, version_no, value FROM versions WHERE experiment_id = $experiment "
        "AND variant IN ($control, $candidate) ORDER BY ALL",
        _arms_of(selection),
    )
    roles: dict[str, Arm] = {selection.control: "control", selection.candidate: "candidate"}
    values: dict[tuple[str, Arm], dict[int, str]] = {}
    for row in names:
        values.setdefault((row["key"], roles[row["variant"]]), {})[row["version_no"]] = row["value"]
    found = [
        step
        for (key, arm), named in values.items()
        if len(named) > 1
        for step in _steps(requests, _of_arm(reader, selection, requests, key, arm), key, arm, named)
    ]
    return tuple(sorted(found, key=lambda step: (step.at, step.arm, step.key)))


def _arms_of(selection: Selection) -> dict[str, str]:
    return {
        "experiment": selection.experiment,
        "control": selection.control,
        "candidate": selection.candidate,
    }


@lru_cache(maxsize=VERSIONS_KEPT)
def _numbers(reader: CountsReader, experiment: str, key: str) -> Rows:
    return reader.columns("view_versions.sql", {"experiment": experiment, "key": key})


def _of_arm(reader: CountsReader, selection: Selection, requests: Requests, key: str, arm: Arm) -> Ints:
    """The number of each request's version, shape (requests,); 0 in the other arm and where not logged."""
    rows = _numbers(reader, selection.experiment, key)
    version = np.zeros(len(requests.number), dtype=np.int64)
    place, found = find_in(rows["request_no"], requests.number)
    version[found] = rows["version_no"][place[found]]
    version[requests.candidate[requests.user] != (arm == "candidate")] = 0
    return version


def _steps(
    requests: Requests, version: Ints, key: str, arm: Arm, named: dict[int, str]
) -> Iterator[VersionStep]:
    hour = requests.ts_us // HOUR_US
    around = 24 * DAYS_AROUND
    for before, after in pairwise(_runs(hour, version)):
        oldest, newest = max(before.first, after.first - around), min(after.last, after.first + around - 1)
        sides = (
            (version == before.version) & (hour >= oldest) & (hour < after.first),
            (version == after.version) & (hour >= after.first) & (hour <= newest),
        )
        yield VersionStep(
            arm=arm,
            key=key,
            before=named[before.version],
            after=named[after.version],
            at=EPOCH + timedelta(hours=after.first),
            errors=_known_sums(requests, sides, requests.error == 1, requests.error >= 0),
            empties=_two_sums(requests, sides, requests.empty.astype(np.float64)),
            log_latency=_latency_sums(requests, sides),
        )


def _runs(hour: Ints, version: Ints) -> list[_Run]:
    """The versions one after the other; what served fewer than 100 requests is passed over."""
    known = np.flatnonzero(version)
    if not len(known):
        return []
    most = int(version.max()) + 1
    cell, counts = np.unique(hour[known] * most + version[known], return_counts=True)
    hours, versions = np.divmod(cell, most)
    starts = np.flatnonzero(np.diff(hours, prepend=hours[0] - 1))
    totals = np.add.reduceat(counts, starts)
    runs: list[_Run] = []
    for start, end, total in zip(starts, [*starts[1:], len(cell)], totals, strict=True):
        best = start + int(np.argmax(counts[start:end]))
        if counts[best] >= MOST * total:
            at = int(hours[start])
            runs.append(_Run(version=int(versions[best]), first=at, last=at, requests=int(counts[best])))
    return _joined([run for run in _joined(runs) if run.requests >= SHORTEST])


def _joined(runs: list[_Run]) -> list[_Run]:
    """Runs of one version that follow each other as one."""
    joined: list[_Run] = []
    for run in runs:
        if joined and joined[-1].version == run.version:
            before = joined.pop()
            requests = before.requests + run.requests
            joined.append(replace(before, last=run.last, requests=requests))
        else:
            joined.append(run)
    return joined


def _known_sums(requests: Requests, sides: Sides, hit: Mask, known: Mask) -> tuple[Sums, Sums] | None:
    if not all(np.any(side & known) for side in sides):
        return None
    return _two_sums(requests, (sides[0] & known, sides[1] & known), hit.astype(np.float64))


def _latency_sums(requests: Requests, sides: Sides) -> tuple[Sums, Sums] | None:
    timed = requests.latency_ms > 0
    if not all(np.any(side & timed) for side in sides):
        return None
    logs = np.log(np.where(timed, requests.latency_ms, 1.0))
    return _two_sums(requests, (sides[0] & timed, sides[1] & timed), logs)


def _two_sums(requests: Requests, sides: Sides, value: Floats) -> tuple[Sums, Sums]:
    return _sums(requests, sides[0], value), _sums(requests, sides[1], value)


def _sums(requests: Requests, rows: Mask, value: Floats) -> Sums:
    """Sums over users of their value (shape (requests,)) by their requests."""
    user = requests.user[rows]
    x = np.bincount(user, minlength=requests.users).astype(np.float64)
    y = np.bincount(user, weights=value[rows], minlength=requests.users)
    seen = x > 0
    x, y = x[seen], y[seen]
    return Sums(
        n=len(x),
        sy=float(y.sum()),
        sx=float(x.sum()),
        syy=float((y * y).sum()),
        sxx=float((x * x).sum()),
        sxy=float((x * y).sum()),
    )
