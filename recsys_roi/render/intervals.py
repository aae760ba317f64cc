"""Rows of an interval chart, made from the review; the same rows serve charts, alt texts and exports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from recsys_roi.render import words
from recsys_roi.review.document import Estimate, Guardrail, Kpi, Slice

Role = Literal["candidate", "fixed_horizon", "ok", "watch", "act", "cannot_tell"]
Unit = Literal["relative_lift", "share_of_limit"]


@dataclass(frozen=True, kw_only=True, slots=True)
class IntervalRow:
    """One interval; rows of one label share a line, the fixed-horizon one as a thin second line."""

    label: str
    estimate: float | None  # None: not measurable, `note` says why
    lower: float | None  # None: unbounded below
    upper: float | None
    role: Role
    note: str
    counted: float | None = None  # the shrunken value, where one is used
    text: str = ""  # the figures as they are written above the interval


def kpi_rows(kpi: Kpi) -> tuple[IntervalRow, ...]:
    """The always-valid interval of the relative lift, and the fixed-horizon one under it."""
    label = words.capitalised(words.kpi_name(kpi.id))
    lift = kpi.relative_lift
    main = IntervalRow(
        label=label,
        estimate=None if lift is None else lift.estimate,
        lower=None if lift is None else lift.lower,
        upper=None if lift is None else lift.upper,
        role="cannot_tell" if lift is None else "candidate",
        note=words.kpi_sentence(kpi),
        counted=None if lift is None else words.counted_lift(kpi),
        text=_figures(lift),
    )
    fixed = kpi.fixed_horizon.relative_lift if kpi.fixed_horizon else None
    if lift is None or fixed is None:
        return (main,)
    thin = IntervalRow(
        label=label,
        estimate=fixed.estimate,
        lower=fixed.lower,
        upper=fixed.upper,
        role="fixed_horizon",
        note=words.fixed_horizon_sentence(kpi) or "",
    )
    return (main, thin)


def slice_rows(slices: Iterable[Slice]) -> tuple[IntervalRow, ...]:
    """Slices sorted by their counted lift, the highest first; those that cannot be measured last."""
    return tuple(_slice_row(part) for part in sorted(slices, key=_slice_order))


def _slice_order(part: Slice) -> tuple[bool, float, str]:
    lift = part.relative_lift
    value = part.shrunken if part.shrunken is not None else lift.estimate if lift else 0.0
    return (lift is None, -value, words.slice_name(part))


def _slice_row(part: Slice) -> IntervalRow:
    lift = part.relative_lift
    users = f"{words.counted(part.users, 'user')}. "
    return IntervalRow(
        label=words.slice_name(part),
        estimate=None if lift is None else lift.estimate,
        lower=None if lift is None else lift.lower,
        upper=None if lift is None else lift.upper,
        role="cannot_tell" if lift is None else "act" if part.harm else "candidate",
        note=users + words.slice_sentence(part),
        counted=part.shrunken,
        text=_figures(lift),
    )


def guardrail_rows(guardrails: Iterable[Guardrail]) -> tuple[IntervalRow, ...]:
    """Each guardrail's harm as a share of its limit (1.0 = the limit), so that they compare."""
    return tuple(_guardrail_row(guardrail) for guardrail in guardrails)


def _guardrail_row(guardrail: Guardrail) -> IntervalRow:
    harm = guardrail.harm if guardrail.margin > 0 else None
    scaled = None if harm is None else _scaled(harm, guardrail.margin)
    return IntervalRow(
        label=words.capitalised(words.guardrail_name(guardrail.id)),
        estimate=None if scaled is None else scaled.estimate,
        lower=None if scaled is None else scaled.lower,
        upper=None if scaled is None else scaled.upper,
        role=words.status_mark(guardrail.status).tone if scaled else "cannot_tell",
        note=words.guardrail_sentence(guardrail),
        text=f"{words.change_text(guardrail)}, limit {words.limit_text(guardrail)}" if scaled else "",
    )


def _figures(lift: Estimate | None) -> str:
    if lift is None:
        return ""
    if lift.lower is None or lift.upper is None:
        return words.percent(lift.estimate)
    return f"{words.percent(lift.estimate)} ({words.percent(lift.lower)} to {words.percent(lift.upper)})"


def _scaled(estimate: Estimate, margin: float) -> Estimate:
    lower, upper = (None if end is None else end / margin for end in (estimate.lower, estimate.upper))
    return Estimate(estimate=estimate.estimate / margin, lower=lower, upper=upper)
