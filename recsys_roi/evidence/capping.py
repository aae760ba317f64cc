"""Capping of the totals of users with very much revenue or time (numbers book 2.4)."""

from __future__ import annotations

import numpy as np

from recsys_roi.evidence.columns import Floats
from recsys_roi.evidence.totals import Totals
from recsys_roi.evidence.view import Capping, Pair

POOLED_LEVEL = 0.999  # of users with a value (numbers book 2.4, J)
POOLED_USERS = 1000  # fewer users with a value have no such quantile inside them (J)
CAPPED_TOTALS = ("revenue", "dwell_seconds")


def pooled_cap(values: Floats, level: float = POOLED_LEVEL) -> float:
    """The quantile of both arms' totals together, linear between order statistics; needs one value."""
    return float(np.quantile(values, level))


def choose_caps(totals: Totals, revenue_cap: float | None) -> dict[str, Capping]:
    """The cap, above 0, of each total that is capped: the given one, or pooled where enough have a value."""
    found = {}
    for name in CAPPED_TOTALS:
        column = totals.of(name)
        fixed = revenue_cap if name == "revenue" else None
        if fixed is None and np.count_nonzero(column) < POOLED_USERS:
            continue
        cap = pooled_cap(column[column != 0]) if fixed is None else fixed
        if cap <= 0:  # refunds only: there is nothing large to cut
            continue
        found[name] = Capping(
            cap=cap,
            basis="pooled" if fixed is None else "fixed",
            removed=Pair(
                control=_removed(column[~totals.candidate], cap),
                candidate=_removed(column[totals.candidate], cap),
            ),
            users=Pair(
                control=int(np.sum(column[~totals.candidate] > cap)),
                candidate=int(np.sum(column[totals.candidate] > cap)),
            ),
        )
    return found


def _removed(values: Floats, cap: float) -> float | None:
    total = float(values.sum())
    return None if total == 0 else float(np.maximum(values - cap, 0.0).sum()) / total
