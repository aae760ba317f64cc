"""The worked cases of the numbers book (tests/data/fixtures.json) and its rule for "equal enough".

Computed with scipy, statsmodels, tea-tasting, gbstats and mpmath, each by at least two routes; the file's
`meta` names the versions. Sections S0 and S11 are authored rules.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from numbers import Real
from pathlib import Path
from typing import Any

from recsys_roi.evidence.sums import Sums

FILE = Path(__file__).parent / "data" / "fixtures.json"
INFORMATIONAL_KEYS = ("bootstrap_se_info", "published")
INFORMATIONAL_PREFIXES = ("mc_", "gbstats_")


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One case: what goes in, what must come out, and how near (`rel` and `abs`)."""

    id: str
    section: str
    inputs: dict[str, Any]
    expected: dict[str, Any]
    tolerance: dict[str, float]

    def sums(self, arm: str) -> Sums:
        """The sums of `arm` ("control" or "treatment"); without a denominator it is 1 for every user."""
        given = self.inputs[arm]
        n, sy = given["n"], given["sum_y"]
        return Sums(
            n=n,
            sy=sy,
            sx=given.get("sum_x", n),
            syy=given["sum_yy"],
            sxx=given.get("sum_xx", n),
            sxy=given.get("sum_xy", sy),
        )

    def same(self, got: object, key: str) -> bool:
        """Whether `got` is the expected value of `key` within this case's tolerance."""
        return close(got, self.expected[key], self.tolerance)


@cache
def cases() -> tuple[Case, ...]:
    """Every case, in the file's order."""
    loaded = json.loads(FILE.read_text(encoding="utf-8"))["cases"]
    return tuple(
        Case(**{name: case[name] for name in ("id", "section", "inputs", "expected", "tolerance")})
        for case in loaded
    )


def case(case_id: str) -> Case:
    """The case of that id, such as "S1.ratio_small"."""
    return {one.id: one for one in cases()}[case_id]


def section(name: str) -> tuple[Case, ...]:
    """The cases of one section, such as "S8"."""
    return tuple(one for one in cases() if one.section == name)


def informational(key: str) -> bool:
    """Keys that the book gives for information only, not to be asserted (numbers book 14)."""
    return key in INFORMATIONAL_KEYS or key.startswith(INFORMATIONAL_PREFIXES)


def close(got: object, expected: object, tolerance: Mapping[str, float]) -> bool:
    """|got - expected| <= max(abs, rel * |expected|), item by item; strings, booleans and null exactly.

    The strings "inf", "-inf" and "nan" stand for those numbers.
    """
    if isinstance(expected, str) and expected in {"inf", "-inf", "nan"}:
        return isinstance(got, float) and str(float(got)) == expected
    if expected is None or isinstance(expected, str | bool):
        return got == expected and isinstance(got, bool) == isinstance(expected, bool)
    if isinstance(expected, Mapping):
        return isinstance(got, Mapping) and all(
            key in got and close(got[key], value, tolerance) for key, value in expected.items()
        )
    if isinstance(expected, Sequence):
        return (
            isinstance(got, Sequence)
            and len(got) == len(expected)
            and all(close(one, other, tolerance) for one, other in zip(got, expected, strict=True))
        )
    return _close_number(got, expected, tolerance)


def _close_number(got: object, expected: object, tolerance: Mapping[str, float]) -> bool:
    if not isinstance(got, Real) or isinstance(got, bool) or not isinstance(expected, Real):
        return False
    limit = max(tolerance["abs"], tolerance["rel"] * abs(float(expected)))
    return abs(float(got) - float(expected)) <= limit
