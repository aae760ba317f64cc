"""What is due by which day of a pilot."""

from __future__ import annotations

from recsys_roi.review.document import Review
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.waiting import DAYS_PER_WEEK

WEEKLY_TO = 8  # weeks of a pilot up to which every week is looked at


def calendar(review: Review, scenario: Scenario) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """What is due by which day of the pilot; 0 is before the first request."""
    length = review.plan.pilot
    last = max(scenario.min_days, DAYS_PER_WEEK * ((length.weeks if length else None) or 0))
    due: dict[int, list[str]] = {
        0: ["Plan locked; logs validated in the loggers' own build; owners named"],
        1: ["First requests; joins, split and freshness checked the same day"],
        DAYS_PER_WEEK: ["First report; runbooks exercised; end of the first phase"],
        **{end: ["Weekly look: checks, guardrails, risks that are due"] for end in _weekly(last)},
    }
    due.setdefault(scenario.min_days, []).append("First day on which a verdict counts; rollback drill done")
    due.setdefault(last, []).append("Decision meeting: verdict by the rule above, written down with its hash")
    return tuple((number, tuple(what)) for number, what in sorted(due.items()))


def _weekly(last: int) -> range:
    """The ends of the second and later weeks; of a long pilot every fourth."""
    weeks = last // DAYS_PER_WEEK
    step = DAYS_PER_WEEK if weeks <= WEEKLY_TO else 4 * DAYS_PER_WEEK
    return range(DAYS_PER_WEEK + step, last, step)
