"""How many users and days a lift needs to show (numbers book 10)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from recsys_roi.errors import SettingError
from recsys_roi.estimate.anytime import multiplier
from recsys_roi.estimate.figures import NotMeasurable, Reason
from recsys_roi.estimate.lift import Difference

ALWAYS_VALID_COST = 1.7  # users for the same power, as a multiple of one look; measured, numbers book 3.3
GUARDRAIL_ALWAYS_VALID_COST = 2.1  # the same for a non-inferiority test, numbers book 5.4
MIN_DAYS = 14  # two full weeks
HORIZON_DAYS = 90  # beyond it the pilot cannot prove the lift
GROWTH_DAYS = 7  # days of the observed curve that its exponent is fitted on


@dataclass(frozen=True, kw_only=True, slots=True)
class UserGrowth:
    """Users of both arms by day d: users * (d / days) ** exponent."""

    users: int  # so far
    days: int  # so far
    exponent: float  # 1: as many new users every day; 0: no new users

    @classmethod
    def observed(cls, cumulative_users: Sequence[int]) -> UserGrowth:
        """Fitted on the last 7 of the users seen by the end of day 1, 2, ...; at least one day with users.

        Less than two days with users, or growth faster than by the day, counts as the same number every day.
        """
        days = len(cumulative_users)
        recent = [
            (day, seen)
            for day, seen in enumerate(cumulative_users, start=1)
            if seen > 0 and day > days - GROWTH_DAYS
        ]
        slope = 1.0
        if len(recent) > 1:
            day, seen = np.log(np.asarray(recent, dtype=np.float64)).T
            slope = float(np.polyfit(day, seen, 1)[0])
        return cls(users=cumulative_users[-1], days=days, exponent=min(1.0, max(0.0, slope)))

    def users_at(self, days: float) -> float:
        """Users seen by the end of so many days, at least 1."""
        return float(self.users * (days / self.days) ** self.exponent)

    def days_until(self, users: float) -> float:
        """Days since the start until so many users were seen; infinite where growth never gets there."""
        if self.exponent <= 0:
            return float(self.days) if users <= self.users else math.inf
        log_growth = math.log(users / self.users) / self.exponent
        return self.days * math.exp(log_growth) if log_growth < 600 else math.inf


def users_needed(
    ratio: float,
    variance_per_user: float,
    *,
    lift: float,
    alpha: float,
    power: float,
    candidate_share: float = 0.5,
) -> float | NotMeasurable:
    """Users of both arms that show a relative lift of this size, looked at once (numbers book 10).

    `ratio` is the control's, `variance_per_user` is v of 1.1. With a break-even lift of 0 or less any
    positive lift pays: ask for the minimum effect instead. A lift of 0 is a SettingError.
    """
    if lift == 0:
        raise SettingError("lift to detect", "must not be 0", lift)
    if ratio <= 0:
        return NotMeasurable(reason=Reason.CONTROL_NEAR_ZERO)
    if not variance_per_user > 0:
        return NotMeasurable(reason=Reason.ZERO_VARIANCE)
    effect = lift * ratio
    needed = variance_per_user * (_z(alpha / 2, power) / effect) ** 2
    return needed / (candidate_share * (1 - candidate_share))


def detectable_now(
    found: Difference, *, alpha: float, power: float, planned_users: int | None = None
) -> float | NotMeasurable:
    """Smallest relative lift that the users so far would show with this power (MDE, numbers book 10).

    With `planned_users` (N*) the always-valid multiplier stands in for 1.96: a cautious guide.
    """
    if found.control <= 0:
        return NotMeasurable(reason=Reason.CONTROL_NEAR_ZERO)
    z = (
        _z(alpha / 2, power)
        if planned_users is None
        else multiplier(alpha, found.users, planned_users) + float(ndtri(power))
    )
    return z * found.se / found.control


@dataclass(frozen=True, kw_only=True, slots=True)
class PowerPoint:
    """The smallest relative lifts that so many days would show."""

    days: int
    users: float  # of both arms
    once: float  # looked at once, on the last day
    always_valid: float  # looked at every day: a cautious guide


def power_curve(
    found: Difference,
    growth: UserGrowth,
    *,
    days: Sequence[int],
    alpha: float,
    power: float,
    planned_users: int,
) -> tuple[PowerPoint, ...]:
    """Detectable lifts by days from the start: the standard error shrinks like 1 / sqrt(users).

    Needs a control above 0 (`detectable_now`).
    """
    points = []
    for day in days:
        users = growth.users_at(day)
        se = found.se * math.sqrt(found.users / users) / found.control
        sequential = multiplier(alpha, max(1, round(users)), planned_users) + float(ndtri(power))
        points.append(
            PowerPoint(days=day, users=users, once=_z(alpha / 2, power) * se, always_valid=sequential * se)
        )
    return tuple(points)


def days_to_lift(
    users: float,
    growth: UserGrowth,
    *,
    always_valid: bool,
    min_days: int = MIN_DAYS,
    horizon_days: int = HORIZON_DAYS,
) -> int | None:
    """Whole weeks, in days from the start, to a lift that needs `users` (`users_needed`; numbers book 10).

    None where that lies beyond the horizon: this pilot cannot prove the lift.
    """
    days = growth.days_until(users * ALWAYS_VALID_COST if always_valid else users)
    if days > horizon_days:
        return None
    weeks = math.ceil(max(days, min_days) / 7 - 1e-9)
    return weeks * 7 if weeks * 7 <= horizon_days else None


def requests_for_margin(
    rate: float, design_effect: float, *, margin: float, alpha: float, power: float, always_valid: bool
) -> float:
    """Requests an arm that show a rate to stay within an absolute margin above 0 (numbers book 5.4).

    `rate` is the control's and taken for both arms; alpha is one-sided.
    """
    once = design_effect * 2 * rate * (1 - rate) * (_z(alpha, power) / margin) ** 2
    return once * GUARDRAIL_ALWAYS_VALID_COST if always_valid else once


def _z(tail: float, power: float) -> float:
    return float(ndtri(power) - ndtri(tail))
