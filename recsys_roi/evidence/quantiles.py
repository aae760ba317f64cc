"""Sufficient statistics of one latency quantile in one arm (numbers book 5.2).

They have no `+`: a quantile of pooled requests is not made from quantiles of the parts.
"""

from __future__ import annotations

import math
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
        n = len(latency)
        if n == 0:
            return None
        width = Z_95 * math.sqrt(level * (1 - level) / n)
        ranks = [_rank(n, share) for share in (level, level - width, level + width)]
        ordered = np.partition(latency, sorted(set(ranks)))
        q, q_low, q_high = (float(ordered[rank]) for rank in ranks)
        requests = np.bincount(user).astype(np.float64)
        below = np.bincount(user[latency <= q], minlength=len(requests)).astype(np.float64)
        return cls(
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


def quantile(values: NDArray[np.float64], level: float) -> float | None:
    """The order statistic that the level means here, without an interval; None without values."""
    rank = _rank(len(values), level)
    return float(np.partition(values, rank)[rank]) if len(values) else None


def _rank(n: int, level: float) -> int:
    return min(n, max(1, math.ceil(n * level))) - 1
