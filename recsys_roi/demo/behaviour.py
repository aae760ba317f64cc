"""What people do with a list: click, put into the basket, buy, or complain.

An arm changes only the chance that a list is clicked. What follows a click is the same in both arms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from recsys_roi.demo.calendar import DAY_MS
from recsys_roi.demo.catalogue import LIST_LENGTH
from recsys_roi.demo.streams import stream

EVENTS = ("click", "add_to_cart", "conversion", "negative_feedback")
CLICK, ADD_TO_CART, CONVERSION, NEGATIVE_FEEDBACK = range(len(EVENTS))

SECOND_CLICK_CHANCE = 0.08  # of a clicked list; on another item
CART_CHANCE = 0.30  # of a clicked list
ORDER_CHANCE = 0.40  # of a basket
NEGATIVE_FEEDBACK_CHANCE = 0.004  # of a list with items
RANK_WEIGHTS = tuple(rank**-0.7 for rank in range(1, LIST_LENGTH + 1))

# Equally likely order values: the middles of 1,000 slices of a lognormal, so that the mean is known exactly.
ORDER_VALUES = tuple(
    round(28.0 * math.exp(0.7 * NormalDist().inv_cdf((slice_ + 0.5) / 1000)), 2) for slice_ in range(1000)
)

CLICK_LAG_MS = (9_000, 0.8)  # median and spread of a lognormal
CART_LAG_MS = (40_000, 0.8)
ORDER_LAG_MS = (420_000, 0.9)
LAG_LIMIT_MS = 3_600_000
LATER_ORDER_CHANCE = 0.2  # of an order that the buyer comes back for
LATER_ORDER_DAYS = 6.5  # at most; all orders fall within their attribution window of seven days


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcomes:
    """Outcome events in the order of their requests; every array has shape (events,)."""

    request: NDArray[np.int64]  # index into the requests
    event: NDArray[np.int8]  # index into EVENTS
    rank: NDArray[np.int8]  # of the item acted on, from 1
    ts: NDArray[np.int64]  # milliseconds since the epoch
    value: NDArray[np.float64]  # money of a conversion, else NaN

    @property
    def count(self) -> int:
        """Number of events."""
        return len(self.request)

    def where(self, kept: NDArray[np.bool_]) -> Outcomes:
        """The events that are kept."""
        return Outcomes(**{column.name: getattr(self, column.name)[kept] for column in fields(self)})

    @classmethod
    def together(cls, *parts: Outcomes) -> Outcomes:
        """The events of all parts in the order of their requests, then of their times."""
        columns = {
            column.name: np.concatenate([getattr(part, column.name) for part in parts])
            for column in fields(cls)
        }
        order = np.lexsort((columns["event"], columns["ts"], columns["request"]))
        return cls(**{name: values[order] for name, values in columns.items()})


def draw_clicked(click_chance: NDArray[np.float64], empty: NDArray[np.bool_], seed: int) -> NDArray[np.int64]:
    """Indices of the requests whose list is clicked; an empty list has nothing to click."""
    return np.flatnonzero((stream(seed, "clicks").random(len(empty)) < click_chance) & ~empty)


def draw_follow_up(clicked: NDArray[np.int64], shown_ts: NDArray[np.int64], seed: int, name: str) -> Outcomes:
    """The clicks, baskets and orders of the clicked requests; `shown_ts` has shape (requests,)."""
    draw = stream(seed, name)
    weights = np.asarray(RANK_WEIGHTS)
    count = len(clicked)
    rank = draw.choice(LIST_LENGTH, count, p=weights / weights.sum()).astype(np.int8)
    clicked_ts = shown_ts[clicked] + _lags(CLICK_LAG_MS, count, draw)
    again = draw.random(count) < SECOND_CLICK_CHANCE
    other = (rank + draw.integers(1, LIST_LENGTH, count, dtype=np.int8)) % LIST_LENGTH
    again_ts = clicked_ts + _lags(CLICK_LAG_MS, count, draw)
    cart = draw.random(count) < CART_CHANCE
    cart_ts = clicked_ts + _lags(CART_LAG_MS, count, draw)
    order = cart & (draw.random(count) < ORDER_CHANCE)
    order_ts = cart_ts + _order_lags(count, draw)
    value = np.asarray(ORDER_VALUES)[draw.integers(0, len(ORDER_VALUES), count)]
    return Outcomes.together(
        _events(CLICK, clicked, rank, clicked_ts),
        _events(CLICK, clicked[again], other[again], again_ts[again]),
        _events(ADD_TO_CART, clicked[cart], rank[cart], cart_ts[cart]),
        _events(CONVERSION, clicked[order], rank[order], order_ts[order], value[order]),
    )


def draw_negative_feedback(shown_ts: NDArray[np.int64], empty: NDArray[np.bool_], seed: int) -> Outcomes:
    """Items that people hide or dislike, whatever the arm."""
    draw = stream(seed, "negative feedback")
    requests = np.flatnonzero((draw.random(len(empty)) < NEGATIVE_FEEDBACK_CHANCE) & ~empty)
    rank = draw.integers(0, LIST_LENGTH, len(requests), dtype=np.int8)
    ts = shown_ts[requests] + _lags(CLICK_LAG_MS, len(requests), draw)
    return _events(NEGATIVE_FEEDBACK, requests, rank, ts)


def _events(
    event: int,
    request: NDArray[np.int64],
    rank: NDArray[np.int8],
    ts: NDArray[np.int64],
    value: NDArray[np.float64] | None = None,
) -> Outcomes:
    count = len(request)
    return Outcomes(
        request=request,
        event=np.full(count, event, dtype=np.int8),
        rank=(rank + 1).astype(np.int8),
        ts=ts,
        value=np.full(count, np.nan) if value is None else value,
    )


def _lags(lognormal: tuple[int, float], count: int, draw: np.random.Generator) -> NDArray[np.int64]:
    median, spread = lognormal
    lags: NDArray[np.float64] = median * np.exp(draw.normal(0.0, spread, count))
    return np.clip(lags, 1, LAG_LIMIT_MS).astype(np.int64)


def _order_lags(count: int, draw: np.random.Generator) -> NDArray[np.int64]:
    lags = _lags(ORDER_LAG_MS, count, draw)
    later = (draw.random(count) * LATER_ORDER_DAYS * DAY_MS).astype(np.int64)
    comes_back = draw.random(count) < LATER_ORDER_CHANCE
    lags[comes_back] = np.maximum(lags, later)[comes_back]
    return lags
