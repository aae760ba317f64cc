"""Pseudonymous ids: 16 hexadecimal digits, the first a letter so that none reads as a number."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray


def draw_ids(count: int, draw: np.random.Generator) -> NDArray[np.uint64]:
    """`count` random ids, shape (count,); the chance that two of a million are alike is below 1e-6."""
    first = draw.integers(10, 16, count, dtype=np.uint64) << np.uint64(60)
    return first | draw.integers(0, 2**60, count, dtype=np.uint64)


def id_texts(ids: NDArray[np.uint64]) -> list[str]:
    """The ids as they are written."""
    return [f"{value:x}" for value in ids.tolist()]


def session_id(visit: str) -> str:
    """The id of one user's visit; it does not name the user, whose id may be kept as a hash only."""
    return f"s{blake2b(visit.encode(), digest_size=8).hexdigest()}"
