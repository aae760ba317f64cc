"""A pilot as it was without some of its files, for a review of what was there before them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from recsys_roi.errors import PilotError
from recsys_roi.logs.pilot import Pilot, temporary_pilot


@contextmanager
def without(pilot: Pilot, hashes: Collection[str]) -> Iterator[Pilot]:
    """A pilot of the other files in their order, deleted afterwards; nothing is read or checked again."""
    with temporary_pilot() as part:
        with part.writing() as writer:
            for file in pilot.files:
                if file.hash not in hashes:
                    rows, rejects = (
                        _copied(pilot, kept, writer.work / kept.name) for kept in pilot.kept_of(file)
                    )
                    writer.add(file, rows, rejects)
            for manifest in pilot.manifests:
                if manifest.hash not in hashes:
                    writer.keep(manifest)
        yield part


def _copied(pilot: Pilot, kept: Path, to: Path) -> Path:
    """The same bytes under another name: a link where the disk is the same, else a copy."""
    try:
        os.link(kept, to)
    except OSError:
        try:
            shutil.copyfile(kept, to)
        except OSError as problem:
            raise PilotError(
                f"The pilot {pilot.name} was changed meanwhile, or there is no room for a copy of its files "
                f"({problem.strerror}). Try again."
            ) from problem
    return to
