"""The money model as spreadsheet formulas (numbers book 8.1), each with its value as the review has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

from recsys_roi.evidence.kpis import KPIS
from recsys_roi.render import words
from recsys_roi.review.document import Review
from recsys_roi.review.planning import PLAN_KPI
from recsys_roi.review.saved import known_scenario
from recsys_roi.value.distributions import Z90
from recsys_roi.value.roi import Economics, Month, Projection, economics, project
from recsys_roi.value.settings import SETTINGS

MONTHS = max(60, int(SETTINGS["horizon_months"].high or 0))  # rows, so that the horizon can be changed
RAMP_CELLS = 12
FIRST_ROW = 5  # of the months, as spreadsheets count rows
LAST_ROW = FIRST_ROW + MONTHS - 1

Style = Literal["money", "share", "number", "whole", "text"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    """One input of the model: a named cell that a person may change."""

    name: str
    label: str
    value: float
    unit: str
    style: Style
    basis: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Formula:
    """A formula and the value it has unless an input is changed."""

    text: str
    value: float | str


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One figure of the model beside the review's own."""

    name: str
    label: str
    formula: Formula
    style: Style
    reviewed: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """The review's money taken apart into inputs, months and results."""

    review: Review
    money: Economics
    projection: Projection
    lift: float
    lift_sd: float


def model_of(review: Review) -> Model | None:
    """The model of a review; None where its money cannot be counted, or not by this version."""
    roi, scenario = review.roi, known_scenario(review)
    if roi.lift is None or roi.baseline is None or roi.lift_sd is None or scenario is None:
        return None
    kpi_id = review.kpi_id or PLAN_KPI
    money = economics(scenario, KPIS[kpi_id], roi.baseline, shared_part=roi.shared_part)
    return Model(review=review, money=money, projection=project(money), lift=roi.lift, lift_sd=roi.lift_sd)


def inputs(model: Model) -> Iterator[Input]:
    """Every input but the ramp, in the order of the sheet."""
    money, basis = model.money, model.review.roi.basis
    changed = frozenset(model.review.inputs.changed)
    yield Input(
        name="lift",
        label="Lift that is counted",
        value=model.lift,
        unit="relative",
        style="share",
        basis=basis,
    )
    yield Input(
        name="lift_sd",
        label="Its standard deviation",
        value=model.lift_sd,
        unit="relative",
        style="share",
        basis=basis,
    )
    yield Input(
        name="baseline_kpi",
        label="Control's level",
        value=_one(money.baseline_kpi),
        unit="units a request, or a new user" if money.eligible_new_users_per_month else "units a request",
        style="number",
        basis=basis,
    )
    if money.eligible_new_users_per_month is not None:
        yield _setting("eligible_new_users_per_month", _one(money.eligible_new_users_per_month), changed)
    for name in _NAMES:
        found = _setting(name, _one(getattr(money, name)), changed)
        shared = name == "shared_cost" and model.review.roi.shared_part < 1.0
        yield replace(found, label=f"{found.label}, this surface's part") if shared else found


_NAMES = (
    *(
        "eligible_requests_per_month",
        "traffic_growth_monthly",
        "value_per_action",
        "margin",
        "cannibalisation",
    ),
    *("horizon_months", "discount_rate", "novelty_share", "novelty_half_life_months", "lift_decay_monthly"),
    *(
        "engineering_hours",
        "engineering_rate",
        "shared_cost",
        "one_off_cost",
        "ops_hours_per_month",
        "ops_rate",
    ),
    *("infra_per_month", "infra_per_1000_requests", "sunk_cost"),
)


def _setting(name: str, value: float, changed: frozenset[str]) -> Input:
    setting = SETTINGS[name]
    style: Style = (
        "share"
        if setting.is_share
        else "money"
        if setting.is_money
        else "whole"
        if setting.kind == "whole"
        else "number"
    )
    return Input(
        name=name,
        label=words.capitalised(words.setting_name(name)),
        value=value,
        unit=setting.unit,
        style=style,
        basis="given" if name in changed else "default",
    )


def _one(amount: object) -> float:
    if not isinstance(amount, int | float):
        raise TypeError("a model has one value an input")
    return float(amount)


