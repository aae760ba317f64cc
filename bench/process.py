"""What a process has used so far: processor time and memory."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path


def processor_seconds(work: Callable[[], object]) -> float:
    """Processor seconds that the work takes in this process and in those that it starts."""
    before = _used()
    work()
    return _used() - before


def _used() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_megabytes() -> float:
    """Megabytes (of 2**20 bytes) held at most so far, of this process alone.

    Not getrusage's, which begins at what the starting process held, and has the largest child's too.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
