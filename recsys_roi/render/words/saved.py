"""A saved review against a fresh one, in words."""

from __future__ import annotations

from recsys_roi.render.words.numbers import counted
from recsys_roi.render.words.sources import window_text
from recsys_roi.render.words.tiles import tiles
from recsys_roi.render.words.verdict import verdict_headline
from recsys_roi.review.document import Review
from recsys_roi.review.saved import Departure

NO_PILOT = "No pilot on this machine has these logs, so nothing could be computed afresh. Add them on Logs."

NOTHING_TO_COMPUTE = "A plan without logs: every figure is assumed, so there is nothing to compute afresh."


def saved_sentence(review: Review) -> str:
    """When and by what a saved review was made, and that nothing here changes it."""
    software = f"{review.software.name} {review.software.version}"
    return f"Saved review, read-only: made {review.made_at} by {software}. {window_text(review)}."


def freshness_sentence(found: tuple[Departure, ...], pilot: str) -> str:
    """Whether a fresh computation says the same."""
    if not found:
        return f"Computed afresh from the pilot {pilot}, every figure is the same."
    differs = "differs" if len(found) == 1 else "differ"
    return f"Computed afresh from the pilot {pilot}, {counted(len(found), 'entry', 'entries')} {differs}."


def freshness_rows(saved: Review, fresh: Review) -> tuple[tuple[str, str, str], ...]:
    """Verdict and tiles of both, where they differ: what, saved, afresh."""
    pairs = [("Verdict", verdict_headline(saved), verdict_headline(fresh))]
    for before, now in zip(tiles(saved), tiles(fresh), strict=True):
        pairs.append((before.label, f"{before.value}, {before.note}", f"{now.value}, {now.note}"))
    return tuple(pair for pair in pairs if pair[1] != pair[2])
