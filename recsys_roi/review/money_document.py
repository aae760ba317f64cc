"""The money of a review.v1 as frozen values: return, waiting, and the pilot that a plan needs."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from recsys_roi.numerals import is_currency
from recsys_roi.review.part import Part


class MonthFlow(Part):
    month: int
    benefit: float
    cost: float
    net: float
    cumulative: float


class Costs(Part):
    """Present value of the cost side, in the scenario's currency."""

    engineering: float
    operations: float
    infrastructure: float


class Tornado(Part):
    input: str
    low: float
    high: float
    swing: float
    basis: Literal["measured", "assumed"]


class BreakEven(Part):
    """Each input's value at an NPV of 0, the others as they are; None where no allowed value does that."""

    lift: float | None
    value_per_action: float | None
    traffic: float | None
    traffic_setting: str  # requests or new users a month
    cost: float | None  # present value of all costs that the benefit can carry


class HeatMap(Part):
    """NPV over two inputs, and the line on which it is 0."""

    x_input: str
    y_input: str
    x_now: float
    y_now: float
    x: tuple[float, ...]
    y: tuple[float, ...]
    npv: tuple[tuple[float, ...], ...]  # a row for each y, a column for each x
    line: tuple[tuple[float, float], ...]  # (x, y)


class Spread(Part):
    """The NPV's distribution in equally wide bins, without half a percent at each end."""

    method: Literal["normal", "quadrature", "monte_carlo"]
    mean: float
    sd: float
    edges: tuple[float, ...]  # one more than shares; none where nothing is uncertain
    shares: tuple[float, ...]


class Roi(Part):
    status: Literal["ok", "not_measurable"]
    reason: str | None
    basis: Literal["measured", "assumed"]  # of the lift and baseline
    confirmed: bool  # traffic, value and costs were entered by a person
    currency: str
    baseline: float | None  # numerator units a request, control arm
    lift: float | None  # posterior mean relative lift that the money uses
    lift_sd: float | None
    npv: float | None
    roi: float | None
    break_even_lift: float | None
    payback_months: float | None
    p_npv_positive: float | None
    pv_benefit: float | None
    pv_cost: float | None
    pv_costs: Costs | None
    pv_per_unit_lift: float | None  # A: present value of a lift of 1.0
    sunk_cost: float
    programme_roi: float | None  # with the sunk cost in
    p10: float | None
    p50: float | None
    p90: float | None
    months: tuple[MonthFlow, ...]
    tornado: tuple[Tornado, ...]
    benefit_cost_ratio: float | None = None
    payback_months_discounted: float | None = None
    break_even: BreakEven | None = None
    heat_map: HeatMap | None = None  # None where there is no money, or one of the inputs is 0
    spread: Spread | None = None
    shared_part: float = 1.0  # of `shared_cost`, that this surface carries: its share of the requests

    @field_validator("currency")
    @classmethod
    def _is_currency(cls, code: str) -> str:
        """It stands in texts that charts read markup in, and a saved review may come from anywhere."""
        if not is_currency(code):
            raise ValueError("it must be a currency's code such as EUR (ISO 4217)")
        return code


class WaitingRow(Part):
    weeks: int
    evsi: float
    delay_cost: float
    net: float
    p_flip: float


class Waiting(Part):
    status: Literal["ok", "not_measurable"]
    reason: str | None
    evpi: float | None
    best_weeks: int | None
    net_value: float | None
    rows: tuple[WaitingRow, ...]
    days_to_detect_break_even: int | None
    mde_now: float | None
    basis: Literal["measured", "assumed"] = "measured"  # of the lift and of how fast a week teaches
    advised_weeks: int | None = None  # the wait that pays by what it teaches; None: none does


class PilotGoal(Part):
    """How long a pilot must run to tell one lift from none."""

    goal: Literal["break_even", "expected", "min_effect"]
    lift: float | None  # relative; None where no lift pays
    requests: float | None  # of both arms, while looking every day
    weeks: int | None  # None: beyond ten years, or nothing to detect


class PilotAssumption(Part):
    name: str  # a setting, or what else was taken for granted
    value: float
    source: str


class PilotLength(Part):
    """The pilot that would settle it, at the stated traffic."""

    status: Literal["ok", "not_measurable"]
    reason: str | None
    settled_by: Literal["break_even", "min_effect"] | None  # which goal settles it
    weeks: int | None  # of that goal
    goals: tuple[PilotGoal, ...]
    counted: Literal["requests", "new users"] = "requests"  # what a goal's `requests` are
    assumptions: tuple[PilotAssumption, ...]
    basis: Literal["measured", "assumed"] = "assumed"  # of the KPI's baseline and spread
