"""Drift written by hand: a calm fortnight, and what a test changes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from recsys_roi.evidence.drift_facts import ArmDays, Drift
from recsys_roi.evidence.sums import Sums

FIRST = date(2026, 10, 5)  # a Monday
FIRST_DAY = (FIRST - date(1970, 1, 1)).days
DAYS = 14
REQUESTS = (1000, 970, 980, 1000, 1060, 1220, 1160) * 2
MARGINS = {"error_rate": 0.002, "empty_rate": 0.005, "p95_latency": 0.10}
LOG_100_MS = 4.605170185988092


def arm_days(arm, **more):
    given = {
        "requests": REQUESTS,
        "error_logged": REQUESTS,
        "errors": (1,) * DAYS,
        "empties": (3,) * DAYS,
        "timed": REQUESTS,
        "log_latency": tuple(count * LOG_100_MS for count in REQUESTS),
        "log_latency_squares": tuple(count * (LOG_100_MS**2 + 0.09) for count in REQUESTS),
    }
    return ArmDays(arm=arm, **{**given, **more})


def drift(*, candidate=None, control=None, **more):
    given = {
        "first_day": FIRST_DAY,
        "arms": (arm_days("control", **(control or {})), arm_days("candidate", **(candidate or {}))),
        "mixes": (),
        "versions": ("algo_version",),
        "steps": (),
        "names": (),
        "exposures_by_day": tuple((FIRST_DAY + day, 2 * count) for day, count in enumerate(REQUESTS)),
        "reject_days": (),
        "new_names": (),
    }
    return Drift(**{**given, **more})


def on(values, day, value):
    """The tuple with one day changed."""
    return (*values[:day], value, *values[day + 1 :])


def rate_sums(users, requests_each, hits):
    """Users with so many requests each, the hits on as many different users."""
    return Sums(
        n=users,
        sy=float(hits),
        sx=float(users * requests_each),
        syy=float(hits),
        sxx=float(users * requests_each**2),
        sxy=float(hits * requests_each),
    )


def log_sums(users, requests_each, log_ms, between):
    """Users whose mean logarithm of ms spreads by `between` around log_ms."""
    mean_square = log_ms**2 + between**2
    return Sums(
        n=users,
        sy=users * requests_each * log_ms,
        sx=float(users * requests_each),
        syy=users * requests_each**2 * mean_square,
        sxx=float(users * requests_each**2),
        sxy=users * requests_each**2 * log_ms,
    )


def moment(day, hour=0):
    return datetime(2026, 10, day, hour, tzinfo=UTC)
