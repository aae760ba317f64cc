"""The users of the synthetic pilot: who they are, how active, how likely to click, and in which arm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys_roi.demo.ids import draw_ids, id_texts
from recsys_roi.demo.streams import stream

REQUESTS_PER_USER = 5

SEGMENTS = ("new", "returning", "loyal")
SEGMENT_SHARES = (0.45, 0.35, 0.20)
SEGMENT_ACTIVITY = (0.75, 1.0, 1.6)
SEGMENT_CLICK_MEANS = (0.24, 0.32, 0.38)  # of the beta, before the ceiling
DEVICES = ("mobile", "desktop", "tablet")
DEVICE_SHARES = (0.58, 0.33, 0.09)
LOCALES = ("en-GB", "de-DE", "fr-FR", "nl-NL")
LOCALE_SHARES = (0.40, 0.25, 0.20, 0.15)

CLICK_CEILING = 0.4  # no user clicks more often; keeps the probability below 1 at the largest lift
CLICK_CONCENTRATION = 8.0  # alpha + beta of a user's click rate
ACTIVITY_SHAPE = 1.2  # of the gamma between users of one segment
LATENCY_SPREAD_BETWEEN_USERS = 0.18  # standard deviation of log latency


@dataclass(frozen=True, kw_only=True, slots=True)
class Users:
    """Users in the order of their first visit; every array has shape (users,)."""

    ids: tuple[str, ...]
    candidate: NDArray[np.bool_]  # randomised, about half of the users
    segment: NDArray[np.intp]  # index into SEGMENTS
    device: NDArray[np.intp]
    locale: NDArray[np.intp]
    activity: NDArray[np.float64]  # relative rate of coming back
    click_rate: NDArray[np.float64]  # chance that a list with items is clicked, in control
    log_latency: NDArray[np.float64]  # the user's own shift of log latency

    @property
    def count(self) -> int:
        """Number of users."""
        return len(self.ids)


def draw_users(count: int, seed: int) -> Users:
    """`count` users and their arms."""
    draw = stream(seed, "users")
    segment = draw.choice(len(SEGMENTS), count, p=SEGMENT_SHARES)
    click_mean = np.take(SEGMENT_CLICK_MEANS, segment)
    return Users(
        ids=tuple(id_texts(draw_ids(count, stream(seed, "user ids")))),
        candidate=_draw_arms(count, stream(seed, "arms")),
        segment=segment,
        device=draw.choice(len(DEVICES), count, p=DEVICE_SHARES),
        locale=draw.choice(len(LOCALES), count, p=LOCALE_SHARES),
        activity=np.take(SEGMENT_ACTIVITY, segment) * draw.gamma(ACTIVITY_SHAPE, size=count),
        click_rate=CLICK_CEILING
        * draw.beta(click_mean * CLICK_CONCENTRATION, (1 - click_mean) * CLICK_CONCENTRATION),
        log_latency=draw.normal(0.0, LATENCY_SPREAD_BETWEEN_USERS, count),
    )


def _draw_arms(count: int, draw: np.random.Generator) -> NDArray[np.bool_]:
    """Coin flips, but never so uneven that a sample ratio check would alarm by chance (p below 0.001)."""
    three_sd = 1.5 * np.sqrt(count)
    size = int(np.clip(draw.binomial(count, 0.5), count / 2 - three_sd, count / 2 + three_sd))
    candidate = np.zeros(count, dtype=np.bool_)
    candidate[draw.permutation(count)[:size]] = True
    return candidate
