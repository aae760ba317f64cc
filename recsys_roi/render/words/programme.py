"""What is said of all surfaces of an experiment together."""

from __future__ import annotations

from recsys_roi.render.words.money import setting, worth_text
from recsys_roi.render.words.names import kpi_name, status_mark
from recsys_roi.render.words.numbers import capitalised, chance, large_count, money
from recsys_roi.render.words.readings import UNKNOWN, kpi_row
from recsys_roi.review.document import Review
from recsys_roi.review.programme import Programme
from recsys_roi.value.settings import TRAFFIC_SETTING

PROGRAMME_BASIS = (
    "Every surface with the settings of this view; its traffic in proportion to its requests in the logs. "
    "The cost that surfaces share is in the sum once, all other costs once for each surface."
)


def programme_rows(found: Programme) -> list[dict[str, str]]:
    """A row a surface, by the names of its columns; the KPI where it is not the same on all of them."""
    one_kpi = len({review.kpi_id for review in found.reviews}) == 1
    rows = []
    for surface, review in zip(found.surfaces, found.reviews, strict=True):
        kpi = {} if one_kpi else {"KPI": capitalised(kpi_name(review.kpi_id or UNKNOWN))}
        verdict = status_mark(review.decision.decision or "").word
        rows.append({"Surface": surface, "Verdict": verdict, **kpi, **_figures(review)})
    return rows


def _figures(review: Review) -> dict[str, str]:
    kpi, roi = review.primary, review.roi
    lift, between, _ = (UNKNOWN, UNKNOWN, "") if kpi is None else kpi_row(kpi)
    traffic = setting(review, TRAFFIC_SETTING)
    return {
        "Measured lift": lift,
        "Range": between,
        "Requests a month": UNKNOWN if traffic is None else large_count(traffic),
        "Value": UNKNOWN if roi.npv is None else money(roi.npv, roi.currency),
        "Chance above zero": UNKNOWN if roi.p_npv_positive is None else chance(roi.p_npv_positive),
    }


def programme_sentences(found: Programme) -> tuple[str, ...]:
    """What a launch everywhere is worth, and one where the verdict is to ship; or why that cannot be said."""
    if not found.confirmed:
        return ("Enter or confirm traffic, value and costs before surfaces are added up.",)
    if found.npv is None:
        return ("What they are worth together cannot be told: one of them has no value.",)
    currency = found.reviews[0].roi.currency
    shipped = found.npv_where_shipped
    only = (
        "No surface is ready to ship."
        if shipped is None
        else f"Launched only where the verdict is SHIP: {worth_text(shipped, currency)}."
    )
    return f"Launched on every surface: {worth_text(found.npv, currency)}.", only
