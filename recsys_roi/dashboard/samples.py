"""The sample pilots that a first start shows: one real, one synthetic with known truth."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from recsys_roi.logs.finding import logs_in
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, pilot_folder
from recsys_roi.places import app_folder


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A pilot that comes with the product."""

    name: str
    folder: str  # below sample_data


SAMPLES = (
    Sample(name="Sample shop", folder="shop"),
    Sample(name="Sample Open Bandit", folder="open_bandit"),
)


def install_samples(home: Path) -> None:
    """Loads the samples; files that are there already count once."""
    for sample in SAMPLES:
        files = logs_in(_folder(sample)).files
        pilot = Pilot.create_or_open(pilot_folder(home, sample.name))
        if len(pilot.files) < len(files):
            ingest_files(pilot, files)


def is_sample(pilot_name: str) -> bool:
    """Whether the pilot comes with the product."""
    return any(sample.name == pilot_name for sample in SAMPLES)


@cache
def _settings(folder: Path) -> dict[str, Any]:
    file = folder / "scenario.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return found


def base_settings(pilot_name: str) -> dict[str, Any]:
    """The settings a pilot starts with: a sample's own, else none."""
    for sample in SAMPLES:
        if sample.name == pilot_name:
            return dict(_settings(_folder(sample)))
    return {}


def _folder(sample: Sample) -> Path:
    return app_folder() / "sample_data" / sample.folder
