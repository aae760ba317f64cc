"""Which pilot new logs go into: one that is there, or a new one with whoever makes it as its first owner."""

from __future__ import annotations

from pathlib import Path

from recsys_roi.dashboard import door, recording
from recsys_roi.logs.pilot import Pilot, home, pilot_folder
from recsys_roi.record.members import MemberStore


def check_filling(name: str) -> None:
    """AccessError where whoever is here may neither add to this pilot nor make it."""
    here = door.door()
    name = pilot_folder(here.home, name).name
    if name in here.visible():
        here.check(name, "upload")
    else:
        here.check_making(name)


def folder_to_fill(name: str) -> Path:
    """The folder of the pilot of that name; a new one belongs to whoever makes it before it is there."""
    check_filling(name)
    folder = pilot_folder(home(), name)
    here = door.door()
    if here.person is not None and folder.name not in here.visible():
        MemberStore(here.home, folder.name).claim(here.person.name, at=recording.now())
    return folder


def pilot_to_fill(name: str) -> Pilot:
    """The pilot of that name, made where it is new."""
    return Pilot.create_or_open(folder_to_fill(name))
