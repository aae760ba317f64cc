"""What is said of scenarios side by side, of the map of two inputs, and of what breaks even."""

from __future__ import annotations

from typing import Any

from recsys_roi.render.words.money import setting_value
from recsys_roi.render.words.names import setting_name, status_mark
from recsys_roi.render.words.numbers import (
    about_money,
    amount_of,
    capitalised,
    chance,
    compact,
    compact_money,
    counted,
    large_count,
    money,
    number,
    percent,
    short_money,
    whole_percent,
)
from recsys_roi.review.comparing import Comparison
from recsys_roi.review.document import BreakEven, HeatMap, Roi
from recsys_roi.value.settings import SETTINGS

NONE = "none"
SMALLEST_AMOUNT = 1e-4  # on an axis; less is written as a power of ten
FIGURE_NAMES = {
    "basis": "Lift is",
    "lift": "Lift that counts",
    "npv": "Value",
    "p_npv_positive": "Chance above zero",
    "p10": "One in ten below",
    "p90": "One in ten above",
    "roi": "Return on costs",
    "pv_benefit": "Benefit",
    "pv_cost": "Costs",
    "break_even_lift": "Break-even lift",
    "payback_months": "Payback",
    "decision": "Verdict",
}
MONEY_FIGURES = frozenset({"npv", "p10", "p90", "pv_benefit", "pv_cost"})


def comparison_rows(found: Comparison) -> list[list[str]]:
    """The table: a name, then each scenario's figure; settings that differ below."""
    figures = [
        [
            FIGURE_NAMES[row.id],
            *(
                _figure(row.id, value, currency, counted=npv is not None)
                for value, currency, npv in zip(
                    row.values, found.currencies, found.figure("npv"), strict=True
                )
            ),
        ]
        for row in found.figures
        if row.id in FIGURE_NAMES
    ]
    settings = [
        [
            capitalised(setting_name(row.id)),
            *(
                setting_value(row.id, *unit)
                for unit in zip(row.values, found.currencies, found.kpis, strict=True)
            ),
        ]
        for row in found.settings
    ]
    return [*figures, *settings]


def _figure(name: str, value: Any, currency: str, *, counted: bool) -> str:
    """One cell; where no money could be counted, nothing is said of payback and chance either."""
    if value is None:
        told = {"payback_months": "not reached", "p_npv_positive": "lift taken as known"} if counted else {}
        return told.get(name, NONE)
    if name in MONEY_FIGURES:
        return money(value, currency)
    if name == "p_npv_positive":
        return chance(value)
    if name == "payback_months":
        return f"{number(value)} months"
    if name == "decision":
        return status_mark(value).word
    return percent(value) if isinstance(value, int | float) else str(value)


def comparison_alt(found: Comparison) -> str:
    """Each scenario's value in a sentence."""
    said = [
        f"{name}: {'no value' if npv is None else about_money(npv, currency)}"
        for name, npv, currency in zip(found.names, found.figure("npv"), found.currencies, strict=True)
    ]
    return f"Value by scenario. {'; '.join(said)}."


def currencies_sentence(found: Comparison) -> str | None:
    """A warning where amounts are in different currencies."""
    if found.one_currency:
        return None
    return f"These scenarios are in different currencies ({', '.join(dict.fromkeys(found.currencies))})."


def axis_value(name: str, value: float, currency: str) -> str:
    """A value of an input on an axis, short: "2.0 million", "EUR 18", "35 %"."""
    row = SETTINGS.get(name)
    if row is not None and row.is_share:
        return whole_percent(float(f"{value:.3g}"))
    if row is not None and row.is_money:
        if abs(value) < SMALLEST_AMOUNT:
            return amount_of(value, currency)
        nearest = float(f"{value:.3g}")
        return short_money(nearest, currency) if abs(value) < 1e3 else compact_money(value, currency)
    return large_count(value) if value >= 1e6 else compact(value)


def heat_sentence(roi: Roi, found: HeatMap) -> str:
    """Where we stand on the map, and where the line lies."""
    x, y = setting_name(found.x_input), setting_name(found.y_input)
    here = (
        axis_value(found.y_input, found.y_now, roi.currency),
        axis_value(found.x_input, found.x_now, roi.currency),
    )
    return f"Diamond: now, {y} {here[0]} and {x} {here[1]}"


def heat_alt(roi: Roi, found: HeatMap) -> str:
    """The map in words: the line's two ends."""
    if not found.line:
        side = "loses money" if found.npv[0][0] < 0 else "makes money"
        return f"{heat_sentence(roi, found)}. Every point of the map {side}."
    ends = [
        f"{axis_value(found.y_input, y, roi.currency)} at {axis_value(found.x_input, x, roi.currency)}"
        for x, y in (found.line[0], found.line[-1])
    ]
    y_name, x_name = setting_name(found.y_input), setting_name(found.x_input)
    return f"{heat_sentence(roi, found)}. Break even in {y_name} by {x_name}: from {ends[0]} to {ends[1]}."


def break_even_lines(found: BreakEven, roi: Roi, scenario: dict[str, Any]) -> list[str]:
    """What each input must be, alone, for a value of nothing."""
    currency = roi.currency
    lines = []
    if found.lift is not None:
        lines.append(f"Lift: {percent(found.lift)}{_now(roi.lift, percent)}.")
    if found.value_per_action is not None:
        now = _now(scenario.get("value_per_action"), lambda value: money(value, currency))
        lines.append(f"Value per action: {money(found.value_per_action, currency)}{now}.")
    if found.traffic is not None:
        now = _now(scenario.get(found.traffic_setting), large_count)
        lines.append(
            f"{capitalised(setting_name(found.traffic_setting))}: {large_count(found.traffic)}{now}."
        )
    if found.cost is not None:
        now = _now(roi.pv_cost, lambda value: money(value, currency))
        lines.append(f"Costs over {counted(len(roi.months), 'month')}: {money(found.cost, currency)}{now}.")
    return lines or ["No value, traffic or cost makes this break even."]


def _now(value: Any, text: Any) -> str:
    return f" (now {text(value)})" if isinstance(value, int | float) else ""
