"""Is the data fit to be read? Facts judged against the gates of contracts.md 4 and numbers book 4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from recsys_roi.estimate.anytime import always_valid
from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import difference
from recsys_roi.estimate.ratio_mismatch import ALPHA as SRM_ALPHA
from recsys_roi.estimate.ratio_mismatch import ratio_mismatch
from recsys_roi.evidence.view import Evidence

Status = Literal["pass", "warn", "fail", "not_measurable"]

REJECT_LIMIT = 0.01
JOIN_GATE = 0.95
DUPLICATE_LIMIT = 0.001
TWO_ARM_WARN = 0.005
TWO_ARM_FAIL = 0.01
EARLY_WARN = 0.01
LATE_WARN = 0.05
SILENCE_WARN_HOURS = 24.0
SILENCE_FAIL_HOURS = 48.0
SPARSE_SPACINGS = 20.0  # a gap this many mean spacings long is no accident in a sparse log
DENOMINATOR_P = 0.01
HOUR_US = 3_600_000_000


class JudgedCheck(Protocol):
    """What risks and exit criteria read of a check, here and in a saved review."""

    @property
    def id(self) -> str: ...
    @property
    def status(self) -> Status: ...
    @property
    def detail(self) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrityCheck:
    """One gate: its status, the figure it was judged by, and what to do."""

    id: str
    status: Status
    value: float | None  # share, count, hours or p-value as review.md says for this id
    threshold: float | None
    detail: str
    fix: str


def judge_integrity(
    evidence: Evidence, *, candidate_share: float, alpha: float, planned_users: int
) -> tuple[IntegrityCheck, ...]:
    """All integrity checks in the order of review.md."""
    return (
        _schema(evidence),
        _outcome_join(evidence),
        _assignment_join(evidence),
        _exposure_join(evidence),
        _duplicates(evidence),
        _two_arm_users(evidence),
        _sample_ratio(evidence, candidate_share),
        _late_outcomes(evidence),
        _freshness(evidence),
        _personal_data(evidence),
        _check(
            "covariate_balance",
            "not_measurable",
            None,
            None,
            "No pre-period covariate is used, so there is nothing to balance.",
        ),
        _denominator_shift(evidence, alpha, planned_users),
    )


def rejects_over_limit(evidence: Evidence) -> bool:
    """More rejected lines than the limit lets a review be read with."""
    return _rejected(evidence) > REJECT_LIMIT * max(1, sum(file.lines for file in evidence.files))


def _check(  # noqa: PLR0917 - a row of a table reads best in order
    check_id: str, status: Status, value: float | None, threshold: float | None, detail: str, fix: str = ""
) -> IntegrityCheck:
    return IntegrityCheck(
        id=check_id,
        status=status,
        value=value,
        threshold=threshold,
        detail=detail,
        fix="" if status == "pass" else fix,
    )


def _rejected(evidence: Evidence) -> int:
    return sum(file.rejected for file in evidence.files)


def _schema(evidence: Evidence) -> IntegrityCheck:
    lines = sum(file.lines for file in evidence.files)
    rejected = _rejected(evidence)
    status: Status = "pass" if rejected == 0 else "fail" if rejects_over_limit(evidence) else "warn"
    extended = sum(file.extended for file in evidence.files)
    also = f" {extended:,} outcome lines use the extended event types." if extended else ""
    return _check(
        "schema",
        status,
        rejected,
        REJECT_LIMIT,
        f"{rejected:,} of {lines:,} lines were rejected ({_percent(rejected, lines)}; "
        f"limit {_share(REJECT_LIMIT, 0)}).{also}",
        "Download the rejected lines on the Logs page, mend the logging, and load the files again.",
    )


def _gate(value: float) -> Status:
    return "pass" if value >= JOIN_GATE else "fail"


def _outcome_join(evidence: Evidence) -> IntegrityCheck:
    joins = evidence.facts.joins
    if joins.outcomes == 0:
        return _check(
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
        f" {joins.outcomes_other_user:,} carry another user_id than their exposure and are left out."
        if joins.outcomes_other_user
        else ""
    )
    repeats = joins.outcome_lines - joins.outcomes
    again = f" {repeats:,} repeated lines count once." if repeats else ""
    return _check(
        "outcome_join_rate",
        _gate(share),
        share,
        JOIN_GATE,
        f"{_percent(joins.outcomes_joined, joins.outcomes)} of {joins.outcomes:,} outcomes have an exposure; "
        f"{unjoined:,} do not.{other}{again}",
        "Make the request_id once for each rendered list and write the same id on exposure and outcome.",
    )


def _assignment_join(evidence: Evidence) -> IntegrityCheck:
    facts = evidence.facts.experiment
    share = facts.assignments_joined / facts.assignments
    unassigned = (
        f" {facts.exposures_unassigned:,} exposures have no assignment in this experiment and are left out."
        if facts.exposures_unassigned
        else ""
    )
    other = (
        f" {facts.assignments_other_user:,} carry another user_id than their exposure and are left out."
        if facts.assignments_other_user
        else ""
    )
    return _check(
        "assignment_join_rate",
        _gate(share),
        share,
        JOIN_GATE,
        f"{_percent(facts.assignments_joined, facts.assignments)} of {facts.assignments:,} assigned requests "
        f"have an exposure.{unassigned}{other}",
        "Write the assignment with the request_id of the list that is rendered, from the same place.",
    )


def _exposure_join(evidence: Evidence) -> IntegrityCheck:
    joins = evidence.facts.joins
    if joins.exposures == 0:
        return _check(
            "exposure_join_rate",
            "not_measurable",
            None,
            None,
            "There are no exposures.",
            "Add an exposure.v1 log.",
        )
    return _check(
        "exposure_join_rate",
        "pass",
        joins.exposures_with_outcome / joins.exposures,
        None,
        f"{_percent(joins.exposures_with_outcome, joins.exposures)} of exposures have any outcome "
        "(reported, not a gate).",
    )


def _duplicates(evidence: Evidence) -> IntegrityCheck:
    joins = evidence.facts.joins
    repeated = joins.exposure_lines - joins.exposures
    share = repeated / max(1, joins.exposure_lines)
    status: Status = "pass" if repeated == 0 else "fail" if share > DUPLICATE_LIMIT else "warn"
    return _check(
        "duplicate_requests",
        status,
        repeated,
        DUPLICATE_LIMIT,
        f"{repeated:,} exposure lines repeat a request_id ({_percent(repeated, joins.exposure_lines)}; "
        f"limit {_share(DUPLICATE_LIMIT, 1)}); "
        "the first of each counts.",
        "Log each rendered list once; look for retries and double senders.",
    )


def _two_arm_users(evidence: Evidence) -> IntegrityCheck:
    both = sum(arm.two_arm_users for arm in evidence.facts.arms)
    users = both + sum(arm.users for arm in evidence.facts.arms)
    share = both / max(1, users)
    status: Status = "fail" if share >= TWO_ARM_FAIL else "warn" if share >= TWO_ARM_WARN else "pass"
    requests = evidence.facts.experiment.two_variant_requests
    also = f" {requests:,} requests are assigned to two variants." if requests else ""
    return _check(
        "two_arm_users",
        status,
        share,
        TWO_ARM_FAIL,
        f"{both:,} of {users:,} users were seen in more than one variant ({_percent(both, users)}) "
        f"and are left out.{also}",
        "Assign by a stable hash of user_id, and never re-assign during the pilot.",
    )


def _sample_ratio(evidence: Evidence, candidate_share: float) -> IntegrityCheck:
    users = {arm.variant: arm.users for arm in evidence.facts.arms}
    observed = (users.get(evidence.control, 0), users.get(evidence.candidate, 0))
    result = ratio_mismatch(observed, (1 - candidate_share, candidate_share))
    said = (
        f"{observed[0]:,} users in control and {observed[1]:,} in candidate; "
        f"planned {_share(1 - candidate_share, 0)} to {_share(candidate_share, 0)}."
    )
    if isinstance(result, NotMeasurable):
        return _check(
            "srm",
            "not_measurable",
            None,
            SRM_ALPHA,
            f"{said} Fewer than 100 users: cannot tell.",
            "Collect more users.",
        )
    return _check(
        "srm",
        "fail" if result.mismatch else "pass",
        result.p_value,
        SRM_ALPHA,
        f"{said} Chance of a split at least this uneven: {result.p_value:.2g}; alarm below {SRM_ALPHA}.",
        "Do not read the lift: find out where users of one arm are lost (redirects, crashes, filters, bots).",
    )


def _late_outcomes(evidence: Evidence) -> IntegrityCheck:
    found = evidence.facts.attribution
    total = found.within + found.early + found.late
    if total == 0:
        return _check(
            "late_outcomes", "not_measurable", None, None, "No outcome belongs to a compared request."
        )
    worry = found.early / total > EARLY_WARN or found.late / total > LATE_WARN
    return _check(
        "late_outcomes",
        "warn" if worry else "pass",
        found.early + found.late,
        None,
        f"{found.early:,} outcomes come before their exposure and {found.late:,} after the attribution "
        f"window, of {total:,}. They are shown here and left out of the KPIs.",
        "Check the clocks of the two loggers, and whether the attribution window fits the product.",
    )


def _freshness(evidence: Evidence) -> IntegrityCheck:
    arms = [s for s in evidence.facts.silences if s.variant in (evidence.control, evidence.candidate)]
    if not arms:
        return _check(
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
            if hours > worst:
                worst, excess = hours, hours / slack
                where = f"{arm.variant} on {arm.surface or 'its surface'} {what} {hours:.1f} hours"
    status: Status = (
        "fail" if excess >= SILENCE_FAIL_HOURS else "warn" if excess >= SILENCE_WARN_HOURS else "pass"
    )
    return _check(
        "freshness",
        status,
        worst,
        SILENCE_WARN_HOURS,
        f"Longest silence: {where or 'none'}. Both arms must be logged over the same time.",
        "Find the publish or logging job that stopped, and leave that time out with start and end.",
    )


def _personal_data(evidence: Evidence) -> IntegrityCheck:
    findings = evidence.facts.personal_data
    looked = evidence.facts.personal_data_values
    if not findings:
        return _check(
            "personal_data",
            "pass",
            0,
            0,
            f"No value looks like an e-mail address, phone, bank or card number, or full name "
            f"({looked:,} distinct values looked at).",
        )
    named = "; ".join(f"{f.values:,} × {f.pattern} in {f.field} (such as {f.example})" for f in findings)
    only_names = all(f.pattern == "full name" for f in findings)
    return _check(
        "personal_data",
        "warn" if only_names else "fail",
        sum(f.values for f in findings),
        0,
        f"Looks like personal data: {named}. {looked:,} distinct values looked at.",
        "Stop the log at its source, replace the ids by salted hashes, and delete the files with the values.",
    )


def _denominator_shift(evidence: Evidence, alpha: float, planned_users: int) -> IntegrityCheck:
    pair = evidence.requests_per_user
    found = difference(pair.control, pair.candidate, min_users=2)
    if isinstance(found, NotMeasurable):
        return _check(
            "denominator_shift",
            "not_measurable",
            None,
            DENOMINATOR_P,
            "Requests a user cannot be compared: they do not vary, or there are too few users.",
        )
    p_value = always_valid(found, alpha, planned_users).p_value
    return _check(
        "denominator_shift",
        "warn" if p_value < DENOMINATOR_P else "pass",
        p_value,
        DENOMINATOR_P,
        f"Requests a user: {found.control:.3g} in control, {found.candidate:.3g} in candidate "
        f"(p {p_value:.2g}, looked at every day).",
        "The candidate changes how often people ask: read the KPI a user, not a request.",
    )


def _percent(part: int, whole: int) -> str:
    """A share with enough digits that a few of many never read as none or all."""
    if whole == 0:
        return "none"
    text = _share(part / whole)
    if part and text == "0.00 %":
        return "under 0.01 %"
    if part < whole and text == "100.00 %":
        return "over 99.99 %"
    return text


def _share(value: float, digits: int = 2) -> str:
    return f"{value * 100:.{digits}f} %"
