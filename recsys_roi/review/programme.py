"""The surfaces of one experiment, each with its own review, and what they are worth together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recsys_roi.review.document import Review
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.settings import NEW_USERS_SETTING, TRAFFIC_SETTING

AUDIENCE = (TRAFFIC_SETTING, NEW_USERS_SETTING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Programme:
    """One review a surface, all of one scenario; the cost shared by surfaces is in their sum once."""

    surfaces: tuple[str, ...]
    reviews: tuple[Review, ...]

    @property
    def confirmed(self) -> bool:
        """Whether traffic, value and costs were entered by a person on every surface."""
        return all(review.roi.confirmed for review in self.reviews)

    @property
    def npv(self) -> float | None:
        """Present value of a launch on every surface, money; None where one of them has none."""
        return _together(self.reviews)

    @property
    def npv_where_shipped(self) -> float | None:
        """The same of the surfaces whose verdict is to ship; None where there is none of them."""
        return _together([review for review in self.reviews if review.decision.decision == "ship"])


def _together(reviews: Sequence[Review]) -> float | None:
    values = [review.roi.npv for review in reviews if review.roi.npv is not None]
    return sum(values) if reviews and len(values) == len(reviews) else None


def on_surface(scenario: Scenario, surface: str, *, share: float, here: float) -> Scenario:
    """A scenario on another surface: the audience that was given, in proportion to the requests in the logs.

    `share` and `here` are the parts of the experiment's requests on that surface and on the scenario's own.
    A preset audience stays one, so that nobody is taken to have entered it.
    """
    given, part = scenario.given, share / here
    if part == 1.0:
        return scenario.updated({"surface": surface})
    audience = {name: given[name] * part for name in AUDIENCE if given.get(name) is not None}
    ranges = {
        name: [end * part for end in ends] if name in audience else list(ends)
        for name, ends in scenario.ranges.items()
    }
    return scenario.updated({"surface": surface, **audience, "ranges": ranges or None})
