"""What the money part of the review says: value, break-even, payback, waiting, and the live formula."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any, Literal

from recsys_roi.estimate.power import HORIZON_DAYS
from recsys_roi.evidence.kpis import KPIS
from recsys_roi.numerals import full
from recsys_roi.render.words.names import (
    STATUS_MARKS,
    kpi_action,
    setting_name,
    status_mark,
)
from recsys_roi.render.words.numbers import (
    about_money,
    amount_of,
    capitalised,
    chance,
    counted,
    exact_money,
    exact_number,
    in_words,
    inside,
    large_count,
    money,
    number,
    percent,
    sentence,
    share,
    whole_percent,
)
from recsys_roi.render.words.readings import not_measurable_sentence
from recsys_roi.review.document import Flip, Review, Roi, Waiting
from recsys_roi.value.pilot import SMALLEST_LIFT
from recsys_roi.value.setting import Setting
from recsys_roi.value.settings import KPIS_OF_NEW_USERS, NEW_USERS_SETTING, SETTINGS, TRAFFIC_SETTING

FAR_BELOW = 0.75  # of the lift that is needed: it would hardly show within the days of that one
CENT = 0.005  # an amount that is written as nothing
SAME = 1e-6  # of a line's value: a solver stops just beyond it
NO_LIFT_PAYS = (
    "No lift pays: traffic, baseline, value or margin is zero, or all of it is taken from other sales."
)
NO_PILOT = "No pilot pays for what it would teach, as far as the assumptions go."
STOP = "More testing does not pay; stop or redesign."


@dataclass(frozen=True, kw_only=True, slots=True)
class Factor:
    """One factor of the live formula."""

    name: str
    value: float  # what is multiplied
    text: str  # as it is written, with its unit
    basis: Literal["measured", "assumed"]


def setting(review: Review, name: str) -> float | None:
    """A numeric setting of the scenario, None where it is not given."""
    value = review.inputs.scenario.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def roi_sentence(roi: Roi, required: float | None = None) -> str:
    """Value over the horizon, the costs in it, and the chance of making money against what was asked for."""
    if roi.status == "not_measurable" or roi.npv is None:
        return not_measurable_sentence(roi.reason, "the value")
    worth = capitalised(worth_text(roi.npv, roi.currency))
    costs = "" if roi.pv_cost is None else f", after {about_money(roi.pv_cost, roi.currency)} of costs"
    if roi.roi is not None:
        costs += f" (return on them {percent(roi.roi)})"
    assumed = " Assumed, not measured." if roi.basis == "assumed" else ""
    risk = "" if roi.p_npv_positive is None else f" {chance_sentence(roi.p_npv_positive, required)}"
    return f"{worth} over {counted(len(roi.months), 'month')}{costs}.{risk}{assumed}"


def worth_text(npv: float, currency: str) -> str:
    """A value inside a sentence: "worth about EUR 127,700", "loses about EUR 57,070"."""
    verb = "worth" if npv >= 0 else "loses"
    return f"{verb} about {about_money(abs(npv), currency)}"


def chance_sentence(probability: float, required: float | None = None) -> str:
    """The odds against what was asked for: "75 % chance of making money; 90 % was asked for."."""
    asked = "" if required is None else f"; {whole_percent(required)} was asked for"
    return sentence(f"{chance(probability, required)} chance of making money{asked}")


def break_even_sentence(roi: Roi) -> str:
    """The lift above which the candidate pays for itself."""
    lift = roi.break_even_lift
    if lift is None:
        reason = not_measurable_sentence(roi.reason, "the value") if roi.status == "not_measurable" else ""
        return reason or NO_LIFT_PAYS
    if lift <= 0:
        return "Any gain pays: there are no costs to earn back."
    return f"Pays for itself above {percent(lift)}."


def payback_sentence(roi: Roi) -> str:
    """The month in which the costs are earned back; undiscounted, as payback is."""
    if roi.status == "not_measurable":
        return not_measurable_sentence(roi.reason, "payback")
    if roi.payback_months is None:
        return f"Does not pay back within {counted(len(roi.months), 'month')}."
    return f"Pays back in month {max(1, ceil(roi.payback_months))}."


def sunk_cost_sentence(roi: Roi) -> str | None:
    """What was already spent, kept apart from the decision; None where nothing was."""
    if not roi.sunk_cost:
        return None
    whole = (
        "" if roi.programme_roi is None else f" With it the programme returns {percent(roi.programme_roi)}."
    )
    return f"{money(roi.sunk_cost, roi.currency)} is already spent and left out of the verdict.{whole}"


def shared_cost_sentence(review: Review) -> str | None:
    """How much of the shared cost this surface carries; None where there is none, or it carries all."""
    cost, part = setting(review, "shared_cost"), review.roi.shared_part
    if not cost or part == 1.0:
        return None
    currency = review.roi.currency
    return (
        f"Of the cost that surfaces share ({money(cost, currency)}) this one carries {share(part)}, "
        f"its part of the requests: {money(cost * part, currency)}."
    )


def confirmed_sentence(roi: Roi) -> str | None:
    """A warning while the money rests on presets; None once a person entered or confirmed it."""
    return None if roi.confirmed else "Traffic, value and costs are presets that nobody has confirmed."


def waiting_sentence(waiting: Waiting, currency: str) -> str:
    """What the advised wait costs and is worth: "Three weeks cost EUR 3,315 and are worth EUR 4,961; ..."."""
    if waiting.status == "not_measurable":
        return not_measurable_sentence(waiting.reason, "the value of waiting")
    planned = waiting.basis == "assumed"
    row = next((row for row in waiting.rows if row.weeks == waiting.advised_weeks), None)
    if row is None:
        return NO_PILOT if planned else STOP
    cost, worth = about_money(abs(row.delay_cost), currency), about_money(row.evsi, currency)
    verb, are = ("costs", "is") if planned or row.weeks == 1 else ("cost", "are")
    weeks = f"{in_words(row.weeks).capitalize()} {'week' if row.weeks == 1 else 'weeks'}"
    weeks = f"A pilot of {inside(weeks)}" if planned else weeks
    another = f"{chance(row.p_flip)} chance of another answer."
    if abs(row.delay_cost) < CENT:
        return f"{weeks} {verb} nothing and {are} worth {worth}; {another}"
    if row.delay_cost < 0:  # the pilot's own gain is more than the launch would bring in that time
        return f"{weeks} {are} worth {worth}, and the pilot earns {cost} meanwhile; {another}"
    return f"{weeks} {verb} {cost} and {are} worth {worth}; {another}"


def run_time_sentence(review: Review) -> str:
    """How long until the break-even lift could be told from zero (numbers book 10), if it were that large."""
    needed = review.roi.break_even_lift
    if needed is None or review.waiting.status != "ok":
        return "Cannot tell how long the break-even lift takes to detect."
    if needed >= SMALLEST_LIFT:
        return _takes(f"the break-even lift ({percent(needed)})", needed, review)
    needed = setting(review, "min_effect") or 0.0
    if needed < SMALLEST_LIFT:
        return "Any gain pays, so there is no lift that a test would have to show."
    return f"Any gain pays. {_takes(f'the smallest lift worth shipping ({percent(needed)})', needed, review)}"


def _takes(goal: str, needed: float, review: Review) -> str:
    """How long a lift above 0 takes to show; `goal` is what it is called inside a sentence."""
    days = review.waiting.days_to_detect_break_even
    if days is None:
        return f"No test of up to ten years shows {goal}."
    lift = review.primary.relative_lift if review.primary else None
    if lift is not None and lift.upper is not None and lift.upper < needed:
        return f"More days are not expected to prove {goal}: the whole range lies below it."
    if days > HORIZON_DAYS:
        return (
            f"This pilot cannot prove {goal}: it would take {full(days)} days. "
            "More traffic or a larger lift is needed."
        )
    return (
        f"{capitalised(goal)} would show after about {counted(days, 'day')}{_if_it_were(review.roi, needed)}."
    )


def _if_it_were(roi: Roi, needed: float) -> str:
    """A lift that counts as much less than the one needed will not show itself as that one."""
    if roi.lift is None or roi.lift >= FAR_BELOW * needed:
        return ""
    said = "counted" if roi.basis == "measured" else "assumed"
    return f" if it were that large; {percent(roi.lift)} is {said}"


def money_sentences(review: Review) -> tuple[str, ...]:
    """The money in order: value, break-even, payback, what was spent before, and who vouches for it."""
    roi = review.roi
    if roi.status == "not_measurable":
        return tuple(line for line in (roi_sentence(roi), confirmed_sentence(roi)) if line)
    lines = (
        roi_sentence(roi, setting(review, "p_npv_required")),
        break_even_sentence(roi),
        payback_sentence(roi),
        shared_cost_sentence(review),
        sunk_cost_sentence(roi),
        confirmed_sentence(roi),
    )
    return tuple(line for line in lines if line)


def setting_value(name: str, value: Any, currency: str, kpi_id: str | None = None) -> str:
    """A setting's value with its unit, lists and ranges by their parts; a baseline in the unit of its KPI."""
    if isinstance(value, list | tuple):
        return ", ".join(setting_value(name, item, currency) for item in value) or "none"
    if isinstance(value, dict):
        parts = [f"{setting_name(key)}: {setting_value(key, item, currency)}" for key, item in value.items()]
        return "; ".join(parts) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return (
            _baseline(value, currency, kpi_id)
            if name == "baseline_kpi"
            else _setting_number(name, value, currency)
        )
    return str(value) if value else "none"


