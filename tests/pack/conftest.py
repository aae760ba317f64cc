"""What the tests of the pack share: hand-made and hard reviews, two reviews of pilots, and an office."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "render"))

from recsys_roi.demo import write_demo
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot
from recsys_roi.review.document import Review
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario
from tests.real_logs import OPEN_BANDIT, logs

MADE_AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
OFFICE_SECONDS = 180


def reviewed(files: list[Path], given: dict[str, object]) -> Review:
    scenario = Scenario.of(given)
    with temporary_pilot() as pilot:
        ingest_files(pilot, files)
        return evaluate(evidence_of(pilot, view_of(scenario)), scenario, as_of=MADE_AT)


@pytest.fixture(scope="session")
def review_of() -> Callable[[list[Path], dict[str, object]], Review]:
    """review_of(files, settings): a review made afresh."""
    return reviewed


@pytest.fixture(scope="session")
def open_bandit() -> Review:
    """A real experiment: few clicks, no latency, no conversions."""
    return reviewed(logs(OPEN_BANDIT), {"control": "random", "candidate": "bts", "kpi": "ctr"})


@pytest.fixture(scope="session")
def demo_logs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, requests=12_000, seed=7, lift=0.4, faults=())
    return [folder / f"{name}.jsonl" for name in ("exposures", "outcomes", "assignments")]


@pytest.fixture(scope="session")
def demo(demo_logs: list[Path]) -> Review:
    """The synthetic pilot with economics that a person entered, so that it pays back in the horizon."""
    given = {
        "kpi": "ctr",
        "eligible_requests_per_month": 30_000_000,
        "value_per_action": 0.4,
        "horizon_months": 9,
        "sunk_cost": 5000.0,
        "ramp": [0.2, 0.6, 0.9, 1.0],
        "traffic_growth_monthly": 0.01,
    }
    return reviewed(demo_logs, given)


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, str], Path]:
    """office(file, ending): the file opened by LibreOffice and saved in another format."""
    program = shutil.which("soffice")
    assert program, "LibreOffice is needed: make office"
    profile = tmp_path_factory.mktemp("office")

    def converted(file: Path, ending: str) -> Path:
        out = tmp_path_factory.mktemp("converted")
        subprocess.run(
            [
                program,
                f"-env:UserInstallation={profile.as_uri()}",
                *("--headless", "--convert-to", ending, "--outdir", str(out), str(file)),
            ],
            check=True,
            capture_output=True,
            timeout=OFFICE_SECONDS,
        )
        return out / f"{file.stem}.{ending}"

    return converted
