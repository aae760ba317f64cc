"""A synthetic pilot in memory: one experiment on one surface, users randomised to two arms; and its past."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recsys_roi.demo.behaviour import Outcomes, draw_clicked, draw_follow_up, draw_negative_feedback
from recsys_roi.demo.calendar import DAYS, pre_period
from recsys_roi.demo.ids import draw_ids
from recsys_roi.demo.population import REQUESTS_PER_USER, SEGMENTS, Users, draw_users
from recsys_roi.demo.serving import Served, draw_served
from recsys_roi.demo.streams import stream
from recsys_roi.demo.visits import Visits, draw_earlier_visits, draw_visits

EXPERIMENT = "home-ranking"
CONTROL = "control"
CANDIDATE = "candidate"
SURFACE = "home"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pilot:
    """What happened, and what is written of it; a fault changes what is written or how requests went."""

    seed: int
    lift: float  # true relative lift of the chance of a click
    users: Users
    visits: Visits
    candidate: NDArray[np.bool_]  # shape (requests,): shown by the candidate
    served: Served
    outcomes: Outcomes
    user_ids: tuple[str, ...]  # as written
    request_ids: NDArray[np.uint64]  # shape (requests,)
    outcome_ids: NDArray[np.uint64]  # shape (requests,): the request_id that the request's outcomes carry
    assigned: NDArray[np.bool_]  # shape (requests,): the assignment says candidate
    exposure_lines: NDArray[np.int8]  # shape (requests,): 0 where nothing of the request is written
    drifted: NDArray[np.bool_]  # shape (requests,): written by a logger that breaks the contract
    is_pre_period: bool = False  # before the pilot, when nobody is assigned

    @property
    def written(self) -> NDArray[np.bool_]:
        """Shape (requests,): the logs know the request."""
        return self.exposure_lines > 0


def draw_pilot(*, requests: int, seed: int, lift: float) -> Pilot:
    """A pilot without faults: a list is clicked with the user's own chance, times 1 + lift in candidate."""
    users = draw_users(requests // REQUESTS_PER_USER, seed)
    visits = draw_visits(requests, users.activity, seed)
    return _draw_answers(users, visits, users.candidate[visits.user], seed=seed, lift=lift)


def draw_pre_period(pilot: Pilot, days: int) -> Pilot:
    """The `days` before a pilot: its users but the new ones, as active and as ready to click as ever.

    All of them are served by what is the control later. Users carry the ids that the pilot writes.
    """
    seed = int(stream(pilot.seed, "pre-period").integers(2**63))
    is_known = pilot.users.segment != SEGMENTS.index("new")
    activity = np.where(is_known, pilot.users.activity, 0.0)
    share = float(activity.sum() / pilot.users.activity.sum())
    requests = max(1, round(pilot.visits.count * share * days / DAYS))
    visits = draw_earlier_visits(requests, activity, pre_period(days), seed)
    nobody = np.zeros(requests, dtype=np.bool_)
    drawn = _draw_answers(pilot.users, visits, nobody, seed=seed, lift=0.0)
    return replace(drawn, user_ids=pilot.user_ids, is_pre_period=True)


def _draw_answers(
    users: Users, visits: Visits, candidate: NDArray[np.bool_], *, seed: int, lift: float
) -> Pilot:
    """What is shown at each visit and what people do with it."""
    requests = visits.count
    served = draw_served(users, visits, seed)
    chance = users.click_rate[visits.user] * np.where(candidate, 1 + lift, 1.0)
    clicked = draw_clicked(chance, served.empty, seed)
    request_ids = draw_ids(requests, stream(seed, "request ids"))
    return Pilot(
        seed=seed,
        lift=lift,
        users=users,
        visits=visits,
        candidate=candidate,
        served=served,
        outcomes=Outcomes.together(
            draw_follow_up(clicked, visits.ts, seed, "follow-up"),
            draw_negative_feedback(visits.ts, served.empty, seed),
        ),
        user_ids=users.ids,
        request_ids=request_ids,
        outcome_ids=request_ids,
        assigned=candidate,
        exposure_lines=np.ones(requests, dtype=np.int8),
        drifted=np.zeros(requests, dtype=np.bool_),
    )
