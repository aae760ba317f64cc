"""A pilot as it was without some of its files, for a review of what was there before them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from recsys_roi.errors import PilotError
from recsys_roi.logs.pilot import Pilot, temporary_pilot
from recsys_roi.logs.room import no_room
from recsys_roi.logs.snapshot import rejects_path, rows_path


@contextmanager
def without(pilot: Pilot, hashes: Collection[str]) -> Iterator[Pilot]:
    """A pilot of the other files in their order, deleted afterwards; nothing is read or checked again."""
    held = pilot.snapshot()
    with temporary_pilot() as part:
        with part.writing() as writer:
            for file in held.files:
                if file.hash not in hashes:
                    rows, rejects = (
                        _copied(pilot, path(held.folder, file), writer.work)
                        for path in (rows_path, rejects_path)
                    )
                    writer.add(file, rows, rejects)
            for document in held.documents:
                if document.hash not in hashes:
                    writer.keep(document)
        yield part


def _copied(pilot: Pilot, kept: Path, work: Path) -> Path:
    """The same bytes in another folder: a link where the disk is the same, else a copy."""
    to = work / kept.name
    try:
        os.link(kept, to)
    except OSError:
        try:
            shutil.copyfile(kept, to)
        except OSError as problem:
            full = no_room(problem, work)
            if full is None:
                raise PilotError(f"The pilot {pilot.name} was changed meanwhile. Try again.") from problem
            raise PilotError(f"The files of {pilot.name} could not be copied: {full}.") from problem
    return to
