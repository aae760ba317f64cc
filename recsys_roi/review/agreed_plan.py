"""The plan that was agreed before the data, held against the analysis: what differs, and what follows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from recsys_roi.evidence.kpis import GUARDRAILS, KPIS
from recsys_roi.evidence.view import Evidence
from recsys_roi.record.entries import LockedPlan, Record
from recsys_roi.review import document
from recsys_roi.review.part import moment_text
from recsys_roi.review.parts import PLANNED_USERS_FALLBACK
from recsys_roi.review.planning import PLAN_KPI
from recsys_roi.value.scenario import CONFIRMED, Scenario
from recsys_roi.value.settings import LOOK_SETTINGS, SETTINGS

FILLED = ("prior_sd", "lift_decay_monthly", "planned_users")
"""Settings whose value, where it is none, the KPI or the book says."""
LEFT_OPEN = ("experiment", "control", "candidate", "surface", "kpi")
"""Names that a plan may leave to the data: no choice departs from a plan that makes none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """What was analysed: the settings, and the names that were chosen where none was given."""

    scenario: Scenario
    chosen: Mapping[str, str | None]  # experiment, control, candidate, surface, kpi
    first_request: datetime | None  # None: there are no logs
    last_request: datetime | None


def analysis_of(evidence: Evidence | None, scenario: Scenario, kpi_id: str | None) -> Analysis:
    """The analysis of an evidence by a scenario; `kpi_id` is the primary KPI, None without logs."""
    if evidence is None:
        chosen = {name: getattr(scenario, name) for name in LEFT_OPEN}
        return Analysis(scenario=scenario, chosen=chosen, first_request=None, last_request=None)
    return Analysis(
        scenario=scenario,
        chosen={
            "experiment": evidence.experiment,
            "control": evidence.control,
            "candidate": evidence.candidate,
            "surface": evidence.surface,
            "kpi": kpi_id,
        },
        first_request=first_request(evidence),
        last_request=evidence.end,
    )


def agreed(plans: tuple[LockedPlan, ...], first_request: datetime | None) -> LockedPlan | None:
    """The last lock before the first request; where all came later the first of them; None without locks."""
    before = [plan for plan in plans if first_request is None or plan.at < first_request]
    return before[-1] if before else next(iter(plans), None)


def first_request(evidence: Evidence) -> datetime | None:
    """The experiment's first request in the logs, whatever `start` leaves out."""
    heard = [silence.first_us for silence in evidence.facts.silences]
    return datetime.fromtimestamp(min(heard) / 1e6, UTC) if heard else evidence.start


def planned_kpi(record: Record, evidence: Evidence) -> str | None:
    """The primary KPI that the agreed plan names; None where none does."""
    plan = agreed(record.plans, first_request(evidence))
    found = None if plan is None else plan.settings.get("kpi")
    return found if found in KPIS else None


def with_plan(scenario: Scenario, record: Record, declared: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario with every setting that it does not give as the plan locked last has it.

    What neither gives is as `declared`: the settings of the view that evidence without counts shows first.
    Raises SettingError where one of them has a value that this version does not allow.
    """
    if not record.plans and not declared:
        return scenario
    planned = plan_scenario(record.plans[-1]).given if record.plans else {}
    return Scenario.of(declared or {}).updated({**planned, **scenario.given})


def plan_scenario(plan: LockedPlan) -> Scenario:
    """A locked plan as a scenario; a setting that one of both does not know has its default."""
    known = {name: value for name, value in plan.settings.items() if name in SETTINGS}
    return Scenario.of({**Scenario.of({}).dump(), **known})


def scenario_to_lock(review: document.Review) -> Scenario:
    """The settings of a review as a plan, which names its KPI; one that names none pays for each action."""
    scenario = Scenario.of(review.inputs.scenario)
    if scenario.kpi is not None:
        return scenario
    return scenario.updated({"kpi": review.primary.id if review.primary else PLAN_KPI})


def plan_note(
    plans: tuple[LockedPlan, ...], analysis: Analysis, as_of: datetime
) -> document.LockedPlanNote | None:
    """The agreed plan with every deviation from it; None where nothing was locked."""
    plan = agreed(plans, analysis.first_request)
    if plan is None:
        return None
    first = analysis.first_request
    return document.LockedPlanNote(
        fingerprint=plan.fingerprint,
        who=plan.who,
        at=moment_text(plan.at),
        why=plan.why,
        brought_by=plan.brought_by,
        brought_at=None if plan.brought_at is None else moment_text(plan.brought_at),
        before_data=None if first is None else plan.at < first,
        locks=len(plans),
        later=tuple(
            document.LaterLock(
                fingerprint=later.fingerprint, who=later.who, at=moment_text(later.at), why=later.why
            )
            for later in plans[plans.index(plan) + 1 :]
        ),
        deviations=deviations(plan, analysis, as_of),
    )


def deviations(plan: LockedPlan, analysis: Analysis, as_of: datetime) -> tuple[document.Deviation, ...]:
    """What the plan says and the analysis does otherwise; a setting new to the plan is at its default."""
    planned = {**Scenario.of({}).dump(), **plan.settings}
    now = {**analysis.scenario.dump(), **analysis.chosen}
    for name in FILLED:  # as long as neither says otherwise, both have what follows from their KPI
        if planned[name] != now[name]:
            planned[name], now[name] = _in_force(name, planned), _in_force(name, now)
    watched = {*planned["guardrails"], *now["guardrails"]}
    idle = {entry.margin_setting for entry in GUARDRAILS.values() if entry.id not in watched}
    found = [
        document.Deviation(setting=name, planned=planned[name], now=now[name])
        for name in SETTINGS
        if name not in {CONFIRMED, *LOOK_SETTINGS}
        and name not in idle
        and not (name in LEFT_OPEN and planned[name] is None)
        and _differ(planned[name], now[name])
    ]
    return (*found, *_cut_short(planned["planned_end"], analysis, as_of))


def _in_force(name: str, settings: Mapping[str, Any]) -> Any:
    """The value that counts where the setting is none: by the KPI, or by the book."""
    if settings[name] is not None:
        return settings[name]
    kpi = KPIS.get(settings["kpi"] or "")
    by_kpi = (None, None) if kpi is None else (kpi.prior_sd, kpi.decay_monthly)
    return dict(zip(FILLED, (*by_kpi, PLANNED_USERS_FALLBACK), strict=True))[name]


def _differ(planned: Any, now: Any) -> bool:
    """Names in another order are the same choice."""
    if isinstance(planned, list) and isinstance(now, list) and planned and isinstance(planned[0], str):
        return sorted(planned) != sorted(now)
    return bool(planned != now)


def _cut_short(
    planned_end: str | None, analysis: Analysis, as_of: datetime
) -> tuple[document.Deviation, ...]:
    """The pilot's time is over and its logs end on an earlier day."""
    if planned_end is None or analysis.last_request is None:
        return ()
    end = datetime.fromisoformat(planned_end).astimezone(UTC)
    last_day = (end - timedelta(microseconds=1)).date()  # an end at midnight is that of the day before
    if as_of < end or analysis.last_request.date() >= last_day:
        return ()
    return (
        document.Deviation(setting="logs_end", planned=planned_end, now=moment_text(analysis.last_request)),
    )
