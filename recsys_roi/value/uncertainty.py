"""How sure the money is: chance of a positive NPV, its spread, and which input moves it most.

NPV is linear in the lift, so with the lift alone uncertain everything is closed form; with the value of an
action as well it is one integral; with more inputs it is drawn (numbers book 8.3 and 8.4).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ndtr

from recsys_roi.value.distributions import Z90, Array, Distribution, Shape, distribution
from recsys_roi.value.roi import Economics, present_values
from recsys_roi.value.settings import NEW_USERS_SETTING, SETTINGS, UNCERTAIN_SETTINGS, VALUE_SETTING

DRAWS = 20_000
SEED = 20_261_124  # fixed: the same inputs must give the same figures, or the page flickers
LIFT = "lift"
STREAMS = (LIFT, *UNCERTAIN_SETTINGS)  # one stream of draws an input, so that adding a range moves no other
PERCENTILES = (0.1, 0.5, 0.9)
ENDS = (0.005, 0.995)  # percentiles between which the distribution is pictured
Z995 = 2.5758293035489004
BINS = 40
SAME = 1e-12  # of the larger end: draws nearer to each other differ by rounding only
COARSE = 512
GRID = 4096  # equal shares of a value's distribution
SMALLEST_VALUE = 1e-200  # stands for a value of 0, at which the NPV is the cost
EXACT: dict[str, Any] = {"epsabs": 1e-11, "epsrel": 1e-10, "limit": 200}
Method = Literal["normal", "quadrature", "monte_carlo"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """Distribution of the NPV, in the scenario's currency."""

    mean: float
    sd: float
    p10: float
    p50: float
    p90: float
    p_npv_positive: float
    method: Method
    edges: tuple[float, ...]  # of equal bins, 0.5th to 99.5th percentile; none without doubt
    shares: tuple[float, ...]  # of the distribution in each bin


def outlook(
    money: Economics,
    lift_mean: float,
    lift_sd: float,
    ranges: Mapping[str, Sequence[float]] | None = None,
    *,
    shape: Shape = "pert",
) -> Outlook:
    """The NPV's distribution with an uncertain lift and ranges by setting: exact where that is possible.

    `ranges` is the scenario's setting of that name; a range on the value of a revenue KPI is left out.
    """
    inputs = uncertain_inputs(money, ranges, shape=shape)
    values = present_values(money)
    if not inputs:
        return lift_only(float(values.unit_value), float(values.cost), lift_mean, lift_sd)
    if inputs.keys() == {VALUE_SETTING}:
        value = inputs[VALUE_SETTING]
        per_value = float(present_values(replace(money, value_per_action=1.0)).unit_value)
        if per_value * lift_sd * value.mean > 0:
            return lift_and_value(per_value, float(values.cost), lift_mean, lift_sd, value)
    return monte_carlo(money, lift_mean, lift_sd, inputs)


def uncertain_inputs(
    money: Economics, ranges: Mapping[str, Sequence[float]] | None, *, shape: Shape = "pert"
) -> dict[str, Distribution]:
    """The distribution of each ranged input that this money reads."""
    return {
        name: distribution(numbers, shape) for name, numbers in (ranges or {}).items() if money.reads(name)
    }


def lift_only(pv_unit_value: float, pv_cost: float, lift_mean: float, lift_sd: float) -> Outlook:
    """NPV = L A - C with a normal lift is normal: closed form (numbers book 8.3)."""
    mean, sd = lift_mean * pv_unit_value - pv_cost, pv_unit_value * lift_sd
    return Outlook(
        mean=mean,
        sd=sd,
        p10=mean - Z90 * sd,
        p50=mean,
        p90=mean + Z90 * sd,
        p_npv_positive=float(ndtr(mean / sd)) if sd > 0 else float(mean > 0),
        method="normal",
        **_bins(mean - Z995 * sd, mean + Z995 * sd, lambda edges: ndtr((edges - mean) / sd)),
    )


def _bins(low: float, high: float, below: Callable[[Array], Array]) -> dict[str, tuple[float, ...]]:
    """The bins between two ends, from the share of the distribution below each edge."""
    if not low < high:
        return {"edges": (), "shares": ()}
    edges = np.linspace(low, high, BINS + 1)
    return {"edges": tuple(edges.tolist()), "shares": tuple(np.diff(below(edges)).tolist())}


