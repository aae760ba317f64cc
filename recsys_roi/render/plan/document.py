"""The measurement plan written out: what to log, how it joins, how long, who decides what by which rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from recsys_roi.evidence.kpis import GUARDRAILS, KPIS
from recsys_roi.logs.contracts import CONTRACTS, Kind
from recsys_roi.render.markdown import code, escape, table
from recsys_roi.render.plan.examples import Names, example_logs
from recsys_roi.render.plan.fields import FieldRow, field_rows
from recsys_roi.render.plan.roles import duties_by_role
from recsys_roi.render.words.money import setting_value
from recsys_roi.render.words.names import guardrail_name, kpi_name, setting_name
from recsys_roi.render.words.numbers import capitalised, counted, day
from recsys_roi.render.words.plan import pilot_headline, pilot_sentences
from recsys_roi.review.document import LockedPlanNote, Review
from recsys_roi.review.planning import PLAN_KPI
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.settings import SETTINGS
from recsys_roi.verdict.decision import MIN_USERS
from recsys_roi.verdict.logging_needs import LoggingNeeds, logging_needs

JOINS = (
    "One request_id for each rendered list, made in one place; exposure, assignment and outcomes carry it.",
    "Outcomes and assignments join their exposure by request_id; many outcomes to one exposure.",
    "95 % of outcomes and of assignments must find their exposure.",
    "The user_id is the same in all three logs, stable and pseudonymous: no e-mail, phone or name.",
    "A user stays in one arm for the whole pilot: assign by a hash of user_id.",
    "All times come from one clock and carry their offset (RFC 3339).",
    "A rendered list is logged once; an empty one is logged too, with items [].",
)
SETTINGS_TOLD = tuple(
    name
    for name, setting in SETTINGS.items()
    if setting.group in {"evidence selection", "statistics", "guardrails", "plan"}
)


def plan_needs(scenario: Scenario) -> LoggingNeeds:
    """What must be logged for a plan; one that names no KPI pays for each action."""
    return logging_needs(scenario.kpi or PLAN_KPI, scenario.guardrails)


def plan_names(scenario: Scenario) -> Names:
    """The names of a plan, and ours where it gives none."""
    given = {
        name: getattr(scenario, name)
        for name in ("experiment", "control", "candidate", "surface")
        if getattr(scenario, name)
    }
    return Names(**given)


def plan_markdown(planned: Review) -> str:
    """The plan as Markdown; `planned` is the review of the plan's settings without logs."""
    scenario = Scenario.of(planned.inputs.scenario)
    sections = (
        _title(planned, scenario),
        _design(scenario),
        _to_log(scenario),
        _section("How records join", _bullets(JOINS)),
        _size(planned),
        _rule(scenario),
        _calendar(planned, scenario),
        _roles(),
        _phases(planned),
        _settings(scenario),
    )
    return "\n\n".join(sections) + "\n"


def _section(title: str, *parts: str) -> str:
    return "\n\n".join([f"## {title}", *(part for part in parts if part)])


def _bullets(lines: tuple[str, ...] | list[str]) -> str:
    return "\n".join(f"- {escape(line)}" for line in lines)


def _share(value: float) -> str:
    return f"{value * 100:.6g} %"


def _kpi_id(scenario: Scenario) -> str:
    return scenario.kpi or PLAN_KPI


def _title(planned: Review, scenario: Scenario) -> str:
    lines = [f"# Measurement plan: {escape(kpi_name(_kpi_id(scenario)))}"]
    locked = planned.record.plan
    if locked is None:
        lines.append("Draft: not locked yet. Lock it before the first request is logged.")
    elif _is_of(locked, scenario):
        lines.append(
            f"Locked by {escape(locked.who)} on {escape(day(locked.at))} at {escape(locked.at[11:16])} UTC, "
            f"hash {code(locked.fingerprint)}."
        )
    else:
        lines.append(
            f"Draft: it departs from the plan that was locked by {escape(locked.who)} on "
            f"{escape(day(locked.at))}, hash {code(locked.fingerprint)}."
        )
    lines.append(f"Hash of these settings: {code(scenario.fingerprint)}.")
    return "\n\n".join(lines)


def _is_of(locked: LockedPlanNote, scenario: Scenario) -> bool:
    return locked.fingerprint == scenario.fingerprint


def _design(scenario: Scenario) -> str:
    kpi = KPIS[_kpi_id(scenario)]
    windows = {
        "click": f"A click counts within {scenario.click_window_hours:g} hours of its list.",
        "outcome": f"An outcome counts within {scenario.outcome_window_hours:g} hours of its list.",
        None: f"A user has {counted(scenario.return_days, 'day')} to come back.",
    }
    lines = [
        f"Product: {scenario.domain or 'not said'}. Surface: {scenario.surface or 'the only one'}.",
        f"Primary KPI: {kpi_name(kpi.id)} ({kpi.unit}), one for this surface.",
        windows[kpi.window],
        f"Smallest lift worth shipping: {_share(scenario.min_effect)}; a loss of "
        f"{_share(scenario.harm_threshold)} rolls back.",
        f"Split of users: {_share(1 - scenario.candidate_share)} control, {_share(scenario.candidate_share)} "
        "candidate.",
    ]
    guardrails = [
        (
            escape(capitalised(guardrail_name(name))),
            escape(_share(getattr(scenario, GUARDRAILS[name].margin_setting))),
            escape(_limit_of(name)),
        )
        for name in scenario.guardrails
    ]
    return _section(
        "What we want to know", _bullets(lines), table(("Guardrail", "Limit", "Of what"), guardrails)
    )


