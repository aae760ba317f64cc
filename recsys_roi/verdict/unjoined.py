"""How far outcomes without an exposure could move a lift, had they all been of one arm (numbers book 4.2)."""

from __future__ import annotations

from recsys_roi.evidence.facts import Unjoined
from recsys_roi.evidence.kpis import TALLIES, Kpi, Tally
from recsys_roi.evidence.view import Evidence
from recsys_roi.verdict.check import percent


def unjoined_bounds(evidence: Evidence, kpi: Kpi) -> str:
    """The worst case both ways as a sentence; empty where none of the KPI's outcomes is unjoined."""
    tally = TALLIES.get(kpi.numerator)
    sums = evidence.kpis[kpi.id].sums
    if tally is None or min(sums.control.sx, sums.candidate.sx) <= 0:
        return ""
    more = sum(_amount(found, tally) for found in evidence.facts.unjoined if found.event_type == tally.event)
    if more <= 0 or sums.control.sy <= 0:
        return ""
    low = sums.candidate.ratio / ((sums.control.sy + more) / sums.control.sx) - 1
    high = (sums.candidate.sy + more) / sums.candidate.sx / sums.control.ratio - 1
    return (
        f" Had the unjoined {tally.event} outcomes all been of one arm, the measured lift of {kpi.id} would "
        f"lie between {percent(low, 1)} and {percent(high, 1)}."
    )


def _amount(found: Unjoined, tally: Tally) -> float:
    """What they would add to the numerator at most."""
    by_tally = {
        "requests": found.requests,
        "events": found.events,
        "values": found.value,
        "users": found.users,
    }
    return float(by_tally[tally.of])
