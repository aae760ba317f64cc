"""What a change of KPI, slice or window costs once the rows are counted."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from bench.table import Table
from recsys_roi.demo import write_demo
from recsys_roi.demo.calendar import END, START
from recsys_roi.demo.writing import LOGS
from recsys_roi.evidence.counting import counts_of
from recsys_roi.evidence.view import Evidence, View
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario

AS_OF = datetime(2026, 11, 24, tzinfo=UTC)
PROMISED_SECONDS = 0.3  # of compute, at a million requests
REPEATS = 7


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the pilot."""
    parser.add_argument("--requests", type=int, default=1_000_000, help="requests (default 1000000)")


def run(arguments: argparse.Namespace) -> Table:
    """Processor seconds of each change, of all threads together; the median of several."""
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder) / "logs"
        write_demo(logs, requests=arguments.requests, seed=1, lift=0.05)
        pilot = Pilot.create_or_open(Path(folder) / "pilot")
        ingested = _seconds(lambda: ingest_files(pilot, [logs / name for name in LOGS]))
        counted = _seconds(lambda: counts_of(pilot))
        opened = _seconds(lambda: evidence_of(pilot, view_of(Scenario.of({}))))
        changes = {name: median(_repeated(pilot, change)) for name, change in CHANGES.items()}
    return Table(
        title=f"Changes of view, {arguments.requests:,} requests, processor seconds",
        columns=("what", "seconds", "promised"),
        rows=[
            ("ingest the three files, once", f"{ingested:.2f}", ""),
            ("count the rows, once", f"{counted:.2f}", ""),
            ("open the counts and the first view", f"{opened:.3f}", ""),
            *((name, f"{seconds:.3f}", f"under {PROMISED_SECONDS}") for name, seconds in changes.items()),
        ],
        notes=("Each change is made on an open pilot, is a new view, and ends with the finished review.",),
        kept=max(changes.values()) < PROMISED_SECONDS,
    )


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


Change = Callable[[int], dict[str, object]]


def _window(repeat: int) -> dict[str, object]:
    return {"start": START + timedelta(days=1, hours=repeat), "end": END - timedelta(days=1)}


CHANGES: dict[str, Change] = {
    "another KPI": lambda repeat: {"kpi": ("ctr", "conversion_rate", "add_to_cart_rate")[repeat % 3]},
    "another window": _window,
    "slices by another key": lambda repeat: {"slice_keys": [("device", "segment", "locale")[repeat % 3]]},
    "slices by day": lambda repeat: {"slice_keys": [("day", "device")[repeat % 2]]},
}


def _repeated(pilot: Pilot, change: Change) -> list[float]:
    base = view_of(Scenario.of({}))
    kept = {base: evidence_of(pilot, base)}  # as the app keeps what it has read
    scenarios = [Scenario.of(change(repeat)) for repeat in range(REPEATS)]
    return [_seconds(partial(_review, pilot, scenario, kept)) for scenario in scenarios]


def _review(pilot: Pilot, scenario: Scenario, kept: dict[View, Evidence]) -> None:
    view = view_of(scenario)
    evidence = kept[view] if view in kept else evidence_of(pilot, view)
    evaluate(evidence, scenario, as_of=AS_OF, flips=False)
