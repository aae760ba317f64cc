"""What is said of all surfaces of an experiment together."""

from __future__ import annotations

from recsys_roi.render.words.money import setting
from recsys_roi.render.words.names import kpi_name, status_mark
from recsys_roi.render.words.numbers import about_money, capitalised, chance, large_count, money
from recsys_roi.render.words.readings import UNKNOWN, kpi_row
from recsys_roi.review.document import Review
from recsys_roi.review.programme import Programme
from recsys_roi.value.settings import TRAFFIC_SETTING

PROGRAMME_COLUMNS = (
    *("Surface", "Verdict", "KPI", "Measured lift", "Range", "Requests a month", "Value", "Chance above 0"),
)
PROGRAMME_BASIS = (
    "Every surface with the settings of this view; its traffic in proportion to its requests in the logs. "
    "The cost that surfaces share is in the sum once, all other costs once for each surface."
)


def programme_rows(found: Programme) -> list[tuple[str, ...]]:
    """A row a surface, in the order of the columns."""
    return [_row(name, review) for name, review in zip(found.surfaces, found.reviews, strict=True)]


def _row(surface: str, review: Review) -> tuple[str, ...]:
    kpi, roi = review.primary, review.roi
    lift, between, _ = (UNKNOWN, UNKNOWN, "") if kpi is None else kpi_row(kpi)
    traffic = setting(review, TRAFFIC_SETTING)
    return (
        surface,
        status_mark(review.decision.decision or "").word,
        UNKNOWN if kpi is None else capitalised(kpi_name(kpi.id)),
        lift,
        between,
        UNKNOWN if traffic is None else large_count(traffic),
        UNKNOWN if roi.npv is None else money(roi.npv, roi.currency),
        UNKNOWN if roi.p_npv_positive is None else chance(roi.p_npv_positive),
    )


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
        else f"Launched only where the verdict is SHIP: about {about_money(shipped, currency)}."
    )
    return f"Launched on every surface: about {about_money(found.npv, currency)}.", only
