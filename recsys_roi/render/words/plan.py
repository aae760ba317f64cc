"""A plan before the logs: how long the pilot must run, and on what assumptions."""

from __future__ import annotations

from recsys_roi.render.words.names import setting_name
from recsys_roi.render.words.numbers import capitalised, counted, exact_number, large_count, percent
from recsys_roi.render.words.readings import CANNOT_TELL
from recsys_roi.review.document import PilotGoal, PilotLength, Review

GOALS = {
    "break_even": "the lift that pays for itself",
    "expected": "the expected lift",
    "min_effect": "the smallest lift worth shipping",
}
NO_LENGTH = {
    "too_long": "longer than ten years; more traffic or a larger lift is needed",
    "no_lift": "no lift pays, so there is nothing to tell apart",
}


def pilot_headline(review: Review) -> str | None:
    """How long the pilot must run; None once there are logs."""
    pilot = review.plan.pilot
    if pilot is None:
        return None
    if pilot.weeks is None:
        known = NO_LENGTH | CANNOT_TELL
        reason = known.get(pilot.reason or "", (pilot.reason or "unknown").replace("_", " "))
        return f"Cannot tell how long the pilot must run: {reason}."
    what = GOALS.get(pilot.settled_by or "", "the lift")
    return f"Plan for {counted(pilot.weeks, 'week')}: then {what} can be told from none, looking every day."


def pilot_sentences(pilot: PilotLength) -> tuple[str, ...]:
    """Each goal with its weeks and requests."""
    return tuple(_goal(goal, pilot.counted) for goal in pilot.goals if goal.lift)


def _goal(goal: PilotGoal, unit: str) -> str:
    about = f"{capitalised(GOALS[goal.goal])} ({percent(goal.lift or 0.0)})"
    if goal.requests is None:
        return f"{about}: cannot tell."
    requests = f"{large_count(goal.requests)} {unit} of both arms"
    weeks = "longer than ten years" if goal.weeks is None else counted(goal.weeks, "week")
    return f"{about}: {weeks}, {requests}."


def assumption_rows(pilot: PilotLength) -> tuple[tuple[str, str, str], ...]:
    """Each assumption with its value and where it comes from."""
    return tuple(
        (
            capitalised(setting_name(taken.name)),
            exact_number(float(f"{taken.value:.6g}")),
            taken.source,
        )
        for taken in pilot.assumptions
    )
