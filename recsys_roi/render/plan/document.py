"""The measurement plan written out: what to log, how it joins, how long, who decides what by which rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from recsys_roi.evidence.kpis import GUARDRAILS, KPIS
from recsys_roi.logs.contracts import CONTRACTS, Kind
from recsys_roi.numerals import full, written, written_for
from recsys_roi.render.markdown import code, escape, table
from recsys_roi.render.plan.calendar import calendar
from recsys_roi.render.plan.examples import Names, example_logs
from recsys_roi.render.plan.fields import FieldRow, field_rows
from recsys_roi.render.plan.roles import DUTIES, cues_by_role
from recsys_roi.render.words.money import setting_value
from recsys_roi.render.words.names import guardrail_name, kpi_name, setting_name
from recsys_roi.render.words.numbers import capitalised, counted, day, whole_percent
from recsys_roi.render.words.plan import (
    assumption_rows,
    basis_sentence,
    doubt_sentences,
    length_sentence,
    next_phase_sentence,
    pilot_sentences,
)
from recsys_roi.review.agreed_plan import scenario_to_lock
from recsys_roi.review.document import Review
from recsys_roi.review.planning import PLAN_KPI
from recsys_roi.value.scenario import CONFIRMED, Scenario
from recsys_roi.value.settings import LOOK_SETTINGS, SETTINGS
from recsys_roi.verdict.decision import MIN_USERS
from recsys_roi.verdict.logging_needs import LoggingNeeds, logging_needs

NAMED = ("experiment", "control", "candidate", "surface", "start")
JOINS = (
    "One request_id for each rendered list, made in one place; exposure, assignment and outcomes carry it.",
    "Outcomes and assignments join their exposure by request_id; many outcomes to one exposure.",
    "95 % of outcomes and of assignments must find their exposure.",
    "The user_id is the same in all three logs, stable and pseudonymous: no e-mail, phone or name.",
    "A user stays in one arm for the whole pilot: assign by a hash of user_id.",
    "All times come from one clock and carry their offset (RFC 3339).",
    "A rendered list is logged once; an empty one is logged too, with items [].",
)
SETTINGS_TOLD = tuple(name for name in SETTINGS if name != CONFIRMED and name not in LOOK_SETTINGS)


def plan_needs(scenario: Scenario) -> LoggingNeeds:
    """What must be logged for a plan that names its KPI."""
    return logging_needs(scenario.kpi or PLAN_KPI, scenario.guardrails)


def plan_names(scenario: Scenario) -> Names:
    """The names and the first moment of a plan, and ours where it gives none."""
    given = {name: getattr(scenario, name) for name in NAMED if getattr(scenario, name)}
    return Names(**given)


def plan_markdown(review: Review) -> str:
    """The plan as Markdown; of a pilot with logs, with its length by what they measured."""
    scenario = scenario_to_lock(review)
    with written_for(scenario.locale):
        return "\n\n".join(_sections(review, scenario)) + "\n"


def _sections(review: Review, scenario: Scenario) -> tuple[str, ...]:
    return (
        _title(review, scenario),
        _design(scenario),
        _to_log(scenario),
        _section("How records join", _bullets(JOINS)),
        _size(review),
        _rule(scenario),
        _calendar(review, scenario),
        _roles(),
        _phases(review),
        _settings(scenario),
    )


def _section(title: str, *parts: str) -> str:
    return "\n\n".join([f"## {title}", *(part for part in parts if part)])


def _bullets(lines: tuple[str, ...] | list[str]) -> str:
    return "\n".join(f"- {escape(line)}" for line in lines)


def _title(review: Review, scenario: Scenario) -> str:
    kpi = escape(kpi_name(scenario.kpi or PLAN_KPI))
    text, locked = escape(standing(review)), review.record.plan
    if locked is not None:
        text = text.replace(escape(locked.fingerprint), code(locked.fingerprint))
    return f"# Measurement plan: {kpi}\n\n{text}"


def standing(review: Review) -> str:
    """Whether the plan is a draft, locked, or departs from what was locked."""
    locked = review.record.plan
    if locked is None:
        return "Draft: not locked yet. Lock it before the first request is logged."
    by = f"by {locked.who} on {day(locked.at)} at {locked.at[11:16]} UTC, hash {locked.fingerprint}"
    if not locked.deviations:
        return f"Locked {by}."
    return f"Draft: {counted(len(locked.deviations), 'change')} from the plan that was locked {by}."


def _design(scenario: Scenario) -> str:
    kpi = KPIS[scenario.kpi or PLAN_KPI]
    windows = {
        "click": f"A click counts within {_hours(scenario.click_window_hours)} of its list.",
        "outcome": f"An outcome counts within {_hours(scenario.outcome_window_hours)} of its list.",
        None: f"A user has {counted(scenario.return_days, 'day')} to come back.",
    }
    lines = [
        f"Product: {scenario.domain or 'not said'}. Surface: {scenario.surface or 'not named yet'}.",
        f"Primary KPI: {kpi_name(kpi.id)} ({kpi.unit}), one for this surface.",
        windows[kpi.window],
        f"Smallest lift worth shipping: {whole_percent(scenario.min_effect)}; a loss of "
        f"{whole_percent(scenario.harm_threshold)} rolls back.",
        f"Split of users: {whole_percent(1 - scenario.candidate_share)} control, "
        f"{whole_percent(scenario.candidate_share)} candidate.",
    ]
    guardrails = [
        (escape(capitalised(guardrail_name(name))), escape(_limit(name, scenario)))
        for name in scenario.guardrails
    ]
    return _section("What we want to know", _bullets(lines), table(("Guardrail", "Limit"), guardrails))


def _hours(hours: float) -> str:
    return f"{written(f'{hours:.6g}')} hours"


def _limit(name: str, scenario: Scenario) -> str:
    """The margin in words: "may rise by 10 % of the control's", "may fall by 2 points (...)"."""
    entry = GUARDRAILS[name]
    margin = getattr(scenario, entry.margin_setting)
    verb = "may fall" if entry.lower_is_worse else "may rise"
    if entry.unit == "relative":
        return f"{verb} by {whole_percent(margin)} of the control's"
    return f"{verb} by {written(f'{margin * 100:.6g}')} points ({entry.unit})"


def _to_log(scenario: Scenario) -> str:
    needs = plan_needs(scenario)
    examples = example_logs(needs, plan_names(scenario))
    rows = field_rows(needs)
    logs = [_log(kind, rows[kind], examples[kind]) for kind in CONTRACTS]
    return _section("What to log", "One JSON object a line. Any other key is refused.", *logs)


def _log(kind: Kind, rows: tuple[FieldRow, ...], lines: tuple[str, ...]) -> str:
    fields = table(
        ("Field", "Must be there", "Holds"),
        [(code(row.field), escape(_must(row)), escape(_holds(row))) for row in rows],
    )
    shown = "\n".join(("```json", *_one_of_each(kind, lines), "```"))
    return "\n\n".join((f"### {kind}: {escape(CONTRACTS[kind].title)}", fields, shown))


def _must(row: FieldRow) -> str:
    return f"{row.must}: {row.why}" if row.why else row.must


def _holds(row: FieldRow) -> str:
    return f"{row.type}: {row.rule}" if row.rule else row.type


def _one_of_each(kind: Kind, lines: tuple[str, ...]) -> tuple[str, ...]:
    """The first line; of outcomes the first of each event type, which follow one another."""
    if kind != "outcome.v1":
        return lines[:1]
    first = lines[0].split('"item_id"')[0]
    return tuple(line for line in lines if line.startswith(first))


def _size(review: Review) -> str:
    pilot = review.plan.pilot
    headline = length_sentence(review)
    if pilot is None or headline is None:
        return _section("How many, how long", "Not counted.")
    taken = [(escape(name), escape(value), escape(source)) for name, value, source in assumption_rows(review)]
    return _section(
        "How many, how long",
        escape(headline),
        _bullets((*pilot_sentences(pilot), *doubt_sentences(pilot))),
        escape(basis_sentence(pilot)) if taken else "",
        table(("Taken", "Value", "Source"), taken) if taken else "",
    )


def _rule(scenario: Scenario) -> str:
    """The ordered rules of the policy with this plan's figures (numbers book 11)."""
    least, chance = whole_percent(scenario.min_effect), whole_percent(scenario.p_npv_required)
    loss = whole_percent(-scenario.harm_threshold)
    proven = (
        f"Ship when the lift is shown to be above 0 and counts as {least} or more, and the chance of making "
        f"money is at least {chance}."
    )
    expected = "Ship when the expected value is above 0 and more waiting does not pay."
    lines = [
        "Hold while any check of the logs fails: nothing is read from logs that cannot be trusted.",
        "Roll back when a guardrail is shown to be over its limit.",
        f"Roll back when the lift is {loss} or worse and shown to be a loss.",
        "Hold when the lift is too good to be true, until it is explained.",
        f"Hold before day {scenario.min_days}, or with fewer than {full(MIN_USERS)} users in an arm.",
        "Hold while a guardrail cannot be measured, or is not shown to stay within its limit; its owner may "
        "accept the second in writing.",
        "Hold when a large group of users is shown to be harmed.",
        "Hold while the KPI cannot be measured, or traffic, value and costs were not entered or confirmed "
        "by a person.",
        proven if scenario.decision_rule == "value_proven" else expected,
        "Hold when more testing is worth more than it costs.",
        "Hold when it is a gain that is worth money, but not as surely as asked for.",
        "Roll back when not even the high end of the range pays for itself.",
        "Else stop, or change the design: more testing does not pay.",
    ]
    rules = "\n".join(f"{number}. {escape(line)}" for number, line in enumerate(lines, start=1))
    kpi, guardrail = whole_percent(1 - scenario.alpha), whole_percent(1 - scenario.guardrail_alpha)
    looks = (
        f"Ranges hold at {kpi} however often somebody looks, and at {guardrail} one-sided for guardrails. "
        "The first rule that matches decides."
    )
    return _section("Decision rule", rules, escape(looks))


