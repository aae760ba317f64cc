"""The first page of everything: verdict, tiles, why, what would change it, waiting."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_roi.render import charts, words
from recsys_roi.render.pack.contents import particulars
from recsys_roi.render.pack.contents.blocks import ICONS, Picture
from recsys_roi.render.palette import Tone
from recsys_roi.review.document import Review

SHOWN = 5  # reasons or flip lines on the cover; the report has them all


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """The verdict and what the meeting needs beside it, as text."""

    tone: Tone
    sign: str
    headline: str
    sentence: str
    badge: str | None
    captions: tuple[str, ...]
    notices: tuple[tuple[Tone, str], ...]
    tiles: tuple[words.Tile, ...]
    picture: Picture
    picture_sentence: str
    why: tuple[str, ...]
    changes: tuple[str, ...]
    waiting: tuple[str, ...]
    scenario: str
    sources: tuple[str, ...]


def cover_of(review: Review) -> Cover:
    """The cover of a review; a plan without logs has one too."""
    mark = words.status_mark(review.decision.decision or "plan")
    reasons = tuple(words.reason_sentence(code, review) for code in review.decision.reasons)
    return Cover(
        tone=mark.tone,
        sign=ICONS[mark.tone],
        headline=words.verdict_headline(review),
        sentence=words.verdict_sentence(review),
        badge=words.badge(review),
        captions=(*words.caption_lines(review), f"{words.changes_sentence(review)}"),
        notices=particulars.notices(review),
        tiles=words.tiles(review),
        picture=Picture(
            name="verdict",
            draw=lambda palette: charts.verdict_picture(review, palette),
            alt=words.verdict_picture_alt(review),
        ),
        picture_sentence=words.picture_sentence(review),
        why=first_of(reasons) or ("Nothing is measured yet; the figures are a plan.",),
        changes=first_of(words.flip_sentences(review)),
        waiting=() if review.experiment is None else (words.waiting_line(review),),
        scenario=particulars.scenario_line(review),
        sources=particulars.source_lines(review),
    )


def first_of(lines: tuple[str, ...], shown: int = SHOWN, rest: str = "in the full report") -> tuple[str, ...]:
    """The first lines, and in place of the others how many they are and where."""
    if len(lines) <= shown:
        return lines
    return (*lines[: shown - 1], f"And {len(lines) - shown + 1} more, {rest}.")