def _baseline(value: float, currency: str, kpi_id: str | None) -> str:
    kpi = KPIS.get(kpi_id or "")
    if kpi is None or kpi.unit.startswith("share"):
        return whole_percent(value)
    return amount_of(value, currency) if kpi.is_money else number(value)


def _setting_number(name: str, value: float, currency: str) -> str:
    row = SETTINGS.get(name)
    if row is not None and row.is_share:
        return whole_percent(value)
    if row is not None and row.is_money:
        return exact_money(value, currency)
    text = full(value) if isinstance(value, int) else exact_number(float(f"{value:.6g}"))
    return f"{text} {_unit_of(row, value)}" if row is not None and _unit_is_new(row) else text


def _unit_of(row: Setting, value: float) -> str:
    """ "hours a month", of one: "hour a month"."""
    counted_in, *rest = row.unit.split()
    return " ".join((counted_in.removesuffix("s") if value == 1 else counted_in, *rest))


def _unit_is_new(row: Setting) -> bool:
    """Whether the setting's name leaves its unit out."""
    return bool(row.unit) and row.unit.split()[0] not in setting_name(row.name)


def flip_sentence(flip: Flip, review: Review) -> str:
    """One line that would change the verdict, against the value it has now."""
    currency = review.roi.currency
    now = _now(review, flip.input)
    at = setting_value(flip.input, _outward(flip.at, now), currency)
    becomes = status_mark(flip.becomes).word if flip.becomes in STATUS_MARKS else flip.becomes
    if now is None:
        return f"{capitalised(setting_name(flip.input))} at {at} makes it {becomes}."
    is_now = setting_value(flip.input, now, currency)
    if flip.input in SETTINGS and SETTINGS[flip.input].kind == "whole":
        side = "more" if flip.at > now else "less"
        name = capitalised(setting_name(flip.input))
        return f"{name} of {exact_number(flip.at)} or {side} makes it {becomes} (now {is_now})."
    side = "above" if flip.at > now else "below"
    return f"{capitalised(setting_name(flip.input))} {side} {at} makes it {becomes} (now {is_now})."


