"""The home folder, its disk, and the record of what people wrote."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from recsys_roi.doctor.finding import Finding, fail, ok, warn
from recsys_roi.errors import RecordError
from recsys_roi.record.given import FILE_NAME
from recsys_roi.record.health import damage, pilots_written_of
from recsys_roi.record.statements import StatementStore

LEAST_FREE, LITTLE_FREE = 200e6, 2e9  # bytes
CLOCK_SLACK = timedelta(minutes=5)
OTHERS = 0o077


def folder(home: Path) -> Iterator[Finding]:
    """Whether the home folder is there, can be written, has room, and is closed to others."""
    if home.exists() and not home.is_dir():
        yield fail("home", f"{home} is no folder.", "Name another one in RECSYS_ROI_HOME.")
        return
    if not home.is_dir():
        yield warn("home", f"{home} is not there yet.", "It is made when the first pilot is.")
        return
    if not is_readable(home):
        yield fail("home", f"{home} cannot be read.", "Give its rights to the account that runs this.")
    elif os.access(home, os.W_OK | os.X_OK):
        yield ok("home", f"{home} can be written.")
    else:
        yield fail("home", f"{home} cannot be written.", "Give its rights to the account that runs this.")
    free = shutil.disk_usage(home).free
    told = f"{free / 1e9:,.1f} GB are free."
    if free < LEAST_FREE:
        yield fail("disk", told, "Make room: nothing can be read in or saved.")
    elif free < LITTLE_FREE:
        yield warn("disk", told, "Make room: reading a log needs about three times its size for a while.")
    else:
        yield ok("disk", told)


def is_readable(folder: Path) -> bool:
    """Whether this account may look into a folder."""
    return os.access(folder, os.R_OK | os.X_OK)


def is_open_to_others(path: Path) -> bool:
    """Whether accounts other than the owner may do anything with a file or folder."""
    return bool(path.stat().st_mode & OTHERS)


def record(home: Path, now: datetime) -> Iterator[Finding]:
    """Whether the record can be read, is whole, and every pilot's chain of hashes holds."""
    file = home / FILE_NAME
    if not file.exists():
        yield ok("record", "Nothing was written yet.")
        return
    try:
        found = damage(file)
        pilots = pilots_written_of(file)
        broken = [(pilot, StatementStore(home, pilot).first_broken_change()) for pilot in pilots]
        trails = [change for pilot in pilots for change in StatementStore(home, pilot).trail()]
    except RecordError as problem:
        yield fail("record", str(problem))
        return
    if found:
        yield fail("record", f"{file} is damaged ({found}).", "Put a copy of it back.")
    else:
        yield ok("record", f"{len(trails):,} changes of {len(pilots):,} pilots can be read.")
    altered = [(pilot, place) for pilot, place in broken if place is not None]
    for pilot, place in altered:
        yield fail(
            "trail",
            f"Change {place + 1} of {pilot} was altered after it was written.",
            "Find out who can write the record, and hold it against a copy.",
        )
    if not altered:
        yield ok("trail", "Every change stands as it was written.")
    ahead = [change for change in trails if change.at > now + CLOCK_SLACK]
    if ahead:
        yield warn(
            "clock",
            f"{len(ahead):,} changes are of times to come, up to {max(one.at for one in ahead):%Y-%m-%d}.",
            "The clock was ahead, or is behind now. Set it right; what was written stays in its order.",
        )
    yield from _rights(file)


def _rights(file: Path) -> Iterator[Finding]:
    beside = [path for path in (file, *file.parent.glob(f"{file.name}-*")) if path.exists()]
    others = [path.name for path in beside if is_open_to_others(path)]
    if others:
        yield fail("rights", f"Others can read {', '.join(others)}.", f"chmod 600 {file}*")
