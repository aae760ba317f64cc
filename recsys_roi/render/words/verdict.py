"""The verdict in words: headline, sentence, badge, and one sentence for every reason of the policy."""

from __future__ import annotations

from collections.abc import Callable

from recsys_roi.numerals import full
from recsys_roi.render.words import names
from recsys_roi.render.words.money import (
    CENT,
    STOP,
    break_even_sentence,
    chance_sentence,
    payback_sentence,
    setting,
    waiting_sentence,
)
from recsys_roi.render.words.numbers import (
    about_money,
    capitalised,
    chance,
    counted,
    day,
    introduced,
    listed,
    percent,
    sentence,
    share,
    whole_percent,
)
from recsys_roi.render.words.readings import guardrail_sentence, kpi_sentence, slice_name, slice_sentence
from recsys_roi.render.words.record import waiver_sentences
from recsys_roi.review.document import Guardrail, Review, WaitingRow
from recsys_roi.verdict.decision import MIN_USERS

FAILED_NAMED = 2  # failed checks that are named beside the figures


def verdict_headline(review: Review) -> str:
    """The verdict and its first reason in at most a dozen words: "HOLD: too early, day 9 of 14"."""
    decision = review.decision.decision
    if decision is None:
        return f"PLAN: {_plan_headline(review)}"
    code = review.decision.primary_reason or ""
    said = HEADLINES[code](review) if code in HEADLINES else code.replace("_", " ") or "no reason was given"
    return f"{names.status_mark(decision).word}: {said}"


def verdict_sentence(review: Review) -> str:
    """What stands behind the headline, in one or two sentences."""
    if review.decision.decision is None:
        return _plan_sentence(review)
    rule = rule_sentence(review)
    return f"{_decided(review)} {rule}" if rule else _decided(review)


def rule_sentence(review: Review) -> str | None:
    """Which rule decided, where it is not the one that asks for proof."""
    if review.decision.rule == "value_proven":
        return None
    return f"Decided by the {review.decision.rule_label}: what is expected to pay need not be proven."


def _decided(review: Review) -> str:
    code = review.decision.primary_reason
    if code is None:
        return "No reason was given."
    if code == "value_proven":
        return f"{reason_sentence(code, review)} {payback_sentence(review.roi)}"
    if code == "waiting_pays":
        return f"{_standing(review)} {_waiting_pays(review)}".strip()
    return reason_sentence(code, review)


def badge(review: Review) -> str | None:
    """How long the verdict stays open: "Preliminary until 12 Nov"; None once it is valid."""
    if not review.decision.preliminary:
        return None
    until = review.decision.valid_from
    return "Preliminary" if until is None else f"Preliminary until {day(until, review.made_at)}"


def reason_sentence(code: str, review: Review) -> str:
    """One reason of the policy with this review's figures; an unknown code is shown as words."""
    return REASONS[code](review) if code in REASONS else sentence(code.replace("_", " "))


def reason_sentences(review: Review) -> list[str]:
    """Every reason in the order of the policy, then what people accepted so that it is none."""
    reasons = (reason_sentence(code, review) for code in review.decision.reasons)
    return [*reasons, *waiver_sentences(review, applied=True)]


def incident_sentence(review: Review) -> str | None:
    """The red note when logs cannot be trusted and a guardrail looks broken: it may be a real outage."""
    if not review.decision.incident:
        return None
    looks = listed([names.guardrail_name(g.id) for g in review.guardrails if g.status == "breach"])
    return f"Possible incident: {looks or 'a guardrail'} beyond its limit. Consider switching off now."


def reliance_sentence(review: Review) -> str | None:
    """ "Do not rely on the lift or the money" with the failed checks; None while the data can be read.

    More than two are counted: the verdict and the Logs page name them all.
    """
    failed = _failed(review)
    count = sum(check.status == "fail" for check in review.integrity)
    said = f"{counted(count, 'check')} of the logs failed" if count > FAILED_NAMED else failed
    return f"Do not rely on the lift or the money: {said}." if failed else None


def changes_sentence(review: Review) -> str:
    """How many settings a person gave: "2 changes from the defaults"."""
    changes = len(review.inputs.changed)
    return f"{counted(changes, 'change') if changes else 'No changes'} from the defaults"


def _plan_headline(review: Review) -> str:
    roi = review.roi
    if roi.npv is None or roi.lift is None:
        return "nothing measured yet"
    worth = about_money(abs(roi.npv), roi.currency)
    verb = "worth" if roi.npv >= 0 else "loses"
    return f"{verb} about {worth} in {_horizon(review)} if the lift is {percent(roi.lift)}"


def _plan_sentence(review: Review) -> str:
    if review.roi.npv is None:
        return "No logs yet: enter an expected lift and a baseline, or add logs."
    money = f"{break_even_sentence(review.roi)} {payback_sentence(review.roi)}"
    return f"{money} Every figure is assumed; add logs to measure."


