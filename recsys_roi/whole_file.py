"""A file that somebody asked for, written whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Writes beside its place and renames, so that what stood there stays until all is on the disk.

    What is no ordinary file, such as a pipe, is written to as it is. Raises OSError.
    """
    if not path.parent.is_dir() or (path.exists() and not path.is_file()):
        path.write_bytes(content)  # where it cannot be, the system says so of this very path
        return
    place = path.resolve()  # a link stays a link
    made = place.with_name(f".{secrets.token_hex(8)}.new")
    try:
        with made.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            made.chmod(place.stat().st_mode & 0o777)
        made.replace(place)
    finally:
        made.unlink(missing_ok=True)
