"""A plan: how long the pilot must run, on what assumptions, and what the next phase still needs."""

from __future__ import annotations

from recsys_roi.render.words.money import setting_value
from recsys_roi.render.words.names import setting_name
from recsys_roi.render.words.numbers import capitalised, counted, large_count, percent
from recsys_roi.render.words.readings import CANNOT_TELL
from recsys_roi.review.document import ExitCriterion, PilotGoal, PilotLength, Review
from recsys_roi.value.settings import SETTINGS

GOALS = {
    "break_even": "the lift that pays for itself",
    "expected": "the expected lift",
    "min_effect": "the smallest lift worth shipping",
}
VARIATION = SETTINGS["kpi_variation"].label
USUAL_WEEKS = (2, 6)  # the suite's pilot plan
NO_LENGTH = {
    "no_variation": f'how far the KPI varies between requests is not known; enter "{VARIATION}" on Plan',
    "no_lift": "no lift pays, so there is nothing to tell apart",
}


def pilot_headline(review: Review) -> str | None:
    """How long the pilot must run; None once there are logs, which say how long it still takes."""
    if review.experiment is not None:
        return None
    doubt = None if review.plan.pilot is None else _too_small(review.plan.pilot)
    return doubt or length_sentence(review)


def length_sentence(review: Review) -> str | None:
    """How long a pilot must run at the stated traffic."""
    pilot = review.plan.pilot
    if pilot is None:
        return None
    if pilot.reason == "too_long":
        return "The pilot would take longer than ten years: more traffic or a larger lift is needed."
    if pilot.weeks is None:
        known = CANNOT_TELL | NO_LENGTH
        reason = known.get(pilot.reason or "", (pilot.reason or "unknown").replace("_", " "))
        return f"Cannot tell how long the pilot must run: {reason}."
    lift = next((goal.lift for goal in pilot.goals if goal.goal == pilot.settled_by), None)
    size = "" if lift is None else f" ({percent(lift)})"
    what = f"{GOALS.get(pilot.settled_by or '', 'the lift')}{size}"
    return f"Plan for {counted(pilot.weeks, 'week')}: then {what} can be told from none, looking every day."


def basis_sentence(pilot: PilotLength) -> str:
    """What the length was counted from."""
    if pilot.basis == "measured":
        return "Counted from the baseline and spread of the control in these logs."
    return "Counted from an assumed baseline: nothing is measured yet."


def doubt_sentences(pilot: PilotLength) -> tuple[str, ...]:
    """What makes a length a poor plan: a lift that will not come, or more weeks than a pilot usually has."""
    doubt = _too_small(pilot)
    found = [doubt] if doubt else []
    if pilot.weeks is not None and pilot.weeks > USUAL_WEEKS[1]:
        low, high = USUAL_WEEKS
        found.append(
            f"A pilot usually takes {low} to {high} weeks. More traffic or a bolder candidate shortens it."
        )
    return tuple(found)


def _too_small(pilot: PilotLength) -> str | None:
    lifts = {goal.goal: goal.lift for goal in pilot.goals}
    expected, pays = lifts.get("expected"), lifts.get("break_even")
    if expected is None or pays is None or pays <= expected:
        return None
    return (
        f"The expected lift ({percent(expected)}) is below the one that pays for itself ({percent(pays)}): "
        "check traffic, value and costs before the pilot."
    )


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


def assumption_rows(review: Review) -> tuple[tuple[str, str, str], ...]:
    """Each assumption of the pilot's length with its value and where it comes from."""
    pilot, currency = review.plan.pilot, review.roi.currency
    return tuple(
        (
            capitalised(setting_name(taken.name)),
            setting_value(taken.name, taken.value, currency, review.kpi_id),
            taken.source,
        )
        for taken in (() if pilot is None else pilot.assumptions)
    )


def missing_criteria(review: Review) -> tuple[ExitCriterion, ...]:
    """What the first phase that is not done still needs; none where all are done."""
    phase = next((phase for phase in review.plan.phases if not phase.done), None)
    return () if phase is None else tuple(one for one in phase.criteria if not one.met)


def next_phase_sentence(review: Review) -> str:
    """Which phase is open, and how much of it is missing for the next one."""
    phases = review.plan.phases
    place = next((place for place, phase in enumerate(phases) if not phase.done), None)
    if place is None:
        return "Every phase is done."
    missing = counted(len(missing_criteria(review)), "criterion", "criteria")
    goal = phases[place + 1].weeks.lower() if place + 1 < len(phases) else "the end of the pilot"
    open_one = f"{phases[place].weeks}, {phases[place].title[0].lower()}{phases[place].title[1:]}"
    return f"Open: {open_one}. Missing for {goal}: {missing}."
