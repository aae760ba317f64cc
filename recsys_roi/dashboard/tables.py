"""Parts of a review as tables; pandas at the last step only."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from recsys_roi.numerals import digits, full
from recsys_roi.render import words
from recsys_roi.review.comparing import Comparison
from recsys_roi.review.document import EvaluationNote, Kpi, Review, Roi, Slice
from recsys_roi.review.programme import Programme


def kpis(review: Review) -> pd.DataFrame:
    """Every KPI with both arms and its lift."""
    columns = ("KPI", "Control", "Candidate", "Measured lift", "Range", "Reading")
    ordered = sorted(review.kpis, key=lambda kpi: (not kpi.primary, kpi.status != "ok"))
    return pd.DataFrame([_kpi(kpi, review.roi.currency) for kpi in ordered], columns=columns)


def _kpi(kpi: Kpi, currency: str) -> tuple[str, ...]:
    name = words.capitalised(words.kpi_name(kpi.id))
    return name, _value(kpi, kpi.control, currency), _value(kpi, kpi.candidate, currency), *words.kpi_row(kpi)


def _value(kpi: Kpi, value: float | None, currency: str) -> str:
    return words.UNKNOWN if value is None else words.kpi_value(kpi, value, currency)


def unknown_slices(slices: Iterable[Slice]) -> pd.DataFrame:
    """Groups without a reading, with the reason."""
    return pd.DataFrame(
        [
            {
                "Group": words.slice_name(part),
                "Users": full(part.users),
                "Reading": words.slice_sentence(part),
            }
            for part in slices
        ]
    )


def side_by_side(note: EvaluationNote) -> pd.DataFrame:
    """The figures of one report of recsys-eval beside ours."""
    return pd.DataFrame(map(words.side_by_side_row, note.rows), columns=words.SIDE_BY_SIDE_COLUMNS)


def sums(kpi: Kpi) -> pd.DataFrame:
    """The sufficient statistics that every figure of the KPI is made from."""
    if kpi.sums is None:
        return pd.DataFrame()
    return pd.DataFrame(
        [
            {"arm": arm, **{name: digits(value, 10) for name, value in values.model_dump().items()}}
            for arm, values in (("control", kpi.sums.control), ("candidate", kpi.sums.candidate))
        ]
    )


def method_notes(review: Review, kpi: Kpi) -> list[str]:
    """Which method made the figures of a KPI."""
    notes = [
        "n = users with a request; y = the KPI's numerator a user, x = its denominator; sums over users.",
        "Difference: user-clustered delta method (Deng, Knoblich, Lu 2018); relative lift: Fieller interval.",
        "Main range: always-valid (Waudby-Smith et al.), so that looking every day is allowed.",
    ]
    if kpi.design_effect is not None:
        notes.append(
            f"Design effect {full(kpi.design_effect, 2)}: users differ, so intervals are "
            f"{full(kpi.design_effect**0.5, 2)} times as wide as if every request stood alone."
        )
    if kpi.implausible_p is not None:
        notes.append(
            f"Chance of a lift at least this far from zero, given what such lifts usually are: "
            f"{digits(kpi.implausible_p, 3)}; below 0.01 it is called implausible."
        )
    if kpi.relative_reason:
        notes.append(words.not_measurable_sentence(kpi.relative_reason, "relative lift"))
    return notes


def months(roi: Roi) -> pd.DataFrame:
    """The cash flow by month."""
    return pd.DataFrame(
        [
            {
                "Month": flow.month,
                **{
                    f"{title} ({roi.currency})": words.bare_money(value, roi.currency)
                    for title, value in (
                        ("Benefit", flow.benefit),
                        ("Cost", flow.cost),
                        ("Net", flow.net),
                        ("Cumulative", flow.cumulative),
                    )
                },
            }
            for flow in roi.months
        ]
    )


def waits(review: Review) -> pd.DataFrame:
    """What each wait costs and is worth."""
    weeks, *money, answer = words.WAIT_COLUMNS
    columns = [weeks, *(f"{title} ({review.roi.currency})" for title in money), answer]
    return pd.DataFrame(words.wait_rows(review, words.bare_money), columns=columns)


def comparison(found: Comparison) -> pd.DataFrame:
    """Scenarios side by side: a row a figure, then a row for each setting that differs."""
    return pd.DataFrame(words.comparison_rows(found), columns=["", *found.names])


def programme(found: Programme) -> pd.DataFrame:
    """Every surface with its verdict, lift and value."""
    return pd.DataFrame(words.programme_rows(found))
