"""Are the arms comparable: users of one arm only, split as planned, alike before, asking alike."""

from __future__ import annotations

from itertools import zip_longest

from recsys_roi.estimate.anytime import always_valid
from recsys_roi.estimate.cuped import BALANCE_ALPHA, coverage_balance
from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import difference
from recsys_roi.estimate.ratio_mismatch import ALPHA as SRM_ALPHA
from recsys_roi.estimate.ratio_mismatch import SUSPICIOUS, ratio_mismatch, sequential_p
from recsys_roi.evidence.kpis import Kpi
from recsys_roi.evidence.sums import Sums
from recsys_roi.evidence.view import Evidence, Pair
from recsys_roi.numerals import digits, full
from recsys_roi.verdict.check import IntegrityCheck, Status, judged, percent, percent_of
from recsys_roi.verdict.wording import counted

TWO_ARM_WARN = 0.005
TWO_ARM_FAIL = 0.01
DENOMINATOR_P = 0.01
PRE_PERIOD = "pre_period"
OWN_DENOMINATORS = {"sessions": "Sessions", "starts": "Starts"}


def arm_checks(
    evidence: Evidence, kpi: Kpi, *, candidate_share: float, alpha: float, planned_users: int
) -> dict[str, IntegrityCheck]:
    """The checks of the arms by id; `kpi` is the primary one, whose denominator must not have moved."""
    checks = (
        _two_arm_users(evidence),
        _sample_ratio(evidence, candidate_share),
        _covariate_balance(evidence),
        _denominator_shift(evidence, kpi, alpha, planned_users),
    )
    return {check.id: check for check in checks}


def _two_arm_users(evidence: Evidence) -> IntegrityCheck:
    both = sum(arm.two_arm_users for arm in evidence.facts.arms)
    users = both + sum(arm.users for arm in evidence.facts.arms)
    if users == 0:
        return judged("two_arm_users", "not_measurable", None, TWO_ARM_FAIL, "Nobody was assigned.")
    share = both / users
    status: Status = "fail" if share >= TWO_ARM_FAIL else "warn" if share >= TWO_ARM_WARN else "pass"
    requests = evidence.facts.experiment.two_variant_requests
    also = f" {full(requests)} requests are assigned to two variants." if requests else ""
    return judged(
        "two_arm_users",
        status,
        share,
        TWO_ARM_FAIL,
        f"{full(both)} of {full(users)} users were seen in more than one variant ({percent_of(both, users)}) "
        f"and are left out.{also}",
        "Assign by a stable hash of user_id, and never re-assign during the pilot.",
    )


def _sample_ratio(evidence: Evidence, candidate_share: float) -> IntegrityCheck:
    users = {arm.variant: arm.users for arm in evidence.facts.arms}
    observed = (users.get(evidence.control, 0), users.get(evidence.candidate, 0))
    planned = (1 - candidate_share, candidate_share)
    result = ratio_mismatch(observed, planned)
    said = (
        f"{counted(observed[0], 'user')} in control and {full(observed[1])} in candidate; "
        f"planned {percent(planned[0], 0)} to {percent(planned[1], 0)}."
    )
    if isinstance(result, NotMeasurable):
        return judged(
            "srm",
            "not_measurable",
            None,
            SRM_ALPHA,
            f"{said} Fewer than 100 users: cannot tell.",
            "Collect more users.",
        )
    return judged(
        "srm",
        "fail" if result.mismatch else "pass",
        result.p_value,
        SRM_ALPHA,
        f"{said} Chance of a split at least this uneven: {digits(result.p_value, 2)}; alarm below "
        f"{SRM_ALPHA}. {_second_opinion(evidence, planned)}",
        "Do not read the lift: find out where users of one arm are lost (redirects, crashes, filters, bots).",
    )


def _second_opinion(evidence: Evidence, planned: tuple[float, float]) -> str:
    """The sequential test over the days on which users were assigned (numbers book 4)."""
    days = {arm.variant: arm.users_by_day for arm in evidence.facts.arms}
    control, candidate = days.get(evidence.control, ()), days.get(evidence.candidate, ())
    p_value = sequential_p(zip_longest(control, candidate, fillvalue=0), planned)
    if p_value is None:
        return "The sequential test has too few users."
    verdict = "suspicious" if p_value < SUSPICIOUS else "not suspicious"
    found = digits(p_value, 2)
    return f"Looked at every day (sequential test): {found}, {verdict} (below {SUSPICIOUS} would be)."


def _covariate_balance(evidence: Evidence) -> IntegrityCheck:
    covariate = evidence.covariate
    if covariate is None:
        return judged(
            "covariate_balance",
            "not_measurable",
            None,
            None,
            "Nothing is known of the users from before the experiment, so there is nothing to balance.",
        )
    known, users = covariate.known, evidence.users
    p_value = coverage_balance((known.control, known.candidate), (users.control, users.candidate))
    if isinstance(p_value, NotMeasurable):
        return judged("covariate_balance", "not_measurable", None, BALANCE_ALPHA, "An arm has no users.")
    return judged(
        "covariate_balance",
        "fail" if p_value < BALANCE_ALPHA else "pass",
        p_value,
        BALANCE_ALPHA,
        f"{percent_of(known.control, users.control)} of control and "
        f"{percent_of(known.candidate, users.candidate)} of candidate users have {_history(covariate.name)}. "
        f"Chance of a difference at least this large: {digits(p_value, 2)}; alarm below {BALANCE_ALPHA}.",
        "The covariate depends on the arm, so it is not from before the experiment: set covariate=none, and "
        "find out why one arm's users lack it.",
    )


def _history(covariate: str) -> str:
    return "a history before the pilot" if covariate == PRE_PERIOD else f"a value of {covariate}"


def _denominator_shift(evidence: Evidence, kpi: Kpi, alpha: float, planned_users: int) -> IntegrityCheck:
    compared = {"Requests": evidence.requests_per_user}
    if kpi.denominator in OWN_DENOMINATORS:
        compared[OWN_DENOMINATORS[kpi.denominator]] = _per_user(evidence.kpis[kpi.id].sums)
    p_values, said = [], []
    for name, pair in compared.items():
        found = difference(pair.control, pair.candidate, min_users=2)
        if isinstance(found, NotMeasurable):
            said.append(f"{name} a user cannot be compared: they do not vary, or there are too few users.")
            continue
        p_values.append(always_valid(found, alpha, planned_users).p_value)
        said.append(
            f"{name} a user: {digits(found.control, 3)} in control, {digits(found.candidate, 3)} in "
            f"candidate (p {digits(p_values[-1], 2)}, looked at every day)."
        )
    status: Status = "not_measurable"
    if p_values:
        status = "warn" if min(p_values) < DENOMINATOR_P else "pass"
    return judged(
        "denominator_shift",
        status,
        min(p_values, default=None),
        DENOMINATOR_P,
        " ".join(said),
        "The candidate changes how often people ask: read the KPI a user, not a request." if p_values else "",
    )


def _per_user(sums: Pair[Sums]) -> Pair[Sums]:
    """The denominators of a ratio as a mean a user."""

    def mean(arm: Sums) -> Sums:
        return Sums(n=arm.n, sy=arm.sx, sx=arm.n, syy=arm.sxx, sxx=arm.n, sxy=arm.sx)

    return Pair(control=mean(sums.control), candidate=mean(sums.candidate))
