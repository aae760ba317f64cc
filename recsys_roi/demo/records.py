"""Pilots as lines of the three logs, in chunks so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from recsys_roi.demo.behaviour import EVENTS
from recsys_roi.demo.catalogue import CHUNK, ITEM_IDS, LIST_LENGTH, draw_lists
from recsys_roi.demo.ids import id_texts, session_id
from recsys_roi.demo.pilot import CANDIDATE, CONTROL, EXPERIMENT, SURFACE, Pilot
from recsys_roi.demo.population import DEVICES, LOCALES, SEGMENTS

TENANT = "shop-eu"
ALGO_VERSIONS = {CONTROL: "matrix-factorisation-7", CANDIDATE: "two-tower-1"}
DRIFTED_EVENTS = {
    "click": "item_click",
    "add_to_cart": "cart_add",
    "conversion": "purchase",
    "negative_feedback": "hide",
    "start": "play",
    "complete": "finish",
    "dwell": "view_time",
}

_encode_lines = msgspec.json.Encoder().encode_lines


class _Item(msgspec.Struct, frozen=True, gc=False):
    item_id: str
    rank: int


class _Exposure(msgspec.Struct, gc=False):
    request_id: str
    user_id: str
    ts: str
    items: list[_Item]
    context: dict[str, str]
    latency_ms: float
    error: bool


class _Outcome(msgspec.Struct, gc=False, omit_defaults=True):
    request_id: str
    user_id: str
    item_id: str
    event_type: str
    ts: str
    value: float | None = None


class _Assignment(msgspec.Struct, gc=False):
    experiment_id: str
    variant: str
    request_id: str
    user_id: str
    ts: str


_ITEMS = tuple(
    tuple(_Item(item_id=item_id, rank=rank) for rank in range(1, LIST_LENGTH + 1)) for item_id in ITEM_IDS
)


def exposure_lines(periods: Sequence[Pilot]) -> Iterator[bytes]:
    """exposure.v1, in order of time as the periods are; a repeated line follows its first."""
    for pilot, at, rows in _chunks(periods):
        yield _encode_lines(
            [
                _drifted_exposure(row) if drifted else row
                for row, times, drifted in zip(
                    _exposures(pilot, at, rows),
                    pilot.exposure_lines[rows].tolist(),
                    pilot.drifted[rows].tolist(),
                    strict=True,
                )
                for _ in range(times)
            ]
        )


def assignment_lines(periods: Sequence[Pilot]) -> Iterator[bytes]:
    """assignment.v1: one a request of the pilot, in order of time."""
    for pilot, _, rows in _chunks([period for period in periods if not period.is_pre_period]):
        kept = rows[pilot.written[rows]]
        yield _encode_lines(
            [
                _drifted_assignment(row) if drifted else row
                for row, drifted in zip(_assignments(pilot, kept), pilot.drifted[kept].tolist(), strict=True)
            ]
        )


def outcome_lines(periods: Sequence[Pilot]) -> Iterator[bytes]:
    """outcome.v1 of the written requests, in order of time; a list may be bought from in the next period."""
    rows = merge(*map(_outcomes, periods), key=attrgetter("ts"))
    while chunk := list(islice(rows, CHUNK)):
        yield _encode_lines(chunk)


def _outcomes(pilot: Pilot) -> Iterator[_Outcome]:
    """The outcomes of one period, in order of time."""
    outcomes = pilot.outcomes
    item = _items_acted_on(pilot, outcomes.request, outcomes.rank)
    order = np.lexsort((outcomes.event, outcomes.request, outcomes.ts))
    for start in range(0, len(order), CHUNK):
        rows = order[start : start + CHUNK]
        requests = outcomes.request[rows]
        columns = zip(
            id_texts(pilot.outcome_ids[requests]),
            pilot.visits.user[requests].tolist(),
            item[rows].tolist(),
            outcomes.event[rows].tolist(),
            _times(outcomes.ts[rows]),
            outcomes.value[rows].tolist(),
            pilot.drifted[requests].tolist(),
            strict=True,
        )
        for request_id, user, item_no, event, ts, value, drifted in columns:
            yield _Outcome(
                request_id=request_id,
                user_id=pilot.user_ids[user],
                item_id=ITEM_IDS[item_no],
                event_type=DRIFTED_EVENTS[EVENTS[event]] if drifted else EVENTS[event],
                ts=ts,
                value=None if value != value else value,  # noqa: PLR0124 - NaN: the event has no value
            )


def _chunks(periods: Sequence[Pilot]) -> Iterator[tuple[Pilot, int, NDArray[np.intp]]]:
    """(period, number of the chunk in it, its requests) over all requests, written or not."""
    for pilot in periods:
        for at, start in enumerate(range(0, pilot.visits.count, CHUNK)):
            yield pilot, at, np.arange(start, min(start + CHUNK, pilot.visits.count))


def _times(ts: NDArray[np.int64]) -> list[str]:
    """RFC 3339 in UTC, to the millisecond."""
    texts: list[str] = np.datetime_as_string(ts.astype("datetime64[ms]"), unit="ms", timezone="UTC").tolist()
    return texts


def _exposures(pilot: Pilot, at: int, rows: NDArray[np.intp]) -> Iterator[_Exposure]:
    users, user = pilot.users, pilot.visits.user[rows]
    lists = draw_lists(at, pilot.candidate[rows], pilot.seed).tolist()
    before = "p" if pilot.is_pre_period else ""  # so that sessions of both periods differ
    columns = zip(
        id_texts(pilot.request_ids[rows]),
        user.tolist(),
        _times(pilot.visits.ts[rows]),
        lists,
        pilot.visits.session[rows].tolist(),
        users.segment[user].tolist(),
        users.device[user].tolist(),
        users.locale[user].tolist(),
        pilot.candidate[rows].tolist(),
        pilot.served.empty[rows].tolist(),
        pilot.served.latency_ms[rows].tolist(),
        pilot.served.error[rows].tolist(),
        strict=True,
    )
    for request_id, who, ts, shown, session, segment, device, locale, candidate, empty, ms, error in columns:
        yield _Exposure(
            request_id=request_id,
            user_id=pilot.user_ids[who],
            ts=ts,
            items=[] if empty else [_ITEMS[item][rank] for rank, item in enumerate(shown)],
            context={
                "tenant_id": TENANT,
                "surface": SURFACE,
                "segment": SEGMENTS[segment],
                "device": DEVICES[device],
                "locale": LOCALES[locale],
                "session_id": session_id(f"{users.ids[who]}-{before}{session}"),
                "algo_version": ALGO_VERSIONS[CANDIDATE if candidate else CONTROL],
            },
            latency_ms=ms,
            error=error,
        )


def _assignments(pilot: Pilot, rows: NDArray[np.intp]) -> Iterator[_Assignment]:
    columns = zip(
        id_texts(pilot.request_ids[rows]),
        pilot.visits.user[rows].tolist(),
        _times(pilot.visits.ts[rows]),
        pilot.assigned[rows].tolist(),
        strict=True,
    )
    for request_id, user, ts, candidate in columns:
        yield _Assignment(
            experiment_id=EXPERIMENT,
            variant=CANDIDATE if candidate else CONTROL,
            request_id=request_id,
            user_id=pilot.user_ids[user],
            ts=ts,
        )


def _drifted_exposure(row: _Exposure) -> dict[str, Any]:
    return {**msgspec.structs.asdict(row), "latency_ms": f"{row.latency_ms} ms", "host": "edge-8"}


def _drifted_assignment(row: _Assignment) -> dict[str, Any]:
    return {**msgspec.structs.asdict(row), "host": "edge-8"}


def _items_acted_on(pilot: Pilot, request: NDArray[np.int64], rank: NDArray[np.int8]) -> NDArray[np.int16]:
    """Index into ITEM_IDS of each event; `request` ascends, and the lists are drawn again as shown."""
    items = np.empty(len(request), dtype=np.int16)
    for _, at, rows in _chunks([pilot]):
        low, high = np.searchsorted(request, (rows[0], rows[-1] + 1))
        if low < high:
            lists = draw_lists(at, pilot.candidate[rows], pilot.seed)
            items[low:high] = lists[request[low:high] - rows[0], rank[low:high] - 1]
    return items
