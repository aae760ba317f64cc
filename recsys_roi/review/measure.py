"""Evidence to the measured KPIs of a review."""

from __future__ import annotations

from recsys_roi.estimate import belief
from recsys_roi.estimate.anytime import always_valid
from recsys_roi.estimate.figures import NotMeasurable, Reason
from recsys_roi.estimate.lift import (
    Difference,
    Reading,
    difference,
    fixed_horizon,
    newcombe,
    relative_standard_error,
)
from recsys_roi.evidence.kpis import KPIS, NEW_USERS
from recsys_roi.evidence.kpis import Kpi as KpiEntry
from recsys_roi.evidence.sums import Sums
from recsys_roi.evidence.view import Evidence, KpiEvidence, Pair
from recsys_roi.review import document
from recsys_roi.review.adjusting import adjusted, adjustment_part
from recsys_roi.review.parts import (
    MIN_USERS,
    planned_users,
    ratio_of,
    reading_part,
    relative_part,
    tested_part,
)
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.setting_rows import LARGEST

NOBODY_HAD_TIME = "nobody_had_time"  # to come back: no user was first seen return_days before the end
TOO_LARGE = "too_large"  # values that cannot be added up, or are beyond what a setting may be
FEW_CONVERTERS = 10  # numbers book 1.6
IMPLAUSIBLE_P = 0.01  # numbers book 7.3
TRUE_WINS = 0.10  # share of tests that truly win, for the false positive risk (numbers book 7.4)
UNEVEN_REMOVAL = 0.02  # numbers book 2.4


def measured_kpis(evidence: Evidence, scenario: Scenario) -> tuple[document.Kpi, ...]:
    """Every KPI of the catalogue, none of them marked as primary yet."""
    return tuple(_measure(evidence, scenario, kpi) for kpi in KPIS.values())


def prior_sd(scenario: Scenario, kpi: KpiEntry) -> float:
    """The prior's standard deviation of the relative lift: the scenario's, or the KPI's own."""
    return kpi.prior_sd if scenario.prior_sd is None else scenario.prior_sd


def _measure(evidence: Evidence, scenario: Scenario, kpi: KpiEntry) -> document.Kpi:
    """One KPI of the review, with a reason where it cannot be measured."""
    counted = evidence.kpis[kpi.id]
    if not counted.logged:
        return _unmeasured(kpi, "missing", None)
    pair = counted.sums
    if _is_too_large(counted):
        return _unmeasured(kpi, TOO_LARGE, None)
    found = difference(pair.control, pair.candidate, min_users=MIN_USERS)
    if isinstance(found, NotMeasurable):
        early = kpi.denominator == NEW_USERS and found.reason == Reason.NO_USERS
        return _unmeasured(kpi, NOBODY_HAD_TIME if early else found.reason, pair)
    if kpi.is_binary and min(pair.control.sy, pair.candidate.sy) < FEW_CONVERTERS:
        return _small_counts(kpi, scenario, found, pair)
    return _measured(kpi, scenario, evidence, found)


def _is_too_large(counted: KpiEvidence) -> bool:
    arms = (counted.sums.control, counted.sums.candidate)
    figures = [arm.ratio for arm in arms if arm.sx]
    if counted.requests_total:
        figures.append(counted.numerator_total / counted.requests_total)  # what money is counted from
    return not (all(arm.is_finite for arm in arms) and all(abs(figure) <= LARGEST for figure in figures))


def _measured(kpi: KpiEntry, scenario: Scenario, evidence: Evidence, raw: Difference) -> document.Kpi:
    counted = evidence.kpis[kpi.id]
    adjustment = adjusted(evidence, counted.covariate)
    found = adjustment.used or raw if adjustment else raw
    anytime = always_valid(found, scenario.alpha, planned_users(scenario))
    fixed = fixed_horizon(found, scenario.alpha)
    p_implausible = _implausible_p(found, prior_sd(scenario, kpi))
    return document.Kpi(
        id=kpi.id,
        primary=False,
        status="ok",
        reason=None,
        unit=kpi.unit,
        control=found.control,
        candidate=found.candidate,
        difference=tested_part(anytime, found),
        relative_lift=relative_part(anytime),
        relative_reason=anytime.relative_lift.reason,
        fixed_horizon=document.FixedHorizon(
            method="welch", difference=tested_part(fixed, found), relative_lift=relative_part(fixed)
        ),
        posterior=_posterior(found, prior_sd(scenario, kpi)),
        implausible=p_implausible is not None and p_implausible < IMPLAUSIBLE_P,
        implausible_p=p_implausible,
        design_effect=raw.design_effect if kpi.is_share else None,
        sums=_sums(counted.sums),
        mature=_mature(kpi, scenario, evidence),
        needs=kpi.needs,
        adjustment=adjustment_part(adjustment, raw, scenario) if adjustment else None,
        capping=_capping(counted, scenario),
        false_positive_risk=_false_positive_risk(anytime, scenario),
    )


