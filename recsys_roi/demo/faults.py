"""Faults that a demo can plant: each changes what it is about and leaves every other byte as it was.

Which requests or users a fault takes is drawn from the fault's own stream, by request or by user, so that
faults can be planted together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_roi.demo.behaviour import CLICK, Outcomes, draw_follow_up
from recsys_roi.demo.calendar import DAY_MS, DAYS, END_MS, START_MS
from recsys_roi.demo.ids import draw_ids
from recsys_roi.demo.pilot import Pilot
from recsys_roi.demo.streams import stream

LOST_SHARE = 0.12  # of requests whose outcomes carry another request_id; the gate is 5 % of outcomes
MISSING_USERS_SHARE = 0.2  # of the candidate's users
REPEATED_SHARE = 0.01  # of exposure lines; the limit is 0.1 %
TWO_ARM_SHARE = 0.025  # of users; the limit is 1 %
PERSONAL_SHARE = 0.01  # of users
SILENT_DAYS = 3  # the limit is 48 hours
LATENCY_FACTOR = 1.25  # the margin is 10 %
SPIKE_DAYS = (8, 10)  # first day and the day after the last, counted from 0
EMPTY_SPIKE_SHARE = 0.15  # of the candidate's lists on those days; over the pilot four times the margin
ERROR_SPIKE_SHARE = 0.08  # of the candidate's calls on those days; over the pilot five times the margin
IMPLAUSIBLE_LIFT = 1.0  # measured beyond the true lift; with a prior of 10 % the flag stands at 0.58
DRIFTED_SHARE = 0.125  # of requests of the last days: one logger in eight
DRIFT_DAYS = 3

Planted = dict[str, Any]
_SPIKE: Planted = {"days": [day + 1 for day in range(*SPIKE_DAYS)]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """A fault by name: what it is, which part of a review must name it, and how it is planted."""

    what: str
    named_by: str  # "integrity:<check>", "guardrail:<id>" or "kpi:implausible"
    plant: Callable[[Pilot], tuple[Pilot, Planted]]
    is_older: bool = False  # a fault of the loggers, planted in the pre-period too


def _by_candidate(pilot: Pilot) -> NDArray[np.bool_]:
    """Requests of the candidate that the logs know."""
    return pilot.candidate & pilot.written


def _planted(of: str, hit: NDArray[np.bool_], among: int) -> Planted:
    """What the truth says of a fault: how many of what it hit, and their share `among` all."""
    count = int(hit.sum())
    return {"of": of, "count": count, "share": count / among}


def _part(shown: NDArray[np.bool_], hit: NDArray[np.bool_]) -> Planted:
    return _planted("requests of the candidate", hit, int(shown.sum()))


def _without(pilot: Pilot, gone: NDArray[np.bool_]) -> Pilot:
    """The pilot with nothing written of the requests that are gone."""
    lines = np.where(gone, 0, pilot.exposure_lines).astype(np.int8)
    return replace(pilot, exposure_lines=lines, outcomes=pilot.outcomes.where(~gone[pilot.outcomes.request]))


def _chosen(pilot: Pilot, name: str, share: float, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A random `share` of the requests in `among`, by a draw for each request."""
    return (stream(pilot.seed, name).random(len(among)) < share) & among


