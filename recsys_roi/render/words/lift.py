"""What the Lift page says beyond one reading: the days, the past, capping, run time, slices."""

from __future__ import annotations

from recsys_roi.numerals import full
from recsys_roi.render.words.numbers import chance, counted, day, listed, money, number, percent, share
from recsys_roi.render.words.readings import (
    not_measurable_sentence,
    range_sentence,
    share_of,
)
from recsys_roi.review.document import Adjustment, Capping, Kpi, Review, RunTime, RunTimePoint

WINNERS_CURSE = "1.6"  # times the truth at the first crossing, for a true effect of the planned size
TRUE_WINS = "one test in ten"
EXPLORING = {
    "kpi": "the KPI",
    "surface": "the surface",
    "start": "the first day",
    "end": "the last day",
    "mature_only": "which requests are old enough",
    "slice_keys": "the groups",
    "covariate": "the covariate",
    "revenue_cap": "the cap on revenue",
}
PRE_PERIOD = "pre_period"
NOT_ADJUSTED = {
    "low_coverage": "too few users have a history",
    "small_reduction": "it would hardly narrow the range",
    "unbalanced": "one arm's users have a history more often, so it is not from before the pilot",
}


def path_sentences(kpi: Kpi) -> tuple[str, ...]:
    """What the days say together: when the range left zero, how fresh that is, whether the effect changed."""
    if not kpi.path:
        return ()
    lines = []
    if kpi.changing:
        lines.append(
            "The effect changed over time: no single lift fits the ranges of all days. "
            "Look for a launch, an outage or a season before reading one figure."
        )
    if kpi.crossed_on is None:
        lines.append("On no day so far did the range leave zero out.")
    else:
        lines.append(f"The range first left zero out on {day(kpi.crossed_on)}.")
    if kpi.fresh:
        lost = kpi.relative_lift is not None and kpi.relative_lift.estimate < 0
        lines.append(
            f"That is less than a week ago, when measured lifts run {'far' if lost else 'high'}: about "
            f"{WINNERS_CURSE} times the truth on average. Money counts the smaller, shrunken one."
        )
    smallest = kpi.path[-1].p_running
    if smallest is not None and smallest < 1:
        lines.append(
            "Smallest chance, over all days, of so large a difference without an effect: "
            f"{number(smallest, 2)}."
        )
    if kpi.adjustment is not None and kpi.adjustment.used:
        lines.append("The days are shown without the adjustment by the past.")
    return tuple(lines)


def false_positive_sentence(kpi: Kpi) -> str | None:
    """How often a win like this is none; None where there is no win."""
    if kpi.false_positive_risk is None:
        return None
    risk = chance(kpi.false_positive_risk)
    return f"If {TRUE_WINS} truly wins, about {risk} of such results are false alarms."


def adjustment_sentence(kpi: Kpi) -> str | None:
    """What was known of the users before the pilot, and what it changes."""
    found = kpi.adjustment
    if found is None:
        return None
    what = "what they did before the pilot" if found.covariate == PRE_PERIOD else found.covariate
    known = f"{share_of(found.coverage)} of users have a history"
    if not found.used:
        why = NOT_ADJUSTED.get(found.reason or "", "")
        reason = why or not_measurable_sentence(found.reason, what).removeprefix("Cannot tell: ").rstrip(".")
        return f"Not adjusted by {what} ({known}): {reason}."
    return f"Adjusted by {what} ({known}): {_narrower(found)} {_unadjusted(found)}"


def _narrower(found: Adjustment) -> str:
    if found.variance_reduction is None or found.variance_reduction <= 0:
        return "the range is as wide as without."
    narrower = 1 - (1 - found.variance_reduction) ** 0.5
    return f"the range is {full(narrower * 100)} % narrower."


def _unadjusted(found: Adjustment) -> str:
    lift = found.unadjusted.relative_lift
    if lift is None:
        return ""
    return f"Without: {percent(lift.estimate)}. {range_sentence(lift)}"


