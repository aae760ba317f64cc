"""Good records to spoil, and files to write them to."""

import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

Record = dict[str, Any]


def exposure(number: int, **changes: Any) -> Record:
    return {
        "request_id": f"req-{number}",
        "user_id": f"user-{number % 97}",
        "ts": f"2026-01-{number % 28 + 1:02d}T12:00:00.25Z",
        "items": [
            {"item_id": f"item-{number % 31}", "rank": 1, "propensity": 0.5},
            {"item_id": "b", "rank": 2},
        ],
        "context": {"surface": "home"},
        "latency_ms": 12.5,
        "error": False,
    } | changes


def outcome(number: int, **changes: Any) -> Record:
    return {
        "request_id": f"req-{number}",
        "user_id": f"user-{number % 97}",
        "item_id": "b",
        "event_type": "click",
        "ts": "2026-01-02T03:04:05+02:00",
        "value": 1.5,
    } | changes


def assignment(number: int, **changes: Any) -> Record:
    return {
        "experiment_id": "exp",
        "variant": "control" if number % 2 else "candidate",
        "request_id": f"req-{number}",
        "user_id": f"user-{number % 97}",
        "ts": "2026-01-02T03:04:05Z",
    } | changes


MAKERS: dict[str, Callable[..., Record]] = {
    "exposure.v1": exposure,
    "outcome.v1": outcome,
    "assignment.v1": assignment,
}


@pytest.fixture(scope="session")
def record() -> Callable[..., Record]:
    """record(kind, number, **changes): a good record of that kind with some fields changed."""
    return lambda kind, number=0, **changes: MAKERS[kind](number, **changes)


@pytest.fixture(scope="session")
def line() -> Callable[..., bytes]:
    """line(kind, number, **changes): the record as one line without its line feed."""
    return lambda kind, number=0, **changes: json.dumps(MAKERS[kind](number, **changes)).encode()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """write(name, lines): a file of those lines in a folder of its own, packed when the name ends in .gz."""

    def written(name: str, lines: Iterable[bytes], end: bytes = b"\n") -> Path:
        folder = tmp_path / "given"
        folder.mkdir(exist_ok=True)
        data = b"".join(text + end for text in lines)
        (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return folder / name

    return written
