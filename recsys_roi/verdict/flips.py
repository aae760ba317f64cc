"""Where one input, changed alone, would change the decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

POINTS = 24  # of the coarse scan, on each side of the present value
HALVINGS = 20  # of the step that holds the change: a millionth of it is left


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """The nearest value of an input at which the decision is another one."""

    input: str
    at: float  # in the input's unit, on the far side of the change: at it, `becomes` holds
    becomes: str


def nearest_crossing(
    name: str, now: float, low: float, high: float, decide: Callable[[float], str]
) -> Crossing | None:
    """The change of `decide` nearest to the present value within [low, high], or None where there is none.

    Each side is scanned coarsely, outwards from the present value (in equal proportions where both are
    above 0), and the first change is narrowed by bisection; one that reverses between two scanned values is
    not seen.
    """
    present = decide(now)
    ends = [end for end, beyond in ((low, low < now), (high, high > now)) if beyond]
    found = [change for end in ends if (change := _first_change(_scan(now, end), decide, present))]
    if not found:
        return None
    at, becomes = min(found, key=lambda change: abs(change[0] - now))
    return Crossing(input=name, at=at, becomes=becomes)


def _scan(now: float, end: float) -> Sequence[float]:
    """Values from the present one to an end of the range."""
    if now > 0 and end > 0:
        return [now * (end / now) ** (step / POINTS) for step in range(POINTS)] + [end]
    return [now + (end - now) * step / POINTS for step in range(POINTS)] + [end]


def _first_change(
    scan: Sequence[float], decide: Callable[[float], str], present: str
) -> tuple[float, str] | None:
    """The first value, going outwards, at which the decision is not the present one, and what it is there."""
    for inside, outside in pairwise(scan):
        becomes = decide(outside)
        if becomes != present:
            return _narrowed(inside, outside, becomes, decide, present)
    return None


def _narrowed(
    inside: float, outside: float, becomes: str, decide: Callable[[float], str], present: str
) -> tuple[float, str]:
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        found = decide(middle)
        if found == present:
            inside = middle
        else:
            outside, becomes = middle, found
    return outside, becomes
