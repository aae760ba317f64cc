"""False alarms, coverage and caught harm of the estimates, over many simulated experiments."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.table import Table
from recsys_roi.estimate import noninferiority
from recsys_roi.estimate.anytime import always_valid
from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import Difference, difference, fixed_horizon
from recsys_roi.evidence.sums import Sums
from recsys_roi.review.parts import MIN_USERS

ALPHA = 0.05
LOOKS = 28
LIFT = 0.10  # true relative lift of the coverage runs
SMALL_ARM = 400  # users of an arm in the coverage runs
MARGIN = 0.002  # of the error rate (numbers book 5.4)

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """How often something happened, and the range that was promised."""

    what: str
    hits: int
    runs: int
    least: float | None = None
    most: float | None = None

    @property
    def share(self) -> float:
        """Hits by runs."""
        return self.hits / self.runs

    @property
    def kept(self) -> bool:
        """Whether the promise held; a row without one only stands beside."""
        return (self.least is None or self.share >= self.least) and (
            self.most is None or self.share <= self.most
        )

    @property
    def promise(self) -> str:
        """The range in words."""
        if self.least is not None and self.most is not None:
            return f"{self.least:.1%} to {self.most:.1%}"
        if self.least is not None:
            return f"{self.least:.0%} or more"
        return "" if self.most is None else f"{self.most:.0%} or less"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the simulation."""
    parser.add_argument("--runs", type=int, default=2000, help="experiments with daily looks (default 2000)")
    parser.add_argument("--coverage-runs", type=int, default=10_000, help="of one look (default 10000)")
    parser.add_argument("--seed", type=int, default=20261124, help="of all draws (default 20261124)")


def run(arguments: argparse.Namespace) -> Table:
    """All shares with what is promised of them."""
    rows = [
        *_false_alarms(arguments.runs, np.random.default_rng(arguments.seed)),
        *_coverage(arguments.coverage_runs, np.random.default_rng(arguments.seed + 1)),
        *_guardrails(arguments.runs, np.random.default_rng(arguments.seed + 2)),
    ]
    return Table(
        title=f"Estimates on simulated experiments, seed {arguments.seed}",
        columns=("what", "runs", "hits", "share", "promised"),
        rows=[(row.what, f"{row.runs:,}", f"{row.hits:,}", f"{row.share:.1%}", row.promise) for row in rows],
        notes=(
            "Two standard errors of a share near 5 % are 1.0 points over 2,000 runs, 0.4 over 10,000.",
            "A guardrail's margin is 2.5 standard errors of the last day wide, so twice the margin is 5.",
        ),
        kept=all(row.kept for row in rows),
    )


def _false_alarms(runs: int, draw: np.random.Generator) -> list[Share]:
    """A/A: click rates differ between users, who come back over 28 days; one look every evening."""
    found = {"always-valid": 0, "fixed, every day": 0, "fixed, last day": 0}
    for _ in range(runs):
        looks = [look for look in _aa_looks(draw) if look is not None]
        fixed = [fixed_horizon(look, ALPHA).p_value < ALPHA for look in looks]
        found["always-valid"] += any(
            always_valid(look, ALPHA, 2 * AA_USERS).p_value < ALPHA for look in looks
        )
        found["fixed, every day"] += any(fixed)
        found["fixed, last day"] += fixed[-1]
    return [
        Share(
            what="A/A, 28 looks: the always-valid interval leaves 0 out on any day",
            hits=found["always-valid"],
            runs=runs,
            most=ALPHA,
        ),
        Share(what="A/A, 28 looks: the fixed interval on any day", hits=found["fixed, every day"], runs=runs),
        Share(what="A/A: the fixed interval on the last day", hits=found["fixed, last day"], runs=runs),
    ]


AA_USERS = 3000  # of an arm, so that the first day has a hundred
VISITS = 0.15  # chance that a user who has come before comes on a day


def _aa_looks(draw: np.random.Generator) -> Iterator[Difference | None]:
    arms = [_cumulative(draw) for _ in range(2)]
    for day in range(LOOKS):
        found = difference(arms[0][day], arms[1][day], min_users=MIN_USERS)
        yield None if isinstance(found, NotMeasurable) else found


