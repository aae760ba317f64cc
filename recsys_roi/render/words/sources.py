"""What figures were read from: window, arms, files, software."""

from __future__ import annotations

from recsys_roi.render.words.money import STOP, waiting_sentence
from recsys_roi.render.words.numbers import counted, day, inside
from recsys_roi.review.document import Review

HASH_SHOWN = 12  # characters after the algorithm's name


def window_text(review: Review) -> str:
    """The days that were counted: "29 Oct to 13 Nov 2026, 16 days"."""
    if review.experiment is None:
        return "Plan only, no logs"
    span = review.experiment.window
    if span.start is None or span.end is None:
        return "No compared request"
    return f"{day(span.start, span.end)} to {day(span.end)}, {counted(span.days, 'day')}"


def arms_text(review: Review) -> str:
    """Which variant is judged against which."""
    found = review.experiment
    return "" if found is None else f"{found.candidate} against {found.control}"


def caption_lines(review: Review) -> tuple[str, ...]:
    """Beside the verdict: window, arms, and when it was made."""
    lines = (window_text(review), arms_text(review), f"Made {_minute(review.made_at)}")
    return tuple(line for line in lines if line)


def provenance_lines(review: Review) -> tuple[str, ...]:
    """Under a page: files with their hashes, software, and what was chosen for the reader."""
    files = "; ".join(f"{file.name} ({_short(file.hash)})" for file in review.inputs.files)
    software = f"{review.software.name} {review.software.version}"
    made = f"Made {_minute(review.made_at)} by {software} from {files or 'assumptions only'}."
    notes = review.experiment.notes if review.experiment else ()
    deleted = review.inputs.rows_deleted
    if deleted:
        made = f"{made} The log lines were deleted on {day(deleted)}; the figures come from their counts."
    return (made, f"Chosen for you: {'; '.join(notes)}.") if notes else (made,)


def doubtful_choice(review: Review) -> str | None:
    """A warning where control was taken by nothing better than its name; turned round, a gain is a loss."""
    found = review.experiment
    if found is None or not any("the first by name" in note for note in found.notes):
        return None
    return f"{found.control} is taken as control only because it comes first by name. Check it on Logs."


def waiting_line(review: Review) -> str:
    """What more testing is worth, for the decision that stands."""
    said = waiting_sentence(review.waiting, review.roi.currency)
    if said == STOP and review.decision.decision == "ship":
        return "More testing does not pay: it would hardly change the answer."
    if "economics_not_set" in review.decision.reasons:
        return f"With the preset traffic, value and costs: {inside(said)}"
    return said


def _short(file_hash: str) -> str:
    name, _, digits = file_hash.rpartition(":")
    return f"{name}:{digits[:HASH_SHOWN]}" if name else file_hash[:HASH_SHOWN]


def _minute(moment: str) -> str:
    """RFC 3339 in UTC as "24 Nov 2026, 09:00 UTC"."""
    return f"{day(moment)}, {moment[11:16]} UTC" if moment.endswith("Z") and len(moment) > 16 else moment
