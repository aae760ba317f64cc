"""What every file of the pack carries: scenario, window, sources, and how far the verdict stands."""

from __future__ import annotations

import hashlib

from recsys_roi.numerals import full
from recsys_roi.render import words
from recsys_roi.render.palette import Tone
from recsys_roi.review.document import Review, to_json
from recsys_roi.value.settings import SETTINGS

ARGUED = (
    *("kpi", "eligible_requests_per_month", "value_per_action", "margin", "cannibalisation"),
    *("horizon_months", "discount_rate"),
)
"""The settings that are argued in the room; shown wherever there is no room for all of them."""


def fingerprint(review: Review) -> str:
    """Hash of the review's JSON, the same as that of the file review.json: "sha256:" and hex."""
    return f"sha256:{hashlib.sha256(to_json(review).encode()).hexdigest()}"


def preliminary_line(review: Review) -> str | None:
    """That the verdict may still change, and from when on it stands; None once it does."""
    if not review.decision.preliminary:
        return None
    until = review.decision.valid_from
    return "PRELIMINARY" if until is None else f"PRELIMINARY: it becomes valid on {words.day(until)}"


def notices(review: Review) -> tuple[tuple[Tone, str], ...]:
    """What must be read before any figure, each with its tone."""
    incident, reliance = words.incident_sentence(review), words.reliance_sentence(review)
    waived = words.waiver_sentences(review, applied=True)
    found: tuple[tuple[Tone, str | None], ...] = (
        ("act", incident),
        ("watch", reliance),
        *(("watch", text) for text in waived),
    )
    return tuple((tone, text) for tone, text in found if text)


def scope_rows(review: Review) -> tuple[tuple[str, str], ...]:
    """What was compared, where and when; names stand alone, since they may read from right to left."""
    found = review.experiment
    if found is None:
        return (("Basis", "A plan: no logs, every figure is assumed, not measured"),)
    counts = (("Users", found.users), ("Requests", found.requests))
    return (
        ("Experiment", found.id),
        ("Surface", found.surface or "all surfaces"),
        ("Window (UTC)", words.window_text(review)),
        ("Control", found.control),
        ("Candidate", found.candidate),
        *(
            (name, f"{full(arms.control)} in control, {full(arms.candidate)} in candidate")
            for name, arms in counts
        ),
    )


def setting_rows(review: Review) -> tuple[tuple[str, str, str, str], ...]:
    """Every setting: its words, its name, its value, and whether a person gave it."""
    changed = frozenset(review.inputs.changed)
    return tuple(
        (
            words.capitalised(words.setting_name(name)),
            name,
            words.setting_value(name, value, review.roi.currency, review.kpi_id),
            "given" if name in changed else "default",
        )
        for name, value in sorted(review.inputs.scenario.items(), key=lambda entry: _place(entry[0]))
    )


def _place(name: str) -> tuple[int, str]:
    """The table's own order; a setting that it does not have comes last."""
    names = list(SETTINGS)
    return (names.index(name) if name in SETTINGS else len(names), name)


def scenario_line(review: Review, *, short: bool = False) -> str:
    """The settings that are argued over and, unless it is to be short, those that were changed, in a line."""
    scenario = review.inputs.scenario
    names = dict.fromkeys(ARGUED if short else (*ARGUED, *review.inputs.changed))
    currency, kpi = review.roi.currency, review.kpi_id
    said = [
        f"{words.setting_name(name)} {words.setting_value(name, scenario[name], currency, kpi)}"
        for name in names
        if scenario.get(name) is not None
    ]
    locked = words.locked_plan_sentence(review)
    plan = "" if locked is None else f" {locked}"
    return f"Scenario: {'; '.join(said)}. {words.changes_sentence(review)}.{plan}"


def record_lines(review: Review) -> tuple[str, ...]:
    """The agreed plan with what departs from it, the waivers and what people stated."""
    plan = review.record.plan
    locked = words.locked_plan_sentence(review)
    departs = () if plan is None else plan.deviations
    head = review.record.audit_head
    return (
        *(() if locked is None else (locked,)),
        *(words.deviation_sentence(one, review.roi.currency) for one in departs),
        *words.waiver_sentences(review),
        *(words.attestation_sentence(one) for one in review.record.attestations),
        *(() if head is None else (f"Hash of the record's last change: {head}.",)),
    )


def made_line(review: Review) -> str:
    """When and by what the review was made, and its own hash."""
    software = f"{review.software.name} {review.software.version}"
    return f"Made {review.made_at} by {software}; review {short_hash(fingerprint(review))}."


def source_lines(review: Review) -> tuple[str, ...]:
    """How it was made, the window, and the files with their hashes, in lines."""
    files = "; ".join(f"{file.name} ({short_hash(file.hash)})" for file in review.inputs.files)
    window = words.window_text(review)
    experiment = "" if review.experiment is None else f" Experiment: {review.experiment.id}"
    return (
        made_line(review),
        f"Window: {window}.{experiment}",
        f"Files: {files or 'none, assumptions only'}",
    )


def short_hash(given: str) -> str:
    """A hash cut to its algorithm and 12 characters, to be compared by eye."""
    name, colon, digits = given.rpartition(":")
    return f"{name}{colon}{digits[:12]}"