def capping_sentence(kpi: Kpi, currency: str) -> str | None:
    """Where users' totals are cut, how much that removes, and the uncapped reading where it is uneven."""
    cap = kpi.capping
    if cap is None:
        return None
    at = money(cap.cap, currency) if kpi.unit.startswith("money") else f"{number(cap.cap)} seconds"
    basis = "as set" if cap.basis == "fixed" else "the 0.999 quantile of users with any"
    return f"A user counts up to {at} ({basis}). {_removed(cap)}{_uneven(cap)}"


def _removed(cap: Capping) -> str:
    if not cap.users.control + cap.users.candidate:
        return "Nobody is above it."
    parts = [
        f"{'none' if removed is None else share(removed)} of {arm}'s total"
        for arm, removed in (("control", cap.removed_control), ("candidate", cap.removed_candidate))
    ]
    return f"Above it are {parts[0]} and {parts[1]}."


def _uneven(cap: Capping) -> str:
    if not cap.uneven or cap.uncapped is None or cap.uncapped.relative_lift is None:
        return ""
    lift = cap.uncapped.relative_lift
    return f" That is uneven. Uncapped: {percent(lift.estimate)}. {range_sentence(lift)}"


def run_time_sentences(review: Review) -> tuple[str, ...]:
    """What today's users show, and how long the lifts that matter take."""
    found = review.run_time
    if found is None:
        return ()
    lines = []
    if found.mde_now is not None and found.mde_now_always_valid is not None:
        lines.append(
            f"Today's users would show a lift of {percent(found.mde_now_always_valid)} while looking every "
            f"day, {percent(found.mde_now)} looked at once."
        )
    least = float(review.inputs.scenario["min_effect"])
    if least > 0:
        lines.append(
            _takes(f"the smallest one worth shipping ({percent(least)})", found.days_to_min_effect, found)
        )
    lift = review.roi.break_even_lift
    if lift is not None and lift > 0:
        lines.append(_takes(f"break-even ({percent(lift)})", found.days_to_break_even, found))
    return tuple(lines)


def _takes(what: str, days: int | None, found: RunTime) -> str:
    if days is None:
        return (
            f"A lift as small as {what} would take over {found.horizon_days} days to show: too small for "
            "this pilot. Decide by value, or test a bigger change or more traffic."
        )
    return f"A lift as small as {what} takes about {days} days from the start to show."


def detectable_sentence(point: RunTimePoint) -> str:
    """What so many days would show."""
    return (
        f"After {point.days} days, with about {full(point.users)} users: a lift of "
        f"{percent(point.detectable_always_valid)} while looking every day, "
        f"{percent(point.detectable_lift)} looked at once."
    )


def slice_key_sentences(review: Review) -> tuple[str, ...]:
    """How each key is read, and what was taken together."""
    lines = []
    for key in review.slice_keys:
        how = (
            "by each request, so a user can be in several"
            if key.of == "request"
            else "by the user's value at the first exposure"
        )
        together = (
            f" The {key.values - key.grouped} largest of {counted(key.values, 'value')} stand alone, the "
            f"other {key.grouped} together."
            if key.grouped
            else ""
        )
        lines.append(f"{key.key}: {how}.{together}{_alike(review, key.key)}")
    return tuple(lines)


def _alike(review: Review, key: str) -> str:
    """Where shrinkage found nothing but noise between a key's slices (numbers book 6.2)."""
    counts = {part.shrunken for part in review.slices if part.key == key and part.shrunken is not None}
    if len(counts) != 1:
        return ""
    return f" No evidence that these groups differ: each counts as {percent(counts.pop())}."


def exploring_sentence(changed: tuple[str, ...]) -> str | None:
    """A view that was chosen after the start spends the error that the range promises (numbers book 3.4)."""
    chosen = [text for name, text in EXPLORING.items() if name in changed]
    if not chosen:
        return None
    return (
        f"Exploratory: you chose {listed(chosen)}. The range allows for looking every day, "
        "not for looking at many views and taking the best."
    )