def _now(review: Review, name: str) -> float | None:
    """The value that counts: the decay of a lift is the KPI's where nobody gave another."""
    given = setting(review, name)
    if given is None and name == "lift_decay_monthly" and review.kpi_id in KPIS:
        return KPIS[review.kpi_id].decay_monthly
    return given


def _outward(at: float, now: float | None) -> float:
    """Three digits of the line, rounded away from the present value so that the sentence stays true."""
    nearest = float(f"{at:.3g}")
    beyond = now is None or (nearest - at) * (at - now) >= 0
    if beyond or abs(nearest - at) <= SAME * abs(at):
        return nearest
    step = 10.0 ** (floor(log10(abs(at))) - 2)
    return float(f"{nearest + (step if at > (now or 0.0) else -step):.3g}")


def flip_sentences(review: Review) -> tuple[str, ...]:
    """Every line the solver found, the nearest first; where it found none, one sentence that says so."""
    nearest = sorted(review.decision.flips, key=lambda flip: _distance(flip, _now(review, flip.input)))
    found = tuple(flip_sentence(flip, review) for flip in nearest)
    if found or review.decision.decision is None:
        return found
    kpi = review.primary
    lift = kpi.relative_lift if kpi else None
    open_range = lift and lift.lower is not None and lift.upper is not None and lift.lower <= 0 <= lift.upper
    if open_range and review.decision.decision == "hold":
        return ("No price or cost makes this SHIP while the range includes zero.",)
    return ("No single price or cost changes this verdict.",)


