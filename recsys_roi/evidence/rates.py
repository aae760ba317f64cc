"""Guardrail rates and latency of one view: sums for the test, figures by day for the trend."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from recsys_roi.evidence.columns import UNKNOWN_ERROR, Floats, Ints, Mask, Requests
from recsys_roi.evidence.grouping import Groups
from recsys_roi.evidence.kpi_evidence import Counted
from recsys_roi.evidence.kpis import GUARDRAILS
from recsys_roi.evidence.quantiles import QuantileSums, quantile
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
    everything = np.ones(len(requests.number), dtype=np.bool_)
    disliked = np.zeros(len(requests.number), dtype=np.bool_)
    disliked[events.request[events.is_of("negative_feedback")]] = True
    return {
        "error_rate": _error_rate(requests, failed, known),
        "empty_rate": _rate(requests, requests.empty, everything),
        "slow_share": _rate(requests, timed & (requests.latency_ms > slow_threshold_ms), timed),
        "negative_feedback_rate": _rate(requests, disliked, everything)
        if "negative_feedback" in logged
        else RateEvidence(sums=None, reason="missing", by_day=()),
    }


def _error_rate(requests: Requests, failed: Mask, known: Mask) -> RateEvidence:
    if known.any() and (failed == known).all():
        # Errors written only when true would read as a rate of 100 %.
        return RateEvidence(sums=None, reason="error_only_when_true", by_day=())
    return _rate(requests, failed, known)


def _rate(requests: Requests, hit: Mask, known: Mask) -> RateEvidence:
    """Requests hit by requests known, both of shape (requests,)."""
    if not known.any():
        return RateEvidence(sums=None, reason="missing", by_day=())
    hits, asked = (
        np.bincount(requests.user[rows], minlength=requests.users).astype(np.float64) for rows in (hit, known)
    )
    counted = Totals(candidate=requests.candidate, columns={"hits": hits, "asked": asked})
    (sums,) = Groups.arms(counted).ratio_sums("hits", "asked")
    return RateEvidence(sums=sums, reason=None, by_day=_by_day(requests, hit, known))


def _by_day(requests: Requests, hit: Mask, known: Mask) -> tuple[Pair[float | None], ...]:
    hits, asked = (
        np.bincount(requests.arm_day[rows], minlength=2 * requests.days).tolist() for rows in (hit, known)
    )
    shares = [part / whole if whole else None for part, whole in zip(hits, asked, strict=True)]
    return _pairs(shares[: requests.days], shares[requests.days :])


def count_latency(requests: Requests) -> dict[float, LatencyEvidence]:
    """The latency quantiles of the catalogue by level."""
    timed = ~np.isnan(requests.latency_ms)
    of_candidate = requests.candidate[requests.user]
    control, candidate = (
        _ArmLatency.of(requests, np.flatnonzero(timed & arm)) for arm in (~of_candidate, of_candidate)
    )
    levels = [guardrail.level for guardrail in GUARDRAILS.values() if guardrail.level is not None]
    return {
        level: LatencyEvidence(
            sums=Pair(control=control.sums(level), candidate=candidate.sums(level)),
            by_day=_pairs(control.by_day(level), candidate.by_day(level)),
        )
        for level in levels
    }


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _ArmLatency:
    """One arm's latencies with their users, and again day by day."""

    latency_ms: Floats
    user: Ints
    days: list[Floats]

    @classmethod
    def of(cls, requests: Requests, rows: Ints) -> _ArmLatency:
        latency, day = requests.latency_ms[rows], requests.day[rows]
        order = np.argsort(day.astype(np.int16), kind="stable")  # two bytes are sorted by radix
        edges = np.cumsum(np.bincount(day, minlength=requests.days))[:-1]
        return cls(latency_ms=latency, user=requests.user[rows], days=np.split(latency[order], edges))

    def sums(self, level: float) -> QuantileSums | None:
        return QuantileSums.of_requests(self.latency_ms, self.user, level)

    def by_day(self, level: float) -> list[float | None]:
        return [quantile(latencies, level) for latencies in self.days]


def _pairs(
    control: Sequence[float | None], candidate: Sequence[float | None]
) -> tuple[Pair[float | None], ...]:
    return tuple(Pair(control=one, candidate=other) for one, other in zip(control, candidate, strict=True))
