"""The four tiles of the summary: values of at most 9 characters, notes of at most 18 (none may wrap)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from recsys_roi.render.words.names import kpi_name
from recsys_roi.render.words.numbers import chance, counted, day, percent, tile_money, whole_percent
from recsys_roi.render.words.verdict import reliance_sentence
from recsys_roi.review.document import Review


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """One tile: a label, a short value, and a short note under it."""

    label: str
    value: str
    note: str


def tiles(review: Review) -> tuple[Tile, Tile, Tile, Tile]:
    """Lift, guardrails, value over the horizon, open risks."""
    return (
        _if_reliable(lift_tile(review), review),
        guardrails_tile(review),
        _if_reliable(value_tile(review), review),
        risks_tile(review),
    )


def _if_reliable(tile: Tile, review: Review) -> Tile:
    """The tile, which does not reassure beside a failed integrity check."""
    return tile if reliance_sentence(review) is None else replace(tile, note="do not rely on it")


def lift_tile(review: Review) -> Tile:
    """The measured lift with its range."""
    kpi = review.primary
    label = "Lift" if kpi is None else f"Lift in {kpi_name(kpi.id)}"
    if kpi is None:
        return Tile(label=label, value="No logs", note="nothing measured")
    lift = kpi.relative_lift
    if lift is None:
        return Tile(label=label, value="No figure", note="cannot tell")
    if lift.lower is None or lift.upper is None:
        return Tile(label=label, value=percent(lift.estimate), note="range unknown")
    low, high = (percent(end).removesuffix(" %") for end in (lift.lower, lift.upper))
    return Tile(label=label, value=percent(lift.estimate), note=f"{low} to {high} %")


def guardrails_tile(review: Review) -> Tile:
    """How many guardrails are shown to be within their limits."""
    guardrails = review.guardrails
    if not guardrails:
        chosen = len(review.inputs.scenario.get("guardrails") or ())
        return Tile(label="Guardrails", value=f"{chosen} chosen", note="nothing measured")
    passed, breached, unknown = (
        sum(guardrail.status == status for guardrail in guardrails)
        for status in ("pass", "breach", "not_measurable")
    )
    note = (
        f"{breached} over the limit"
        if breached
        else "all within limits"
        if passed == len(guardrails)
        else f"{unknown} cannot tell"
        if unknown
        else f"{len(guardrails) - passed} not shown safe"
    )
    return Tile(label="Guardrails", value=f"{passed} of {len(guardrails)}", note=note)


def value_tile(review: Review) -> Tile:
    """Value over the horizon with the chance that it is above zero."""
    roi = review.roi
    label = f"Value over {counted(len(roi.months), 'month')}" if roi.months else "Value"
    if roi.npv is None:
        return Tile(label=label, value="No figure", note="cannot tell")
    if roi.basis == "assumed" or roi.p_npv_positive is None:
        return Tile(label=label, value=tile_money(roi.npv, roi.currency), note="lift assumed")
    odds = f"{chance(roi.p_npv_positive)} above 0"
    note = odds if roi.confirmed else "presets, not yours"
    return Tile(label=label, value=tile_money(roi.npv, roi.currency), note=note)


def money_tiles(review: Review) -> tuple[Tile, Tile, Tile, Tile]:
    """Value, its chance of being above zero, break-even lift, payback."""
    roi = review.roi
    required = review.inputs.scenario.get("p_npv_required")
    asked = f"{whole_percent(required)} asked for" if isinstance(required, float | int) else ""
    costs = "" if roi.pv_cost is None else f"after {tile_money(roi.pv_cost, roi.currency)} costs"
    said = "counted" if roi.basis == "measured" else "assumed"
    lift = "" if roi.lift is None else f"{said} {percent(roi.lift)}"
    months = f"of {counted(len(roi.months), 'month')}" if roi.months else ""
    none, never = ("No figure", "No figure") if roi.npv is None else ("None", "Never")
    value = Tile(
        label="Net present value",
        value="No figure" if roi.npv is None else tile_money(roi.npv, roi.currency),
        note=costs,
    )
    odds = Tile(
        label="Chance of making money",
        value="No figure" if roi.p_npv_positive is None else chance(roi.p_npv_positive),
        note=asked,
    )
    needed = Tile(
        label="Break-even lift",
        value=none if roi.break_even_lift is None else percent(roi.break_even_lift),
        note=lift,
    )
    payback = Tile(
        label="Payback",
        value=never if roi.payback_months is None else f"Month {max(1, ceil(roi.payback_months))}",
        note=months,
    )
    return (
        _if_reliable(value, review),
        _if_reliable(odds, review),
        needed,
        _if_reliable(payback, review),
    )


def risks_tile(review: Review) -> Tile:
    """Open risks with the first due date."""
    waiting = [risk for risk in review.risks if risk.status != "ok"]
    dates = sorted(risk.due for risk in waiting if risk.due)
    acts = sum(risk.status == "act" for risk in waiting)
    note = (
        f"first due {day(dates[0], dates[0])}" if dates else f"{acts} to act on" if acts else "no date is set"
    )
    return Tile(label="Open risks", value=f"{len(waiting)} open", note=note if waiting else "none is open")
