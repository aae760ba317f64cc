"""How far a long reading is, on standard error and only in a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from recsys_roi.evidence.counting import OnStep
from recsys_roi.logs.progress import OnProgress, Progress

EVERY_SECONDS = 0.2
WIDTH = 78
NAME_WIDTH = 24


@contextmanager
def progress() -> Iterator[OnProgress | None]:
    """Something to report progress to; None where nobody looks."""
    last = 0.0
    with _line() as show:

        def report(now: Progress) -> None:
            nonlocal last
            if show is not None and time.monotonic() - last >= EVERY_SECONDS:
                last = time.monotonic()
                show(_said(now))

        yield None if show is None else report


@contextmanager
def counting_progress() -> Iterator[OnStep | None]:
    """The same for the steps of counting."""
    with _line() as show:

        def report(done: int, steps: int) -> None:
            if show is not None:
                show(f"Counting: step {done + 1} of {steps}")

        yield None if show is None else report


@contextmanager
def _line() -> Iterator[Callable[[str], None] | None]:
    """Shows a text in place of the one before it; in the end the line is empty again."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield _show
    finally:
        _show("")
        print("\r", end="", file=sys.stderr, flush=True)


def _show(text: str) -> None:
    print(f"\r{text[:WIDTH]:<{WIDTH}}", end="", file=sys.stderr, flush=True)


def _said(now: Progress) -> str:
    share = now.done / now.total if now.total else 0.0
    lines = f", {now.lines:,} lines, {now.rejected:,} rejected" if now.lines else ""
    size = f"{now.done / 1e6:,.0f} of {now.total / 1e6:,.0f} MB"
    return f"{now.file[:NAME_WIDTH]}: {now.step} {size} ({share * 100:.0f} %){lines}"
