"""Where a pilot stands (numbers book 12.3): its phases, and the criteria that end each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recsys_roi.numerals import full
from recsys_roi.verdict.check import JudgedCheck
from recsys_roi.verdict.decision import MIN_USERS
from recsys_roi.verdict.findings import Finding
from recsys_roi.verdict.wording import counted

JOIN_CHECKS = ("outcome_join_rate", "assignment_join_rate", "duplicate_requests", "two_arm_users", "srm")
CREDIBLE = ("logs_validate", "joins_sane", "report_exists", "rollback_practised")
"""The four exit criteria that make a pilot credible."""
NO_LOGS = "No logs yet."


@dataclass(frozen=True, kw_only=True, slots=True)
class Criterion:
    """One exit criterion; `met` is None where nobody can say yet."""

    id: str
    title: str
    met: bool | None
    evidence: str
    statements: tuple[str, ...] = ()  # kinds of attestation that meet it; none: the logs do


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """A part of the pilot, and what ends it."""

    id: str
    title: str
    weeks: str
    criteria: tuple[Criterion, ...]

    @property
    def done(self) -> bool:
        """Every criterion is met."""
        return all(criterion.met for criterion in self.criteria)


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """What the logs say of the pilot so far."""

    checks: tuple[JudgedCheck, ...]
    kpi_measured: bool
    days: int
    smallest_arm: int  # users
    min_days: int


def phase_by_calendar(days: int) -> str:
    """The phase that a pilot of so many days should be in."""
    if days == 0:
        return "Before the logs"
    if days <= 7:
        return "Week 1: one surface end to end"
    if days <= 21:
        return "Weeks 2-3: a better candidate"
    return "Weeks 4-6: production hardening"


def pilot_phases(progress: Progress | None, stated: Mapping[str, Finding]) -> tuple[Phase, ...]:
    """The phases in their order; `progress` is None before the logs, `stated` is by "attested:<kind>"."""
    return (
        Phase(
            id="end_to_end",
            title="One surface end to end",
            weeks="Week 1",
            criteria=(
                _logs_validate(progress),
                _joins_sane(progress),
                _report_exists(progress),
                _stated("runbooks_exercised", "The runbooks were exercised", stated, "runbooks_exercised"),
            ),
        ),
        Phase(
            id="better_candidate",
            title="A better candidate",
            weeks="Weeks 2-3",
            criteria=(
                _stated(
                    "offline_compared", "The candidate was compared offline", stated, "offline_comparison"
                ),
                _stated("rollback_practised", "A rollback was practised once", stated, "rollback_practised"),
            ),
        ),
        Phase(
            id="hardening",
            title="Production hardening and one controlled experiment",
            weeks="Weeks 4-6",
            criteria=(
                _stated(
                    "alerts_in_place",
                    "Service levels are watched",
                    stated,
                    "freshness_alert",
                    "on_call_path",
                ),
                _experiment_run(progress),
            ),
        ),
    )


def credible(phases: Iterable[Phase]) -> tuple[Criterion, ...]:
    """The four criteria that make a pilot credible."""
    by_id = {criterion.id: criterion for phase in phases for criterion in phase.criteria}
    return tuple(by_id[name] for name in CREDIBLE)


def _logs_validate(progress: Progress | None) -> Criterion:
    schema = None if progress is None else _check(progress, "schema")
    return Criterion(
        id="logs_validate",
        title="Logs validate against the contracts",
        met=None if schema is None else schema.status != "fail",
        evidence=NO_LOGS if schema is None else schema.detail,
    )


def _joins_sane(progress: Progress | None) -> Criterion:
    joins = [] if progress is None else [check for check in progress.checks if check.id in JOIN_CHECKS]
    failed = [check for check in joins if check.status == "fail"]
    unknown = [check for check in joins if check.status == "not_measurable"]
    fine = (
        "Outcomes and assignments join; no repeats, two-arm users or sample ratio mismatch over the limits."
    )
    return Criterion(
        id="joins_sane",
        title="Join integrity is sane",
        met=None if not joins else False if failed else None if unknown else True,
        evidence=" ".join(check.detail for check in failed or unknown) or (fine if joins else NO_LOGS),
    )


def _report_exists(progress: Progress | None) -> Criterion:
    made = "This review: the same files and settings give the same figures; the hashes are in every export."
    return Criterion(
        id="report_exists",
        title="A reproducible control-versus-candidate report exists",
        met=None if progress is None else progress.kpi_measured,
        evidence=NO_LOGS
        if progress is None
        else made
        if progress.kpi_measured
        else "The primary KPI cannot be measured on these logs.",
    )


def _experiment_run(progress: Progress | None) -> Criterion:
    title = "One controlled experiment has run its time"
    if progress is None:
        return Criterion(id="experiment_run", title=title, met=None, evidence=NO_LOGS)
    failed = sum(check.status == "fail" for check in progress.checks)
    met = (
        progress.kpi_measured
        and progress.days >= progress.min_days
        and progress.smallest_arm >= MIN_USERS
        and not failed
    )
    return Criterion(
        id="experiment_run",
        title=title,
        met=met,
        evidence=f"{counted(progress.days, 'day')} of {full(progress.min_days)}; "
        f"{counted(progress.smallest_arm, 'user')} in the smaller arm of {full(MIN_USERS)}; "
        f"{counted(failed, 'integrity check')} failed.",
    )


def _stated(criterion: str, title: str, stated: Mapping[str, Finding], *kinds: str) -> Criterion:
    found = [stated[f"attested:{kind}"] for kind in kinds]
    open_ones = [one for one in found if one.status != "ok"]
    return Criterion(
        id=criterion,
        title=title,
        met=None if any(one.status == "cannot_tell" for one in open_ones) else not open_ones,
        evidence=" ".join(one.evidence for one in open_ones or found),
        statements=kinds,
    )


def _check(progress: Progress, check_id: str) -> JudgedCheck | None:
    return next((check for check in progress.checks if check.id == check_id), None)
