"""A pilot with its faults onto the disk, its truth beside it."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from recsys_roi.demo.behaviour import EVENTS
from recsys_roi.demo.calendar import PILOT, Period, pre_period
from recsys_roi.demo.faults import FAULTS, Planted
from recsys_roi.demo.pilot import CANDIDATE, CONTROL, EXPERIMENT, SURFACE, Pilot, draw_pilot, draw_pre_period
from recsys_roi.demo.records import assignment_lines, exposure_lines, outcome_lines
from recsys_roi.demo.truth import true_guardrails, true_kpis
from recsys_roi.errors import InputError, SettingError, UnknownNameError

FEWEST_REQUESTS = 1_000
MOST_REQUESTS = 10_000_000
LARGEST_SEED = 2**63 - 1
SMALLEST_LIFT = -0.9
LARGEST_LIFT = 1.5
MOST_PRE_DAYS = 28

LOGS = {
    "exposures.jsonl": exposure_lines,
    "outcomes.jsonl": outcome_lines,
    "assignments.jsonl": assignment_lines,
}
TRUTH = "truth.json"
MADE_BY = "recsys-roi demo"
_RFC_3339 = "%Y-%m-%dT%H:%M:%SZ"

_NOTES = (
    "All of it is made up; no real person or shop is in it.",
    "kpis: the expected value had every user of this pilot been in that arm, before any fault.",
    "guardrails: the arms answer alike before any fault, so the true harm is 0.",
    "add_to_cart, start, complete, dwell and negative_feedback are extended event types: a strict outcome.v1 "
    "validator refuses them.",
)


def write_demo(
    directory: Path,
    *,
    requests: int,
    seed: int,
    lift: float,
    faults: tuple[str, ...] = (),
    pre_days: int = 0,
) -> None:
    """Writes exposures.jsonl, outcomes.jsonl, assignments.jsonl and truth.json into `directory`.

    The same arguments give the same bytes. `lift` is the true relative lift of ctr and of revenue a request.
    `pre_days` adds what the users did in that many days before the pilot, when nobody was in an arm; no line
    of the pilot changes.
    A directory that holds anything but a former demo is left as it is.

    Raises SettingError, UnknownNameError for a fault, InputError for the directory, OSError.
    """
    _check_settings(requests, seed, lift, pre_days)
    planted_names = _known_faults(faults)
    _check_directory(directory)
    pilot = draw_pilot(requests=requests, seed=seed, lift=lift)
    kpis = {name: asdict(kpi) for name, kpi in true_kpis(pilot).items()}
    pilot, planted = _with_faults(pilot, planted_names)
    periods = [pilot]
    truth = _truth(pilot, requests, planted_names, pre_days) | {"kpis": kpis, "faults": planted}
    if pre_days:
        older = tuple(name for name in planted_names if FAULTS[name].is_older)
        before, planted_before = _with_faults(draw_pre_period(pilot, pre_days), older)
        periods.insert(0, before)
        truth["pre_period"] = _past_truth(before, pre_period(pre_days)) | {"faults": planted_before}
    directory.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=directory, prefix=".demo-"))
    try:
        truth["lines"] = {name: _write(work / name, log(periods)) for name, log in LOGS.items()}
        (work / TRUTH).write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8", newline="\n")
        # The truth goes first and comes last: a directory that has one has the logs it is about.
        (directory / TRUTH).unlink(missing_ok=True)
        for name in (*LOGS, TRUTH):
            (work / name).replace(directory / name)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _check_settings(requests: int, seed: int, lift: float, pre_days: int) -> None:
    if not FEWEST_REQUESTS <= requests <= MOST_REQUESTS:
        raise SettingError(
            "requests", f"must be a whole number from {FEWEST_REQUESTS:,} to {MOST_REQUESTS:,}", requests
        )
    if not 0 <= seed <= LARGEST_SEED:
        raise SettingError("seed", f"must be a whole number from 0 to {LARGEST_SEED:,}", seed)
    if not SMALLEST_LIFT <= lift <= LARGEST_LIFT:
        raise SettingError(
            "lift", f"must be a relative lift from {SMALLEST_LIFT} to {LARGEST_LIFT} (0.05 is +5 %)", lift
        )
    if not 0 <= pre_days <= MOST_PRE_DAYS:
        raise SettingError("pre_days", f"must be a whole number from 0 to {MOST_PRE_DAYS}", pre_days)


def _known_faults(given: tuple[str, ...]) -> tuple[str, ...]:
    """Each fault once, in the order in which they are planted."""
    for name in given:
        if name not in FAULTS:
            raise UnknownNameError("fault", name, sorted(FAULTS))
    return tuple(name for name in FAULTS if name in given)


def _with_faults(pilot: Pilot, names: tuple[str, ...]) -> tuple[Pilot, list[Planted]]:
    """The pilot with those faults, and what the truth says of each."""
    planted = []
    for name in names:
        fault = FAULTS[name]
        pilot, numbers = fault.plant(pilot)
        planted.append({"name": name, "what": fault.what, "named_by": fault.named_by, **numbers})
    return pilot, planted


def _check_directory(directory: Path) -> None:
    if not directory.exists():
        return
    if not directory.is_dir():
        raise InputError(f"{directory} is a file. Give a directory for the demo's files.")
    found = sorted(entry.name for entry in directory.iterdir() if not entry.name.startswith("."))
    if found and not _is_former_demo(directory, found):
        listed = ", ".join(found[:3]) + (", ..." if len(found) > 3 else "")
        raise InputError(
            f"{directory} holds files that are not a former demo ({listed}), and nothing was written. "
            "Give a new or empty directory."
        )


def _is_former_demo(directory: Path, found: list[str]) -> bool:
    if TRUTH not in found or not set(found) <= {*LOGS, TRUTH}:
        return False
    try:
        truth = json.loads((directory / TRUTH).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(truth, dict) and truth.get("made_by") == MADE_BY


def _write(path: Path, chunks: Iterator[bytes]) -> int:
    """Writes the chunks and returns the number of lines."""
    lines = 0
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
            lines += chunk.count(b"\n")
    return lines


def _truth(pilot: Pilot, requests: int, faults: tuple[str, ...], pre_days: int) -> dict[str, Any]:
    """Everything about the pilot but the KPIs, which hold before any fault."""
    return {
        "made_by": MADE_BY,
        "notes": _NOTES,
        "settings": {
            "requests": requests,
            "seed": pilot.seed,
            "lift": pilot.lift,
            "faults": faults,
            "pre_days": pre_days,
        },
        "experiment": {
            "id": EXPERIMENT,
            "control": CONTROL,
            "candidate": CANDIDATE,
            "surface": SURFACE,
            **_window(PILOT),
            "users": _users_seen(pilot),
        },
        "guardrails": true_guardrails(),
        "events": _events(pilot),
    }


def _past_truth(before: Pilot, period: Period) -> dict[str, Any]:
    """What is written of the pre-period; users by the arm they come to be in."""
    return {
        **_window(period),
        "users": _users_seen(before),
        "requests": before.visits.count,
        "events": _events(before),
    }


def _window(period: Period) -> dict[str, Any]:
    return {
        "start": period.start.strftime(_RFC_3339),
        "end": period.end.strftime(_RFC_3339),
        "days": period.days,
    }


def _users_seen(pilot: Pilot) -> dict[str, int]:
    seen = np.zeros(pilot.users.count, dtype=np.bool_)
    seen[pilot.visits.user[pilot.written]] = True
    candidate = pilot.users.candidate
    return {CONTROL: int((seen & ~candidate).sum()), CANDIDATE: int((seen & candidate).sum())}


def _events(pilot: Pilot) -> dict[str, int]:
    return {name: int((pilot.outcomes.event == code).sum()) for code, name in enumerate(EVENTS)}
