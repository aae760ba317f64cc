"""Small pilots written by hand: so many users an arm, each with given requests, clicks and revenue."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from recsys_roi.evidence.view import Evidence
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, temporary_pilot
from recsys_roi.review.document import Review
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario

START = datetime(2026, 10, 5, tzinfo=UTC)
AS_OF = datetime(2026, 11, 24, 9, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """One user; each request is one day after the one before."""

    arm: str
    clicks: tuple[bool, ...]  # one a request
    revenue: float | None = None  # of a conversion on the first request
    first_day: int = 0
    context: dict[str, str] = field(default_factory=dict)


def spread(arm: str, users: int, clicking: int, *, days: int = 14, **more) -> list[Visitor]:
    """`users` users with one to three requests, `clicking` of them with a click on each request."""
    return [
        Visitor(
            arm=arm,
            clicks=(number < clicking,) * (1 + number % 3),
            first_day=number % max(1, days - 2),
            **more,
        )
        for number in range(users)
    ]


def _lines(visitors: Iterable[Visitor]) -> Iterator[tuple[str, dict]]:
    for number, visitor in enumerate(visitors):
        user = f"user-{number:06}"
        for index, clicked in enumerate(visitor.clicks):
            request = f"request-{number:06}-{index}"
            shown = START + timedelta(days=visitor.first_day + index, seconds=number)
            ts = shown.isoformat()
            same = {"request_id": request, "user_id": user, "ts": ts}
            yield (
                "exposures",
                same
                | {
                    "items": [{"item_id": "item", "rank": 1}],
                    "context": visitor.context,
                    "latency_ms": 100.0 + number % 40,
                    "error": number % 50 == 0,
                },
            )
            yield "assignments", same | {"experiment_id": "e", "variant": visitor.arm}
            later = (shown + timedelta(minutes=1)).isoformat()
            if clicked:
                yield "outcomes", same | {"item_id": "item", "event_type": "click", "ts": later}
            if visitor.revenue is not None and index == 0:
                sale = {"item_id": "item", "event_type": "conversion", "ts": later, "value": visitor.revenue}
                yield "outcomes", same | sale


def keep(pilot: Pilot, folder: Path, visitors: Iterable[Visitor]) -> None:
    """Takes the logs of these users, written to a folder, into a pilot."""
    logs: dict[str, list[str]] = {"exposures": [], "outcomes": [], "assignments": []}
    for name, record in _lines(visitors):
        logs[name].append(json.dumps(record))
    paths = []
    for name, lines in logs.items():
        if lines:
            paths.append(folder / f"{name}.jsonl")
            paths[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    ingest_files(pilot, paths)


def evidence(folder: Path, visitors: Iterable[Visitor], scenario: Scenario) -> Evidence:
    """The evidence of a pilot of these users."""
    with temporary_pilot() as pilot:
        keep(pilot, folder, visitors)
        return evidence_of(pilot, view_of(scenario))


def review(folder: Path, visitors: Iterable[Visitor], **settings) -> Review:
    """The review of a pilot of these users with these settings."""
    scenario = Scenario.of(settings)
    return evaluate(evidence(folder, visitors, scenario), scenario, as_of=AS_OF)
