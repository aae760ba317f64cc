from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys_roi.estimate.anytime import one_sided_multiplier
from recsys_roi.estimate.figures import NotMeasurable, Reason
from recsys_roi.estimate.noninferiority import quantile_harm
from recsys_roi.estimate.quantiles import (
    QuantileDifference,
    cluster_inflation,
    compare_quantiles,
    quantile_variance,
)
from recsys_roi.evidence.quantiles import QuantileSums
from tests.estimate.book_guardrails import quantile_sums
from tests.fixtures import case

GIVEN = case("S5.p95_latency").inputs


def both_arms() -> tuple[QuantileSums, QuantileSums]:
    return (
        quantile_sums(GIVEN["latencies_control"], 0.95),
        quantile_sums(GIVEN["latencies_treatment"], 0.95),
    )


def compared(control: QuantileSums, candidate: QuantileSums) -> QuantileDifference:
    found = compare_quantiles(control, candidate, min_users=2)
    assert isinstance(found, QuantileDifference)
    return found


def test_60_users_are_too_few_by_default() -> None:
    assert compare_quantiles(*both_arms()) == NotMeasurable(reason=Reason.TOO_FEW_USERS)


@pytest.mark.parametrize(
    ("level", "requests", "measured"),
    [(0.95, 72, False), (0.95, 73, True), (0.99, 380, False), (0.99, 381, True)],
)
def test_requests_needed_for_a_quantile(level: float, requests: int, measured: bool) -> None:
    latency = np.random.default_rng(7).lognormal(4, 1, requests)
    arm = QuantileSums.of_requests(latency, np.arange(requests) % 50, level)
    assert arm is not None
    found = compare_quantiles(arm, arm, min_users=50)
    assert isinstance(found, QuantileDifference) == measured
    assert measured or found == NotMeasurable(reason=Reason.TOO_FEW_REQUESTS)


def test_arms_that_cannot_be_compared_say_why() -> None:
    control, candidate = both_arms()
    tied = tuple(replace(arm, q=50.0, q_low=50.0, q_high=50.0) for arm in (control, candidate))
    for arms, reason in (
        ((replace(control, users=0), candidate), Reason.NO_USERS),
        (tied, Reason.ZERO_VARIANCE),
        ((replace(control, q=0.0), candidate), Reason.CONTROL_NEAR_ZERO),
    ):
        assert compare_quantiles(*arms, min_users=2) == NotMeasurable(reason=reason)


def test_swapped_arms_change_the_sign_only() -> None:
    control, candidate = both_arms()
    found, swapped = compared(control, candidate), compared(candidate, control)
    assert (swapped.estimate, swapped.se) == (-found.estimate, found.se)


def test_unit_of_latency_does_not_matter_to_the_relative_difference() -> None:
    seconds = [
        quantile_sums([[value / 1000 for value in own] for own in GIVEN[name]], 0.95)
        for name in ("latencies_control", "latencies_treatment")
    ]
    found, other = compared(*both_arms()), compared(*seconds)
    assert other.relative == pytest.approx(found.relative, rel=1e-12)
    assert other.relative_se == pytest.approx(found.relative_se, rel=1e-9)
    assert other.se == pytest.approx(found.se / 1000, rel=1e-9)


def test_independent_requests_are_not_inflated() -> None:
    """One request a user: the clustered variance is the plain one, n / (n - 1) apart."""
    latency = np.random.default_rng(3).lognormal(4, 1, 2000)
    arm = QuantileSums.of_requests(latency, np.arange(2000), 0.95)
    assert arm is not None
    assert cluster_inflation(arm) == pytest.approx(2000 / 1999, rel=1e-9)


def test_standard_error_matches_repeated_sampling() -> None:
    """Users with their own speed: the estimated se against the spread of p95 over 300 draws."""
    rng = np.random.default_rng(11)
    user = np.repeat(np.arange(400), 5)

    def arm() -> QuantileSums:
        latency = 80 * np.exp(0.4 * rng.standard_normal(400)[user] + 0.4 * rng.standard_normal(2000))
        found = QuantileSums.of_requests(latency, user, 0.95)
        assert found is not None
        return found

    arms = [arm() for _ in range(300)]
    spread = np.std([one.q for one in arms], ddof=1)
    assert np.sqrt(np.mean([quantile_variance(one) for one in arms])) == pytest.approx(spread, rel=0.15)


def test_looking_every_day_widens_the_bound() -> None:
    found = compared(*both_arms())
    once = quantile_harm(found, alpha=0.05, planned_users=None)
    anytime = quantile_harm(found, alpha=0.05, planned_users=5000)
    assert anytime.upper == pytest.approx(
        found.relative + one_sided_multiplier(0.05, 122, 5000) * found.relative_se
    )
    assert anytime.lower < once.lower