def lift_and_value(
    pv_per_value: float, pv_cost: float, lift_mean: float, lift_sd: float, value: Distribution
) -> Outlook:
    """NPV = b L V - C with a normal lift and an independent value of an action V (numbers book 8.3).

    `pv_per_value` is b, the present value of a lift of 1.0 at a value of 1; it and `lift_sd` are above 0.
    Mean, standard deviation and chance are exact; the percentiles take V at 4,096 equal shares.
    """

    per_value_mean, per_value_sd = pv_per_value * lift_mean, pv_per_value * lift_sd

    def below(npv: float, each: Array) -> Array:
        """Chance that the NPV is below, at given values of an action."""
        return _below((npv + pv_cost) / pv_per_value, each, lift_mean, lift_sd)

    spread = lift_mean**2 * value.sd**2 + value.mean**2 * lift_sd**2 + value.sd**2 * lift_sd**2
    mean, sd = per_value_mean * value.mean - pv_cost, pv_per_value * math.sqrt(spread)
    each = value.quantiles((np.arange(GRID) + 0.5) / GRID)
    reach, near = 15 * sd, 1e-9 * (pv_cost + float(np.median(each)) * (abs(per_value_mean) + per_value_sd))

    def percentile(share: float) -> float:
        """By Cantelli's inequality the ends lie within 14.2 standard deviations of the mean."""
        return float(
            brentq(lambda npv: float(below(npv, each).mean()) - share, mean - reach, mean + reach, xtol=near)
        )

    def below_each(edges: Array) -> Array:
        return np.array([below(edge, each[:: GRID // COARSE]).mean() for edge in edges])

    p10, p50, p90 = (percentile(share) for share in PERCENTILES)
    low, high = percentile(ENDS[0]), percentile(ENDS[1])
    return Outlook(
        mean=mean,
        sd=sd,
        p10=p10,
        p50=p50,
        p90=p90,
        p_npv_positive=chance_above(pv_cost / pv_per_value, lift_mean, lift_sd, value),
        method="quadrature",
        **_bins(low, high, below_each),
    )


def _below(needed: float, each: Array, lift_mean: float, lift_sd: float) -> Array:
    """Chance that lift times value is below `needed`, at given values of an action."""
    worth = np.maximum(each, SMALLEST_VALUE)
    return np.asarray(ndtr((needed - lift_mean * worth) / (lift_sd * worth)))


def chance_above(needed: float, lift_mean: float, lift_sd: float, value: Distribution) -> float:
    """P(L V > needed), one integral: the chance of a positive NPV where `needed` is cost over b."""
    below, _ = quad(
        lambda share: float(_below(needed, value.quantiles(np.asarray(share)), lift_mean, lift_sd)),
        *(0, 1),
        **EXACT,
    )
    return min(1.0, max(0.0, 1 - float(below)))


def monte_carlo(
    money: Economics, lift_mean: float, lift_sd: float, inputs: Mapping[str, Distribution]
) -> Outlook:
    """20,000 draws of independent inputs and a normal lift, from fixed seeds (numbers book 8.3)."""
    values = present_values(drawn_money(money, inputs))
    npv = drawn_lifts(lift_mean, lift_sd) * values.unit_value - values.cost
    low, p10, p50, p90, high = np.quantile(npv, (ENDS[0], *PERCENTILES, ENDS[1])).tolist()
    apart = high - low > SAME * max(abs(low), abs(high))
    counts, edges = np.histogram(npv, bins=BINS, range=(low, high)) if apart else ((), ())
    return Outlook(
        mean=float(npv.mean()),
        sd=float(npv.std(ddof=1)),
        p10=p10,
        p50=p50,
        p90=p90,
        p_npv_positive=float((npv > 0).mean()),
        method="monte_carlo",
        edges=tuple(map(float, edges)),
        shares=tuple(float(count) / DRAWS for count in counts),
    )


def drawn_money(money: Economics, inputs: Mapping[str, Distribution]) -> Economics:
    """The economics with each uncertain input drawn, shape (draws, 1)."""
    drawn: dict[str, Any] = {name: _draws(name, given)[:, np.newaxis] for name, given in inputs.items()}
    return replace(money, **drawn)


def drawn_lifts(mean: float, sd: float) -> Array:
    """Draws of the relative lift, shape (draws,)."""
    return mean + sd * _standard_normal()


def _stream(name: str) -> np.random.Generator:
    return np.random.default_rng([SEED, STREAMS.index(name)])


@lru_cache(maxsize=1)
def _standard_normal() -> Array:
    return _stream(LIFT).standard_normal(DRAWS)


@lru_cache(maxsize=len(STREAMS))
def _uniform(name: str) -> Array:
    return _stream(name).random(DRAWS)


@lru_cache(maxsize=64)
def _draws(name: str, given: Distribution) -> Array:
    """Draws of one input, shape (draws,): quantiles of fixed uniforms, so that they move smoothly with it."""
    return given.draws(_uniform(name))


@dataclass(frozen=True, kw_only=True, slots=True)
class TornadoBar:
    """What one input moves, the others held at their base."""

    input: str  # "lift" or the setting's name
    low_value: float  # of the input, in its own unit
    high_value: float
    npv_low: float  # NPV at low_value, in the scenario's currency
    npv_high: float
    basis: Literal["measured", "assumed"]

    @property
    def swing(self) -> float:
        """Distance between the two NPVs."""
        return abs(self.npv_high - self.npv_low)


SPANS: dict[str, tuple[float, float]] = {
    "engineering_hours": (0.8, 1.5),
    "infra_per_month": (0.7, 1.5),
    "novelty_share": (0.0, 2.0),
    "margin": (0.8, 1.2),
    VALUE_SETTING: (0.8, 1.2),
    "eligible_requests_per_month": (0.8, 1.2),
    NEW_USERS_SETTING: (0.8, 1.2),
    "cannibalisation": (0.0, 2.0),
}
"""Low and high as multiples of the base, for inputs without a range of their own (numbers book 8.4)."""


def tornado(
    money: Economics,
    lift_mean: float,
    lift_sd: float,
    ranges: Mapping[str, Sequence[float]] | None = None,
    *,
    lift_basis: Literal["measured", "assumed"] = "measured",
) -> tuple[TornadoBar, ...]:
    """NPV with each input at its low and its high, largest swing first (numbers book 8.4).

    The lift runs from P10 to P90, a ranged input over its range, the others over their default span.
    """
    values = present_values(money)
    pv_unit_value, pv_cost = float(values.unit_value), float(values.cost)
    low, high = lift_mean - Z90 * lift_sd, lift_mean + Z90 * lift_sd
    bars = [
        TornadoBar(
            input=LIFT,
            low_value=low,
            high_value=high,
            npv_low=low * pv_unit_value - pv_cost,
            npv_high=high * pv_unit_value - pv_cost,
            basis=lift_basis,
        ),
        *(_bar(money, lift_mean, name, *span) for name, span in _spans(money, ranges).items()),
    ]
    return tuple(sorted(bars, key=lambda bar: -bar.swing))


def _spans(money: Economics, ranges: Mapping[str, Sequence[float]] | None) -> dict[str, tuple[float, float]]:
    spans = {name: (numbers[0], numbers[-1]) for name, numbers in (ranges or {}).items() if money.reads(name)}
    for name, (low, high) in SPANS.items():
        if name not in spans and money.reads(name):
            base, limit = getattr(money, name), SETTINGS[name].high
            spans[name] = (base * low, base * high if limit is None else min(base * high, limit))
    return spans


def _bar(money: Economics, lift: float, name: str, low: float, high: float) -> TornadoBar:
    at_low, at_high = _npv_with(money, lift, name, low), _npv_with(money, lift, name, high)
    return TornadoBar(
        input=name, low_value=low, high_value=high, npv_low=at_low, npv_high=at_high, basis="assumed"
    )


def _npv_with(money: Economics, lift: float, name: str, number: float) -> float:
    changed: dict[str, Any] = {name: number}
    values = present_values(replace(money, **changed))
    return float(lift * values.unit_value - values.cost)
