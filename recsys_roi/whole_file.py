"""Files written whole or not at all and onto the disk, and small ones read up to a limit."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

DOCUMENT_LIMIT = 50_000_000  # bytes of a document that somebody gives: settings, a plan, a saved review
SETTLED_NS = 2_000_000_000  # the coarsest clock of a file system
Mark = tuple[int, ...]


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


def read_small(path: Path, limit: int, *, pipes: bool = False) -> bytes:
    """The content of a file of at most `limit` bytes.

    Raises OSError for one that is larger and for what is no file; with `pipes` a pipe is waited for.
    """
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (0 if pipes else os.O_NONBLOCK))
    with os.fdopen(handle, "rb") as file:
        kind = os.fstat(handle).st_mode
        if stat.S_ISDIR(kind):
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not (stat.S_ISREG(kind) or (pipes and stat.S_ISFIFO(kind))):
            raise OSError(errno.EINVAL, "is no file", str(path))
        content = file.read(limit + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, f"is larger than {limit // 1_000_000:,} MB", str(path))
    return content


def settled_mark(path: Path) -> Mark | None:
    """What any change of a file changes, so that what was read of it may be kept. Raises OSError.

    None where it cannot tell: it was written so lately that one more change could bear the same time.
    """
    state = path.stat()
    if time.time_ns() - state.st_mtime_ns < SETTLED_NS:
        return None
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns
