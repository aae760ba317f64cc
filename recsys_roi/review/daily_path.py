"""The primary KPI day by day: what a person saw who looked every evening (numbers book 3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import difference
from recsys_roi.estimate.sequence import Look, Looks, read_looks
from recsys_roi.evidence.view import Evidence
from recsys_roi.review import document
from recsys_roi.review.parts import MIN_USERS, planned_users, relative_part, tested_part
from recsys_roi.value.scenario import Scenario

FRESH_DAYS = 7  # after the first crossing, in which the measured lift likely runs high (book 3.3, J)


def with_path(kpi: document.Kpi, evidence: Evidence, scenario: Scenario) -> document.Kpi:
    """The KPI with its days; a day before there are 100 users an arm says why it has no figure.

    The days are of the unadjusted KPI: what is known from before is taken out of the whole window only.
    """
    by_day = evidence.kpis[kpi.id].by_day
    if evidence.start is None or not by_day:
        return kpi
    looks = read_looks(
        (difference(pair.control, pair.candidate, min_users=MIN_USERS) for pair in by_day),
        scenario.alpha,
        planned_users(scenario),
    )
    days = tuple(_days(evidence, evidence.start.date(), looks))
    crossed = None if looks.crossed is None else days[looks.crossed].day
    return kpi.model_copy(
        update={
            "path": days,
            "changing": looks.changing,
            "crossed_on": crossed,
            "fresh": looks.crossed is not None and len(days) - looks.crossed <= FRESH_DAYS,
        }
    )


def _days(evidence: Evidence, first: date, looks: Looks) -> Iterator[document.PathDay]:
    users = evidence.arm_users_by_day
    for number, look in enumerate(looks.looks):
        yield document.PathDay(
            day=(first + timedelta(days=number)).isoformat(),
            users=document.Arms(control=users.control[number], candidate=users.candidate[number]),
            p_running=look.p_running,
            **_figures(look),
        )


def _figures(look: Look) -> dict[str, document.Estimate | str | None]:
    found, reading = look.found, look.reading
    if isinstance(found, NotMeasurable) or reading is None:
        reason = found.reason if isinstance(found, NotMeasurable) else "missing"
        return {"difference": None, "relative_lift": None, "running": None, "reason": str(reason)}
    running = look.running
    return {
        "difference": tested_part(reading, found),
        "relative_lift": relative_part(reading),
        "running": None
        if running is None
        else document.Estimate(estimate=found.estimate, lower=running.low, upper=running.high),
        "reason": None,
    }
