"""What people do with a list: click, look, watch a preview, put into the basket, buy, or complain.

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

EVENTS = ("click", "add_to_cart", "conversion", "negative_feedback", "start", "complete", "dwell")
CLICK, ADD_TO_CART, CONVERSION, NEGATIVE_FEEDBACK, START, COMPLETE, DWELL = range(len(EVENTS))

SECOND_CLICK_CHANCE = 0.08  # of a clicked list; on another item
CART_CHANCE = 0.30  # of a clicked list
ORDER_CHANCE = 0.40  # of a basket
NEGATIVE_FEEDBACK_CHANCE = 0.004  # of a list with items
PREVIEW_CHANCE = 0.35  # of a clicked list, that its item's preview is started
COMPLETE_CHANCE = 0.55  # of a started preview
RANK_WEIGHTS = tuple(rank**-0.7 for rank in range(1, LIST_LENGTH + 1))


def _lognormal_slices(median: float, spread: float, digits: int) -> tuple[float, ...]:
    """Equally likely values: the middles of 1,000 slices of a lognormal, so that their mean is exact."""
    middles = (NormalDist().inv_cdf((slice_ + 0.5) / 1000) for slice_ in range(1000))
    return tuple(round(median * math.exp(spread * middle), digits) for middle in middles)


DWELL_LIMIT_S = 900.0  # a page that is left open longer stops counting
ORDER_VALUES = _lognormal_slices(28.0, 0.7, digits=2)
DWELL_SECONDS = tuple(min(seconds, DWELL_LIMIT_S) for seconds in _lognormal_slices(24.0, 1.3, digits=1))

CLICK_LAG_MS = (9_000, 0.8)  # median and spread of a lognormal
CART_LAG_MS = (40_000, 0.8)
ORDER_LAG_MS = (420_000, 0.9)
PREVIEW_LAG_MS = (6_000, 0.7)  # from the click
PREVIEW_LENGTH_MS = (45_000, 0.4)
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
    value: NDArray[np.float64]  # money of a conversion, seconds of a dwell, else NaN

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
    """What follows from the clicked lists, the clicks among it; `shown_ts` has shape (requests,)."""
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
    first_clicks = _events(CLICK, clicked, rank, clicked_ts)
    second_clicks = _events(CLICK, clicked[again], other[again], again_ts[again])
    return Outcomes.together(
        first_clicks,
        second_clicks,
        _events(ADD_TO_CART, clicked[cart], rank[cart], cart_ts[cart]),
        _events(CONVERSION, clicked[order], rank[order], order_ts[order], value[order]),
        _draw_previews(first_clicks, stream(seed, f"{name} previews")),
        _draw_dwells(Outcomes.together(first_clicks, second_clicks), stream(seed, f"{name} dwells")),
    )


def draw_negative_feedback(shown_ts: NDArray[np.int64], empty: NDArray[np.bool_], seed: int) -> Outcomes:
    """Items that people hide or dislike, whatever the arm."""
    draw = stream(seed, "negative feedback")
    requests = np.flatnonzero((draw.random(len(empty)) < NEGATIVE_FEEDBACK_CHANCE) & ~empty)
    rank = draw.integers(0, LIST_LENGTH, len(requests), dtype=np.int8)
    ts = shown_ts[requests] + _lags(CLICK_LAG_MS, len(requests), draw)
    return _events(NEGATIVE_FEEDBACK, requests, rank, ts)


def _draw_previews(clicks: Outcomes, draw: np.random.Generator) -> Outcomes:
    """Previews of the items clicked: starts, and the completes among them."""
    started = clicks.where(draw.random(clicks.count) < PREVIEW_CHANCE)
    started_ts = started.ts + _lags(PREVIEW_LAG_MS, started.count, draw)
    completed = draw.random(started.count) < COMPLETE_CHANCE
    completed_ts = started_ts + _lags(PREVIEW_LENGTH_MS, started.count, draw)
    place = started.rank - np.int8(1)
    return Outcomes.together(
        _events(START, started.request, place, started_ts),
        _events(COMPLETE, started.request[completed], place[completed], completed_ts[completed]),
    )


def _draw_dwells(clicks: Outcomes, draw: np.random.Generator) -> Outcomes:
    """The time spent on each item clicked, written when its page is left."""
    seconds = np.asarray(DWELL_SECONDS)[draw.integers(0, len(DWELL_SECONDS), clicks.count)]
    left_ts = clicks.ts + (1000 * seconds).round().astype(np.int64)
    return _events(DWELL, clicks.request, clicks.rank - np.int8(1), left_ts, seconds)


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
