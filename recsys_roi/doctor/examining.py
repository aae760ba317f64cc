"""The whole examination, or that of one pilot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from recsys_roi.doctor import machine, pilots
from recsys_roi.doctor.finding import Finding, fail
from recsys_roi.errors import PilotError, UnknownNameError
from recsys_roi.logs.pilot import pilot_folder, pilot_names


def examine(home: Path, *, pilot: str | None, now: datetime, sign_in: bool) -> Iterator[Finding]:
    """The machine, the record, then one pilot or all; UnknownNameError for one that is not here."""
    yield from machine.folder(home)
    if home.is_dir() and not machine.is_readable(home):
        return
    yield from machine.record(home, now)
    try:
        names = pilot_names(home) if pilot is None else (_known(home, pilot),)
    except PilotError as problem:
        yield fail("pilots", str(problem))
        return
    for name in names:
        yield from pilots.pilot(home, name, sign_in=sign_in)


def _known(home: Path, pilot: str) -> str:
    """The pilot's own name, whatever state it is in."""
    name, known = pilot_folder(home, pilot).name, pilot_names(home)
    if name not in known:
        raise UnknownNameError("pilot", pilot, known)
    return name
