"""The truth of the model in closed form: what each measure would be, had every user been in the same arm."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

import numpy as np

from recsys_roi.demo.behaviour import (
    CART_CHANCE,
    COMPLETE_CHANCE,
    DWELL_SECONDS,
    NEGATIVE_FEEDBACK_CHANCE,
    ORDER_CHANCE,
    ORDER_VALUES,
    SECOND_CLICK_CHANCE,
)
from recsys_roi.demo.pilot import Pilot
from recsys_roi.demo.serving import EMPTY_RATE, ERROR_RATE


@dataclass(frozen=True, kw_only=True, slots=True)
class TrueKpi:
    """Expected value of one KPI over the pilot's own users and requests, in each arm."""

    control: float
    candidate: float
    relative_lift: float


def true_kpis(pilot: Pilot) -> dict[str, TrueKpi]:
    """The KPIs before any fault; expectations over clicks, what follows them, and empty lists.

    A click is (1 - empty rate) times the user's chance, and what follows a click does not depend on the arm,
    so whatever is counted a request or summed a user has the pilot's own lift, and the share of started
    previews that are completed has none. A user of n requests, each ordered from with chance q, converts with
    1 - (1 - q)^n, whose lift is smaller.
    """
    click_rate, user = pilot.users.click_rate, pilot.visits.user
    ctr = (1 - EMPTY_RATE) * float(click_rate[user].mean())
    orders_a_click = CART_CHANCE * ORDER_CHANCE
    seconds_a_click = (1 + SECOND_CLICK_CHANCE) * fmean(DWELL_SECONDS)
    requests = np.bincount(user, minlength=pilot.users.count)
    control, candidate = (
        float((1 - (1 - (1 - EMPTY_RATE) * click_rate * factor * orders_a_click) ** requests).mean())
        for factor in (1.0, 1 + pilot.lift)
    )
    return {
        "ctr": _scaled(ctr, pilot.lift),
        "revenue_per_request": _scaled(ctr * orders_a_click * fmean(ORDER_VALUES), pilot.lift),
        "conversion_rate": TrueKpi(
            control=control, candidate=candidate, relative_lift=candidate / control - 1
        ),
        "add_to_cart_rate": _scaled(ctr * CART_CHANCE, pilot.lift),
        "completion_rate": _scaled(COMPLETE_CHANCE, 0.0),
        "time_spent": _scaled(ctr * seconds_a_click * pilot.visits.count / pilot.users.count, pilot.lift),
    }


def true_guardrails() -> dict[str, dict[str, float]]:
    """The guardrails before any fault: the arms answer alike, so that no harm is done."""
    rates = {
        "error_rate": ERROR_RATE,
        "empty_rate": EMPTY_RATE,
        "negative_feedback_rate": (1 - EMPTY_RATE) * NEGATIVE_FEEDBACK_CHANCE,
    }
    return {
        "p95_latency": {"harm": 0.0},
        **{name: {"control": rate, "candidate": rate, "harm": 0.0} for name, rate in rates.items()},
    }


def _scaled(control: float, lift: float) -> TrueKpi:
    return TrueKpi(control=control, candidate=control * (1 + lift), relative_lift=lift)
