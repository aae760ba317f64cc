"""Are the logs whole: lines, joins, repeats, lateness, silence, personal data (numbers book 4.2)."""

from __future__ import annotations

from recsys_roi.evidence.facts import Facts
from recsys_roi.evidence.kpis import Kpi
from recsys_roi.evidence.view import Evidence
from recsys_roi.numerals import full
from recsys_roi.verdict.check import IntegrityCheck, Status, judged, percent, percent_of
from recsys_roi.verdict.unjoined import unjoined_bounds
from recsys_roi.verdict.wording import cut

REJECT_LIMIT = 0.01
JOIN_GATE = 0.95
DUPLICATE_LIMIT = 0.001
EARLY_WARN = 0.01
LATE_WARN = 0.05
SILENCE_WARN_HOURS = 24.0
SILENCE_FAIL_HOURS = 48.0
SPARSE_SPACINGS = 20.0  # a gap this many mean spacings long is no accident in a sparse log
HOUR_US = 3_600_000_000


def log_checks(evidence: Evidence, kpi: Kpi) -> dict[str, IntegrityCheck]:
    """The checks of the logs by id; `kpi` is the primary one, whose lift unjoined outcomes could move."""
    checks = (
        _schema(evidence),
        _outcome_join(evidence, kpi),
        _assignment_join(evidence),
        _exposure_join(evidence),
        _duplicates(evidence),
        _late_outcomes(evidence),
        _freshness(evidence),
        _personal_data(evidence),
    )
    return {check.id: check for check in checks}


def _over_limit(evidence: Evidence) -> bool:
    return _rejected(evidence) > REJECT_LIMIT * max(1, sum(file.lines for file in evidence.files))


def _rejected(evidence: Evidence) -> int:
    return sum(file.rejected for file in evidence.files)


def _schema(evidence: Evidence) -> IntegrityCheck:
    lines = sum(file.lines for file in evidence.files)
    rejected = _rejected(evidence)
    status: Status = "pass" if rejected == 0 else "fail" if _over_limit(evidence) else "warn"
    extended = sum(file.extended for file in evidence.files)
    also = f" {full(extended)} outcome lines use the extended event types." if extended else ""
    return judged(
        "schema",
        status,
        rejected,
        REJECT_LIMIT,
        f"{full(rejected)} of {full(lines)} lines were rejected ({percent_of(rejected, lines)}; "
        f"limit {percent(REJECT_LIMIT, 0)}).{also}",
        "Download the rejected lines on the Logs page, mend the logging, and load the files again.",
    )


def _gate(value: float) -> Status:
    return "pass" if value >= JOIN_GATE else "fail"


def _outcome_join(evidence: Evidence, kpi: Kpi) -> IntegrityCheck:
    joins = evidence.facts.joins
    if joins.outcomes == 0:
        return judged(
            "outcome_join_rate",
            "not_measurable",
            None,
            JOIN_GATE,
            "There are no outcomes to join.",
            "Add an outcome.v1 log.",
        )
    share = joins.outcomes_joined / joins.outcomes
    unjoined = joins.outcomes - joins.outcomes_joined
    other = (
        f" {full(joins.outcomes_other_user)} carry another user_id than their exposure and are left out."
        if joins.outcomes_other_user
        else ""
    )
    repeats = joins.outcome_lines - joins.outcomes
    again = f" {full(repeats)} repeated lines count once." if repeats else ""
    return judged(
        "outcome_join_rate",
        _gate(share),
        share,
        JOIN_GATE,
        f"{percent_of(joins.outcomes_joined, joins.outcomes)} of {full(joins.outcomes)} outcomes have an "
        f"exposure; {full(unjoined)} do not.{other}{again}{unjoined_bounds(evidence, kpi)}",
        "Make the request_id once for each rendered list and write the same id on exposure and outcome.",
    )


def _assignment_join(evidence: Evidence) -> IntegrityCheck:
    facts = evidence.facts.experiment
    share = facts.assignments_joined / facts.assignments
    unassigned = (
        f" {full(facts.exposures_unassigned)} exposures have no assignment in this experiment and are left "
        "out."
        if facts.exposures_unassigned
        else ""
    )
    before = (
        f" {full(facts.exposures_before)} exposures come before their user's first assignment: the "
        "pre-period, which counts for neither arm."
        if facts.exposures_before
        else ""
    )
    other = (
        f" {full(facts.assignments_other_user)} carry another user_id than their exposure and are left out."
        if facts.assignments_other_user
        else ""
    )
    return judged(
        "assignment_join_rate",
        _gate(share),
        share,
        JOIN_GATE,
        f"{percent_of(facts.assignments_joined, facts.assignments)} of {full(facts.assignments)} assigned "
        f"requests have an exposure.{unassigned}{other}{before}",
        "Write the assignment with the request_id of the list that is rendered, from the same place.",
    )


