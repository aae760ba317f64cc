"""Evidence to the measured KPIs of a review."""

from __future__ import annotations

from recsys_roi.estimate import belief
from recsys_roi.estimate.anytime import always_valid
from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import (
    Difference,
    Reading,
    difference,
    fixed_horizon,
    newcombe,
    relative_standard_error,
)
from recsys_roi.evidence.kpis import KPIS
from recsys_roi.evidence.kpis import Kpi as KpiEntry
from recsys_roi.evidence.sums import Sums
from recsys_roi.evidence.view import Evidence, KpiEvidence, Pair
from recsys_roi.review import document
from recsys_roi.value.scenario import Scenario

MIN_USERS = 100  # a user count under which no interval is shown (numbers book 0.3)
FEW_CONVERTERS = 10  # numbers book 1.6
IMPLAUSIBLE_P = 0.01  # numbers book 7.3
PLANNED_USERS_FALLBACK = 5000  # numbers book 0.3


def planned_users(scenario: Scenario) -> int:
    """N* of the always-valid interval: the planned users of both arms, or the book's fallback."""
    return scenario.planned_users or PLANNED_USERS_FALLBACK


def prior_sd(scenario: Scenario, kpi: KpiEntry) -> float:
    """The prior's standard deviation of the relative lift: the scenario's, or the KPI's own."""
    return kpi.prior_sd if scenario.prior_sd is None else scenario.prior_sd


def measure_kpi(evidence: Evidence, scenario: Scenario, kpi: KpiEntry, *, primary: bool) -> document.Kpi:
    """One KPI of the review, with a reason where it cannot be measured."""
    counted = evidence.kpis[kpi.id]
    if not counted.logged:
        return _unmeasured(kpi, primary, "missing", None)
    pair = counted.sums
    found = difference(pair.control, pair.candidate, min_users=MIN_USERS)
    if isinstance(found, NotMeasurable):
        return _unmeasured(kpi, primary, found.reason, pair)
    if kpi.is_binary and min(pair.control.sy, pair.candidate.sy) < FEW_CONVERTERS:
        return _small_counts(kpi, primary, scenario, found, pair)
    return _measured(kpi, primary, scenario, found, counted)


def _measured(
    kpi: KpiEntry, primary: bool, scenario: Scenario, found: Difference, counted: KpiEvidence
) -> document.Kpi:
    anytime = always_valid(found, scenario.alpha, planned_users(scenario))
    fixed = fixed_horizon(found, scenario.alpha)
    posterior = _posterior(found, prior_sd(scenario, kpi))
    p_implausible = _implausible_p(found, prior_sd(scenario, kpi))
    return document.Kpi(
        id=kpi.id,
        primary=primary,
        status="ok",
        reason=None,
        unit=kpi.unit,
        control=found.control,
        candidate=found.candidate,
        difference=_difference(anytime, found),
        relative_lift=_relative(anytime),
        relative_reason=anytime.relative_lift.reason,
        fixed_horizon=document.FixedHorizon(
            method="welch", difference=_difference(fixed, found), relative_lift=_relative(fixed)
        ),
        posterior=posterior,
        implausible=p_implausible is not None and p_implausible < IMPLAUSIBLE_P,
        implausible_p=p_implausible,
        design_effect=found.design_effect if kpi.is_share else None,
        sums=_sums(counted.sums),
        mature=_mature(kpi, scenario, counted),
    )


def _unmeasured(kpi: KpiEntry, primary: bool, reason: str, pair: Pair[Sums] | None) -> document.Kpi:
    return document.Kpi(
        id=kpi.id,
        primary=primary,
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
    )


def _small_counts(
    kpi: KpiEntry, primary: bool, scenario: Scenario, found: Difference, pair: Pair[Sums]
) -> document.Kpi:
    """Fewer than ten converters in an arm: Newcombe, fixed-horizon only (numbers book 1.6, rulings 11)."""
    interval = newcombe(
        round(pair.control.sy), pair.control.n, round(pair.candidate.sy), pair.candidate.n, scenario.alpha
    )
    return _unmeasured(kpi, primary, "small_counts", pair).model_copy(
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


def ratio_of(sums: Sums) -> float | None:
    """The arm's own figure; None without a denominator."""
    return sums.ratio if sums.sx else None


def _difference(reading: Reading, found: Difference) -> document.TestedEstimate:
    return document.TestedEstimate(
        estimate=found.estimate,
        lower=reading.difference.low,
        upper=reading.difference.high,
        p_value=reading.p_value,
    )


def _relative(reading: Reading) -> document.Estimate | None:
    lift = reading.relative_lift
    if lift.interval is None or lift.estimate is None:
        return None
    return document.Estimate(estimate=lift.estimate, lower=lift.interval.low, upper=lift.interval.high)


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
    """The sums that money is counted from, and whether they are of mature requests only (rulings 3)."""
    used = counted.mature.control.n > 0 and counted.mature.candidate.n > 0
    return (counted.mature if used else counted.sums), used


def _mature(kpi: KpiEntry, scenario: Scenario, counted: KpiEvidence) -> document.Mature:
    """The KPI on mature requests, which money is counted from (rulings 3)."""
    pair, used = money_sums(counted)
    found = difference(pair.control, pair.candidate, min_users=MIN_USERS)
    lift = None if isinstance(found, NotMeasurable) else found
    return document.Mature(
        share=counted.mature_share,
        used=used,
        control=ratio_of(pair.control),
        candidate=ratio_of(pair.candidate),
        relative_lift=lift.candidate / lift.control - 1 if lift and lift.control > 0 else None,
        posterior=_posterior(lift, prior_sd(scenario, kpi)) if lift else None,
    )


def _sums(pair: Pair[Sums]) -> document.SumsByArm:
    return document.SumsByArm(control=_arm_sums(pair.control), candidate=_arm_sums(pair.candidate))


def _arm_sums(sums: Sums) -> document.ArmSums:
    return document.ArmSums(n=sums.n, Sy=sums.sy, Sx=sums.sx, Syy=sums.syy, Sxx=sums.sxx, Sxy=sums.sxy)


def measured_kpis(evidence: Evidence, scenario: Scenario, primary: str) -> tuple[document.Kpi, ...]:
    """Every KPI of the catalogue."""
    return tuple(measure_kpi(evidence, scenario, kpi, primary=kpi.id == primary) for kpi in KPIS.values())
