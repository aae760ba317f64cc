"""What new files changed, in words: two reviews of one pilot, the earlier one first."""

from __future__ import annotations

from collections.abc import Iterator

from recsys_roi.numerals import full
from recsys_roi.render.words.names import setting_name
from recsys_roi.render.words.numbers import counted, listed
from recsys_roi.render.words.sources import arms_text, window_text
from recsys_roi.render.words.tiles import Tile, guardrails_tile, lift_tile, value_tile
from recsys_roi.render.words.verdict import verdict_headline
from recsys_roi.review.document import InputFile, Review

FILES_NAMED = 5


def change_rows(before: Review, after: Review) -> tuple[tuple[str, str, str], ...]:
    """What each review read and found: what, before, after; what is the same stays, so that it is seen."""
    pairs = (
        ("Lines", _lines(before), _lines(after)),
        ("Users", _users(before), _users(after)),
        ("Days", window_text(before), window_text(after)),
        (lift_tile(after).label, _figure(lift_tile(before)), _figure(lift_tile(after))),
        ("Guardrails", _figure(guardrails_tile(before)), _figure(guardrails_tile(after))),
        (value_tile(after).label, _figure(value_tile(before)), _figure(value_tile(after))),
        ("Decision", verdict_headline(before), verdict_headline(after)),
    )
    return tuple(pairs)


def change_sentences(before: Review, after: Review) -> tuple[str, ...]:
    """Which files are new or gone, whether the decision is another one, and what else differs."""
    return tuple(_sentences(before, after))


def _sentences(before: Review, after: Review) -> Iterator[str]:
    old, new = _by_hash(before), _by_hash(after)
    added = [file for file_hash, file in new.items() if file_hash not in old]
    gone = [file for file_hash, file in old.items() if file_hash not in new]
    if added:
        lines = sum(file.lines for file in added)
        yield f"New: {_named(added)}, with {counted(lines, 'line')}."
    if gone:
        yield f"No longer there: {_named(gone)}."
    if not added and not gone:
        yield "The files are the same."
    if before.decision.decision != after.decision.decision:
        yield f"The decision was {_decision(before)} and is {_decision(after)}."
    elif before.decision.primary_reason != after.decision.primary_reason:
        yield f"The decision is the same ({_decision(after)}), for another reason."
    else:
        yield f"The decision is the same: {_decision(after)}."
    settings = _settings_apart(before, after)
    if settings:
        yield f"Settings differ: {listed(settings)}."
    elif arms_text(before) != arms_text(after):
        then, now = arms_text(before) or "none", arms_text(after) or "none"
        yield f"Other arms are compared: {then} before, {now} now."


def _by_hash(review: Review) -> dict[str, InputFile]:
    return {file.hash: file for file in review.inputs.files}


def _named(files: list[InputFile]) -> str:
    names = [file.name for file in files[:FILES_NAMED]]
    more = len(files) - len(names)
    return listed([*names, f"{more} more"] if more else names)


def _decision(review: Review) -> str:
    return verdict_headline(review).partition(":")[0]


def _settings_apart(before: Review, after: Review) -> list[str]:
    then, now = before.inputs.scenario, after.inputs.scenario
    return [setting_name(name) for name in dict.fromkeys((*then, *now)) if then.get(name) != now.get(name)]


def _lines(review: Review) -> str:
    lines, rejected = (
        sum(getattr(file, count) for file in review.inputs.files) for count in ("lines", "rejected")
    )
    return f"{full(lines)}, {full(rejected)} rejected"


def _users(review: Review) -> str:
    found = review.experiment
    if found is None:
        return "nothing measured"
    return f"{full(found.users.control)} in control, {full(found.users.candidate)} in candidate"


def _figure(tile: Tile) -> str:
    return f"{tile.value}, {tile.note}" if tile.note else tile.value
