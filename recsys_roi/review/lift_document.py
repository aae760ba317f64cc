"""The measured parts of review.v1: KPIs, their path, guardrails, slices and run time."""

from __future__ import annotations

from typing import Literal

from recsys_roi.review.part import Part


class Arms(Part):
    control: int
    candidate: int


class Estimate(Part):
    """A figure with its interval; `lower` and `upper` are None where no interval is defined."""

    estimate: float
    lower: float | None
    upper: float | None


class TestedEstimate(Estimate):
    p_value: float | None


class FixedHorizon(Part):
    """Valid only on the planned end date, looked at once."""

    method: str  # "welch" or "newcombe"
    difference: TestedEstimate | None
    relative_lift: Estimate | None


class Posterior(Part):
    """Belief about the relative lift: normal prior, delta-method likelihood (numbers book 7.1)."""

    mean: float
    sd: float
    p_better: float
    expected_loss_ship: float
    expected_loss_keep: float


class ArmSums(Part):
    """Sufficient statistics in the field's own capitals."""

    n: int
    Sy: float
    Sx: float
    Syy: float
    Sxx: float
    Sxy: float


class SumsByArm(Part):
    control: ArmSums
    candidate: ArmSums


class Mature(Part):
    """The same KPI on requests older than their attribution window; what money is counted from."""

    share: float | None  # share of requests that are mature
    used: bool  # False: no request is mature yet, so all of them stand in
    control: float | None
    candidate: float | None
    relative_lift: float | None
    posterior: Posterior | None


class Reading(Part):
    """One way to read the same KPI: always-valid, in the KPI's unit."""

    control: float
    candidate: float
    difference: TestedEstimate
    relative_lift: Estimate | None


class Adjustment(Part):
    """What was known of the users before the experiment, taken out of the KPI (numbers book 2)."""

    covariate: str  # "pre_period": the same totals before the first compared request; or a context key
    coverage: float  # share of users with a history
    balance_p: float | None  # both arms' users equally often with a history
    variance_reduction: float | None
    used: bool  # the KPI's own figures are the adjusted ones
    reason: str | None  # why they are not: low_coverage, small_reduction, or why it cannot be measured
    adjusted: Reading | None
    unadjusted: Reading


class Capping(Part):
    """Users' totals cut at one cap for both arms (numbers book 2.4)."""

    cap: float  # of a user's total: money, or seconds
    basis: Literal["fixed", "pooled"]  # given beforehand, or the 0.999 quantile of users with a value
    users: Arms  # users cut
    removed_control: float | None  # share of the arm's total
    removed_candidate: float | None
    uneven: bool  # the removed shares differ by more than two points: read both
    uncapped: Reading | None


class PathDay(Part):
    """The KPI with all that was known at the end of one calendar day (UTC)."""

    day: str
    users: Arms
    difference: TestedEstimate | None  # always-valid
    relative_lift: Estimate | None
    p_running: float | None  # the smallest p so far
    running: Estimate | None  # the estimate within the intersection of all intervals; None once that is empty
    reason: str | None  # why there is no difference


class Kpi(Part):
    id: str
    primary: bool
    status: Literal["ok", "not_measurable"]
    reason: str | None
    unit: str  # "share of requests", "share of users", "money per request"
    control: float | None
    candidate: float | None
    difference: TestedEstimate | None  # always-valid
    relative_lift: Estimate | None  # Fieller with the always-valid multiplier
    relative_reason: str | None
    fixed_horizon: FixedHorizon | None
    posterior: Posterior | None
    implausible: bool
    implausible_p: float | None
    design_effect: float | None
    sums: SumsByArm | None
    mature: Mature | None
    needs: str = ""  # what to log, in words
    adjustment: Adjustment | None = None  # None where nothing is known from before
    capping: Capping | None = None
    false_positive_risk: float | None = None  # of a gain shown, with 10 % true wins; None: none is shown
    path: tuple[PathDay, ...] = ()  # the primary KPI's days
    changing: bool = False  # the intervals of the path have no value in common: the effect changed
    crossed_on: str | None = None  # the first day on which the interval left 0 out
    fresh: bool = False  # that was so lately that the measured lift likely runs high

    @property
    def counted(self) -> Posterior | None:
        """The belief that money counts with: of mature requests, where there is one (numbers book 0.5)."""
        return (self.mature.posterior if self.mature else None) or self.posterior


GuardrailStatus = Literal["pass", "warn", "breach", "not_measurable"]


class DayFigures(Part):
    """One calendar day (UTC) of a guardrail, in its arm_unit; None where nothing was logged."""

    day: str
    control: float | None
    candidate: float | None


class Guardrail(Part):
    id: str
    status: GuardrailStatus
    reason: str | None
    control: float | None
    candidate: float | None
    harm: Estimate | None  # one-sided bounds, each at guardrail_alpha; positive is worse
    margin: float
    unit: str  # of harm and margin: "share of requests" or "relative"
    arm_unit: str  # of control and candidate: "ms" or "share of requests"
    more_days: int | None  # warn only: days until the bound is expected to pass, None if never
    note: str  # "slightly worse", approximation labels; may be empty
    needs: str = ""  # what to log, in words
    fixed_horizon: bool = False  # compared by day, so not corrected for looking early; cannot roll back
    trend: tuple[DayFigures, ...] = ()  # single days, not cumulative


class Slice(Part):
    key: str
    value: str
    kpi: str
    users: int
    relative_lift: Estimate | None
    adjusted_p: float | None
    shrunken: float | None
    harm: bool
    reason: str | None
    control: float | None = None
    candidate: float | None = None
    difference: TestedEstimate | None = None


class SliceKey(Part):
    """A key that the slices are of."""

    key: str
    values: int  # different values in the logs
    grouped: int  # of these, taken together as one slice
    of: Literal["user", "request"]  # the user's value at the first exposure, or each request's own


class RunTimePoint(Part):
    """What so many days of this pilot would show with the scenario's power."""

    days: int
    users: float  # of both arms, expected
    detectable_lift: float  # relative; looked at once
    detectable_always_valid: float  # looked at every day


class RunTime(Part):
    """How long this pilot takes to show a lift, as its users come (numbers book 10)."""

    days_to_min_effect: int | None  # from the start, whole weeks; None: beyond the horizon
    days_to_break_even: int | None
    horizon_days: int
    mde_now: float | None  # smallest relative lift that today's users show, looked at once
    mde_now_always_valid: float | None
    curve: tuple[RunTimePoint, ...]
