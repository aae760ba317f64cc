"""Scenarios side by side: presets made from the measured lift, and one table of figures for up to four."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from recsys_roi.errors import InputError
from recsys_roi.review.document import Review
from recsys_roi.value.distributions import Z90
from recsys_roi.value.scenario import CONFIRMED, Scenario
from recsys_roi.value.settings import LOOK_SETTINGS, SETTINGS

MOST = 4
BASE = "Base"
PRESETS = {"Conservative": -Z90, BASE: 0.0, "Optimistic": Z90}
"""Standard deviations from the lift that money counts with: one chance in ten below, the middle, above."""
PLAN_SETTINGS = frozenset({"baseline_kpi", "expected_lift", "expected_lift_sd"})
MEASURED = "measured"


def preset_scenarios(review: Review, scenario: Scenario) -> dict[str, Scenario]:
    """Plans by name, with the lift at the low end, the middle and the high end of what was measured.

    The ends are those that one chance in ten lies beyond, of the shrunken lift that money counts with; at an
    end the lift is taken as known. Everything else is the scenario's. Empty where no lift was measured, or at
    a baseline that no plan may have.
    """
    roi = review.roi
    if roi.lift is None or roi.lift_sd is None or roi.baseline is None:
        return {}
    if not SETTINGS["baseline_kpi"].allows(roi.baseline):
        return {}
    kpi = review.primary.id if review.primary else scenario.kpi
    low, high = SETTINGS["expected_lift"].low or -1.0, SETTINGS["expected_lift"].high or 1.0
    given = {"baseline_kpi": roi.baseline} | ({} if kpi is None else {"kpi": kpi})
    if roi.shared_part < 1.0 and scenario.shared_cost:
        given["shared_cost"] = (
            scenario.shared_cost * roi.shared_part
        )  # a plan has one surface, which pays all
    return {
        name: scenario.updated(
            {
                **given,
                "expected_lift": min(high, max(low, roi.lift + deviations * roi.lift_sd)),
                "expected_lift_sd": 0.0 if deviations else roi.lift_sd,
            }
        )
        for name, deviations in PRESETS.items()
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparedRow:
    """One figure or setting in every column; None where a column has none."""

    id: str
    values: tuple[Any, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Up to four scenarios side by side."""

    names: tuple[str, ...]
    currencies: tuple[str, ...]
    kpis: tuple[str | None, ...]
    figures: tuple[ComparedRow, ...]
    settings: tuple[ComparedRow, ...]  # only those in which the columns differ

    def figure(self, name: str) -> tuple[Any, ...]:
        """One figure of every column."""
        return next(row.values for row in self.figures if row.id == name)

    @property
    def one_currency(self) -> bool:
        """Whether amounts of money may be compared at all."""
        return len(set(self.currencies)) == 1


def compare(columns: Sequence[tuple[str, Review]]) -> Comparison:
    """The figures of up to four reviews by name; InputError for more, for none, and for a name twice."""
    names = tuple(name for name, _ in columns)
    if not 1 <= len(names) <= MOST:
        raise InputError(f"One to {MOST} scenarios can be compared; {len(names)} were chosen.")
    if len(set(names)) < len(names):
        raise InputError("Each scenario can be chosen once.")
    reviews = [review for _, review in columns]
    return Comparison(
        names=names,
        currencies=tuple(review.roi.currency for review in reviews),
        kpis=tuple(review.kpi_id for review in reviews),
        figures=tuple(
            ComparedRow(id=name, values=tuple(figure(review) for review in reviews))
            for name, figure in FIGURES.items()
        ),
        settings=tuple(_differences(reviews)),
    )


def _chance(review: Review) -> float | None:
    """None where nothing is uncertain, so that it would be 0 or 1."""
    spread = review.roi.spread
    return None if spread is not None and spread.sd == 0 else review.roi.p_npv_positive


FIGURES: dict[str, Callable[[Review], Any]] = {
    "basis": lambda review: review.roi.basis,
    "lift": lambda review: review.roi.lift,
    "npv": lambda review: review.roi.npv,
    "p_npv_positive": _chance,
    "p10": lambda review: review.roi.p10,
    "p90": lambda review: review.roi.p90,
    "roi": lambda review: review.roi.roi,
    "pv_benefit": lambda review: review.roi.pv_benefit,
    "pv_cost": lambda review: review.roi.pv_cost,
    "break_even_lift": lambda review: review.roi.break_even_lift,
    "payback_months": lambda review: review.roi.payback_months,
    "decision": lambda review: review.decision.decision,
    "primary_reason": lambda review: review.decision.primary_reason,
}
"""In the order of the table."""


def _differences(reviews: Sequence[Review]) -> list[ComparedRow]:
    rows = []
    for name in SETTINGS:
        values = tuple(_setting(review, name) for review in reviews)
        if name not in {CONFIRMED, *LOOK_SETTINGS} and any(value != values[0] for value in values):
            rows.append(ComparedRow(id=name, values=values))
    return rows


def _setting(review: Review, name: str) -> Any:
    """A setting's value; what stands in for a measurement is not used where there is one."""
    replaced = name in PLAN_SETTINGS and review.roi.basis == MEASURED
    return MEASURED if replaced else review.inputs.scenario.get(name)