def _exposure_join(evidence: Evidence) -> IntegrityCheck:
    joins = evidence.facts.joins
    if joins.exposures == 0:
        return judged(
            "exposure_join_rate",
            "not_measurable",
            None,
            None,
            "There are no exposures.",
            "Add an exposure.v1 log.",
        )
    return judged(
        "exposure_join_rate",
        "pass",
        joins.exposures_with_outcome / joins.exposures,
        None,
        f"{percent_of(joins.exposures_with_outcome, joins.exposures)} of exposures have any outcome "
        "(reported, not a gate).",
    )


def _duplicates(evidence: Evidence) -> IntegrityCheck:
    joins = evidence.facts.joins
    repeated = joins.exposure_lines - joins.exposures
    share = repeated / max(1, joins.exposure_lines)
    status: Status = "pass" if repeated == 0 else "fail" if share > DUPLICATE_LIMIT else "warn"
    return judged(
        "duplicate_requests",
        status,
        repeated,
        DUPLICATE_LIMIT,
        f"{full(repeated)} exposure lines repeat a request_id ({percent_of(repeated, joins.exposure_lines)}; "
        f"limit {percent(DUPLICATE_LIMIT, 1)}); "
        "the first of each counts.",
        "Log each rendered list once; look for retries and double senders.",
    )


def _late_outcomes(evidence: Evidence) -> IntegrityCheck:
    found = evidence.facts.attribution
    total = found.within + found.early + found.late
    if total == 0:
        return judged(
            "late_outcomes", "not_measurable", None, None, "No outcome belongs to a compared request."
        )
    worry = found.early / total > EARLY_WARN or found.late / total > LATE_WARN
    return judged(
        "late_outcomes",
        "warn" if worry else "pass",
        found.early + found.late,
        None,
        f"{full(found.early)} outcomes come before their exposure and {full(found.late)} after the "
        f"attribution window, of {full(total)}. They are shown here and left out of the KPIs.",
        "Check the clocks of the two loggers, and whether the attribution window fits the product.",
    )


def _freshness(evidence: Evidence) -> IntegrityCheck:
    arms = [s for s in evidence.facts.silences if s.variant in (evidence.control, evidence.candidate)]
    if not arms:
        return judged(
            "freshness",
            "not_measurable",
            None,
            SILENCE_WARN_HOURS,
            "No compared request has a time.",
            "Check the joins.",
        )
    first = min(arm.first_us for arm in arms)
    last = max(arm.last_us for arm in arms)
    worst, where, excess = 0.0, "", 0.0
    for arm in arms:
        spacing = (arm.last_us - arm.first_us) / max(1, arm.requests - 1) / HOUR_US
        slack = max(1.0, SPARSE_SPACINGS * spacing / SILENCE_WARN_HOURS)
        for hours, what in (
            ((last - arm.last_us) / HOUR_US, "stops before the newest request by"),
            ((arm.first_us - first) / HOUR_US, "starts after the oldest request by"),
            (arm.longest_gap_us / HOUR_US, "is silent for"),
        ):
            if (hours / slack, hours) > (excess, worst):
                worst, excess = hours, hours / slack
                where = f"{arm.variant} on {arm.surface or 'its surface'} {what} {full(hours, 1)} hours"
    status: Status = (
        "fail" if excess >= SILENCE_FAIL_HOURS else "warn" if excess >= SILENCE_WARN_HOURS else "pass"
    )
    return judged(
        "freshness",
        status,
        worst,
        SILENCE_WARN_HOURS,
        f"Longest silence: {where or 'none'}. Both arms must be logged over the same time.",
        "Find the publish or logging job that stopped, and leave that time out with start and end.",
    )


def _personal_data(evidence: Evidence) -> IntegrityCheck:
    findings = evidence.facts.personal_data
    looked = _looked_at(evidence.facts)
    if not findings:
        return judged(
            "personal_data",
            "pass",
            0,
            0,
            f"No value looks like an e-mail address, phone, bank or card number, or full name "
            f"({looked} looked at).",
        )
    named = "; ".join(
        f"{full(f.values)} × {f.pattern} in {_field_text(f.field)} (such as {f.example})" for f in findings
    )
    only_names = all(f.pattern == "full name" for f in findings)
    return judged(
        "personal_data",
        "warn" if only_names else "fail",
        sum(f.values for f in findings),
        0,
        f"Looks like personal data: {named}. {looked[0].upper()}{looked[1:]} looked at.",
        "Stop the log at its source, replace the ids by salted hashes, and delete the files with the values.",
    )


def _looked_at(facts: Facts) -> str:
    """How many values were looked at, and of how many where that is a sample."""
    looked, held = facts.personal_data_values, facts.personal_data_held
    if looked == held:
        return f"{full(looked)} distinct values"
    return f"a sample of {full(looked)} of {full(held)} distinct values"


def _field_text(field: str) -> str:
    """A field as it is told: a context key is anybody's text, and may be personal data itself."""
    where, dot, key = field.partition(".")
    return f"{where}{dot}{cut(key)}"
