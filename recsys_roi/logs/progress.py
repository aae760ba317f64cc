"""How far the reading of one file is, and how a caller stops it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from recsys_roi.errors import RecsysRoiError

Step = Literal["reading", "converting", "checking", "storing"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far one file is in one step; lines and rejected are those so far, about right while it runs."""

    file: str
    step: Step
    done: int  # bytes
    total: int  # bytes
    lines: int = 0
    rejected: int = 0  # lines


OnProgress = Callable[[Progress], None]
"""Called in the caller's own thread; whatever it raises stops the work and leaves the pilot as it was."""


class StoppedError(RecsysRoiError):
    """For a progress callback to raise when a person has asked to stop."""

    def __init__(self) -> None:
        super().__init__("Stopped. The file that was being read was not kept; those before it were.")


class Reporter:
    """Tells a caller how far one file is."""

    def __init__(self, on_progress: OnProgress | None, file: str) -> None:
        """`on_progress` None: nobody asked."""
        self._on_progress = on_progress
        self._file = file
        self._lines = self._rejected = 0

    def step(self, step: Step, total: int) -> Callable[[int], None]:
        """A function that takes the bytes done in one step."""

        def report(done: int) -> None:
            if self._on_progress is not None:
                self._on_progress(
                    Progress(
                        file=self._file,
                        step=step,
                        done=min(done, total),
                        total=total,
                        lines=self._lines,
                        rejected=self._rejected,
                    )
                )

        return report

    def checked(self, lines: int, rejected: int) -> None:
        """Lines and rejected lines so far."""
        self._lines, self._rejected = lines, rejected
