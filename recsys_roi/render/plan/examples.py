"""Log lines that a plan asks for: a small pilot that our own strict validator accepts."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from recsys_roi.logs.contracts import Kind
from recsys_roi.verdict.logging_needs import LoggingNeeds

FIRST = datetime(2026, 11, 2, 9, 15, 4, 120_000, tzinfo=UTC)
DAYS = 3
USERS = 6  # the even ones in control
ITEMS = ("item-1841", "item-0077", "item-2302")
EMPTY_LIST, FAILED_CALL = 7, 11  # numbers of requests that show what both look like
VALUES: Mapping[str, float] = {"money": 18.9, "seconds": 96.5}
HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
VERSIONS = {"control": "matrix-factorisation-7", "candidate": "two-tower-1"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """The names that the plan uses, and its first moment."""

    experiment: str = "home-ranking"
    control: str = "control"
    candidate: str = "candidate"
    surface: str = "home"
    start: datetime = FIRST


def example_logs(needs: LoggingNeeds, names: Names) -> dict[Kind, tuple[str, ...]]:
    """Some lines of each log, in the order of time; they join, and hold every field and event needed."""
    rows = list(_requests(names))
    outcomes = [line for number, row in enumerate(rows) for line in _outcomes(number, row, needs)]
    return {
        "exposure.v1": tuple(_line(_exposure(number, row, needs, names)) for number, row in enumerate(rows)),
        "outcome.v1": tuple(map(_line, outcomes)),
        "assignment.v1": tuple(
            _line(
                {
                    "experiment_id": names.experiment,
                    "variant": row.variant,
                    "request_id": row.request_id,
                    "user_id": row.user_id,
                    "ts": _time(row.at),
                }
            )
            for row in rows
        ),
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Request:
    request_id: str
    user_id: str
    arm: str  # control or candidate
    variant: str
    at: datetime


def _requests(names: Names) -> Iterator[_Request]:
    for day in range(DAYS):
        for user in range(USERS):
            arm = "candidate" if user % 2 else "control"
            yield _Request(
                request_id=f"req-{day * USERS + user + 1:04}",
                user_id=f"u-{7919 * (user + 1) % 65521:04x}",
                arm=arm,
                variant=names.candidate if arm == "candidate" else names.control,
                at=names.start + timedelta(days=day, minutes=11 * user),
            )


def _exposure(number: int, row: _Request, needs: LoggingNeeds, names: Names) -> dict[str, Any]:
    items = [{"item_id": item, "rank": rank} for rank, item in enumerate(ITEMS, start=1)]
    context = {"surface": names.surface, "algo_version": VERSIONS[row.arm]}
    if "context.session_id" in needs.exposure:
        context["session_id"] = f"{row.user_id}-{row.at.day}"
    found: dict[str, Any] = {
        "request_id": row.request_id,
        "user_id": row.user_id,
        "ts": _time(row.at),
        "items": [] if number == EMPTY_LIST else items,
        "context": context,
    }
    if "latency_ms" in needs.exposure:
        found["latency_ms"] = 84.2 + 3 * number
    if "error" in needs.exposure:
        found["error"] = number == FAILED_CALL
    return found


def _outcomes(number: int, row: _Request, needs: LoggingNeeds) -> Iterator[dict[str, Any]]:
    """On every other list of either arm one outcome of each event type that is needed."""
    if number == EMPTY_LIST or number // 2 % 2:
        return
    for place, need in enumerate(needs.events, start=1):
        line: dict[str, Any] = {
            "request_id": row.request_id,
            "user_id": row.user_id,
            "item_id": ITEMS[0],
            "event_type": need.event_type,
            "ts": _time(row.at + timedelta(seconds=40 * place)),
        }
        if need.value is not None:
            line["value"] = VALUES[need.value]
        yield line


def _line(record: Mapping[str, Any]) -> str:
    """JSON on one line; what could disguise it, such as a change of direction, is written as an escape."""
    text = json.dumps(record, ensure_ascii=False)
    return "".join(
        json.dumps(letter)[1:-1] if unicodedata.category(letter) in HIDDEN else letter for letter in text
    )


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
