"""How far a long reading is, on standard error and only in a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from recsys_roi.logs.progress import OnProgress, Progress

EVERY_SECONDS = 0.2
WIDTH = 78
NAME_WIDTH = 24


@contextmanager
def progress() -> Iterator[OnProgress | None]:
    """Something to report progress to; None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    last = 0.0

    def report(now: Progress) -> None:
        nonlocal last
        if time.monotonic() - last < EVERY_SECONDS:
            return
        last = time.monotonic()
        print(f"\r{_said(now)[:WIDTH]:<{WIDTH}}", end="", file=sys.stderr, flush=True)

    try:
        yield report
    finally:
        print(f"\r{'':<{WIDTH}}\r", end="", file=sys.stderr, flush=True)


def _said(now: Progress) -> str:
    share = now.done / now.total if now.total else 0.0
    lines = f", {now.lines:,} lines, {now.rejected:,} rejected" if now.lines else ""
    size = f"{now.done / 1e6:,.0f} of {now.total / 1e6:,.0f} MB"
    return f"{now.file[:NAME_WIDTH]}: {now.step} {size} ({share * 100:.0f} %){lines}"
