from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm
from scipy.stats import t as student

from recsys_roi.estimate.belief import expected_shortfall, false_positive_risk, implausible_p, posterior

LIFTS = st.floats(-2.0, 2.0)
SCALES = st.floats(1e-3, 1.0)


@pytest.mark.parametrize("u", [-30.0, -5.0, -1.0, 0.0, 0.5, 1.0, 4.0, 8.0, 20.0, 35.0])
def test_expected_shortfall_is_its_integral(u: float) -> None:
    """E max(0, -X) = integral of P(X < -x): every digit counts far in the tail."""
    integral, _ = quad(lambda x: norm.cdf(-x - u), 0, max(0.0, -u) + 40 / max(1.0, u), epsabs=0, epsrel=1e-11)
    assert expected_shortfall(u, 1.0) == pytest.approx(integral, rel=1e-8)


def test_expected_shortfall_fades_without_turning_negative() -> None:
    losses = [expected_shortfall(30 + step / 100, 1.0) for step in range(1000)]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] > 0
    assert losses[-1] == 0


@given(LIFTS, SCALES)
def test_losses_differ_by_the_mean(mean: float, sd: float) -> None:
    ship, keep = expected_shortfall(mean, sd), expected_shortfall(-mean, sd)
    assert ship >= 0
    assert keep - ship == pytest.approx(mean, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("mean", [1e6, -1e6, 1e200, -1e200])
def test_certain_lifts_do_not_break_the_losses(mean: float) -> None:
    assert expected_shortfall(mean, 1.0) == pytest.approx(max(0.0, -mean))


@given(LIFTS, SCALES, SCALES)
def test_posterior_lies_between_prior_and_data(lift: float, se: float, prior_sd: float) -> None:
    post = posterior(lift, se, prior_sd=prior_sd)
    assert min(0.0, lift) <= post.mean <= max(0.0, lift)
    assert post.sd < min(se, prior_sd)
    assert 1 / post.sd**2 == pytest.approx(1 / se**2 + 1 / prior_sd**2, rel=1e-9)
    mirrored = posterior(-lift, se, prior_sd=prior_sd)
    assert mirrored.p_better == pytest.approx(1 - post.p_better, abs=1e-12)
    assert mirrored.expected_loss_ship == pytest.approx(post.expected_loss_keep, rel=1e-12)


@pytest.mark.parametrize("lift", [0.001, 0.03, 0.42, 3.0])
@pytest.mark.parametrize("se", [1e-4, 0.004, 0.08, 1.0])
@pytest.mark.parametrize("scale", [0.01, 0.03, 0.3])
def test_implausible_p_is_its_integral(lift: float, se: float, scale: float) -> None:
    """The other way round: over the noise first, with scipy's own t3."""

    def beyond(z: float) -> float:
        tails = student.sf((lift - se * z) / scale, 3) + student.cdf((-lift - se * z) / scale, 3)
        return float(norm.pdf(z) * tails)

    turns = sorted(
        {max(-12.0, min(12.0, centre + width)) for centre in (lift / se, -lift / se) for width in (-1, 0, 1)}
    )
    integral, _ = quad(beyond, -12, 12, points=turns, epsabs=1e-14, epsrel=1e-10, limit=500)
    assert implausible_p(lift, se, scale) == pytest.approx(integral, rel=1e-7)


@given(LIFTS, SCALES, SCALES)
def test_implausible_p_has_no_side_and_falls_with_the_lift(lift: float, se: float, scale: float) -> None:
    p = implausible_p(lift, se, scale)
    assert 0 < p <= 1
    assert p == implausible_p(-lift, se, scale)
    assert implausible_p(abs(lift) + 0.01, se, scale) <= p + 1e-12


def test_no_lift_is_no_surprise() -> None:
    assert implausible_p(0.0, 0.02, 0.03) == pytest.approx(1.0, abs=1e-12)


def test_rule_of_thumb_without_noise() -> None:
    """The book: beyond 5.84 scales where the standard error goes to 0."""
    assert implausible_p(5.85 * 0.03, 1e-9, 0.03) < 0.01 < implausible_p(5.83 * 0.03, 1e-9, 0.03)


def test_false_positive_risk_has_no_wins_to_be_wrong_about() -> None:
    assert false_positive_risk(1.0, 0.05, 0.8) == 0
    assert false_positive_risk(0.0, 0.05, 0.8) == 1
    assert math.isclose(false_positive_risk(0.5, 0.05, 0.8), 0.025 / 0.825)
