"""What one part of the review says: a KPI, a guardrail, a slice, and what cannot be measured."""

from __future__ import annotations

from collections.abc import Callable

from recsys_roi.evidence.kpis import GUARDRAILS
from recsys_roi.numerals import amount, full
from recsys_roi.render.words import names
from recsys_roi.render.words.numbers import (
    amount_of,
    bare_points,
    capitalised,
    chance,
    number,
    percent,
    points,
    sentence,
    share,
    signed,
)
from recsys_roi.review.document import Estimate, Guardrail, Kpi, Slice
from recsys_roi.review.parts import MIN_USERS

UNKNOWN = "cannot tell"  # where a figure would stand
NONE = "-"  # the same in a table beside a reading that says why
CANNOT_TELL = {
    "no_traffic": "no traffic is planned for the pilot",
    "no_variation": "the baseline leaves no spread to plan with",
    "eligible_new_users_per_month_not_set": "the number of new users a month is not entered",
    "value_per_action_not_set": "the value of one returning user is not entered",
    "no_users": "an arm has no users",
    "no_logs": "there are no logs yet",
    "too_few_users": "too few users",
    "too_few_requests": "too few requests for a quantile",
    "too_few_days": "too few days to compare day by day",
    "nobody_had_time": "no user was first seen long enough before the end to come back",
    "zero_denominator": "an arm has nothing to divide by",
    "zero_variance": "every user has the same value, so the range cannot be known",
    "control_near_zero": "the control is too close to zero for a percentage",
    "missing": "it is not logged",
    "too_large": "its values are too large to be true; look for a wrong one in the log",
    "none_seen": "none was seen in either arm, so a range cannot be computed",
    "error_only_when_true": "errors are logged only where they happened, so the rest is not known",
    "small_counts": "fewer than ten in an arm; only a reading on the planned end date is shown",
    "not_comparable": "its users are not split as planned",
    "no_mature_lift": "too few users' requests are old enough for all their outcomes to have come",
    "not_counted": "it was not counted for this view",
}


def not_measurable_sentence(
    reason: str | None, what: str, *, needed: int | None = None, has: int | None = None
) -> str:
    """Why something cannot be measured; `what` is the field to log, or the measure's name.

    A reason that is no known code is somebody's own sentence and is passed on.
    """
    if reason == "missing":
        return f"Cannot tell: {what} is not logged."
    if reason == "too_few_users" and needed is not None and has is not None:
        return f"Needs {full(needed)} users an arm; has {full(has)}."
    return sentence(f"Cannot tell: {CANNOT_TELL.get(reason or '', reason or f'{what} was not measured')}")


def range_sentence(estimate: Estimate) -> str:
    """The range of a relative change: "Likely between -2.5 % and +6.9 %."."""
    if estimate.lower is None or estimate.upper is None:
        return f"Measured {percent(estimate.estimate)}; its range cannot be known."
    return f"Likely between {percent(estimate.lower)} and {percent(estimate.upper)}."


def direction_sentence(lower: float | None, upper: float | None) -> str:
    """What a range with these ends says about the sign."""
    if lower is not None and lower > 0:
        return "A gain: even the low end is above zero."
    if upper is not None and upper < 0:
        return "A loss: even the high end is below zero."
    return "Could be a loss or a gain; cannot tell yet."


def kpi_sentence(kpi: Kpi, currency: str = "") -> str:
    """The always-valid reading of a KPI, or why there is none; amounts in a currency, where one is named."""
    if kpi.relative_lift is not None:
        lift = kpi.relative_lift
        return f"{range_sentence(lift)} {direction_sentence(lift.lower, lift.upper)}"
    if kpi.difference is not None and kpi.difference.lower is not None and kpi.difference.upper is not None:
        low, high = kpi.difference.lower, kpi.difference.upper
        between = f"Likely between {_change(kpi, low, currency)} and {_change(kpi, high, currency)}."
        reason = not_measurable_sentence(kpi.relative_reason, names.kpi_name(kpi.id))
        return f"{between} {direction_sentence(low, high)} No percentage. {reason}"
    has = None if kpi.sums is None else min(kpi.sums.control.n, kpi.sums.candidate.n)
    what = names.kpi_needs(kpi.id)
    return not_measurable_sentence(kpi.reason, what, needed=MIN_USERS, has=has)


def kpi_row(kpi: Kpi) -> tuple[str, str, str]:
    """Measured lift, always-valid range and what they say: "+12 %", "+2 % to +23 %", a sentence."""
    lift = kpi.relative_lift
    if lift is None:
        return UNKNOWN, UNKNOWN, kpi_sentence(kpi)
    if lift.lower is None or lift.upper is None:
        return percent(lift.estimate), UNKNOWN, kpi_sentence(kpi)
    between = f"{percent(lift.lower)} to {percent(lift.upper)}"
    return percent(lift.estimate), between, direction_sentence(lift.lower, lift.upper)


