"""Logs to a review in bounded memory at growing sizes: ingest, counts, first view, a slider, a window."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from bench.process import peak_megabytes, processor_seconds
from bench.table import Table
from recsys_roi.demo import write_demo
from recsys_roi.demo.writing import LOGS
from recsys_roi.evidence.counting import counts_of
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario

AS_OF = datetime(2026, 11, 24, tzinfo=UTC)
PROMISED_MEGABYTES = 2000  # at any of the sizes, from the first line read to the review
PROMISED_GROWTH = 1.2  # seconds a million requests, the slowest size to the quickest
PROMISED_SLIDER_MS = 50.0
MOVES = 9


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One size: processor seconds of each step, and the most that the process held meanwhile."""

    ingest: float
    count: float
    review: float
    slider_ms: float
    window: float
    megabytes: float
    window_megabytes: float

    @property
    def whole(self) -> float:
        """Seconds from the first line read to the review."""
        return self.ingest + self.count + self.review


def add_options(parser: argparse.ArgumentParser) -> None:
    """The sizes, and a folder with room for the logs."""
    parser.add_argument(
        "--requests",
        type=int,
        nargs="+",
        default=[1_000_000, 2_000_000],
        help="sizes (default 1000000 2000000)",
    )
    parser.add_argument("--folder", type=Path, help="where logs are written: 1.5 GB a million requests")


def run(arguments: argparse.Namespace) -> Table:
    """Each size in a process of its own; its logs are deleted before the next."""
    runs = {requests: _of_size(requests, arguments.folder) for requests in arguments.requests}
    rates = {requests: found.whole / requests * 1e6 for requests, found in runs.items()}
    return Table(
        title="Logs to a review, processor seconds",
        columns=(
            "requests",
            "ingest",
            "count",
            "review",
            "a million",
            "peak MB",
            "slider ms",
            "window",
            "peak MB",
        ),
        rows=[
            (
                f"{requests:,}",
                f"{found.ingest:.1f}",
                f"{found.count:.1f}",
                f"{found.review:.2f}",
                f"{rates[requests]:.1f}",
                f"{found.megabytes:,.0f}",
                f"{found.slider_ms:.1f}",
                f"{found.window:.2f}",
                f"{found.window_megabytes:,.0f}",
            )
            for requests, found in runs.items()
        ],
        notes=(
            f"Promised: {PROMISED_MEGABYTES:,} MB at most to the review, {PROMISED_SLIDER_MS:.0f} ms a move,",
            f"and a million requests at most {PROMISED_GROWTH} times as slow at one size as at another.",
            "The first peak is from the first line to the review, the second with a new window too.",
        ),
        kept=max(rates.values()) <= PROMISED_GROWTH * min(rates.values())
        and all(
            found.megabytes <= PROMISED_MEGABYTES and found.slider_ms <= PROMISED_SLIDER_MS
            for found in runs.values()
        ),
    )


def _of_size(requests: int, folder: Path | None) -> Run:
    with tempfile.TemporaryDirectory(dir=folder) as work:
        write_demo(Path(work) / "logs", requests=requests, seed=1, lift=0.05)
        command = [sys.executable, "-m", "bench.scale", work]
        found = subprocess.run(command, check=True, capture_output=True)
    return Run(**json.loads(found.stdout))


def _measure(folder: Path) -> Run:
    """In the process that `_of_size` starts."""
    pilot = Pilot.create_or_open(folder / "pilot")
    plain = Scenario.of({})
    logs = [folder / "logs" / name for name in LOGS]
    ingest = processor_seconds(lambda: ingest_files(pilot, logs))
    count = processor_seconds(lambda: counts_of(pilot))
    review = processor_seconds(lambda: evaluate(evidence_of(pilot, view_of(plain)), plain, as_of=AS_OF))
    megabytes = peak_megabytes()
    evidence = evidence_of(pilot, view_of(plain))
    moved = [Scenario.of({"value_per_action": 14.0 + step / 2}) for step in range(MOVES)]
    moves = [
        processor_seconds(lambda to=to: evaluate(evidence, to, as_of=AS_OF, flips=False)) for to in moved
    ]
    assert evidence.start is not None
    later = view_of(Scenario.of({"start": evidence.start + timedelta(days=1)}))
    window = processor_seconds(lambda: evidence_of(pilot, later))
    return Run(
        ingest=ingest,
        count=count,
        review=review,
        slider_ms=median(moves) * 1000,
        window=window,
        megabytes=megabytes,
        window_megabytes=peak_megabytes(),
    )


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(Path(sys.argv[1])))))
