"""The review as one Markdown note for a wiki or a pull request.

Names, ids and details come from logs, so every one is escaped; nothing in them becomes markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from recsys_roi.numerals import full
from recsys_roi.render import words
from recsys_roi.render.markdown import code, escape, table
from recsys_roi.review.document import Arms, Guardrail, Kpi, Review, Slice
from recsys_roi.verdict.risks import ORDER

NONE = "-"
FIGURE = re.compile(r"[-+]?[\d.,' \u00a0\u202f]*( %| ms| points)?")


def to_markdown(review: Review) -> str:
    """The whole review as Markdown: verdict, window, figures, risks, settings, sources."""
    sections = (
        _verdict,
        _scope,
        _why,
        _kpis,
        _slices,
        _guardrails,
        _integrity,
        _money,
        _changes_it,
        _risks,
        _plan,
        _record,
        _settings,
        _sources,
    )
    return "\n\n".join(text for text in (section(review) for section in sections) if text) + "\n"


def _section(title: str, *parts: str) -> str:
    filled = [part for part in parts if part]
    return "\n\n".join([f"## {title}", *filled]) if filled else ""


def _bullets(lines: list[str]) -> str:
    return "\n".join(f"- {escape(line)}" for line in lines)


def _verdict(review: Review) -> str:
    parts = [f"# {escape(words.verdict_headline(review))}"]
    if review.decision.preliminary:
        until = review.decision.valid_from
        when = "" if until is None else f": it becomes valid on {escape(words.day(until))}"
        parts.append(f"> **PRELIMINARY**{when}.")
    for warning in (words.incident_sentence(review), words.reliance_sentence(review)):
        if warning:
            parts.append(f"> **{escape(warning)}**")
    changed = f" {escape(words.changes_sentence(review))}."
    return "\n\n".join([*parts, escape(words.verdict_sentence(review)) + changed])


def _scope(review: Review) -> str:
    experiment = review.experiment
    if experiment is None:
        return "No logs: every figure below is assumed, not measured."
    window = experiment.window
    between = f"{_day(window.start)} to {_day(window.end)} ({words.counted(window.days, 'day')}, UTC)"
    rows = [
        ("Experiment", code(experiment.id)),
        ("Surface", "all surfaces" if experiment.surface is None else code(experiment.surface)),
        ("Window", escape(between)),
        ("Control", _arm(experiment.control, lambda arms: arms.control, review)),
        ("Candidate", _arm(experiment.candidate, lambda arms: arms.candidate, review)),
    ]
    notes = _bullets(list(experiment.notes))
    return "\n\n".join(part for part in (table(("Scope", ""), rows), notes) if part)


def _day(when: str | None) -> str:
    return "unknown" if when is None else words.day(when)


def _arm(name: str, of: Callable[[Arms], int], review: Review) -> str:
    experiment = review.experiment
    if experiment is None:
        return code(name)
    users = words.counted(of(experiment.users), "user")
    requests = words.counted(of(experiment.requests), "request")
    return f"{code(name)}, {users}, {requests}"


def _why(review: Review) -> str:
    return _section("Why", _bullets(words.reason_sentences(review)))


def _kpis(review: Review) -> str:
    header = ("KPI", "Control", "Candidate", "Measured lift", "Counted lift", "Reading")
    rows = [_kpi_row(kpi, review.roi.currency) for kpi in review.kpis]
    primary = review.primary
    details = (
        [] if primary is None else [words.fixed_horizon_sentence(primary), words.mature_sentence(primary)]
    )
    return _section("KPIs", table(header, rows) if rows else "", _bullets([line for line in details if line]))


def _kpi_row(kpi: Kpi, currency: str) -> tuple[str, ...]:
    name, *others = map(_cell, words.kpi_cells(kpi, currency))
    return (f"**{name}** (primary)" if kpi.primary else name, *others)


def _cell(text: str) -> str:
    """A cell as text; a bare figure cannot be markup, so its sign needs no escape."""
    return text if FIGURE.fullmatch(text) else escape(text)


def _slices(review: Review) -> str:
    rows = [_slice_row(part) for part in review.slices]
    return _section("Slices", table(("Slice", "Users", "Harmed", "Reading"), rows) if rows else "")


def _slice_row(part: Slice) -> tuple[str, ...]:
    harmed = "**yes**" if part.harm else "no" if part.relative_lift else "cannot tell"
    return (
        escape(words.slice_name(part)),
        full(part.users),
        harmed,
        escape(words.slice_sentence(part)),
    )


def _guardrails(review: Review) -> str:
    header = ("Guardrail", "Status", "Control", "Candidate", "Limit", "Reading")
    rows = [_guardrail_row(guardrail) for guardrail in review.guardrails]
    return _section("Guardrails", table(header, rows) if rows else "")


def _guardrail_row(guardrail: Guardrail) -> tuple[str, ...]:
    return tuple(map(_cell, words.guardrail_cells(guardrail)))


def _integrity(review: Review) -> str:
    rows = [
        (
            escape(words.check_title(check.id)),
            words.check_status_word(check.status),
            escape(check.detail),
            escape(check.fix) or NONE,
        )
        for check in review.integrity
    ]
    return _section("Integrity", table(("Check", "Status", "Detail", "What to do"), rows) if rows else "")


def _money(review: Review) -> str:
    roi = review.roi
    lines = [*words.money_sentences(review)]
    if roi.pv_costs is not None:
        parts = (
            ("engineering", roi.pv_costs.engineering),
            ("operations", roi.pv_costs.operations),
            ("infrastructure", roi.pv_costs.infrastructure),
        )
        lines.append(
            "Costs: " + ", ".join(f"{name} {words.money(cost, roi.currency)}" for name, cost in parts) + "."
        )
    return _section("Money", escape(words.formula_line(review) or ""), _bullets(lines))


def _changes_it(review: Review) -> str:
    lines = list(words.flip_sentences(review))
    if review.waiting.status == "ok":
        waiting = words.waiting_sentence(review.waiting, review.roi.currency)
        lines += [waiting, words.run_time_sentence(review)]
    return _section("What would change it", _bullets(lines))


def _risks(review: Review) -> str:
    header = ("Risk", "Status", "Evidence", "Mitigation", "Escalation", "Owner", "Due", "Document")
    rows = [
        (
            escape(risk.title),
            words.status_mark(risk.status).word,
            escape(risk.evidence),
            escape(risk.mitigation),
            escape(risk.escalation),
            escape(risk.owner) if risk.owner else NONE,
            escape(words.day(risk.due)) if risk.due else NONE,
            code(risk.document),
        )
        for risk in sorted(review.risks, key=lambda risk: ORDER[risk.status])
    ]
    return _section("Risks", table(header, rows) if rows else "")


def _plan(review: Review) -> str:
    marks = {True: "[x]", False: "[ ]", None: "[ ]"}
    unknown = {True: "", False: " (not met)", None: " (cannot tell)"}
    lines = [
        f"- {marks[item.met]} {escape(item.title)}{unknown[item.met]}: {escape(item.evidence)}"
        for item in review.plan.exit_criteria
    ]
    phase = f"Phase: {escape(review.plan.phase)}" if review.plan.phase else ""
    return _section("Exit criteria", phase, "\n".join(lines))


def _record(review: Review) -> str:
    lines = [*words.waiver_sentences(review), *map(words.attestation_sentence, review.record.attestations)]
    plan = review.record.plan
    departs = (
        []
        if plan is None
        else [words.deviation_sentence(one, review.roi.currency) for one in plan.deviations]
    )
    locked = [line for line in (words.locked_plan_sentence(review),) if line]
    return _section("What people agreed and stated", _bullets([*locked, *departs, *lines]))


def _settings(review: Review) -> str:
    scenario, currency = review.inputs.scenario, review.roi.currency
    rows = [
        (
            escape(words.capitalised(words.setting_name(name))),
            code(name),
            escape(words.setting_value(name, scenario.get(name), currency, review.kpi_id)),
        )
        for name in review.inputs.changed
    ]
    return _section(
        "Settings that differ from the defaults", table(("Setting", "Name", "Value"), rows) if rows else ""
    )


def _sources(review: Review) -> str:
    header = ("File", "Kind", "Lines", "Accepted", "Rejected", "Hash")
    rows = [
        (
            code(file.name),
            code(file.kind),
            full(file.lines),
            full(file.accepted),
            full(file.rejected),
            code(file.hash),
        )
        for file in review.inputs.files
    ]
    software = review.software
    by = f"{escape(software.name)} {escape(software.version)}"
    made = f"Made {escape(review.made_at)} by {by} ({review.version})."
    return _section("Sources", table(header, rows) if rows else "", made)
