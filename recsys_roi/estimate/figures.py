"""The values that estimates share: an interval, and what could not be measured with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Method = Literal[
    "welch",
    "always_valid",
    "fieller_welch",
    "fieller_always_valid",
    "newcombe",
    "wilson",
    "credible",
    "normal",
    "paired_t",
]


class Reason(StrEnum):
    """Why a figure cannot be measured (numbers book 0.4)."""

    NO_USERS = "no_users"
    TOO_FEW_USERS = "too_few_users"
    TOO_FEW_REQUESTS = "too_few_requests"  # fewer than a quantile needs (numbers book 5.2)
    TOO_FEW_DAYS = "too_few_days"  # fewer than a paired comparison by day needs (numbers book 5.4)
    ZERO_DENOMINATOR = "zero_denominator"
    ZERO_VARIANCE = "zero_variance"
    CONTROL_NEAR_ZERO = "control_near_zero"
    MISSING = "missing"
    SMALL_COUNTS = "small_counts"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotMeasurable:
    """In place of a figure that the data cannot give."""

    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """Two-sided interval, in the unit of the figure it belongs to."""

    low: float
    high: float
    level: float  # 0.95 for alpha 0.05
    method: Method
