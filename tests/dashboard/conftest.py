"""One home for all page tests: the samples, an empty pilot, and pilots from which no review can be made."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest
from streamlit.runtime.pages_manager import PagesManager

sys.path.insert(0, str(Path(__file__).parent))

from recsys_roi.dashboard.samples import install_samples
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, pilot_folder

OPEN_BANDIT = Path(__file__).parents[1] / "data" / "open_bandit_all"
HOSTILE = "<b>www.example.org</b> :material/home: [x](https://example.org)"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    install_samples(folder)
    real = sorted(OPEN_BANDIT.glob("*.jsonl.gz"))
    assert len(real) == 3
    Pilot.create_or_open(pilot_folder(folder, "Empty"))
    unassigned = Pilot.create_or_open(pilot_folder(folder, "No assignments"))
    ingest_files(unassigned, [file for file in real if "assignments" not in file.name])
    ingest_files(Pilot.create_or_open(pilot_folder(folder, "Own")), real)
    ingest_files(
        Pilot.create_or_open(pilot_folder(folder, "Two experiments")), [*real, _second_experiment(folder)]
    )
    return folder


def _second_experiment(folder: Path) -> Path:
    """Assignments to a second experiment with a hostile name, and three lines that break the contract."""
    with gzip.open(OPEN_BANDIT / "assignments.jsonl.gz", "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line, _ in zip(file, range(500), strict=False)]
    path = folder / "second.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({**record, "experiment_id": HOSTILE}) + "\n" for record in records)
        file.write("{broken\n")
        file.write(json.dumps({**records[0], "variant": None}) + "\n")
        file.write(json.dumps({**records[0], "colour": "red"}) + "\n")
    return path


@pytest.fixture(autouse=True)
def warm_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a server that has run app.py before; Streamlit's test runner makes each run a server's first."""
    made = PagesManager.__init__

    def make(self: PagesManager, *given: object, **named: object) -> None:
        made(self, *given, **named)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", make)


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_ROI_HOME", str(home))