def _cumulative(draw: np.random.Generator) -> list[Sums]:
    """One arm's sums at the end of each day, from the users' totals so far."""
    first = draw.integers(0, LOOKS, AA_USERS)
    rate = draw.beta(1.0, 9.0, AA_USERS)
    day = np.arange(LOOKS)[:, None]
    again = draw.random((LOOKS, AA_USERS), dtype=np.float32) < VISITS
    visits = np.nonzero((day == first) | ((day > first) & again))
    requests, clicks = np.zeros((2, LOOKS, AA_USERS))
    asked = 1 + draw.poisson(2.0, len(visits[0]))
    requests[visits] = asked
    clicks[visits] = draw.binomial(asked, rate[visits[1]])
    totals = zip(np.cumsum(clicks, axis=0), np.cumsum(requests, axis=0), strict=True)
    return [Sums.of_users(y[x > 0], x[x > 0]) for y, x in totals]


def _coverage(runs: int, draw: np.random.Generator) -> list[Share]:
    """The fixed-horizon interval of a true lift, looked at once."""
    held = {"ctr": 0, "revenue per request": 0}
    for _ in range(runs):
        arms = [_ctr_and_revenue(draw, 1 + lift) for lift in (0.0, LIFT)]
        for kpi, (control, candidate) in zip(held, zip(*arms, strict=True), strict=True):
            found = difference(control, candidate, min_users=MIN_USERS)
            assert isinstance(found, Difference)
            interval = fixed_horizon(found, ALPHA).relative_lift.interval
            held[kpi] += interval is not None and interval.low <= LIFT <= interval.high
    return [
        Share(
            what=f"true lift in the 95 % interval, {kpi}, {SMALL_ARM} users an arm",
            hits=hits,
            runs=runs,
            least=0.94,
            most=0.965,
        )
        for kpi, hits in held.items()
    ]


def _ctr_and_revenue(draw: np.random.Generator, factor: float) -> tuple[Sums, Sums]:
    """Users' clicks and revenue on one to many requests; `factor` multiplies the chance of both."""
    requests = 1 + draw.negative_binomial(1.5, 0.2, SMALL_ARM)
    clicks = draw.binomial(requests, np.minimum(1.0, factor * draw.beta(1.0, 9.0, SMALL_ARM)))
    orders = draw.binomial(requests, np.minimum(1.0, factor * draw.beta(1.0, 15.0, SMALL_ARM)))
    owner = np.repeat(np.arange(SMALL_ARM), orders)
    revenue = np.bincount(owner, draw.lognormal(3.0, 0.7, len(owner)), minlength=SMALL_ARM)
    return Sums.of_users(clicks, requests), Sums.of_users(revenue, requests)


def _guardrails(runs: int, draw: np.random.Generator) -> list[Share]:
    """The error rate while looking every day; who comes on one day does not come again."""
    breaches = {harm: sum(_breaches(draw, harm) for _ in range(runs)) for harm in (0.0, 2 * MARGIN)}
    return [
        Share(what="harmless guardrail breaches on any of 28 days", hits=breaches[0.0], runs=runs, most=0.03),
        Share(
            what="harm of twice the margin is a breach within 28 days",
            hits=breaches[2 * MARGIN],
            runs=runs,
            least=0.95,
        ),
    ]


ERROR_RATE = 0.004
DAILY_USERS = 150  # of an arm


def _breaches(draw: np.random.Generator, harm: float) -> bool:
    arms = [_errors_by_day(draw, ERROR_RATE + more) for more in (0.0, harm)]
    for control, candidate in zip(*arms, strict=True):
        found = difference(control, candidate, min_users=MIN_USERS)
        if isinstance(found, NotMeasurable):
            continue
        bounds = noninferiority.absolute_harm(found, alpha=ALPHA, planned_users=2 * LOOKS * DAILY_USERS)
        if noninferiority.status(bounds.estimate, bounds.lower, bounds.upper, MARGIN) == "breach":
            return True
    return False


def _errors_by_day(draw: np.random.Generator, rate: float) -> list[Sums]:
    """One arm's sums at the end of each day; some users meet errors more often than others."""
    users = LOOKS * DAILY_USERS
    requests = 1 + draw.poisson(4.0, users)
    errors = draw.binomial(requests, draw.beta(rate * 20, (1 - rate) * 20, users))
    ends = range(DAILY_USERS, users + 1, DAILY_USERS)
    return [Sums.of_users(errors[:end], requests[:end]) for end in ends]
