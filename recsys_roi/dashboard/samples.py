"""The sample pilots that a first start shows: one real, one synthetic with known truth."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, pilot_names
from recsys_roi.logs.recognise import logs_in
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
    """Loads the samples that are not among the pilots yet."""
    for sample in SAMPLES:
        if sample.name not in pilot_names(home):
            pilot = Pilot.create_or_open(home, sample.name)
            ingest_files(pilot, logs_in(_folder(sample)).logs)


@cache
def _settings(folder: Path) -> dict[str, Any]:
    file = folder / "scenario.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def base_settings(pilot_name: str) -> dict[str, Any]:
    """The settings a pilot starts with: a sample's own, else none."""
    for sample in SAMPLES:
        if sample.name == pilot_name:
            return dict(_settings(_folder(sample)))
    return {}


def _folder(sample: Sample) -> Path:
    return app_folder() / "sample_data" / sample.folder
