"""What validating and ingesting logs costs, against DuckDB's own typed reading of the same bytes."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from bench.log_shapes import NAMES, write_tables
from bench.process import peak_megabytes, processor_seconds
from bench.table import Table
from recsys_roi.demo import write_demo
from recsys_roi.evidence.counting import counts_of
from recsys_roi.logs import tables
from recsys_roi.logs.contracts import CONTRACTS, KINDS
from recsys_roi.logs.ingest import ingest_files, validate_files
from recsys_roi.logs.pilot import COUNTS, Pilot, temporary_pilot

FILES = tuple(f"{name}.jsonl" for name in NAMES)
PROMISED_VALIDATION = 1.0  # times the floor
PROMISED_INGEST = 3.5
PROMISED_COUNTING = 2.0
PROMISED_MEGABYTES = {1_000_000: 1000, 5_000_000: 1500}  # at so many requests or fewer
KILLED_REQUESTS = 50_000
PILOT = "pilot"  # beside the logs, holds them


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the logs, how often each way is measured, how often an ingest is killed."""
    parser.add_argument("--requests", type=int, default=1_000_000, help="requests (default 1000000)")
    parser.add_argument("--repeats", type=int, default=3, help="the least of so many (default 3)")
    parser.add_argument("--kills", type=int, default=50, help="ingests killed at random moments (default 50)")


def run(arguments: argparse.Namespace) -> Table:
    """Each way in a process of its own, one after the other, so that all of them see the same machine."""
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder) / "logs"
        write_demo(logs, requests=arguments.requests, seed=1, lift=0.05)
        write_tables(logs)
        ingest_files(Pilot.create_or_open(logs / PILOT), [logs / name for name in FILES])
        seen: dict[str, list[Cost]] = {way: [] for way in WAYS}
        for _ in range(arguments.repeats):
            for way in WAYS:
                seen[way].append(_in_a_process(way, logs))
        sizes = {way: _size(logs, way) for way in WAYS}
        kills = _killed(Path(folder), arguments.kills)
    return _table(arguments.requests, sizes, {way: _least(costs) for way, costs in seen.items()}, kills)


