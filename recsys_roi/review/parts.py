"""Estimates as parts of the document, the same way for KPIs, slices and days."""

from __future__ import annotations

from recsys_roi.estimate.anytime import always_valid
from recsys_roi.estimate.lift import Difference, Reading
from recsys_roi.evidence.sums import Sums
from recsys_roi.review import document
from recsys_roi.value.scenario import Scenario

MIN_USERS = 100  # a user count under which no interval is shown (numbers book 0.3)
PLANNED_USERS_FALLBACK = 5000  # numbers book 0.3


def planned_users(scenario: Scenario) -> int:
    """N* of the always-valid interval: the planned users of both arms, or the book's fallback."""
    return scenario.planned_users or PLANNED_USERS_FALLBACK


def ratio_of(sums: Sums) -> float | None:
    """The arm's own figure; None without a denominator."""
    return sums.ratio if sums.sx else None


def tested_part(reading: Reading, found: Difference) -> document.TestedEstimate:
    """The difference with the reading's interval and p."""
    return document.TestedEstimate(
        estimate=found.estimate,
        lower=reading.difference.low,
        upper=reading.difference.high,
        p_value=reading.p_value,
    )


def relative_part(reading: Reading) -> document.Estimate | None:
    """The relative lift with the reading's interval; None where there is none."""
    lift = reading.relative_lift
    if lift.interval is None or lift.estimate is None:
        return None
    # Fieller's set may reach below a loss of everything, which no amount above 0 can have.
    low = lift.interval.low if lift.estimate < -1 else max(-1.0, lift.interval.low)
    return document.Estimate(estimate=lift.estimate, lower=low, upper=lift.interval.high)


def reading_part(found: Difference, scenario: Scenario) -> document.Reading:
    """Both arms and the always-valid difference and lift."""
    anytime = always_valid(found, scenario.alpha, planned_users(scenario))
    return document.Reading(
        control=found.control,
        candidate=found.candidate,
        difference=tested_part(anytime, found),
        relative_lift=relative_part(anytime),
    )
