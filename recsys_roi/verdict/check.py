"""What a check is: pass, warn, fail or cannot tell, with one figure and one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from recsys_roi.numerals import full

Status = Literal["pass", "warn", "fail", "not_measurable"]


ORDER: Mapping[Status, int] = {"fail": 0, "warn": 1, "not_measurable": 2, "pass": 3}
"""In which checks are shown: what needs doing first."""


class JudgedCheck(Protocol):
    """What risks and exit criteria read of a check, here and in a saved review."""

    @property
    def id(self) -> str: ...
    @property
    def status(self) -> Status: ...
    @property
    def detail(self) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrityCheck:
    """One gate: its status, the figure it was judged by, and what to do."""

    id: str
    status: Status
    value: float | None  # share, count, hours or p-value by id (numbers book 4.2)
    threshold: float | None
    detail: str
    fix: str


def judged(  # noqa: PLR0917 - a row of a table reads best in order
    check_id: str, status: Status, value: float | None, threshold: float | None, detail: str, fix: str = ""
) -> IntegrityCheck:
    """A check; one that passes needs no fix."""
    return IntegrityCheck(
        id=check_id,
        status=status,
        value=value,
        threshold=threshold,
        detail=detail,
        fix="" if status == "pass" else fix,
    )


def percent_of(part: int, whole: int) -> str:
    """A share with enough digits that a few of many never read as none or all."""
    return "none" if whole == 0 else telling_percent(part / whole)


def telling_percent(share: float) -> str:
    """The same of a share from 0 to 1: "under 0.01 %", "12.00 %", "over 99.99 %"."""
    text = percent(share)
    if share > 0 and text == percent(0):
        return f"under {percent(0.0001)}"
    if share < 1 and text == percent(1):
        return f"over {percent(0.9999)}"
    return text


def percent(value: float, digits: int = 2) -> str:
    """0.95 -> "95.00 %"."""
    return f"{full(value * 100, digits)} %"