def _distance(flip: Flip, now: float | None) -> float:
    """How far a setting has to move, as a share of the larger of both values."""
    size = max(abs(flip.at), abs(now or 0.0))
    return abs(flip.at - (now or 0.0)) / size if size else 0.0


def formula_factors(review: Review) -> tuple[Factor, ...]:
    """The factors of the benefit; their product is its present value. Empty where it cannot be counted.

    Present value = lift x baseline x requests a month x value x margin x (1 - cannibalisation) x full months
    (numbers book 8.1), where full months stands for ramp, growth, novelty, decay and discounting together.
    """
    roi = review.roi
    if roi.lift is None or not roi.baseline or not roi.pv_per_unit_lift:
        return ()
    kpi_id = review.kpi_id or ""
    of_new_users = kpi_id in KPIS_OF_NEW_USERS
    audience = NEW_USERS_SETTING if of_new_users else TRAFFIC_SETTING
    people, one = ("eligible new users", "a new user") if of_new_users else ("eligible requests", "a request")
    scenario = {name: setting(review, name) for name in (audience, "margin", "cannibalisation")}
    requests, margin, cannibalisation = scenario.values()
    if requests is None or margin is None or cannibalisation is None:
        return ()
    is_money = kpi_id in KPIS and KPIS[kpi_id].is_money
    value = 1.0 if is_money else setting(review, "value_per_action")
    once = roi.baseline * requests * (value or 0.0) * margin * (1 - cannibalisation)
    if value is None or not once:
        return ()
    months = roi.pv_per_unit_lift / once
    action = kpi_action(kpi_id)
    level = amount_of(roi.baseline, roi.currency) if is_money else f"{number(roi.baseline)} {action}s"
    worth = (
        ()
        if is_money
        else (_factor("value", value, f"{money(value, roi.currency)} {_with_article(action)}"),)
    )
    return (
        Factor(name="lift", value=roi.lift, text=percent(roi.lift), basis=roi.basis),
        Factor(name="baseline", value=roi.baseline, text=f"{level} {one}", basis=roi.basis),
        _factor("traffic", requests, f"{large_count(requests)} {people} a month"),
        *worth,
        _factor("margin", margin, whole_percent(margin)),
        _factor("kept after cannibalisation", 1 - cannibalisation, whole_percent(1 - cannibalisation)),
        _factor("time", months, f"{number(months)} full months of {len(roi.months)}"),
    )


def _with_article(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def _factor(name: str, value: float, text: str) -> Factor:
    return Factor(name=name, value=value, text=text, basis="assumed")


def formula_line(review: Review) -> str | None:
    """The live formula; None where its factors cannot be told."""
    return formula_sentence(review) if formula_factors(review) else None


def formula_sentence(review: Review) -> str:
    """The live formula with its numbers and units, from the lift to the value."""
    roi = review.roi
    factors = formula_factors(review)
    if not factors or roi.npv is None or roi.pv_benefit is None or roi.pv_cost is None:
        if roi.npv is not None and not roi.pv_per_unit_lift:
            return f"No lift is worth anything here, and the costs stay: {money(roi.npv, roi.currency)}."
        return not_measurable_sentence(roi.reason, "the value")
    product = " × ".join(f"{factor.name} {factor.text}" for factor in factors)
    benefit, cost, value = (money(part, roi.currency) for part in (roi.pv_benefit, roi.pv_cost, roi.npv))
    return (
        f"{capitalised(product)} = {benefit} benefit; minus {cost} costs = {value}. "
        "Full months: after ramp-up, traffic growth, novelty, decay and discounting."
    )
