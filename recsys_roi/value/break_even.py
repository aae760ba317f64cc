"""Where the NPV is 0: for one input alone, and as a line across two (numbers book 8.1).

The benefit is proportional to value and audience, the cost is affine in traffic, so every line is exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from recsys_roi.value.roi import Array, Economics, priced, project, time_sums
from recsys_roi.value.settings import NEW_USERS_SETTING, SETTINGS, TRAFFIC_SETTING, VALUE_SETTING

MAP_POINTS = 17  # values of an input on the map, in equal proportions
MAP_REACH = 4.0  # from a quarter to four times the present value
LINE_POINTS = 65
NO_FIXED_COSTS: dict[str, Any] = dict.fromkeys(
    ("engineering_hours", "shared_cost", "one_off_cost", "ops_hours_per_month", "infra_per_month"), 0.0
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakEven:
    """Each input's value at an NPV of 0, the others as they are; None where no allowed value does that."""

    lift: float | None  # relative
    value_per_action: float | None  # money an action
    traffic: float | None  # of `traffic_setting`
    traffic_setting: str  # requests or new users a month at full roll-out
    cost: float | None  # present value of all costs that the benefit can carry


def break_even(money: Economics, lift: float) -> BreakEven:
    """The break-even values at a relative lift; at a lift of 0 or less only that of the lift exists."""
    values = priced(money, time_sums(money))
    benefit = float(lift * values.unit_value)
    traffic_setting = _traffic_setting(money)
    return BreakEven(
        lift=project(money).break_even_lift,
        value_per_action=_root(money, VALUE_SETTING, lift) if money.reads(VALUE_SETTING) else None,
        traffic=_root(money, traffic_setting, lift),
        traffic_setting=traffic_setting,
        cost=benefit if benefit > 0 else None,
    )


def _traffic_setting(money: Economics) -> str:
    return NEW_USERS_SETTING if money.reads(NEW_USERS_SETTING) else TRAFFIC_SETTING


def _root(money: Economics, name: str, lift: float) -> float | None:
    """The input's allowed value at an NPV of 0, which is a straight line in it; None unless it rises."""
    time, one = time_sums(money), max(float(getattr(money, name)), 1.0)
    fixed_cost = float(priced(_with(money, name, 0.0), time).cost)
    moving = priced(replace(_with(money, name, one), **NO_FIXED_COSTS), time)
    rise = float(lift * moving.unit_value - (moving.cost if name == TRAFFIC_SETTING else 0.0))
    if rise <= 0:
        return None
    root = fixed_cost / rise * one
    return root if SETTINGS[name].allows(root) else None


def _with(money: Economics, name: str, number: float | Array) -> Economics:
    changed: dict[str, Any] = {name: number}
    return replace(money, **changed)


@dataclass(frozen=True, kw_only=True, slots=True)
class HeatMap:
    """NPV over two inputs, in the scenario's currency, and the line on which it is 0."""

    x_input: str
    y_input: str
    x_now: float
    y_now: float
    x: tuple[float, ...]
    y: tuple[float, ...]
    npv: tuple[tuple[float, ...], ...]  # a row for each y, a column for each x
    line: tuple[tuple[float, float], ...]  # (x, y) in the order of x; only what lies on the map


def heat_map(money: Economics, lift: float) -> HeatMap | None:
    """Audience by value per action, by margin where the KPI is money already; None where one of them is 0."""
    x_input = _traffic_setting(money)
    y_input = VALUE_SETTING if money.reads(VALUE_SETTING) else "margin"
    x_now, y_now = float(getattr(money, x_input)), float(getattr(money, y_input))
    if x_now <= 0 or y_now <= 0:
        return None
    x, y = _places(x_input, x_now, MAP_POINTS), _places(y_input, y_now, MAP_POINTS)
    benefit, cost = _at_traffic(money, lift, x_input, x)
    line_x = _places(x_input, x_now, LINE_POINTS)
    line_benefit, line_cost = _at_traffic(money, lift, x_input, line_x)
    with np.errstate(divide="ignore", invalid="ignore"):
        line_y = y_now * line_cost / line_benefit
    shown = np.isfinite(line_y) & (line_benefit > 0) & (line_y >= y[0]) & (line_y <= y[-1])
    return HeatMap(
        x_input=x_input,
        y_input=y_input,
        x_now=x_now,
        y_now=y_now,
        x=tuple(x.tolist()),
        y=tuple(y.tolist()),
        npv=tuple(map(tuple, (np.outer(y / y_now, benefit) - cost).tolist())),
        line=tuple(zip(line_x[shown].tolist(), line_y[shown].tolist(), strict=True)),
    )


def _places(name: str, now: float, points: int) -> Array:
    highest = SETTINGS[name].high or now
    return np.geomspace(now / MAP_REACH, min(now * MAP_REACH, max(highest, now)), points)


def _at_traffic(money: Economics, lift: float, name: str, traffic: Array) -> tuple[Array, Array]:
    """Benefit and cost at each traffic, the second input as it is."""
    values = priced(_with(money, name, traffic[:, np.newaxis]), time_sums(money))
    return lift * values.unit_value, np.broadcast_to(values.cost, values.unit_value.shape)
