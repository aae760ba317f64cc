"""When the pilot runs and when people come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

WEEKDAY_WEIGHTS = (1.0, 0.97, 0.98, 1.0, 1.06, 1.22, 1.16)  # Monday first
HOUR_WEIGHTS = (
    *(0.30, 0.18, 0.12, 0.10, 0.12, 0.25, 0.55, 0.95, 1.15, 1.20, 1.20, 1.25),
    *(1.40, 1.35, 1.20, 1.15, 1.20, 1.40, 1.65, 1.90, 2.00, 1.75, 1.20, 0.65),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """Whole days from a midnight in UTC."""

    start: datetime
    days: int

    @property
    def end(self) -> datetime:
        """The midnight after the last day."""
        return self.start + timedelta(days=self.days)

    @property
    def start_ms(self) -> int:
        """Milliseconds since the epoch."""
        return int(self.start.timestamp()) * 1000

    @property
    def end_ms(self) -> int:
        """Milliseconds since the epoch."""
        return int(self.end.timestamp()) * 1000

    def hour_weights(self) -> NDArray[np.float64]:
        """How many come in each hour, relative to the others; shape (24 * days,)."""
        weekdays = np.roll(WEEKDAY_WEIGHTS, -self.start.weekday())
        return np.outer(np.resize(weekdays, self.days), HOUR_WEIGHTS).ravel()


PILOT = Period(start=datetime(2026, 10, 5, tzinfo=UTC), days=14)  # from a Monday
START, END, DAYS = PILOT.start, PILOT.end, PILOT.days
START_MS, END_MS = PILOT.start_ms, PILOT.end_ms


def pre_period(days: int) -> Period:
    """The days just before the pilot."""
    return Period(start=PILOT.start - timedelta(days=days), days=days)
