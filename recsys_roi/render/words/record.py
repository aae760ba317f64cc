"""What people wrote, in words: waivers, attestations, the plan that was agreed and what departs from it."""

from __future__ import annotations

from recsys_roi.render.words.money import setting_value
from recsys_roi.render.words.names import guardrail_name, setting_name
from recsys_roi.render.words.numbers import capitalised, counted, day, percent, points, sentence
from recsys_roi.review.document import AttestationNote, Deviation, Review, WaiverNote


def waiver_sentence(waiver: WaiverNote, review: Review) -> str:
    """One waiver: what is accepted, up to which harm, by whom, until when, and why."""
    standing = "accepted although not shown safe" if waiver.applied else "waived, but that does not apply now"
    limit = "" if waiver.up_to is None else f", up to {_harm(waiver.guardrail, waiver.up_to, review)}"
    until = "" if waiver.expires is None else f", until {day(waiver.expires)}"
    name = capitalised(guardrail_name(waiver.guardrail))
    by = f"{waiver.who} on {day(waiver.at)}{until}"
    return f"{name} {standing}{limit}: {by}. {sentence(waiver.why)}".strip()


def waiver_sentences(review: Review, *, applied: bool | None = None) -> tuple[str, ...]:
    """Every waiver of the record, or only those that turned this verdict."""
    found = (waiver for waiver in review.record.waivers if applied is None or waiver.applied is applied)
    return tuple(waiver_sentence(waiver, review) for waiver in found)


def attestation_sentence(stated: AttestationNote) -> str:
    """What a person stated, and whether it still holds."""
    until = "" if stated.expires is None else f", until {day(stated.expires)}"
    expired = "" if stated.holds else " It has expired."
    note = f" {sentence(stated.note)}" if stated.note else ""
    kind = capitalised(stated.kind.replace("_", " "))
    return f"{kind}: stated by {stated.who} on {day(stated.at)}{until}.{note}{expired}"


def deviation_sentence(deviation: Deviation, currency: str) -> str:
    """A setting that is not what was agreed: "Margin: planned 35 %, now 40 %."."""
    planned, now = (
        setting_value(deviation.setting, value, currency) for value in (deviation.planned, deviation.now)
    )
    return f"{capitalised(setting_name(deviation.setting))}: planned {planned}, now {now}."


def locked_plan_sentence(review: Review) -> str | None:
    """When the plan was agreed and how much departs from it; None where nothing was agreed."""
    plan = review.record.plan
    if plan is None:
        return None
    when = {True: ", before the first request", False: ", after the first request", None: ""}[
        plan.before_data
    ]
    departs = counted(len(plan.deviations), "change") if plan.deviations else "No change"
    return f"Plan locked by {plan.who} on {day(plan.at)}{when}. {departs} from it."


def _harm(guardrail_id: str, harm: float, review: Review) -> str:
    unit = next((one.unit for one in review.guardrails if one.id == guardrail_id), "relative")
    return percent(harm) if unit == "relative" else points(harm)
