"""Test & Roll: how large a test earns most over a known population (Feit and Berman, Marketing Science 2019).

Both arms start equal (a symmetric prior), so an incumbent's switching cost is not in it: waiting.py is the
primary tool, and this one shows that the test that earns most is smaller than a significance test.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtri


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfitMaximisingTest:
    """Arms' means ~ N(prior_mean, prior_sd^2), responses with standard deviation response_sd, in one unit."""

    population: float  # users, the test's included
    prior_mean: float
    prior_sd: float  # of an arm's mean; baseline * prior_sd / sqrt(2) for a prior on the relative lift
    response_sd: float  # between users

    @property
    def arm_users(self) -> float:
        """Users an arm that earn most, not rounded (eq. 10)."""
        noise = (self.response_sd / self.prior_sd) ** 2
        return math.sqrt(self.population / 4 * noise + (0.75 * noise) ** 2) - 0.75 * noise

    def profit_in_test(self, arm_users: float) -> float:
        """Expected response during the test, over both arms."""
        return 2 * arm_users * self.prior_mean

    def profit(self, arm_users: float) -> float:
        """Expected response of test and roll-out to the arm that looked better."""
        spread = 2 * self.response_sd**2 / arm_users + 2 * self.prior_sd**2
        gain = 2 * self.prior_sd**2 / math.sqrt(2 * math.pi * spread)
        return self.profit_in_test(arm_users) + (self.population - 2 * arm_users) * (self.prior_mean + gain)

    @property
    def perfect_profit(self) -> float:
        """Expected response if the better arm were known from the start."""
        return self.population * (self.prior_mean + self.prior_sd / math.sqrt(math.pi))

    def regret(self, arm_users: float) -> float:
        """Share of the perfect profit that is lost."""
        return 1 - self.profit(arm_users) / self.perfect_profit

    def error_rate(self, arm_users: float) -> float:
        """Chance of rolling out the worse arm."""
        return 0.5 - math.atan(self.prior_sd / self.response_sd * math.sqrt(arm_users)) / math.pi


def significance_test_users(
    response_sd: float, difference: float, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Users an arm of a two-sided test that detects a difference, not rounded."""
    z = float(ndtri(1 - alpha / 2) + ndtri(power))
    return 2 * (z * response_sd / difference) ** 2


def finite_population_users(arm_users: float, population: float) -> float:
    """Users an arm of the same test within a finite population, not rounded."""
    return arm_users * population / (population - 1 + 2 * arm_users)
