"""What a setting is: one row of the table in settings.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from recsys_roi.numerals import written

Kind = Literal["text", "texts", "time", "flag", "whole", "number", "numbers", "ranges"]
Group = Literal[
    "evidence selection",
    "statistics",
    "traffic and value",
    "engineering",
    "operations",
    "infrastructure",
    "guardrails",
    "plan",
]

_NOUNS: dict[Kind, str] = {
    "text": "a text that is not empty",
    "texts": "a list of different names",
    "time": "a date (2026-11-24, midnight UTC) or a time with its offset (2026-11-24T09:00:00Z)",
    "flag": "true or false",
    "whole": "a whole number",
    "number": "a number",
    "numbers": "a list of numbers, each",
    "ranges": "a mapping of settings to [low, likely, high] or to [P10, P90]",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One setting; `low` and `high` bound every number in it, None where it holds none."""

    name: str
    label: str
    kind: Kind
    group: Group
    default: Any  # None: chosen from the data, by the KPI, or not used
    source: str  # of the default: the book's section, or (J) for judgement
    unit: str = ""  # "share", "relative", "money", "hours", ...; empty where there is none
    low: float | None = None
    high: float | None = None
    above: bool = False  # `low` itself is not allowed
    slider: tuple[float, float] | None = None  # where the book has one
    choices: tuple[str, ...] = ()  # names that a text may have; empty: any

    @property
    def is_share(self) -> bool:
        """Its numbers are parts of a whole, or relative changes: 0.35 is 35 %."""
        return self.unit in {"share", "relative"}

    @property
    def is_money(self) -> bool:
        """Its numbers are amounts in the scenario's currency, of one thing or in all."""
        return self.unit.split(" ")[0] == "money"

    @property
    def rule(self) -> str:
        """The allowed values as the end of a sentence: "must be a number between 0 and 1"."""
        return f"must be {_NOUNS[self.kind]}{self._bounds}"

    @property
    def _bounds(self) -> str:
        if self.low is None or self.high is None:
            return ""
        low, high = (written(f"{bound:,.15g}") for bound in (self.low, self.high))
        return f" above {low} and at most {high}" if self.above else f" between {low} and {high}"

    def allows(self, number: float) -> bool:
        """Whether a number lies in the allowed range."""
        if self.low is None or self.high is None:
            return True
        return self.low <= number <= self.high and not (self.above and number == self.low)