def kpi_cells(kpi: Kpi, currency: str) -> tuple[str, ...]:
    """A KPI as a row of a table: name, both arms, measured and counted lift, reading."""
    arms = (
        NONE if value is None else kpi_value(kpi, value, currency) for value in (kpi.control, kpi.candidate)
    )
    counts = counted_lift(kpi)
    return (
        capitalised(names.kpi_name(kpi.id)),
        *arms,
        NONE if kpi.relative_lift is None else percent(kpi.relative_lift.estimate),
        NONE if counts is None else percent(counts),
        kpi_sentence(kpi, currency),
    )


def difference_sentence(kpi: Kpi, currency: str) -> str | None:
    """The difference beside the level it is a part of: "+0.02 points (+1.8 % of 1.20 %)."."""
    if kpi.control is None or kpi.candidate is None:
        return None
    change = _change(kpi, kpi.candidate - kpi.control, currency)
    level = kpi_value(kpi, kpi.control, currency)
    if not kpi.control:
        return f"{change} from {level}."
    return f"{change} ({percent(kpi.candidate / kpi.control - 1)} of {level})."


def belief_sentence(kpi: Kpi) -> str | None:
    """Measured against what is counted, the shrunken lift; None where there is no belief."""
    counts = counted_lift(kpi)
    if counts is None or kpi.relative_lift is None:
        return None
    return counted_sentence(kpi.relative_lift.estimate, counts)


def counted_lift(kpi: Kpi) -> float | None:
    """The shrunken lift that money is counted with: that of mature requests where there is one."""
    return None if kpi.counted is None else kpi.counted.mean


def counted_sentence(measured: float, counts: float) -> str:
    """Both lifts and why they differ: "Measured +2.2 %; we count +1.8 %, as early results run high."."""
    said = f"Measured {percent(measured)}; we count {percent(counts)}"
    if 0 <= counts < measured:
        return f"{said}, as early results run high."
    return f"{said}, as early results run far." if measured < counts <= 0 else f"{said}."


def belief_sentences(kpi: Kpi) -> tuple[str, ...]:
    """What is believed of a KPI: counted lift, chance of being better, how complete the data are."""
    lines = (belief_sentence(kpi), better_sentence(kpi), mature_sentence(kpi))
    return tuple(line for line in lines if line) or (kpi_sentence(kpi),)


def better_sentence(kpi: Kpi) -> str | None:
    """The chance that the candidate is better, given what lifts of this kind usually are."""
    if kpi.counted is None:
        return None
    return f"{chance(kpi.counted.p_better).capitalize()} chance that the candidate is better."


def mature_sentence(kpi: Kpi) -> str | None:
    """How much of the KPI is old enough to be complete, and the lift on that part."""
    mature = kpi.mature
    if mature is None or mature.share is None:
        return None
    if not mature.used:
        return "No request is old enough for all its outcomes to have come; all of them are used."
    lift = (
        ""
        if mature.relative_lift is None
        else f" On those the measured lift is {percent(mature.relative_lift)}."
    )
    part = share_of(mature.share)
    return f"{part} of requests are old enough for all their outcomes; money counts those.{lift}"


def share_of(part: float) -> str:
    """A part of a whole, never rounded to none or all of it."""
    if 0 < part < 0.01:
        return "Under 1 %"
    return "Over 99 %" if 0.99 < part < 1 else f"{full(part * 100)} %"


def fixed_horizon_sentence(kpi: Kpi) -> str | None:
    """The second, narrower reading with its condition (numbers book 3.4); None where there is none."""
    fixed = kpi.fixed_horizon
    if fixed is None:
        return None
    if fixed.relative_lift is not None:
        between = _between(fixed.relative_lift, percent)
    elif fixed.difference is not None:
        between = _between(fixed.difference, lambda value: _change(kpi, value, ""))
    else:
        return None
    condition = (
        "Not corrected for looking early, and never enough to ship."
        if fixed.method == "newcombe"
        else "Valid only on the planned end date, looked at once."
    )
    return f"Without daily looks: {between}. {condition}"


def _between(estimate: Estimate, text: Callable[[float], str]) -> str:
    if estimate.lower is None or estimate.upper is None:
        return text(estimate.estimate)
    return f"between {text(estimate.lower)} and {text(estimate.upper)}"


def kpi_value(kpi: Kpi, value: float, currency: str = "") -> str:
    """An arm's own figure in the KPI's unit: "1.20 %", "EUR 0.216"."""
    if kpi.unit.startswith("share"):
        return share(value)
    if kpi.unit.startswith("seconds"):
        return f"{number(value)} s"
    return amount_of(value, currency) if currency and kpi.unit.startswith("money") else number(value)


