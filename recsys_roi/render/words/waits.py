"""What each wait is worth, week by week, and what knowing everything would be worth."""

from __future__ import annotations

from collections.abc import Callable

from recsys_roi.render.words.numbers import at_most_money, chance, money
from recsys_roi.review.document import Review

WAIT_COLUMNS = ("More weeks", "Worth", "Cost of delay", "Worth less cost", "Another answer")


def wait_rows(review: Review, written: Callable[[float, str], str] = money) -> list[tuple[str, ...]]:
    """Each wait that is offered: weeks, worth, cost, net, and the chance that it changes the answer.

    `written` is how an amount of a currency is written.
    """
    waiting, currency = review.waiting, review.roi.currency
    return [
        (
            f"{row.weeks} (best)" if row.weeks == waiting.best_weeks and row.net > 0 else f"{row.weeks}",
            *(written(value, currency) for value in (row.evsi, row.delay_cost, row.net)),
            chance(row.p_flip),
        )
        for row in waiting.rows
    ]


def knowing_sentence(review: Review) -> str | None:
    """What it would be worth to know the lift exactly; None where that cannot be told."""
    worth = review.waiting.evpi
    if worth is None:
        return None
    said = f"Knowing the lift exactly would be worth {at_most_money(worth, review.roi.currency)}"
    return f"{said} (EVPI); no test can be worth more."