def _some_users(pilot: Pilot, name: str, share: float, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """As many users as are `share` of all in `among`, at least one, by a draw for each user."""
    draw = stream(pilot.seed, name).random(len(among))
    draw[~among] = 2.0
    chosen = np.zeros(len(among), dtype=np.bool_)
    chosen[np.argsort(draw, kind="stable")[: max(1, round(share * int(among.sum())))]] = True
    return chosen


def _from_day(pilot: Pilot, first: int, last: int = DAYS) -> NDArray[np.bool_]:
    """Requests shown from the start of day `first` to the start of day `last`, counted from 0."""
    ts = pilot.visits.ts
    return (ts >= START_MS + first * DAY_MS) & (ts < START_MS + last * DAY_MS)


def _low_join(pilot: Pilot) -> tuple[Pilot, Planted]:
    lost = _chosen(pilot, "low_join", LOST_SHARE, np.ones(pilot.visits.count, dtype=np.bool_))
    strange = draw_ids(pilot.visits.count, stream(pilot.seed, "lost request ids"))
    strays = replace(pilot, outcome_ids=np.where(lost, strange, pilot.outcome_ids))
    return strays, _planted("outcomes", lost[pilot.outcomes.request], pilot.outcomes.count)


def _srm(pilot: Pilot) -> tuple[Pilot, Planted]:
    missing = _some_users(pilot, "srm", MISSING_USERS_SHARE, pilot.users.candidate)
    gone = _without(pilot, missing[pilot.visits.user])
    return gone, _planted("users of the candidate", missing, int(pilot.users.candidate.sum()))


def _duplicate_requests(pilot: Pilot) -> tuple[Pilot, Planted]:
    repeated = _chosen(pilot, "duplicate_requests", REPEATED_SHARE, pilot.written)
    twice = replace(pilot, exposure_lines=(pilot.exposure_lines + repeated).astype(np.int8))
    return twice, _planted("exposures", repeated, int(pilot.written.sum()))


def _two_arm_users(pilot: Pilot) -> tuple[Pilot, Planted]:
    user = pilot.visits.user
    seen = np.bincount(user[pilot.written], minlength=pilot.users.count)
    share = TWO_ARM_SHARE * pilot.users.count / max(1, int((seen > 1).sum()))
    moved = _some_users(pilot, "two_arm_users", min(1.0, share), seen > 1)
    flipped = moved[user] & (pilot.visits.ts == _last_seen(pilot)[user])
    return replace(pilot, assigned=pilot.assigned ^ flipped), _planted("users", moved, pilot.users.count)


def _last_seen(pilot: Pilot) -> NDArray[np.int64]:
    """When each user's last written request was shown, shape (users,)."""
    last = np.zeros(pilot.users.count, dtype=np.int64)
    np.maximum.at(last, pilot.visits.user[pilot.written], pilot.visits.ts[pilot.written])
    return last


def _personal_data(pilot: Pilot) -> tuple[Pilot, Planted]:
    named = _some_users(pilot, "personal_data", PERSONAL_SHARE, np.ones(pilot.users.count, dtype=np.bool_))
    ids = tuple(
        f"customer.{number}@example.com" if is_named else user_id
        for number, (user_id, is_named) in enumerate(zip(pilot.user_ids, named.tolist(), strict=True))
    )
    planted = _planted("users, whose user_id is an e-mail address", named, pilot.users.count)
    return replace(pilot, user_ids=ids), planted


def _stale(pilot: Pilot) -> tuple[Pilot, Planted]:
    stop_ms = END_MS - SILENT_DAYS * DAY_MS
    shown = _by_candidate(pilot)
    silent = shown & (pilot.visits.ts >= stop_ms)
    late = pilot.candidate[pilot.outcomes.request] & (pilot.outcomes.ts >= stop_ms)
    stopped = replace(pilot, outcomes=pilot.outcomes.where(~late))
    return _without(stopped, silent), _part(shown, silent) | {"hours": SILENT_DAYS * 24}


def _latency_regression(pilot: Pilot) -> tuple[Pilot, Planted]:
    shown = _by_candidate(pilot)
    latency = (np.where(shown, LATENCY_FACTOR, 1.0) * pilot.served.latency_ms).round(1)
    served = replace(pilot.served, latency_ms=latency)
    return replace(pilot, served=served), _part(shown, shown) | {"factor": LATENCY_FACTOR}


def _empty_spike(pilot: Pilot) -> tuple[Pilot, Planted]:
    shown = _by_candidate(pilot)
    among = shown & _from_day(pilot, *SPIKE_DAYS) & ~pilot.served.empty
    emptied = _chosen(pilot, "empty_spike", EMPTY_SPIKE_SHARE, among)
    served = replace(pilot.served, empty=pilot.served.empty | emptied)
    outcomes = pilot.outcomes.where(~emptied[pilot.outcomes.request])
    return replace(pilot, served=served, outcomes=outcomes), _part(shown, emptied) | _SPIKE


def _error_spike(pilot: Pilot) -> tuple[Pilot, Planted]:
    shown = _by_candidate(pilot)
    among = shown & _from_day(pilot, *SPIKE_DAYS) & ~pilot.served.error
    failed = _chosen(pilot, "error_spike", ERROR_SPIKE_SHARE, among)
    served = replace(pilot.served, error=pilot.served.error | failed)
    return replace(pilot, served=served), _part(shown, failed) | _SPIKE


def _implausible_lift(pilot: Pilot) -> tuple[Pilot, Planted]:
    """The candidate's tracker fires on lists that nobody clicked, and baskets and orders follow as usual."""
    mean = float(pilot.users.click_rate[pilot.visits.user].mean())
    share = IMPLAUSIBLE_LIFT * mean / (1 - (1 + pilot.lift) * mean)
    shown = _by_candidate(pilot)
    quiet = shown & ~pilot.served.empty
    quiet[pilot.outcomes.request[pilot.outcomes.event == CLICK]] = False
    phantom = _chosen(pilot, "implausible_lift", share, quiet)
    added = draw_follow_up(np.flatnonzero(phantom), pilot.visits.ts, pilot.seed, "phantom follow-up")
    numbers = _part(shown, phantom) | {"measured_lift_about": pilot.lift + IMPLAUSIBLE_LIFT}
    return replace(pilot, outcomes=Outcomes.together(pilot.outcomes, added)), numbers


def _schema_drift(pilot: Pilot) -> tuple[Pilot, Planted]:
    # A user planted in two arms must stay in two arms when lines are rejected.
    in_two_arms = np.zeros(pilot.users.count, dtype=np.bool_)
    in_two_arms[pilot.visits.user[pilot.assigned != pilot.candidate]] = True
    among = pilot.written & _from_day(pilot, DAYS - DRIFT_DAYS) & ~in_two_arms[pilot.visits.user]
    drifted = _chosen(pilot, "schema_drift", DRIFTED_SHARE, among)
    of = "requests, all of whose lines break the contract"
    days = {"days": [day + 1 for day in range(DAYS - DRIFT_DAYS, DAYS)]}
    return replace(pilot, drifted=drifted), _planted(of, drifted, int(pilot.written.sum())) | days


FAULTS: dict[str, Fault] = {
    "stale": Fault(
        what="All logs of the candidate stop three days before the end.",
        named_by="integrity:freshness",
        plant=_stale,
    ),
    "srm": Fault(
        what="Some of the candidate's users are missing from all logs of the pilot.",
        named_by="integrity:srm",
        plant=_srm,
    ),
    "empty_spike": Fault(
        what="For two days a bad publish leaves lists of the candidate empty; nobody can click those.",
        named_by="guardrail:empty_rate",
        plant=_empty_spike,
    ),
    "error_spike": Fault(
        what="For two days calls of the candidate fail.",
        named_by="guardrail:error_rate",
        plant=_error_spike,
    ),
    "latency_regression": Fault(
        what="Every answer of the candidate takes a quarter longer.",
        named_by="guardrail:p95_latency",
        plant=_latency_regression,
    ),
    "implausible_lift": Fault(
        what="The candidate's click tracker fires on lists that nobody clicked; baskets and orders follow.",
        named_by="kpi:implausible",
        plant=_implausible_lift,
    ),
    "low_join": Fault(
        what="Outcomes carry a request_id that no exposure has.",
        named_by="integrity:outcome_join_rate",
        plant=_low_join,
        is_older=True,
    ),
    "two_arm_users": Fault(
        what="Users are assigned to the other arm at their last visit.",
        named_by="integrity:two_arm_users",
        plant=_two_arm_users,
    ),
    "duplicate_requests": Fault(
        what="A retry writes exposures a second time.",
        named_by="integrity:duplicate_requests",
        plant=_duplicate_requests,
        is_older=True,
    ),
    "personal_data": Fault(
        what="Users have an e-mail address as their user_id in all logs.",
        named_by="integrity:personal_data",
        plant=_personal_data,
    ),
    "schema_drift": Fault(
        what="In the last days one logger in eight writes unknown keys, a changed type and new event types.",
        named_by="integrity:schema",
        plant=_schema_drift,
    ),
}
"""In the order in which they are planted: those that take requests or events away come first."""
