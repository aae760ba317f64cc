"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do where it is not well."""

    status: Status
    what: str
    found: str
    todo: str = ""


def ok(what: str, found: str) -> Finding:
    """It is well."""
    return Finding(status="ok", what=what, found=found)


def warn(what: str, found: str, todo: str) -> Finding:
    """It works, and somebody should see to it."""
    return Finding(status="warn", what=what, found=found, todo=todo)


def fail(what: str, found: str, todo: str = "") -> Finding:
    """Something is lost, broken or open to others; an error's own sentence says what to do."""
    return Finding(status="fail", what=what, found=found, todo=todo)
