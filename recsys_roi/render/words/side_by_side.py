"""Reports of recsys-eval beside our figures, in words."""

from __future__ import annotations

from recsys_roi.render.words.names import kpi_name
from recsys_roi.render.words.numbers import day, number, percent
from recsys_roi.review.side_by_side_document import EvaluationNote, OurLift, ReportedFigure, SideBySide

NONE = "-"
COLUMNS = ("Metric", "recsys-eval, control to candidate", "Its lift", "Our lift", "Agreement")
CAPTION = (
    "Reports of recsys-eval that came with the logs; none of our figures is made from them. Ours leaves out "
    "users in both arms and outcomes outside their windows, and takes the user as the unit. recsys-eval "
    "gives tests of an experiment no interval and takes each request as independent, so its p runs low where "
    "users differ."
)
_AGREEMENT = {
    "agrees": "Agrees: same direction, and within our range.",
    "other_direction": "Within our range, but in the other direction: neither has settled the sign.",
    "outside_range": "Differs: outside our range. Compare the windows and the files of both.",
}


def report_sentence(note: EvaluationNote) -> str:
    """Which report it is: file, run, mode, experiment, day."""
    of = f" of {note.experiment}" if note.experiment else ""
    made = f"made on {day(note.made_at)} by recsys-eval {note.software}"
    return f"{note.name}: run {note.run_id} ({note.mode}{of}), {made}."


def side_by_side_row(row: SideBySide) -> tuple[str, ...]:
    """The cells of one figure, in the order of COLUMNS."""
    metric = (
        row.metric if row.kpi is None or row.kpi == row.metric else f"{row.metric} (our {kpi_name(row.kpi)})"
    )
    return (metric, _levels(row.theirs), _lift(row.theirs), _ours(row.ours), agreement_sentence(row))


def agreement_sentence(row: SideBySide) -> str:
    """Whether both agree, or why they cannot be compared."""
    return _AGREEMENT.get(row.agreement) or f"Cannot be compared. {row.note}"


def side_by_side_sentence(row: SideBySide) -> str:
    """One figure in one line, for a terminal."""
    metric, levels, theirs, ours, agreement = side_by_side_row(row)
    return f"{metric}: recsys-eval {levels}, lift {theirs}; ours {ours}. {agreement}"


def _levels(theirs: ReportedFigure) -> str:
    if theirs.candidate is None:
        return NONE
    level = number(theirs.candidate)
    if theirs.lower is not None and theirs.upper is not None:
        level += f" ({number(theirs.lower)} to {number(theirs.upper)})"
    return level if theirs.control is None else f"{number(theirs.control)} to {level}"


def _lift(theirs: ReportedFigure) -> str:
    if theirs.relative_lift is None:
        return NONE
    tested = "" if theirs.p_value is None else f" (p = {number(theirs.p_value, 2)})"
    return f"{percent(theirs.relative_lift)}{tested}"


def _ours(ours: OurLift | None) -> str:
    if ours is None:
        return NONE
    if ours.lower is None or ours.upper is None:
        return percent(ours.estimate)
    return f"{percent(ours.estimate)} ({percent(ours.lower)} to {percent(ours.upper)})"
