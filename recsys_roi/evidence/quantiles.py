"""Sufficient statistics of one latency quantile in one arm (numbers book 5.2).

They have no `+`: a quantile of pooled requests is not made from quantiles of the parts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.96  # the book's own constant for the rank interval


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantileSums:
    """Order statistics of the requests, and the users' counts below the quantile."""

    level: float  # 0.95 for p95
    n: int  # requests with a value
    users: int
    q: float  # ms
    q_low: float  # ms, lower end of the rank interval
    q_high: float  # ms
    s: float  # sum over users of S_i, requests at or below q
    ss: float
    nn: float  # sum over users of N_i squared
    sn: float

    @classmethod
    def of_requests(
        cls, latency: NDArray[np.float64], user: NDArray[np.int64], level: float
    ) -> QuantileSums | None:
        """From one latency a request, shape (requests,), and its user's index; None without requests."""
        return cls.of_levels(latency, user, (level,))[level]

    @classmethod
    def of_levels(
        cls, latency: NDArray[np.float64], user: NDArray[np.int64], levels: Sequence[float]
    ) -> dict[float, QuantileSums | None]:
        """The same for several levels, put in order once."""
        n = len(latency)
        if n == 0:
            return dict.fromkeys(levels)
        ranks = {level: _ranks(n, level) for level in levels}
        ordered = np.partition(latency, sorted({rank for own in ranks.values() for rank in own}))
        requests = np.bincount(user).astype(np.float64)
        found: dict[float, QuantileSums | None] = {}
        for level in levels:
            q, q_low, q_high = (float(ordered[rank]) for rank in ranks[level])
            below = np.bincount(user[latency <= q], minlength=len(requests)).astype(np.float64)
            found[level] = cls(
                level=level,
                n=n,
                users=int(np.count_nonzero(requests)),
                q=q,
                q_low=q_low,
                q_high=q_high,
                s=float(below.sum()),
                ss=float((below * below).sum()),
                nn=float((requests * requests).sum()),
                sn=float((below * requests).sum()),
            )
        return found


def quantiles(values: NDArray[np.float64], levels: Sequence[float]) -> dict[float, float | None]:
    """The order statistics that the levels mean here, without intervals; None without values."""
    n = len(values)
    if n == 0:
        return dict.fromkeys(levels)
    ranks = [_rank(n, level) for level in levels]
    ordered = np.partition(values, sorted(set(ranks)))
    return {level: float(ordered[rank]) for level, rank in zip(levels, ranks, strict=True)}


def _ranks(n: int, level: float) -> tuple[int, int, int]:
    """Of the quantile and both ends of its rank interval, from 0."""
    width = Z_95 * math.sqrt(level * (1 - level) / n)
    return _rank(n, level), _rank(n, level - width), _rank(n, level + width)


def _rank(n: int, level: float) -> int:
    return min(n, max(1, math.ceil(n * level))) - 1
