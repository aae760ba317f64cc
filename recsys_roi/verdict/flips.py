"""Where one input, changed alone, would change the decision: solved for, not scanned for.

A decision is made from the signs of a few conditions that are continuous in the input (the NPV, the chance
there is less the one asked for, the net value of each wait, ...). It can change only where one of them is 0:
the roots are found first, and the decision is read once between each two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import elementwise

Array: TypeAlias = NDArray[np.float64]
Conditions: TypeAlias = Callable[[Array], Array]  # inputs of shape (n,) to values of shape (conditions, n)
Labels: TypeAlias = NDArray[np.intp]
Decide: TypeAlias = Callable[[Array], Iterable[str]]  # the decision at each of n inputs

CLOSE = 1e-6  # of the gap between two nodes
NEAREST = 1e-12  # first step beyond a root, relative; it grows tenfold until the decision is the other one
STEPS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """Conditions on one input, and where to look at them first; they are smooth but at the kinks.

    Of straight ones the first and the last node are enough.
    """

    conditions: Conditions
    nodes: Array  # increasing
    kinks: Array = field(default_factory=lambda: np.empty(0))
    straight: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """The nearest value of an input at which the decision is another one."""

    input: str
    at: float  # in the input's unit, just beyond the change: at it, `becomes` holds
    becomes: str


def roots(searches: Sequence[Search]) -> list[Array]:
    """For each search, every input between its first and last node at which a condition changes sign, sorted.

    Between two nodes a straight condition has its one root, and a curved one that turns is followed to its
    turning point, so that two roots side by side are not missed; of a condition that turns once none can be.
    An NPV turns at most once in growth, as a month's gain less its cost by traffic falls with the months (by
    Descartes' rule of signs), and never in decay and half-life. All searches are solved in one go, as most of
    the time would be spent on starting each.
    """
    curved = iter(_curved_roots([search for search in searches if not search.straight]))
    return [_straight_roots(search) if search.straight else next(curved) for search in searches]


def _straight_roots(search: Search) -> Array:
    left, right = search.nodes[0], search.nodes[-1]
    at_left, at_right = search.conditions(np.array([left, right])).T
    changes = np.sign(at_left) * np.sign(at_right) < 0
    part = at_left[changes] / (at_left[changes] - at_right[changes])
    return np.unique(left + part * (right - left))


def _curved_roots(searches: Sequence[Search]) -> list[Array]:
    if not searches:
        return []
    looked_at = [_looked_at(search) for search in searches]
    nodes, values = [at for at, _ in looked_at], [each for _, each in looked_at]
    for one, at in _turning_points(searches, nodes, values).items():
        nodes[one] = np.union1d(nodes[one], at)
        values[one] = searches[one].conditions(nodes[one])
    hits = [at[(each == 0).any(axis=0)] for at, each in zip(nodes, values, strict=True)]
    changes = [np.nonzero(np.sign(each[:, :-1]) * np.sign(each[:, 1:]) < 0) for each in values]
    which, row = _labels(changes)
    if not which.size:
        return hits
    left = np.concatenate([at[place] for at, (_, place) in zip(nodes, changes, strict=True)])
    right = np.concatenate([at[place + 1] for at, (_, place) in zip(nodes, changes, strict=True)])

    def own(x: Array, which: Labels, row: Labels) -> Array:
        return _values(searches, x, which, row)

    found = elementwise.find_root(own, (left, right), args=(which, row))
    return [np.union1d(hit, found.x[which == one]) for one, hit in enumerate(hits)]


def _labels(places: Sequence[tuple[NDArray[np.intp], ...]]) -> tuple[Labels, Labels]:
    """Which search, and which of its conditions, each bracket belongs to."""
    which = np.repeat(np.arange(len(places)), [rows.size for rows, *_ in places])
    return which, np.concatenate([rows for rows, *_ in places])


def _values(searches: Sequence[Search], x: Array, which: Labels, row: Labels) -> Array:
    """Each x by its own condition."""
    found = np.empty_like(x)
    for one in np.unique(which):
        mine = which == one
        at = x[mine]
        found[mine] = searches[one].conditions(at)[row[mine], np.arange(at.size)]
    return found


def _looked_at(search: Search) -> tuple[Array, Array]:
    """Nodes and the conditions there, with a close node on both sides of each end, kink and root.

    A turn starts on either side of a kink, and a root that is a node must not hide its neighbour.
    """
    low, high = search.nodes[0], search.nodes[-1]
    nodes = np.union1d(search.nodes, search.kinks[(search.kinks > low) & (search.kinks < high)])
    values = search.conditions(nodes)
    marked = np.isin(nodes, [*search.kinks, low, high]) | (values == 0).any(axis=0)
    gaps = np.diff(nodes) * CLOSE
    after = nodes[:-1][marked[:-1]] + gaps[marked[:-1]]
    before = nodes[1:][marked[1:]] - gaps[marked[1:]]
    beside = np.setdiff1d(np.concatenate([after, before]), nodes)
    order = np.argsort(all_nodes := np.concatenate([nodes, beside]))
    return all_nodes[order], np.concatenate([values, search.conditions(beside)], axis=1)[:, order]


def _turning_points(
    searches: Sequence[Search], nodes: Sequence[Array], values: Sequence[Array]
) -> dict[int, Array]:
    """By search: where a condition that comes near 0 and turns there is on the other side."""
    dips = [_dips(each) for each in values]
    which, row = _labels(dips)
    if not which.size:
        return {}
    three = tuple(
        np.concatenate([at[place + step] for at, (_, place) in zip(nodes, dips, strict=True)])
        for step in range(3)
    )
    side = np.concatenate(
        [np.where(each[rows, place] > 0, 1.0, -1.0) for each, (rows, place) in zip(values, dips, strict=True)]
    )

    def height(x: Array, which: Labels, row: Labels, side: Array) -> Array:
        return side * _values(searches, x, which, row)

    found = elementwise.find_minimum(height, (three[0], three[1], three[2]), args=(which, row, side))
    crossed = found.f_x < 0
    return {int(one): found.x[crossed & (which == one)] for one in np.unique(which[crossed])}


def _dips(values: Array) -> tuple[NDArray[np.intp], ...]:
    """Row and first of three neighbours of one sign, the middle one of which is nearest to 0."""
    size, positive = np.abs(values), values > 0
    same = (positive[:, :-2] == positive[:, 1:-1]) & (positive[:, 1:-1] == positive[:, 2:])
    return np.nonzero(same & (size[:, 1:-1] < size[:, :-2]) & (size[:, 1:-1] < size[:, 2:]))


def nearest_change(
    name: str, now: float, boundaries: Iterable[float], ends: tuple[float, float], decide: Decide
) -> Crossing | None:
    """The change of `decide` nearest to the present value, or None where there is none within the ends.

    `boundaries` are the only inputs at which it can change.
    """
    (present,) = decide(np.array([now]))
    found = [
        change for walk in walks(now, boundaries, ends) if (change := _first_change(walk, decide, present))
    ]
    if not found:
        return None
    at, becomes = min(found, key=lambda change: abs(change[0] - now))
    return Crossing(input=name, at=at, becomes=becomes)


def walks(now: float, boundaries: Iterable[float], ends: tuple[float, float]) -> tuple[Array, ...]:
    """From the present value to each end that is not there, over the boundaries between."""
    low, high = ends
    inner = sorted({*boundaries})
    below = [now, *(at for at in reversed(inner) if low < at < now), low]
    above = [now, *(at for at in inner if now < at < high), high]
    return tuple(np.array(walk) for walk in (below, above) if walk[-1] != now)


def _first_change(walk: Array, decide: Decide, present: str) -> tuple[float, str] | None:
    """The first boundary, going outwards, beyond which the decision is not the present one."""
    for place, becomes in enumerate(decide((walk[:-1] + walk[1:]) / 2)):
        if becomes != present:
            return _just_beyond(walk[place], walk[place + 1], becomes, decide), becomes
    return None


def _just_beyond(edge: float, beyond: float, becomes: str, decide: Decide) -> float:
    """The input nearest to the boundary at which the other decision holds; a root is known to some digits."""
    width = beyond - edge
    steps = NEAREST * max(1.0, abs(edge / width)) * 10.0 ** np.arange(STEPS)
    for at in edge + width * steps[steps < 0.5]:
        if next(iter(decide(np.array([at])))) == becomes:
            return float(at)
    return (edge + beyond) / 2