def _limit_of(name: str) -> str:
    entry = GUARDRAILS[name]
    worse = "falls" if entry.lower_is_worse else "rises"
    unit = "of the control's" if entry.unit == "relative" else f"points, {entry.unit}"
    return f"{worse} by at most, {unit}"


def _to_log(scenario: Scenario) -> str:
    needs = plan_needs(scenario)
    examples = example_logs(needs, plan_names(scenario))
    rows = field_rows(needs)
    logs = [_log(kind, rows[kind], examples[kind]) for kind in CONTRACTS]
    return _section("What to log", "One JSON object a line. Any other key is refused.", *logs)


def _log(kind: Kind, rows: tuple[FieldRow, ...], lines: tuple[str, ...]) -> str:
    fields = table(
        ("Field", "Type", "Must", "Rule", "Needed for"),
        [
            (code(row.field), escape(row.type), escape(row.must), escape(row.rule), escape(row.why))
            for row in rows
        ],
    )
    shown = "\n".join(("```json", *_one_of_each(kind, lines), "```"))
    return "\n\n".join((f"### {kind}: {escape(CONTRACTS[kind].title)}", fields, shown))


def _one_of_each(kind: Kind, lines: tuple[str, ...]) -> tuple[str, ...]:
    """The first line; of outcomes the first of each event type, which follow one another."""
    if kind != "outcome.v1":
        return lines[:1]
    first = lines[0].split('"item_id"')[0]
    return tuple(line for line in lines if line.startswith(first))


def _size(planned: Review) -> str:
    pilot = planned.plan.pilot
    headline = pilot_headline(planned)
    lines = [] if headline is None else [headline]
    lines += [] if pilot is None else list(pilot_sentences(pilot))
    taken = [
        f"{capitalised(setting_name(one.name))}: {float(f'{one.value:.6g}'):,g} ({one.source})"
        for one in (pilot.assumptions if pilot else ())
    ]
    assumed = f"Assumed: {escape('; '.join(taken))}." if taken else ""
    return _section("How many, how long", _bullets(lines), assumed)


def _rule(scenario: Scenario) -> str:
    """The ordered rules of the policy with this plan's figures (numbers book 11)."""
    proven = (
        f"Ship when the lift is shown to be above 0, counts at least {_share(scenario.min_effect)}, and the "
        f"chance of making money is at least {_share(scenario.p_npv_required)}."
    )
    expected = "Ship when the expected value is above 0 and more waiting does not pay."
    lines = [
        "Hold while any check of the logs fails: nothing is read from logs that cannot be trusted.",
        "Roll back when a guardrail is shown to be over its limit.",
        f"Roll back when the lift is {_share(-scenario.harm_threshold)} or worse and shown to be below 0.",
        "Hold when the lift is too good to be true, until it is explained.",
        f"Hold before day {scenario.min_days}, or with fewer than {MIN_USERS:,} users in an arm.",
        "Hold while a guardrail cannot be measured, or is not shown to stay within its limit; its owner may "
        "accept the second in writing.",
        "Hold when a large group of users is shown to be harmed.",
        "Hold while traffic, value and costs were not entered or confirmed by a person.",
        proven if scenario.decision_rule == "value_proven" else expected,
        "Hold when more testing is worth more than it costs.",
        "Roll back when not even the high end of the range pays for itself. Else stop or redesign.",
    ]
    rules = "\n".join(f"{number}. {escape(line)}" for number, line in enumerate(lines, start=1))
    looks = (
        f"Ranges hold at {_share(1 - scenario.alpha)} however often somebody looks, and at "
        f"{_share(1 - scenario.guardrail_alpha)} one-sided for guardrails. The first rule that matches "
        "decides."
    )
    return _section("Decision rule", rules, escape(looks))


def _calendar(planned: Review, scenario: Scenario) -> str:
    weeks = planned.plan.pilot.weeks if planned.plan.pilot else None
    days = scenario.min_days if weeks is None else max(scenario.min_days, 7 * weeks)
    rows = [
        ("Before day 1", "Plan locked; logs validated in the loggers' own build; owners named"),
        ("Day 1", "First requests; joins, split and freshness checked the same day"),
        ("Day 7", "First report; runbooks exercised; phase 1 ends"),
        (f"Day {scenario.min_days}", "First day on which a verdict counts; rollback drill done"),
        *(
            (f"Day {week * 7}", "Weekly look: checks, guardrails, risks that are due")
            for week in range(scenario.min_days // 7 + 1, days // 7)
        ),
        (f"Day {days}", "Decision meeting: verdict by the rule above, written down with its hash"),
    ]
    end = scenario.planned_end
    dated = "" if end is None else f"The pilot ends on {day(end.astimezone(UTC).isoformat())}."
    start = scenario.start
    if start is not None:
        first = datetime.combine(start.astimezone(UTC).date(), datetime.min.time(), UTC)
        rows = [(f"{when}{_dated(when, first)}", what) for when, what in rows]
    return _section(
        "Review calendar",
        table(("When", "What"), [(escape(when), escape(what)) for when, what in rows]),
        escape(dated),
    )


def _dated(when: str, first: datetime) -> str:
    number = when.removeprefix("Day ")
    return f" ({day((first + timedelta(days=int(number) - 1)).isoformat())})" if number.isdigit() else ""


def _roles() -> str:
    rows = [(escape(capitalised(role)), escape(" ".join(duties))) for role, duties in duties_by_role()]
    return _section("Roles", table(("Role", "Is told when"), rows))


def _phases(planned: Review) -> str:
    rows = [
        (escape(phase.weeks), escape(phase.title), escape("; ".join(one.title for one in phase.criteria)))
        for phase in planned.plan.phases
    ]
    return _section("Phases", table(("Weeks", "Phase", "Ends when"), rows))


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