def ramp(model: Model) -> tuple[float, ...]:
    """Share of traffic served in month 1, 2, ...; the last one stays."""
    return model.money.ramp


COLUMNS: tuple[tuple[str, Style], ...] = (
    ("Month", "whole"),
    ("Counts", "whole"),
    ("Eligible requests", "number"),
    ("Ramp", "share"),
    ("Served requests", "number"),
    ("Lift that is left", "share"),
    ("Benefit of a lift of 1", "money"),
    ("Benefit", "money"),
    ("Cost", "money"),
    ("Net", "money"),
    ("Cumulative", "money"),
    ("Discount factor", "number"),
    ("Benefit of a lift of 1, today", "money"),
    ("Cost, today", "money"),
    ("Paid back after", "number"),
)


def month_row(model: Model, number: int) -> tuple[Formula, ...]:
    """One month as formulas; months after the horizon count as nothing."""
    row, inside = FIRST_ROW + number - 1, number <= model.money.horizon_months
    month = model.projection.months[number - 1] if inside else None
    before = f"K{row - 1}" if number > 1 else "-one_off_costs"
    audience = (
        "eligible_new_users_per_month"
        if model.money.eligible_new_users_per_month is not None
        else "eligible_requests_per_month"
    )
    worth = f"{audience}*baseline_kpi*value_per_action*margin*(1-cannibalisation)"
    left = "novelty_share*2^(-(A{0}-1)/novelty_half_life_months)"
    fixed = "infra_per_month+ops_hours_per_month*ops_rate"
    texts = (
        f"IF(A{row}<=horizon_months,1,0)",
        f"eligible_requests_per_month*(1+traffic_growth_monthly)^(A{row}-1)*B{row}",
        f"INDEX(ramp,MIN(A{row},COUNT(ramp)))",
        f"C{row}*D{row}",
        f"(1-novelty_share+{left.format(row)})*(1-lift_decay_monthly)^(A{row}-1)",
        f"B{row}*(1+traffic_growth_monthly)^(A{row}-1)*D{row}*F{row}*{worth}",
        f"lift*G{row}",
        f"B{row}*({fixed})+infra_per_1000_requests*E{row}/1000",
        f"H{row}-I{row}",
        f"{before}+J{row}",
        f"(1+discount_rate)^(-A{row}/12)",
        f"G{row}*L{row}",
        f"I{row}*L{row}",
        f'IF(AND(B{row}=1,K{row}>=0),A{row}-1+IF({before}<0,-({before})/(K{row}-({before})),0),"")',
    )
    values = _month_values(model, number, month)
    return (
        Formula(text="", value=number),
        *(Formula(text=f"={text}", value=value) for text, value in zip(texts, values, strict=True)),
    )


def _month_values(model: Model, number: int, month: Month | None) -> tuple[float | str, ...]:
    money, steps = model.money, ramp(model)
    share = steps[min(number, len(steps)) - 1]
    novelty = money.novelty_share * 2 ** (-(number - 1) / money.novelty_half_life_months)
    left = float((1 - money.novelty_share + novelty) * (1 - money.lift_decay_monthly) ** (number - 1))
    discount = float((1 + money.discount_rate) ** (-number / 12))
    flows = model.projection.flows(model.lift)
    if month is None:
        return (0, 0.0, share, 0.0, left, 0.0, 0.0, 0.0, 0.0, flows[-1].cumulative, discount, 0.0, 0.0, "")
    flow = flows[number - 1]
    before = flows[number - 2].cumulative if number > 1 else -model.projection.one_off_cost
    paid: float | str = ""
    if flow.cumulative >= 0:
        paid = number - 1 + (-before / (flow.cumulative - before) if before < 0 else 0.0)
    served = (month.requests, share, month.served, left, month.unit_value)
    sums = (flow.benefit, flow.cost, flow.net, flow.cumulative)
    return (1, *served, *sums, discount, month.unit_value * discount, month.cost * discount, paid)


def results(model: Model) -> tuple[Result, ...]:
    """What the months come to, beside the review's own figures."""
    return (*(_result(model, *row) for row in _CHAIN), *_spread(model))


