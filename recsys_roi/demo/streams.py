"""Named streams of random numbers, so that planting a fault changes nothing but what the fault is about."""

from __future__ import annotations

import numpy as np


def stream(seed: int, name: str) -> np.random.Generator:
    """The generator of that name for that seed; other names give independent numbers."""
    return np.random.default_rng([seed, *name.encode()])
