"""The truth of the model in closed form: what each KPI would be, had every user been in the same arm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys_roi.demo.behaviour import CART_CHANCE, ORDER_CHANCE, ORDER_VALUES
from recsys_roi.demo.pilot import Pilot
from recsys_roi.demo.serving import EMPTY_RATE


@dataclass(frozen=True, kw_only=True, slots=True)
class TrueKpi:
    """Expected value of one KPI over the pilot's own users and requests, in each arm."""

    control: float
    candidate: float
    relative_lift: float


def true_kpis(pilot: Pilot) -> dict[str, TrueKpi]:
    """The KPIs before any fault; expectations over clicks, baskets, orders and empty lists.

    A click is (1 - empty rate) times the user's chance, and what follows a click does not depend on the arm,
    so ctr and revenue_per_request have the pilot's own lift. A user of n requests, each ordered from with
    chance q, converts with 1 - (1 - q)^n, whose lift is smaller.
    """
    click_rate, user = pilot.users.click_rate, pilot.visits.user
    ctr = (1 - EMPTY_RATE) * float(click_rate[user].mean())
    orders_a_click = CART_CHANCE * ORDER_CHANCE
    order_value = sum(ORDER_VALUES) / len(ORDER_VALUES)
    requests = np.bincount(user, minlength=pilot.users.count)
    control, candidate = (
        float((1 - (1 - (1 - EMPTY_RATE) * click_rate * factor * orders_a_click) ** requests).mean())
        for factor in (1.0, 1 + pilot.lift)
    )
    return {
        "ctr": _scaled(ctr, pilot.lift),
        "revenue_per_request": _scaled(ctr * orders_a_click * order_value, pilot.lift),
        "conversion_rate": TrueKpi(
            control=control, candidate=candidate, relative_lift=candidate / control - 1
        ),
    }


def _scaled(control: float, lift: float) -> TrueKpi:
    return TrueKpi(control=control, candidate=control * (1 + lift), relative_lift=lift)
