"""How each request is answered: how fast, whether the call failed, whether the list is empty.

The arms answer alike, so the true harm of every guardrail is 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys_roi.demo.population import Users
from recsys_roi.demo.streams import stream
from recsys_roi.demo.visits import Visits

LATENCY_MEDIAN_MS = 110.0
LATENCY_SPREAD = 0.30  # standard deviation of log latency within a user
ERROR_RATE = 0.0008  # of calls; a failed call is answered by a fallback list
EMPTY_RATE = 0.003  # of lists


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """Answers in the order of the requests; every array has shape (requests,)."""

    empty: NDArray[np.bool_]
    error: NDArray[np.bool_]
    latency_ms: NDArray[np.float64]  # to a tenth


def draw_served(users: Users, visits: Visits, seed: int) -> Served:
    """The answer to each request."""
    noise = stream(seed, "latency").normal(0.0, LATENCY_SPREAD, visits.count)
    latency = LATENCY_MEDIAN_MS * np.exp(users.log_latency[visits.user] + noise)
    return Served(
        empty=stream(seed, "empty").random(visits.count) < EMPTY_RATE,
        error=stream(seed, "error").random(visits.count) < ERROR_RATE,
        latency_ms=latency.round(1),
    )
