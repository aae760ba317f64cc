"""Coverage and diversity by day, on equally many requests of both arms (numbers book 5.4)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recsys_roi.evidence.columns import DAY_US, Floats, Ints, Mask, epoch_us
from recsys_roi.evidence.reading import CountsReader
from recsys_roi.evidence.selection import Selection
from recsys_roi.evidence.view import ItemEvidence, Pair, View


def count_items(reader: CountsReader, view: View, selection: Selection) -> ItemEvidence | None:
    """Coverage and diversity of the days that lie wholly in the view's window; None where no item was shown.

    The catalogue is what either arm showed on any of those days.
    """
    rows = reader.columns(
        "view_items.sql",
        {
            "experiment": selection.experiment,
            "control": selection.control,
            "candidate": selection.candidate,
            "surface": selection.surface,
            "first_day": None if view.start is None else -(-epoch_us(view.start) // DAY_US),
            "end_day": None if view.end is None else epoch_us(view.end) // DAY_US,
        },
    )
    if len(rows["item_no"]) == 0:
        return None
    catalogue = len(np.unique(rows["item_no"]))
    days, day = np.unique(rows["day"], return_inverse=True)
    candidate, shown = rows["candidate"].astype(np.bool_), rows["shown_equal"].astype(np.float64)
    arms = [_ArmDays(day=day[arm], shown=shown[arm], days=len(days)) for arm in (~candidate, candidate)]
    both = (arms[0].total > 0) & (arms[1].total > 0)
    control, candidate_arm = arms
    return ItemEvidence(
        days=tuple(days[both].tolist()),
        catalogue=catalogue,
        coverage=Pair(
            control=control.coverage(catalogue, both), candidate=candidate_arm.coverage(catalogue, both)
        ),
        diversity=Pair(
            control=control.diversity(catalogue, both), candidate=candidate_arm.diversity(catalogue, both)
        ),
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _ArmDays:
    """One arm's item exposures: how often an item was shown on a day, one entry an item and day."""

    day: Ints  # from 0
    shown: Floats
    days: int

    @property
    def total(self) -> Floats:
        """Exposures by day, shape (days,)."""
        return np.bincount(self.day, weights=self.shown, minlength=self.days).astype(np.float64)

    def coverage(self, catalogue: int, chosen: Mask) -> tuple[float, ...]:
        """Share of the catalogue shown on each of the chosen days."""
        different = np.bincount(self.day[self.shown > 0], minlength=self.days)
        return tuple((different[chosen] / catalogue).tolist())

    def diversity(self, catalogue: int, chosen: Mask) -> tuple[float, ...]:
        """Entropy by that of a catalogue shown evenly: 0 is one item, 1 all alike; none for one item."""
        if catalogue < 2:
            return ()
        some = (self.shown > 0) & chosen[self.day]
        share = self.shown[some] / self.total[self.day[some]]
        entropy = np.bincount(self.day[some], weights=-share * np.log(share), minlength=self.days)
        return tuple((entropy[chosen] / math.log(catalogue)).tolist())
