"""Files written whole or not at all, and onto the disk."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file as `whole_file` does. Raises OSError."""
    with whole_file(path) as file:
        file.write(content)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, beside its place and renamed, so that what stood there stays until all is on the disk.

    What is no ordinary file, such as a pipe, is written to as it is. OSError names the path given.
    """
    if not path.parent.is_dir() or (path.exists() and not path.is_file()):
        with path.open("wb") as file:  # where it cannot be, the system says so of this very path
            yield file
        return
    place = path.resolve()  # a link stays a link
    made = place.with_name(f".{secrets.token_hex(8)}.new")
    try:
        with made.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            made.chmod(place.stat().st_mode & 0o777)
        made.replace(place)
        sync(place.parent)
    except OSError as problem:
        if problem.filename in {None, str(made)}:
            raise OSError(problem.errno, problem.strerror, str(path)) from problem
        raise
    finally:
        made.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Brings a file, or the names in a folder, onto the disk, so that a power cut takes neither."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
