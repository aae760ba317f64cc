"""How long a pilot must run, asked before there is one (numbers book 10, with requests in place of users).

Nothing is measured yet, so the spread of the KPI between requests stands in for the variance between users,
and a design effect for users who ask again. Each week is taken to teach as much as the one before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from scipy.special import ndtri

from recsys_roi.estimate.power import ALWAYS_VALID_COST
from recsys_roi.evidence.kpis import Kpi
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.settings import KPIS_OF_NEW_USERS, NEW_USERS_SETTING, TRAFFIC_SETTING
from recsys_roi.value.waiting import DAYS_PER_WEEK, WEEKS_PER_MONTH, Belief

LONGEST_WEEKS = 520  # ten years: a longer pilot is no advice
# sqrt(2 / 0.012): orders in 1.2 % of requests, values spread as wide as their mean (J)
MONEY_VARIATION = 12.9
SMALLEST_LIFT = 1e-9  # a smaller one, on either side of 0, is none: no traffic on earth would show it
Reason = Literal["no_traffic", "no_variation", "no_lift", "too_long"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PilotDesign:
    """What a pilot will learn from each week; every field is an assumption."""

    requests_per_week: float  # of both arms; of a KPI of new users: new users
    candidate_share: float  # of those requests
    variation: float  # standard deviation of the KPI between requests, over its mean
    design_effect: float  # variance against independent requests

    def requests_needed(self, lift: float, *, alpha: float, power: float) -> float:
        """Requests of both arms that show a relative lift, looked at once (numbers book 10).

        The lift is at least SMALLEST_LIFT away from 0.
        """
        z = float(ndtri(1 - alpha / 2) + ndtri(power))
        return self._unit_variance * (z / lift) ** 2

    def weeks_needed(self, lift: float, *, alpha: float, power: float, min_days: int) -> int | None:
        """Whole weeks to that lift while looking every day; None beyond ten years."""
        requests = self.requests_needed(lift, alpha=alpha, power=power) * ALWAYS_VALID_COST
        weeks = max(requests / self.requests_per_week, min_days / DAYS_PER_WEEK)
        return math.ceil(weeks - 1e-9) if weeks <= LONGEST_WEEKS else None

    def belief(self, mean: float, sd: float) -> Belief:
        """The expected lift as a belief that each week of the pilot sharpens alike."""
        week = math.sqrt(self._unit_variance / self.requests_per_week)
        return Belief(mean=mean, sd=sd, se_now=week, weeks_so_far=1.0)

    @property
    def _unit_variance(self) -> float:
        """Variance of the relative lift times the requests of both arms."""
        split = self.candidate_share * (1 - self.candidate_share)
        return self.design_effect * self.variation**2 / split


def pilot_design(scenario: Scenario, kpi: Kpi, baseline: float) -> PilotDesign | Reason:
    """The design that a scenario's traffic, split, baseline and spread give, or why there is none."""
    return _design(scenario, kpi, kpi_variation(scenario, kpi, baseline), scenario.design_effect)


def measured_design(scenario: Scenario, kpi: Kpi, variation: float) -> PilotDesign | Reason:
    """The same with a measured spread, in which users who ask again are already counted."""
    return _design(scenario, kpi, variation, 1.0)


def _design(
    scenario: Scenario, kpi: Kpi, variation: float | None, design_effect: float
) -> PilotDesign | Reason:
    """`pilot_share` of the eligible traffic is on the candidate, which is `candidate_share` of the pilot.

    So the pilot sees the quotient of the two, at most all of it.
    """
    in_pilot = min(1.0, scenario.pilot_share / scenario.candidate_share)
    audience = getattr(scenario, audience_setting(kpi)) or 0.0
    requests = audience / WEEKS_PER_MONTH * in_pilot
    if requests <= 0:
        return "no_traffic"
    if variation is None or variation <= 0:
        return "no_variation"
    return PilotDesign(
        requests_per_week=requests,
        candidate_share=scenario.candidate_share,
        variation=variation,
        design_effect=design_effect,
    )


def audience_setting(kpi: Kpi) -> str:
    """The setting that holds what the KPI's baseline is a share of: requests, or new users."""
    return NEW_USERS_SETTING if kpi.id in KPIS_OF_NEW_USERS else TRAFFIC_SETTING


def kpi_variation(scenario: Scenario, kpi: Kpi, baseline: float) -> float | None:
    """The scenario's own spread, else that of a yes or no at the baseline, else of money; None: not known."""
    if scenario.kpi_variation is not None:
        return scenario.kpi_variation
    if kpi.is_money:
        return MONEY_VARIATION
    if not kpi.needs_value and 0 < baseline < 1:
        return math.sqrt((1 - baseline) / baseline)
    return None