def _horizon(review: Review) -> str:
    months = setting(review, "horizon_months")
    return counted(len(review.roi.months) if months is None else int(months), "month")


def _failed(review: Review) -> str:
    failed = [f'"{names.check_title(check.id)}"' for check in review.integrity if check.status == "fail"]
    return f"{listed(failed)} failed" if failed else ""


def _integrity(review: Review) -> str:
    fixes = [check.fix for check in review.integrity if check.status == "fail" and check.fix]
    failed = _failed(review) or "a check of the logs failed"
    return f"The data cannot be trusted: {failed}. {sentence(fixes[0]) if fixes else ''}".strip()


def _with_status(review: Review, status: str) -> list[Guardrail]:
    return [guardrail for guardrail in review.guardrails if guardrail.status == status]


def _guardrail_names(review: Review, status: str) -> str:
    found = _with_status(review, status)
    return listed([names.guardrail_name(guardrail.id) for guardrail in found]) or "a guardrail"


def _guardrails(status: str) -> Callable[[Review], str]:
    def said(review: Review) -> str:
        found = _with_status(review, status)
        lines = [introduced(names.guardrail_name(g.id), guardrail_sentence(g)) for g in found]
        return " ".join(lines) or f"A guardrail is marked {names.status_mark(status).word.lower()}."

    return said


def _kpi(review: Review) -> str:
    return names.kpi_name(review.primary.id) if review.primary else "the KPI"


def _counted_lift(review: Review) -> str:
    posterior = review.primary.posterior if review.primary else None
    return "" if posterior is None else percent(posterior.mean)


def _ends(review: Review) -> tuple[float | None, float | None]:
    lift = review.primary.relative_lift if review.primary else None
    return (None, None) if lift is None else (lift.lower, lift.upper)


def _kpi_regression(review: Review) -> str:
    _, upper = _ends(review)
    even = "" if upper is None else f" Even the high end ({percent(upper)}) is a loss."
    return f"{capitalised(_kpi(review))} fell: counted as {_counted_lift(review) or 'a loss'}.{even}"


def _implausible(review: Review) -> str:
    kpi = review.primary
    lift = (
        "This lift"
        if kpi is None or kpi.relative_lift is None
        else f"A lift of {percent(kpi.relative_lift.estimate)}"
    )
    odds = (
        ""
        if kpi is None or kpi.implausible_p is None
        else f" ({chance(kpi.implausible_p)} of real changes look this large)"
    )
    checks = "logging, bots, doubled clicks, attribution windows and currency"
    return f"{lift} is too large to believe{odds}. Check {checks} first."


def _day_of(review: Review) -> tuple[int, int | None]:
    days = review.experiment.window.days if review.experiment else 0
    least = setting(review, "min_days")
    return days, None if least is None else int(least)


def _too_early_headline(review: Review) -> str:
    days, least = _day_of(review)
    if _days_are_over(review):
        return f"too few users, {full(_fewest_users(review))} of {full(MIN_USERS)} an arm"
    return f"too early, day {days}" + ("" if least is None else f" of {least}")


def _days_are_over(review: Review) -> bool:
    days, least = _day_of(review)
    return least is not None and days >= least


def _too_early(review: Review) -> str:
    days, least = _day_of(review)
    if _days_are_over(review):
        return f"All {least} days are over, but too few users came."
    asked = "" if least is None else f" of {least}"
    return f"Day {days}{asked}: weekdays and weekends must be seen, and the newness must wear off."


def _fewest_users(review: Review) -> int:
    users = review.experiment.users if review.experiment else None
    return 0 if users is None else min(users.control, users.candidate)


def _too_few(review: Review) -> str:
    return f"Needs {full(MIN_USERS)} users an arm; has {full(_fewest_users(review))}."


def _harmed(review: Review) -> str:
    return listed([slice_name(part) for part in review.slices if part.harm]) or "a slice"


def _slice_harm(review: Review) -> str:
    lines = [introduced(slice_name(part), slice_sentence(part)) for part in review.slices if part.harm]
    return " ".join(lines) or "A slice of users is harmed."


def _value_headline(review: Review) -> str:
    if review.roi.npv is None:
        return "the value is proven"
    return f"worth about {about_money(review.roi.npv, review.roi.currency)} in {_horizon(review)}"


def _value_proven(review: Review) -> str:
    lower, _ = _ends(review)
    required = setting(review, "p_npv_required")
    low = "The range is a gain" if lower is None else f"Even the low end ({percent(lower)}) is a gain"
    probability = review.roi.p_npv_positive
    odds = "" if probability is None else f"; {chance(probability, required)} chance of positive value"
    return f"{low}{odds}" + ("." if required is None else f", {whole_percent(required)} required.")


def _advised_row(review: Review) -> WaitingRow | None:
    waiting = review.waiting
    return next((row for row in waiting.rows if row.weeks == waiting.advised_weeks), None)


def _expected_value(review: Review) -> str:
    probability = review.roi.p_npv_positive
    odds = "" if probability is None else f" {chance_sentence(probability)}"
    return f"Expected to pay, and more testing would not.{odds}"


