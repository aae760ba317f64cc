"""When the pilot runs and when people come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 10, 5, tzinfo=UTC)  # a Monday
DAYS = 14
END = START + timedelta(days=DAYS)

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
START_MS = int(START.timestamp()) * 1000
END_MS = int(END.timestamp()) * 1000

WEEKDAY_WEIGHTS = (1.0, 0.97, 0.98, 1.0, 1.06, 1.22, 1.16)  # Monday first
HOUR_WEIGHTS = (
    *(0.30, 0.18, 0.12, 0.10, 0.12, 0.25, 0.55, 0.95, 1.15, 1.20, 1.20, 1.25),
    *(1.40, 1.35, 1.20, 1.15, 1.20, 1.40, 1.65, 1.90, 2.00, 1.75, 1.20, 0.65),
)