def _unmeasured(kpi: KpiEntry, reason: str, pair: Pair[Sums] | None) -> document.Kpi:
    return document.Kpi(
        id=kpi.id,
        primary=False,
        status="not_measurable",
        reason=str(reason),
        unit=kpi.unit,
        control=ratio_of(pair.control) if pair else None,
        candidate=ratio_of(pair.candidate) if pair else None,
        difference=None,
        relative_lift=None,
        relative_reason=None,
        fixed_horizon=None,
        posterior=None,
        implausible=False,
        implausible_p=None,
        design_effect=None,
        sums=_sums(pair) if pair else None,
        mature=None,
        needs=kpi.needs,
    )


def _small_counts(kpi: KpiEntry, scenario: Scenario, found: Difference, pair: Pair[Sums]) -> document.Kpi:
    """Fewer than ten converters in an arm: Newcombe, fixed-horizon only (numbers book 1.6)."""
    interval = newcombe(
        round(pair.control.sy), pair.control.n, round(pair.candidate.sy), pair.candidate.n, scenario.alpha
    )
    return _unmeasured(kpi, "small_counts", pair).model_copy(
        update={
            "fixed_horizon": document.FixedHorizon(
                method="newcombe",
                difference=document.TestedEstimate(
                    estimate=found.estimate, lower=interval.low, upper=interval.high, p_value=None
                ),
                relative_lift=None,
            )
        }
    )


def _posterior(found: Difference, sd: float) -> document.Posterior | None:
    se = relative_standard_error(found)
    if isinstance(se, NotMeasurable):
        return None
    post = belief.posterior(found.candidate / found.control - 1, se, prior_sd=sd)
    return document.Posterior(
        mean=post.mean,
        sd=post.sd,
        p_better=post.p_better,
        expected_loss_ship=post.expected_loss_ship,
        expected_loss_keep=post.expected_loss_keep,
    )


def _implausible_p(found: Difference, scale: float) -> float | None:
    se = relative_standard_error(found)
    if isinstance(se, NotMeasurable):
        return None
    return belief.implausible_p(found.candidate / found.control - 1, se, scale)


def money_sums(counted: KpiEvidence) -> tuple[Pair[Sums], bool]:
    """The sums that money is counted from, and whether they are of mature requests (numbers book 0.5)."""
    used = counted.mature.control.n > 0 and counted.mature.candidate.n > 0
    return (counted.mature if used else counted.sums), used


def money_difference(evidence: Evidence, kpi_id: str) -> Difference | NotMeasurable:
    """The difference that money is counted from: of mature requests, adjusted where the KPI itself is."""
    counted = evidence.kpis[kpi_id]
    pair, is_mature = money_sums(counted)
    whole = adjusted(evidence, counted.covariate)
    if whole is not None and whole.used is not None:
        found = adjusted(evidence, counted.mature_covariate) if is_mature else whole
        if found is not None and found.found is not None:
            return found.found.difference
    return difference(pair.control, pair.candidate, min_users=MIN_USERS)


def _mature(kpi: KpiEntry, scenario: Scenario, evidence: Evidence) -> document.Mature:
    """The KPI on mature requests, which money is counted from (numbers book 0.5)."""
    counted = evidence.kpis[kpi.id]
    pair, used = money_sums(counted)
    found = money_difference(evidence, kpi.id)
    lift = None if isinstance(found, NotMeasurable) else found
    return document.Mature(
        share=counted.mature_share,
        used=used,
        control=ratio_of(pair.control),
        candidate=ratio_of(pair.candidate),
        relative_lift=lift.candidate / lift.control - 1 if lift and lift.control > 0 else None,
        posterior=_posterior(lift, prior_sd(scenario, kpi)) if lift else None,
    )


def _capping(counted: KpiEvidence, scenario: Scenario) -> document.Capping | None:
    """What capping takes away; where that is uneven, the uncapped figure is to be read beside it."""
    cap, pair = counted.capping, counted.uncapped
    if cap is None or pair is None:
        return None
    removed = cap.removed
    found = difference(pair.control, pair.candidate, min_users=MIN_USERS)
    return document.Capping(
        cap=cap.cap,
        basis=cap.basis,
        users=document.Arms(control=cap.users.control, candidate=cap.users.candidate),
        removed_control=removed.control,
        removed_candidate=removed.candidate,
        uneven=abs((removed.candidate or 0.0) - (removed.control or 0.0)) > UNEVEN_REMOVAL,
        uncapped=None if isinstance(found, NotMeasurable) else reading_part(found, scenario),
    )


def _false_positive_risk(anytime: Reading, scenario: Scenario) -> float | None:
    """Of such wins, the share that is false; None where the interval does not show a gain."""
    if anytime.difference.low <= 0:
        return None
    return belief.false_positive_risk(TRUE_WINS, scenario.alpha, scenario.power)


def _sums(pair: Pair[Sums]) -> document.SumsByArm:
    return document.SumsByArm(control=_arm_sums(pair.control), candidate=_arm_sums(pair.candidate))


def _arm_sums(sums: Sums) -> document.ArmSums:
    return document.ArmSums(n=sums.n, Sy=sums.sy, Sx=sums.sx, Syy=sums.syy, Sxx=sums.sxx, Sxy=sums.sxy)