def _size(logs: Path, way: str) -> int:
    """Bytes of the files that a way reads."""
    if way == "count":
        return sum(rows.stat().st_size for rows in (logs / PILOT).glob("*.parquet"))
    ending = {"CSV": "csv", "Parquet": "parquet"}.get(way.rpartition(" ")[2], "jsonl")
    return sum((logs / f"{name}.{ending}").stat().st_size for name in NAMES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What one way took."""

    wall: float  # seconds
    processor: float  # seconds of all its processes
    megabytes: float  # at most, of its largest process


def _least(costs: list[Cost]) -> Cost:
    return Cost(
        wall=min(cost.wall for cost in costs),
        processor=min(cost.processor for cost in costs),
        megabytes=max(cost.megabytes for cost in costs),
    )


def _floor(logs: Path) -> None:
    """Every column read with its type and consumed; no contract held, no line number, nothing kept."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, kind in zip(FILES, KINDS, strict=True):
            fields = CONTRACTS[kind].fields
            columns = {
                field.name: "TIMESTAMPTZ" if field.type == "timestamp" else tables.sql_type(field)
                for field in fields
            }
            found = connection.read_json(str(logs / name), columns=columns, format="newline_delimited")
            found.aggregate(", ".join(f"sum(hash({field.name})::HUGEINT)" for field in fields)).fetchall()


def _validate(ending: str, logs: Path) -> None:
    validate_files([logs / f"{name}.{ending}" for name in NAMES])


def _ingest(ending: str, logs: Path) -> None:
    with temporary_pilot() as pilot:
        ingest_files(pilot, [logs / f"{name}.{ending}" for name in NAMES])


def _count(logs: Path) -> None:
    """From rows to counts, which a review is read from."""
    shutil.rmtree(logs / PILOT / COUNTS, ignore_errors=True)
    counts_of(Pilot(logs / PILOT))


WAYS: dict[str, Callable[[Path], None]] = {
    "floor": _floor,
    "validate": partial(_validate, "jsonl"),
    "ingest": partial(_ingest, "jsonl"),
    "validate CSV": partial(_validate, "csv"),
    "ingest CSV": partial(_ingest, "csv"),
    "validate Parquet": partial(_validate, "parquet"),
    "ingest Parquet": partial(_ingest, "parquet"),
    "count": _count,
}
PROMISED = {
    "validate": PROMISED_VALIDATION,
    "ingest": PROMISED_INGEST,
    "ingest CSV": PROMISED_INGEST,
    "ingest Parquet": PROMISED_INGEST,
    "count": PROMISED_COUNTING,
}


def _in_a_process(way: str, logs: Path) -> Cost:
    command = [sys.executable, "-m", "bench.ingest", way, str(logs)]
    found = subprocess.run(command, check=True, capture_output=True)
    return Cost(**json.loads(found.stdout))


def _measure(way: str, logs: Path) -> None:
    """In the process that `_in_a_process` starts."""
    started = time.perf_counter()
    processor = processor_seconds(lambda: WAYS[way](logs))
    wall = time.perf_counter() - started
    print(json.dumps({"wall": wall, "processor": processor, "megabytes": peak_megabytes()}))


@dataclass(frozen=True, kw_only=True, slots=True)
class Kills:
    """What was found after the kills."""

    killed: int
    kept: int  # pilots that had the file whole
    wrong: int  # pilots that could not be opened, or held a part of a file


def _killed(folder: Path, times: int) -> Kills:
    """Ingest exposures over and over and kill the process at a random moment of what one ingest takes."""
    logs = folder / "to kill"
    write_demo(logs, requests=KILLED_REQUESTS, seed=2, lift=0.05)
    rows = {0, sum(1 for _ in (logs / FILES[0]).open("rb"))}
    pilot = Pilot.create_or_open(folder / "pilot")
    ingest_files(pilot, [logs / FILES[1]])
    before = pilot.fingerprint
    whole = _ingest_in_a_process(pilot, logs / FILES[0], None)
    assert len(pilot.files) == 2
    pilot.remove_file(pilot.files[-1].hash)
    chance = random.Random(1)  # noqa: S311 - moments, not secrets
    killed = kept = wrong = 0
    for _ in range(times):
        _ingest_in_a_process(pilot, logs / FILES[0], chance.uniform(0, whole))
        killed += 1
        found = Pilot(pilot.folder)
        has_it = len(found.files) == 2
        with found.connect() as connection:
            ((count,),) = connection.sql("SELECT count(*) FROM exposures").fetchall()
        told = found.cut_off()
        kept += has_it
        wrong += count not in rows or bool(count) != has_it or any(one.kept != has_it for one in told)
        if has_it:
            found.remove_file(found.files[-1].hash)
        wrong += found.fingerprint != before
    return Kills(killed=killed, kept=kept, wrong=wrong)


def _ingest_in_a_process(pilot: Pilot, file: Path, kill_after: float | None) -> float:
    """Seconds it took, or was allowed to."""
    command = [sys.executable, "-m", "bench.ingest", "into", str(pilot.folder), str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(1)  # it begins
    started = time.perf_counter()
    try:
        process.wait(kill_after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return time.perf_counter() - started


def _table(requests: int, sizes: dict[str, int], costs: dict[str, Cost], kills: Kills) -> Table:
    floor = costs["floor"]
    limit = next((most for count, most in PROMISED_MEGABYTES.items() if requests <= count), None)
    ratios = {way: cost.processor / floor.processor for way, cost in costs.items()}
    rows = [
        (
            way,
            f"{cost.wall:.2f}",
            f"{cost.processor:.2f}",
            f"{ratios[way]:.2f}",
            str(PROMISED.get(way, "")),
            f"{sizes[way] / 1e6:,.0f}",
            f"{cost.megabytes:,.0f}",
            "" if way == "floor" or limit is None else f"{limit:,}",
        )
        for way, cost in costs.items()
    ]
    return Table(
        title=f"Logs of {requests:,} requests, {sizes['floor'] / 1e6:,.0f} MB as JSON Lines",
        columns=("way", "seconds", "processor s", "x floor", "at most", "MB read", "peak MB", "at most"),
        rows=rows,
        notes=(
            "Floor: DuckDB's typed read_json of the JSON Lines, every column consumed.",
            "CSV (lists as JSON in their cells) and Parquet hold the same records, against the same floor.",
            "Ratios are of processor seconds, which other work on the machine disturbs less.",
            "The peak is of the largest process; the second, which checks half of a log, takes some 40 MB.",
            f"Killed (-9) at {kills.killed} random moments of an ingest: the file was whole in "
            f"{kills.kept} pilots, {kills.killed - kills.kept} were as before it, {kills.wrong} were wrong.",
        ),
        kept=all(ratios[way] <= most for way, most in PROMISED.items())
        and (limit is None or max(cost.megabytes for cost in costs.values()) <= limit)
        and kills.wrong == 0,
    )


if __name__ == "__main__":
    if sys.argv[1] == "into":
        print(flush=True)
        ingest_files(Pilot(Path(sys.argv[2])), sys.argv[3:])
    else:
        _measure(sys.argv[1], Path(sys.argv[2]))
