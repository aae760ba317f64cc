"""One writer of a folder at a time; the system lets go of the lock when its process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from recsys_roi.errors import InUseError, PilotError
from recsys_roi.logs.room import cause

LOCK = ".lock"
_LOOK_EVERY = 0.05  # seconds


@contextmanager
def locked(folder: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the lock of a pilot's folder; PilotError when another holds it for longer than `wait_seconds`."""
    path = folder / LOCK
    deadline = time.monotonic() + wait_seconds
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise PilotError(f"The pilot {folder.name} cannot be written: {cause(problem, folder)}.") from problem
    try:
        while not _try_lock(handle):
            if time.monotonic() > deadline:
                holder = os.pread(handle, 32, 0).decode(errors="replace").strip()
                who = f" (process {holder})" if holder.isdigit() else ""
                raise InUseError(
                    f"The pilot {folder.name} is being written by another program{who}. "
                    "Try again when it is done."
                )
            time.sleep(_LOOK_EVERY)
        if not path.exists() or os.fstat(handle).st_ino != path.stat().st_ino:
            raise PilotError(f"The pilot {folder.name} was deleted meanwhile.")
        with suppress(OSError):  # it only says who holds the lock; a full disk has no room even for that
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def is_alive(process: int) -> bool:
    """Whether a process of this machine runs, whoever's it is."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
