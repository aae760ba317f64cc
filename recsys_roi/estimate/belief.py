"""What to believe about a relative lift, and when not to believe it (numbers book 7).

Lifts, standard errors and priors are fractions: 0.03 is 3 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx, ndtr, ndtri

from recsys_roi.estimate.figures import Interval

CREDIBLE_LEVEL = 0.95
PANEL_NODES, PANEL_WEIGHTS = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True, kw_only=True, slots=True)
class Posterior:
    """Normal belief about the relative lift, given data and prior; not corrected for looking early."""

    mean: float
    sd: float
    p_better: float  # P(lift > 0)
    credible: Interval
    expected_loss_ship: float  # E max(0, -lift): lift given up by shipping, if it is harmful
    expected_loss_keep: float  # E max(0, lift): lift given up by not shipping


def posterior(lift: float, se: float, *, prior_sd: float, prior_mean: float = 0.0) -> Posterior:
    """Normal prior times a normal likelihood around `lift` (numbers book 7.1); se and prior_sd above 0.

    `se` is the fixed-horizon standard error of 1.3, not the one widened for looking every day.
    """
    own = prior_sd / math.hypot(prior_sd, se)
    mean = prior_mean + own * own * (lift - prior_mean)
    sd = se * own
    half_width = -float(ndtri((1 - CREDIBLE_LEVEL) / 2)) * sd
    return Posterior(
        mean=mean,
        sd=sd,
        p_better=float(ndtr(mean / sd)),
        credible=Interval(
            low=mean - half_width, high=mean + half_width, level=CREDIBLE_LEVEL, method="credible"
        ),
        expected_loss_ship=expected_shortfall(mean, sd),
        expected_loss_keep=expected_shortfall(-mean, sd),
    )


def expected_shortfall(mean: float, sd: float) -> float:
    """E max(0, -X) of X ~ N(mean, sd^2), sd above 0: sd (phi(u) - u (1 - Phi(u))), u = mean / sd.

    In the upper tail the difference is taken between numbers near 1 (scaled by phi), so digits are kept until
    phi itself is below the smallest float.
    """
    u = mean / sd
    density = math.exp(-u * u / 2) / math.sqrt(2 * math.pi)
    if u <= 0:
        return sd * density - mean * float(ndtr(-u))
    mills = math.sqrt(math.pi / 2) * float(erfcx(u / math.sqrt(2)))
    return sd * density * max(0.0, 1 - u * mills)


def implausible_p(lift: float, se: float, scale: float) -> float:
    """Chance of a measured lift this far from 0 before seeing data: scale * t3 plus noise (numbers book 7.3).

    With d = scale sqrt(3) tan(a) the t3 density becomes 2/pi cos(a)^2; Gauss-Legendre over panels that are
    fine where the noise turns over (|lift| +- 9 se) and where the prior lies. se and scale above 0.
    """
    size = abs(lift)
    noise = size + se * np.arange(-9.0, 10.0)
    prior = scale * 2.0 ** np.arange(-4.0, 12.0)
    edges = np.unique(np.concatenate(([0.0], noise[noise > 0], prior)))
    angles = np.append(np.arctan(edges / (scale * math.sqrt(3))), math.pi / 2)
    half_widths = np.diff(angles)[:, None] / 2
    angle = angles[:-1, None] + half_widths * (1 + PANEL_NODES)
    effect = scale * math.sqrt(3) * np.tan(angle)
    beyond = ndtr((effect - size) / se) + ndtr((-effect - size) / se)
    area = float(np.sum(half_widths * PANEL_WEIGHTS * np.cos(angle) ** 2 * beyond))
    return min(1.0, 4 / math.pi * area)


def false_positive_risk(success_rate: float, alpha: float, power: float) -> float:
    """Chance that a significant win is false, given the share of tests that truly win (numbers book 7.4).

    Kohavi, Deng and Vermeer, KDD 2022; alpha is two-sided, wins are in one direction.
    """
    false_wins = alpha / 2 * (1 - success_rate)
    return false_wins / (false_wins + power * success_rate)
