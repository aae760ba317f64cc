"""What the lists show: ten items of a small catalogue, popular ones more often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys_roi.demo.streams import stream

CATALOGUE_SIZE = 240
LIST_LENGTH = 10
ITEM_IDS = tuple(f"item-{number:03d}" for number in range(1, CATALOGUE_SIZE + 1))

CHUNK = 8192  # requests whose lists are drawn at once; another size gives other lists

# Item k is shown in proportion to k^-exponent: the candidate looks further down the catalogue.
CONTROL_EXPONENT = 0.9
CANDIDATE_EXPONENT = 0.7


def draw_lists(chunk: int, candidate: NDArray[np.bool_], seed: int) -> NDArray[np.intp]:
    """Indices into ITEM_IDS by rank for the requests of one chunk, shape (requests, LIST_LENGTH).

    Weighted sampling without replacement: the smallest exponential times / weights win, in their order.
    """
    place = np.arange(1, CATALOGUE_SIZE + 1, dtype=np.float32)
    draw = stream(seed, f"lists {chunk}")
    times = draw.standard_exponential((len(candidate), CATALOGUE_SIZE), dtype=np.float32)
    for arm, exponent in ((candidate, CANDIDATE_EXPONENT), (~candidate, CONTROL_EXPONENT)):
        times[arm] *= place**exponent
    first = np.argpartition(times, LIST_LENGTH, axis=1)[:, :LIST_LENGTH]
    order = np.argsort(np.take_along_axis(times, first, axis=1), axis=1)
    return np.take_along_axis(first, order, axis=1)
