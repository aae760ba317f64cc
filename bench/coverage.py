"""How often the lift's interval holds the true lift, over many seeds of the demo."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bench.table import Table
from recsys_roi.demo.behaviour import CLICK, CONVERSION
from recsys_roi.demo.calendar import DAY_MS, DAYS, START_MS
from recsys_roi.demo.pilot import Pilot, draw_pilot
from recsys_roi.demo.truth import true_kpis
from recsys_roi.estimate.anytime import always_valid
from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import Reading, difference, fixed_horizon
from recsys_roi.evidence.sums import Sums
from recsys_roi.review.parts import MIN_USERS, PLANNED_USERS_FALLBACK

ALPHA = 0.05
ALWAYS_VALID, FIXED_HORIZON = "always-valid", "fixed-horizon"
EVERY_DAY, LAST_DAY = "every day", "last day"
PROMISED = 1 - ALPHA
KPIS = ("ctr", "revenue_per_request", "conversion_rate")

Case = tuple[str, str, str]  # KPI, interval, when it is looked at


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the simulation."""
    parser.add_argument("--seeds", type=int, default=200, help="pilots, seeds 1 to N (default 200)")
    parser.add_argument("--requests", type=int, default=6000, help="requests a pilot (default 6000)")
    parser.add_argument("--lift", type=float, default=0.05, help="true relative lift (default 0.05)")


def run(arguments: argparse.Namespace) -> Table:
    """Coverage of the always-valid interval, which is promised, beside that of the fixed-horizon one."""
    held: Counter[Case] = Counter()
    measured: Counter[Case] = Counter()
    for seed in range(1, arguments.seeds + 1):
        pilot = draw_pilot(requests=arguments.requests, seed=seed, lift=arguments.lift)
        for case, holds in _cases(pilot):
            measured[case] += 1
            held[case] += holds
    shares = {case: held[case] / measured[case] for case in sorted(measured)}
    return Table(
        title=f"True lift {arguments.lift:+.1%} in the 95 % interval, {arguments.seeds} pilots of "
        f"{arguments.requests:,} requests",
        columns=("KPI", "interval", "looked at", "pilots", "held", "share", "promised"),
        rows=[
            (*case, f"{measured[case]}", f"{held[case]}", f"{share:.1%}", _promise(case))
            for case, share in shares.items()
        ],
        notes=(
            "Every day: the interval held at all daily looks from 100 users an arm on that had one.",
            "The fixed-horizon interval is made for one look on the last day; it stands here to compare.",
        ),
        kept=all(share >= PROMISED for case, share in shares.items() if _promise(case)),
    )


def _promise(case: Case) -> str:
    return f"{PROMISED:.0%} or more" if case[1] == ALWAYS_VALID else ""


def _cases(pilot: Pilot) -> Iterator[tuple[Case, bool]]:
    """Each KPI and interval, and whether it held the true lift; one that was never measured is left out."""
    true = true_kpis(pilot)
    for kpi in KPIS:
        # The share of users who convert grows with every visit, so its truth is known for the last day only.
        days = (DAYS,) if kpi == "conversion_rate" else range(1, DAYS + 1)
        looks = [
            look for day in days if (look := _look(pilot, kpi, day, true[kpi].relative_lift)) is not None
        ]
        for number, interval in enumerate((ALWAYS_VALID, FIXED_HORIZON)):
            if looks:
                yield (kpi, interval, LAST_DAY), looks[-1][number]
            if len(looks) > 1:
                yield (kpi, interval, EVERY_DAY), all(look[number] for look in looks)


def _look(pilot: Pilot, kpi: str, day: int, true_lift: float) -> tuple[bool, bool] | None:
    """Whether the always-valid and the fixed-horizon interval hold the truth on the requests until `day`."""
    y, x = _per_user(pilot, kpi, pilot.visits.ts < START_MS + day * DAY_MS)
    seen, candidate = x > 0, pilot.users.candidate
    if kpi == "conversion_rate":
        y, x = np.minimum(y, 1.0), seen.astype(np.float64)
    found = difference(
        Sums.of_users(y[seen & ~candidate], x[seen & ~candidate]),
        Sums.of_users(y[seen & candidate], x[seen & candidate]),
        min_users=MIN_USERS,
    )
    if isinstance(found, NotMeasurable):
        return None
    anytime = _holds(always_valid(found, ALPHA, PLANNED_USERS_FALLBACK), true_lift)
    fixed = _holds(fixed_horizon(found, ALPHA), true_lift)
    return None if anytime is None or fixed is None else (anytime, fixed)


def _per_user(
    pilot: Pilot, kpi: str, kept: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Numerator and requests of each user over the requests that are kept."""
    outcomes, user, users = pilot.outcomes, pilot.visits.user, pilot.users.count
    counts = np.zeros(pilot.visits.count)
    if kpi == "ctr":
        counts[outcomes.request[outcomes.event == CLICK]] = 1
    else:
        bought = outcomes.event == CONVERSION
        values = outcomes.value[bought] if kpi == "revenue_per_request" else 1
        counts[outcomes.request[bought]] = values
    requests = np.bincount(user[kept], minlength=users).astype(np.float64)
    return np.bincount(user[kept], counts[kept], minlength=users).astype(np.float64), requests


def _holds(reading: Reading, true_lift: float) -> bool | None:
    interval = reading.relative_lift.interval
    return None if interval is None else interval.low <= true_lift <= interval.high
