"""What people wrote, in words: waivers, attestations, the plan that was agreed and what departs from it."""

from __future__ import annotations

from typing import Any

from recsys_roi.evidence.kpis import KPIS
from recsys_roi.render.words.money import setting_value
from recsys_roi.render.words.names import guardrail_name, kpi_name, setting_name
from recsys_roi.render.words.numbers import capitalised, counted, day, listed, percent, points, sentence
from recsys_roi.review.document import AttestationNote, Deviation, Review, WaiverNote
from recsys_roi.value.settings import SETTINGS

NOT_LOGGED = frozenset({"experiment", "surface"})


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


def deviation_row(deviation: Deviation, currency: str) -> tuple[str, str, str]:
    """What differs, as the plan says it, and as the analysis has it."""
    planned, now = (_said(deviation.setting, value, currency) for value in (deviation.planned, deviation.now))
    return capitalised(_named(deviation.setting)), planned, now


def deviation_sentence(deviation: Deviation, currency: str) -> str:
    """Something that is not what was agreed: "Margin: planned 35 %, now 40 %."."""
    name, planned, now = deviation_row(deviation, currency)
    return f"{name}: planned {planned}, now {now}."


def _named(setting: str) -> str:
    return "last day in the logs" if setting == "logs_end" else setting_name(setting)


def _said(setting: str, value: Any, currency: str) -> str:
    if setting == "logs_end" or (
        value is not None and setting in SETTINGS and SETTINGS[setting].kind == "time"
    ):
        return day(value)
    if setting == "kpi" and value in KPIS:
        return kpi_name(value)
    if setting == "guardrails":
        return listed([guardrail_name(one) for one in value])
    if setting in NOT_LOGGED and value is None:
        return "not in the logs"
    return setting_value(setting, value, currency)


def locked_plan_sentence(review: Review) -> str | None:
    """When the plan was agreed and how much departs from it; None where nothing was agreed."""
    plan = review.record.plan
    if plan is None:
        return None
    when = {True: ", before the first request", False: ", after the first request", None: ""}[
        plan.before_data
    ]
    brought = ""
    if plan.brought_by is not None and plan.brought_at is not None:
        brought = f" (as its file says, opened here by {plan.brought_by} on {day(plan.brought_at)})"
    departs = counted(len(plan.deviations), "change") if plan.deviations else "No change"
    return f"Plan locked by {plan.who} on {day(plan.at)}{brought}{when}. {departs} from it."


def later_lock_sentences(review: Review) -> tuple[str, ...]:
    """Locks that came after the one that counts, each with its reason."""
    plan = review.record.plan
    return tuple(
        f"Locked again by {later.who} on {day(later.at)}: {sentence(later.why)}"
        for later in (() if plan is None else plan.later)
    )


def _harm(guardrail_id: str, harm: float, review: Review) -> str:
    unit = next((one.unit for one in review.guardrails if one.id == guardrail_id), "relative")
    return percent(harm) if unit == "relative" else points(harm)
