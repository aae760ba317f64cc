"""Guardrail rates and latency of one view: sums for the test, figures by day for the trend."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from recsys_roi.evidence.columns import UNKNOWN_ERROR, Ints, Mask, Requests
from recsys_roi.evidence.grouping import Groups
from recsys_roi.evidence.kpi_evidence import Counted
from recsys_roi.evidence.kpis import GUARDRAILS
from recsys_roi.evidence.quantiles import QuantileSums, quantiles
from recsys_roi.evidence.totals import Totals
from recsys_roi.evidence.view import LatencyEvidence, Pair, RateEvidence


def count_rates(
    counted: Counted, slow_threshold_ms: float, logged: Collection[str]
) -> dict[str, RateEvidence]:
    """The rates of the catalogue; `logged` are the event types that the pilot has at all."""
    requests, events = counted.requests, counted.events
    known = requests.error != UNKNOWN_ERROR
    failed = requests.error == 1
    timed = ~np.isnan(requests.latency_ms)
    disliked = np.zeros(len(requests.number), dtype=np.bool_)
    disliked[events.request[events.is_of("negative_feedback")]] = True
    return {
        "error_rate": _error_rate(requests, failed, known),
        "empty_rate": _rate(requests, requests.empty, None),
        "slow_share": _rate(requests, timed & (requests.latency_ms > slow_threshold_ms), timed),
        "negative_feedback_rate": _rate(requests, disliked, None)
        if "negative_feedback" in logged
        else RateEvidence(sums=None, reason="missing", by_day=()),
    }


def _error_rate(requests: Requests, failed: Mask, known: Mask) -> RateEvidence:
    if known.any() and (failed == known).all():
        # Errors written only when true would read as a rate of 100 %.
        return RateEvidence(sums=None, reason="error_only_when_true", by_day=())
    return _rate(requests, failed, known)


def _rate(requests: Requests, hit: Mask, known: Mask | None) -> RateEvidence:
    """Requests hit by requests known (None: all of them), both of shape (requests,)."""
    rows = (np.flatnonzero(hit), slice(None) if known is None or known.all() else np.flatnonzero(known))
    hits, asked = (
        np.bincount(requests.user[chosen], minlength=requests.users).astype(np.float64) for chosen in rows
    )
    if not asked.any():
        return RateEvidence(sums=None, reason="missing", by_day=())
    counted = Totals(candidate=requests.candidate, columns={"hits": hits, "asked": asked})
    (sums,) = Groups.arms(counted).ratio_sums("hits", "asked")
    by_day = (np.bincount(requests.arm_day[chosen], minlength=2 * requests.days).tolist() for chosen in rows)
    shares = [part / whole if whole else None for part, whole in zip(*by_day, strict=True)]
    return RateEvidence(
        sums=sums, reason=None, by_day=_pairs(shares[: requests.days], shares[requests.days :])
    )


def count_latency(requests: Requests) -> dict[float, LatencyEvidence]:
    """The latency quantiles of the catalogue by level."""
    timed = ~np.isnan(requests.latency_ms)
    of_candidate = requests.candidate[requests.user]
    levels = [guardrail.level for guardrail in GUARDRAILS.values() if guardrail.level is not None]
    control, candidate = (
        _ArmLatency.of(requests, np.flatnonzero(timed & arm), levels) for arm in (~of_candidate, of_candidate)
    )
    return {
        level: LatencyEvidence(
            sums=Pair(control=control.sums[level], candidate=candidate.sums[level]),
            by_day=_pairs(control.by_day[level], candidate.by_day[level]),
        )
        for level in levels
    }


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _ArmLatency:
    """One arm's latency quantiles by level, of the whole window and day by day."""

    sums: dict[float, QuantileSums | None]
    by_day: dict[float, list[float | None]]

    @classmethod
    def of(cls, requests: Requests, rows: Ints, levels: Sequence[float]) -> _ArmLatency:
        latency, day = requests.latency_ms[rows], requests.day[rows]
        order = np.argsort(day.astype(np.int16), kind="stable")  # two bytes are sorted by radix
        edges = np.cumsum(np.bincount(day, minlength=requests.days))[:-1]
        days = [quantiles(own, levels) for own in np.split(latency[order], edges)]
        return cls(
            sums=QuantileSums.of_levels(latency, requests.user[rows], levels),
            by_day={level: [own[level] for own in days] for level in levels},
        )


def _pairs(
    control: Sequence[float | None], candidate: Sequence[float | None]
) -> tuple[Pair[float | None], ...]:
    return tuple(Pair(control=one, candidate=other) for one, other in zip(control, candidate, strict=True))