def _result(model: Model, name: str, label: str, text: str, style: Style) -> Result:
    value, reviewed = _values(model)[name]
    return Result(
        name=name,
        label=label,
        formula=Formula(text=f"={text}", value="none" if value is None else value),
        style=style,
        reviewed=reviewed,
    )


def _values(model: Model) -> dict[str, tuple[float | str | None, float | None]]:
    """Each figure as the model has it and as the review has it."""
    roi, projection, lift = model.review.roi, model.projection, model.lift
    back = projection.payback_months(lift)
    return {
        "one_off_costs": (projection.one_off_cost, None),
        "pv_per_unit_lift": (projection.pv_unit_value, roi.pv_per_unit_lift),
        "pv_cost": (projection.pv_cost, roi.pv_cost),
        "pv_benefit": (projection.pv_benefit(lift), roi.pv_benefit),
        "npv": (projection.npv(lift), roi.npv),
        "return_on_costs": (projection.roi(lift), roi.roi),
        "break_even_lift": (projection.break_even_lift, roi.break_even_lift),
        "payback_months": (NEVER if back is None else back, roi.payback_months),
        "programme_return": (projection.programme_roi(lift), roi.programme_roi),
    }


NEVER = "not within the horizon"
_COLUMN = {letter: f"Model!${letter}${FIRST_ROW}:${letter}${LAST_ROW}" for letter in "MNO"}
_CHAIN: tuple[tuple[str, str, str, Style], ...] = (
    (
        "one_off_costs",
        "One-off costs",
        "engineering_hours*engineering_rate+shared_cost+one_off_cost",
        "money",
    ),
    ("pv_per_unit_lift", "Present value of a lift of 1", f"SUM({_COLUMN['M']})", "money"),
    ("pv_cost", "Present value of the costs", f"one_off_costs+SUM({_COLUMN['N']})", "money"),
    ("pv_benefit", "Present value of the benefit", "lift*pv_per_unit_lift", "money"),
    ("npv", "Net present value", "pv_benefit-pv_cost", "money"),
    ("return_on_costs", "Return on the costs", 'IF(pv_cost>0,npv/pv_cost,"none")', "share"),
    (
        "break_even_lift",
        "Break-even lift",
        'IF(pv_per_unit_lift>0,pv_cost/pv_per_unit_lift,"none")',
        "share",
    ),
    (
        "payback_months",
        "Payback in months",
        f'IF(OR(lift<=0,pv_per_unit_lift<=0,COUNT({_COLUMN["O"]})=0),"{NEVER}",MIN({_COLUMN["O"]}))',
        "number",
    ),
    (
        "programme_return",
        "Return with what is already spent",
        'IF(pv_cost+sunk_cost>0,(npv-sunk_cost)/(pv_cost+sunk_cost),"none")',
        "share",
    ),
)
"""Name, label, formula and style of each figure, in the order in which one follows from the other."""


def _spread(model: Model) -> tuple[Result, ...]:
    """Chance and cases, live only where the lift alone is uncertain; with ranges they are drawn."""
    roi = model.review.roi
    if model.review.inputs.scenario.get("ranges") or roi.p_npv_positive is None:
        return ()
    sd = "(pv_per_unit_lift*lift_sd)"
    chance = f"=IF({sd}>0,NORMSDIST(npv/{sd}),IF(npv>0,1,0))"
    npv, spread = model.projection.npv(model.lift), model.projection.pv_unit_value * model.lift_sd
    now = NormalDist().cdf(npv / spread) if spread > 0 else float(npv > 0)
    return (
        Result(
            name="chance_of_making_money",
            label="Chance of making money",
            formula=Formula(text=chance, value=now),
            style="share",
            reviewed=roi.p_npv_positive,
        ),
        *(
            Result(
                name=f"npv_{name}",
                label=label,
                formula=Formula(text=f"=npv+{sign}*{Z90}*{sd}", value=npv + sign * Z90 * spread),
                style="money",
                reviewed=getattr(roi, name),
            )
            for name, label, sign in _CASES
        ),
    )


_CASES = (
    ("p10", "Low case (one chance in ten of less)", -1),
    ("p90", "High case (one chance in ten of more)", 1),
)