def _change(kpi: Kpi, value: float, currency: str) -> str:
    """A change of the KPI in its own unit, with its sign."""
    if kpi.unit.startswith("share"):
        return points(value)
    if currency and kpi.unit.startswith("money"):
        return amount(signed(value, number(abs(value))), currency)
    unit = " s" if kpi.unit.startswith("seconds") else ""
    return f"{signed(value, number(abs(value)))}{unit}"


def arm_value(guardrail: Guardrail, value: float) -> str:
    """An arm's own figure in the guardrail's unit: "164 ms", "0.400 %"."""
    return f"{number(value)} ms" if guardrail.arm_unit == "ms" else share(value)


def guardrail_cells(guardrail: Guardrail) -> tuple[str, ...]:
    """A guardrail as a row of a table: name, status, both arms, limit, reading."""
    arms = (
        NONE if value is None else arm_value(guardrail, value)
        for value in (guardrail.control, guardrail.candidate)
    )
    return (
        capitalised(names.guardrail_name(guardrail.id)),
        names.status_mark(guardrail.status).word,
        *arms,
        limit_text(guardrail),
        guardrail_sentence(guardrail),
    )


def guardrail_sentence(guardrail: Guardrail) -> str:
    """One guardrail in a sentence: change, how bad it could be, limit, and days to go."""
    harm = guardrail.harm
    if guardrail.status == "not_measurable" or harm is None:
        what = names.GUARDRAIL_NEEDS.get(guardrail.id, names.guardrail_name(guardrail.id))
        none_seen = guardrail.reason == "zero_variance" and guardrail.control == guardrail.candidate == 0
        return not_measurable_sentence("none_seen" if none_seen else guardrail.reason, what)
    change, unit = _harm(guardrail, harm.estimate)
    limit, _ = _harm(guardrail, guardrail.margin)
    note = f" {sentence(guardrail.note)}" if guardrail.note else ""
    if guardrail.status == "breach":
        least = "" if harm.lower is None else f", at least {_harm(guardrail, harm.lower)[0]}"
        return f"Worse, and beyond its limit: {change}{unit}{least}; limit {limit}.{note}"
    worst = "" if harm.upper is None else f", could be {_harm(guardrail, harm.upper)[0]}"
    figures = f"{change}{unit}{worst}; limit {limit}"
    if guardrail.status == "pass":
        return f"Shown to stay within its limit: {figures}.{note}"
    days = guardrail.more_days
    wait = "More days are not expected to settle it." if days is None else _more_days(days)
    return f"Not shown safe: {figures}. {wait}{note}"


def _more_days(days: int) -> str:
    return f"About {full(days)} more {'day' if days == 1 else 'days'}."


def _harm(guardrail: Guardrail, harm: float) -> tuple[str, str]:
    """A harm as people see it, with its unit: signed as the measure moves."""
    moved = -harm if guardrail.id in GUARDRAILS and GUARDRAILS[guardrail.id].lower_is_worse else harm
    if guardrail.unit == "relative" and guardrail.arm_unit == "ms" and guardrail.control:
        milliseconds = moved * guardrail.control
        return signed(milliseconds, _milliseconds(abs(milliseconds))), " ms"
    if guardrail.unit == "relative":
        return percent(moved), ""
    return bare_points(moved), " points"


def _milliseconds(size: float) -> str:
    return full(size) if size >= 0.95 else number(size, 1)


def slice_name(part: Slice) -> str:
    """A slice as key and value: "device: mobile"."""
    return f"{part.key}: {part.value}"


def slice_sentence(part: Slice) -> str:
    """A slice's reading: range, what is counted of it, or why there is none."""
    if part.relative_lift is None:
        return not_measurable_sentence(part.reason, slice_name(part))
    counts = (
        ""
        if part.shrunken is None
        else f" Counted as {percent(part.shrunken)}, drawn towards the other slices."
    )
    harm = " Harmed." if part.harm else ""
    return f"{range_sentence(part.relative_lift)}{counts}{harm}"


def change_text(guardrail: Guardrail) -> str | None:
    """The guardrail's change as a table shows it: "+6 ms"; None where it cannot be measured."""
    if guardrail.harm is None:
        return None
    change, unit = _harm(guardrail, guardrail.harm.estimate)
    return f"{change}{unit}"


def worst_text(guardrail: Guardrail) -> str | None:
    """How bad the change could be: "+14 ms"; None where no bound is defined."""
    if guardrail.harm is None or guardrail.harm.upper is None:
        return None
    worst, unit = _harm(guardrail, guardrail.harm.upper)
    return f"{worst}{unit}"


def limit_text(guardrail: Guardrail) -> str:
    """The guardrail's limit: "+10 ms"; as a percentage where the control is not known."""
    limit, unit = _harm(guardrail, guardrail.margin)
    return f"{limit}{unit}"