def _calendar(review: Review, scenario: Scenario) -> str:
    first = scenario.start
    rows = [
        (_when(number, first), escape(" ".join(f"{one}." for one in what)))
        for number, what in calendar(review, scenario)
    ]
    end = scenario.planned_end
    dated = "" if end is None else f"The pilot ends on {day(end.astimezone(UTC).isoformat())}."
    return _section("Review calendar", table(("When", "What"), rows), escape(dated))


def _when(number: int, first: datetime | None) -> str:
    if number == 0:
        return "Before day 1"
    date = "" if first is None else f" ({day((first + timedelta(days=number - 1)).isoformat())})"
    return escape(f"Day {number}{date}")


def _roles() -> str:
    does = table(("Role", "Does"), [(escape(capitalised(role)), escape(text)) for role, text in DUTIES])
    told = "\n".join(
        f"- {escape(capitalised(role))}\n" + "\n".join(f"  - {escape(sign)}" for sign in signs)
        for role, signs in cues_by_role()
    )
    return _section("Roles", does, "Who is told when:", told)


def _phases(review: Review) -> str:
    parts = []
    for phase in review.plan.phases:
        parts.append(f"### {escape(phase.weeks)}: {escape(phase.title)}")
        parts.append(
            "\n".join(
                f"- [{'x' if one.met else ' '}] {escape(one.title)}: {escape(one.evidence)}"
                for one in phase.criteria
            )
        )
    return _section("Phases, and what ends them", escape(next_phase_sentence(review)), *parts)


def _settings(scenario: Scenario) -> str:
    values = scenario.dump()
    rows = [
        (
            escape(capitalised(setting_name(name))),
            escape(setting_value(name, values[name], scenario.currency)),
            code(name),
        )
        for name in SETTINGS_TOLD
        if values[name] is not None and (not name.startswith("margin_") or _is_chosen(name, scenario))
    ]
    return _section(
        "Settings that were agreed",
        table(("Setting", "Value", "Name"), rows),
        "Open them again with the file scenario.json of the starter kit.",
    )


def _is_chosen(margin: str, scenario: Scenario) -> bool:
    return any(GUARDRAILS[name].margin_setting == margin for name in scenario.guardrails)
