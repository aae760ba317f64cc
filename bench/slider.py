"""How long a slider move takes: the whole review again, at several log sizes, with three inputs drawn."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.table import Table
from recsys_roi.demo import write_demo
from recsys_roi.evidence.view import Evidence
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.finding import logs_in
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario

AS_OF = datetime(2026, 11, 24, tzinfo=UTC)
PROMISED_MS, PROMISED_WITH_LINES_MS = 50.0, 500.0
BASE = {
    "kpi": "conversion_rate",
    "guardrails": ("error_rate", "empty_rate"),
    "margin_error_rate": 1.0,
    "margin_empty_rate": 1.0,
    "eligible_requests_per_month": 1e7,
    "value_per_action": 18.0,
    "engineering_hours": 320.0,
}
"""With limits so wide that money decides, and every flip line has to be looked for."""
RANGES: dict[str, dict[str, tuple[float, ...]]] = {
    "lift only": {},
    "value": {"value_per_action": (9.0, 18.0, 40.0)},
    "three inputs": {
        "value_per_action": (9.0, 18.0, 40.0),
        "margin": (0.2, 0.35, 0.5),
        "engineering_hours": (200.0, 320.0, 800.0),
    },
    "three of time": {
        "discount_rate": (0.05, 0.1, 0.2),
        "novelty_share": (0.0, 0.2, 0.5),
        "traffic_growth_monthly": (-0.02, 0.0, 0.03),
    },
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """Milliseconds of compute of one slider move: the middle one and the slowest."""

    middle: float
    slowest: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """The log sizes and the number of moves."""
    parser.add_argument(
        "--requests", type=int, nargs="+", default=[10_000, 200_000], help="sizes (default 10000 200000)"
    )
    parser.add_argument("--moves", type=int, default=15, help="slider moves at each size (default 15)")


def run(arguments: argparse.Namespace) -> Table:
    """Compute time of a move without and with the lines that would change the decision."""
    rows, kept = [], True
    for requests in arguments.requests:
        counted = _evidence(requests)
        for name, ranges in RANGES.items():
            plain, lines = (_timing(counted, ranges, arguments.moves, lines=lines) for lines in (False, True))
            kept = kept and plain.middle <= PROMISED_MS and lines.middle <= PROMISED_WITH_LINES_MS
            times = (plain.middle, plain.slowest, lines.middle, lines.slowest)
            rows.append((f"{requests:,}", name, *(f"{time_ms:.1f}" for time_ms in times)))
    return Table(
        title="A slider move: the whole review again, milliseconds of compute",
        columns=("requests", "uncertain", "review", "slowest", "with flip lines", "slowest"),
        rows=rows,
        notes=(
            f"Promised at any log size (the middle of the moves): {PROMISED_MS:.0f} ms, and "
            f"{PROMISED_WITH_LINES_MS:.0f} ms with flip lines.",
            "Each move sets another value per action, so no result is reused.",
        ),
        kept=kept,
    )


def _evidence(requests: int) -> Evidence:
    with tempfile.TemporaryDirectory() as folder, temporary_pilot() as pilot:
        write_demo(Path(folder), requests=requests, seed=1, lift=0.05, faults=())
        ingest_files(pilot, logs_in(Path(folder)).files)
        return evidence_of(pilot, view_of(Scenario.of(BASE)))


def _timing(counted: Evidence, ranges: dict[str, tuple[float, ...]], moves: int, *, lines: bool) -> Timing:
    times = []
    for scenario in _moves(ranges, moves + 1):
        started = time.process_time()
        evaluate(counted, scenario, as_of=AS_OF, flips=lines)
        times.append((time.process_time() - started) * 1000)
    return Timing(middle=median(times[1:]), slowest=max(times[1:]))


def _moves(ranges: dict[str, tuple[float, ...]], moves: int) -> Iterator[Scenario]:
    """The first one warms up."""
    for step in range(moves):
        value = 14.0 + 0.5 * step
        moved = {**ranges}
        if "value_per_action" in ranges:
            moved["value_per_action"] = (9.0, value, 40.0)
        yield Scenario.of({**BASE, "value_per_action": value, "ranges": moved})