def _waiting_headline(review: Review) -> str:
    row = _advised_row(review)
    return "keep testing" if row is None else f"test {counted(row.weeks, 'more week')}"


def _waiting_pays(review: Review) -> str:
    row = _advised_row(review)
    if row is None:
        return "Waiting is worth more than it costs."
    worth = about_money(row.evsi, review.roi.currency)
    cost = about_money(abs(row.delay_cost), review.roi.currency)
    if abs(row.delay_cost) < CENT:
        return f"Waiting costs nothing and is worth about {worth}."
    if row.delay_cost < 0:
        return f"Waiting is worth about {worth}, and the pilot earns about {cost} meanwhile."
    return f"Waiting costs about {cost} and is worth about {worth}."


def _standing(review: Review) -> str:
    """Where the money stands while the test goes on, and which doubt is left."""
    probability = review.roi.p_npv_positive
    lower, _ = _ends(review)
    break_even = review.roi.break_even_lift
    likely = (
        "Likely to pay, not proven"
        if probability is not None and probability > 0.5
        else "Not likely to pay yet"
    )
    if lower is None:
        return f"{likely}."
    if lower <= 0:
        return f"{likely}: the range includes a loss."
    if break_even is not None and lower < break_even:
        return f"{likely}: the range includes gains that do not pay."
    return f"{likely}."


def _waiting(review: Review) -> str:
    return (
        waiting_sentence(review.waiting, review.roi.currency)
        if _advised_row(review)
        else _waiting_pays(review)
    )


def _economics_unproven(review: Review) -> str:
    probability = review.roi.p_npv_positive
    odds = (
        "" if probability is None else f" {chance_sentence(probability, setting(review, 'p_npv_required'))}"
    )
    return f"A real gain, not yet shown to pay.{odds}"


def _below_break_even(review: Review) -> str:
    _, upper = _ends(review)
    needed = break_even_sentence(review.roi)
    return needed if upper is None else f"{needed} Even the high end ({percent(upper)}) does not reach that."


def _economics_not_set(review: Review) -> str:
    kpi = review.primary
    lift = "" if kpi is None or kpi.relative_lift is None else f" {kpi_sentence(kpi)}"
    return f"Traffic, value and costs are presets; enter or confirm them before money decides.{lift}"


def _kpi_not_measurable(review: Review) -> str:
    kpi = review.primary
    if kpi is None:
        return "No KPI was measured."
    rate = (
        ""
        if kpi.control is None
        else f" Control {share(kpi.control)}."
        if kpi.unit.startswith("share")
        else ""
    )
    return f"{introduced(_kpi(review), kpi_sentence(kpi))}{rate}"


HEADLINES: dict[str, Callable[[Review], str]] = {
    "integrity": lambda _: "the data cannot be trusted yet",
    "guardrail_breach": lambda review: f"{_guardrail_names(review, 'breach')} worse, beyond the limit",
    "kpi_regression": lambda review: f"{_kpi(review)} fell",
    "implausible_lift": lambda _: "the lift is too large to believe",
    "too_early": _too_early_headline,
    "too_few_users": lambda review: (
        f"too few users, {full(_fewest_users(review))} of {full(MIN_USERS)} in an arm"
    ),
    "guardrail_not_measurable": lambda review: (
        f"cannot tell whether {_guardrail_names(review, 'not_measurable')} stayed safe"
    ),
    "guardrail_unproven": lambda review: f"{_guardrail_names(review, 'warn')} not shown safe yet",
    "slice_harm": lambda review: f"harm to {_harmed(review)}",
    "value_proven": _value_headline,
    "expected_value": _value_headline,
    "waiting_pays": _waiting_headline,
    "economics_unproven": lambda _: "a real gain, not yet shown to pay",
    "below_break_even": lambda _: "the gain does not cover its costs",
    "inconclusive_stop": lambda _: "stop or redesign, more testing does not pay",
    "economics_not_set": lambda _: "enter traffic, value and costs",
    "kpi_not_measurable": lambda review: f"{_kpi(review)} cannot be measured",
}
REASONS: dict[str, Callable[[Review], str]] = {
    "integrity": _integrity,
    "guardrail_breach": _guardrails("breach"),
    "kpi_regression": _kpi_regression,
    "implausible_lift": _implausible,
    "too_early": _too_early,
    "too_few_users": _too_few,
    "guardrail_not_measurable": _guardrails("not_measurable"),
    "guardrail_unproven": _guardrails("warn"),
    "slice_harm": _slice_harm,
    "value_proven": _value_proven,
    "expected_value": _expected_value,
    "waiting_pays": _waiting,
    "economics_unproven": _economics_unproven,
    "below_break_even": _below_break_even,
    "inconclusive_stop": lambda _: STOP,
    "economics_not_set": _economics_not_set,
    "kpi_not_measurable": _kpi_not_measurable,
}
