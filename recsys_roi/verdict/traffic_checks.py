"""Traffic that moves: days with far more or fewer requests, and mixes of users that shift."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from statistics import median

from recsys_roi.estimate.shifts import (
    day_scores,
    homogeneity_p,
    population_stability,
    stability_noise,
    total_variation,
)
from recsys_roi.evidence.drift_facts import ArmDays, Drift, Mix
from recsys_roi.evidence.view import SliceEvidence
from recsys_roi.numerals import digits, full
from recsys_roi.verdict.findings import Finding, Status
from recsys_roi.verdict.wording import counted, cut, day_text

SCORE = 5.0  # robust standard deviations
FACTOR = 3.0  # in one arm alone, so that somebody must act
SHIFT_WATCH, SHIFT_ACT = 0.10, 0.25  # population stability index between the halves
DAY_SHIFT = 0.25  # of one day against all others
NOISE = 2.0  # times the index that chance alone makes
SMALLEST_DAY = 100  # requests
MIX_P = 0.001  # that both arms have one mix, over all keys together
MIX_WATCH, MIX_ACT = 0.01, 0.05  # largest share that the arms put differently
TOLD = 3
NOT_KEYS = ("day",)


def traffic_findings(drift: Drift, slices: Sequence[SliceEvidence]) -> dict[str, Finding]:
    """The findings "drift:volume", "drift:mix_over_time" and "drift:mix_between_arms"."""
    return {
        "drift:volume": _volume(drift),
        "drift:mix_over_time": _mix_over_time(drift),
        "drift:mix_between_arms": _mix_between_arms(slices),
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Spike:
    arm: ArmDays
    day: int
    factor: float  # of the usual


def _volume(drift: Drift) -> Finding:
    spikes = [spike for arm in drift.arms for spike in _spikes(arm)]
    days = max((len(arm.requests) for arm in drift.arms), default=0)
    if days < 4:
        return Finding(status="cannot_tell", evidence=f"{counted(days, 'day')} of logs; a usual day needs 4.")
    if not spikes:
        usual = [f"{full(_usual(arm))} in the {arm.arm}" for arm in drift.arms]
        return Finding(
            status="ok",
            evidence=f"No day stands out in requests; the usual day has {' and '.join(usual)}.",
        )
    alone = [spike for spike in spikes if sum(other.day == spike.day for other in spikes) == 1]
    bad = any(max(spike.factor, 1 / spike.factor) >= FACTOR for spike in alone)
    spikes.sort(key=lambda spike: -abs(math.log(spike.factor)))
    told = "; ".join(
        f"{day_text(drift.first_day + spike.day)}: {full(spike.arm.requests[spike.day])} requests in the "
        f"{spike.arm.arm}, {full(spike.factor, 1)} times the usual"
        for spike in spikes[:TOLD]
    )
    more = f" {len(spikes) - TOLD} more such days of an arm." if len(spikes) > TOLD else ""
    return Finding(status="act" if bad else "watch", evidence=f"{told}.{more}")


def _spikes(arm: ArmDays) -> list[_Spike]:
    """Days that stand out; the first and the last day may be short, so they cannot be too small."""
    scores = _scores(arm.requests)
    last = len(scores) - 1
    return [
        _Spike(arm=arm, day=day, factor=arm.requests[day] / _usual(arm))
        for day, score in enumerate(scores)
        if score is not None and (score >= SCORE or (score <= -SCORE and 0 < day < last))
    ]


@lru_cache(maxsize=64)
def _scores(requests: tuple[int, ...]) -> tuple[float | None, ...]:
    """Kept, as every new scenario asks for those of the same days again."""
    return day_scores(requests)


def _usual(arm: ArmDays) -> float:
    """Requests of the usual day, among those that have any."""
    return median([count for count in arm.requests if count] or [0])


def _mix_over_time(drift: Drift) -> Finding:
    read = [found for mix in drift.mixes if (found := _moved(mix, drift.first_day)) is not None]
    if not read:
        return Finding(
            status="cannot_tell",
            evidence="No context key has 2 to 50 values over 4 days, so no mix is known.",
        )
    act, watch = ([text for status, _, text in read if status == wanted] for wanted in ("act", "watch"))
    if act or watch:
        return Finding(status="act" if act else "watch", evidence=" ".join((act or watch)[:TOLD]))
    largest, text = max((index, text) for _, index, text in read)
    return Finding(
        status="ok",
        evidence=f"The mix is steady: largest stability index between the halves {full(largest, 2)} "
        f"(watch from {full(SHIFT_WATCH, 2)}). {text}",
    )


def _moved(mix: Mix, first_day: int) -> tuple[Status, float, str] | None:
    """Status, stability index and sentence of one key; None where there is too little to tell."""
    days = len(mix.by_day)
    before, after = (_sum(mix.by_day[: days // 2]), _sum(mix.by_day[days // 2 :]))
    if days < 4 or min(sum(before), sum(after)) < SMALLEST_DAY:
        return None
    index = population_stability(before, after)
    clear = index - NOISE * stability_noise(before, after)
    text = f"{_widest(mix, before, after)} from the first half to the second, index {full(index, 2)}."
    if clear >= SHIFT_WATCH:
        return ("act" if clear >= SHIFT_ACT else "watch"), index, text
    odd = [(day, found) for day in range(days) if (found := _day_shift(mix, day)) is not None]
    if odd:
        day, found = max(odd, key=lambda pair: pair[1])
        others = _sum([row for other, row in enumerate(mix.by_day) if other != day])
        return (
            "watch",
            index,
            f"{_widest(mix, others, mix.by_day[day])} on {day_text(first_day + day)} against the other days, "
            f"index {full(found, 2)}.",
        )
    return "ok", index, text


def _day_shift(mix: Mix, day: int) -> float | None:
    """The index of one day against all others, where it is a large shift."""
    own, others = mix.by_day[day], _sum([row for other, row in enumerate(mix.by_day) if other != day])
    if sum(own) < SMALLEST_DAY:
        return None
    index = population_stability(others, own)
    return index if index - NOISE * stability_noise(others, own) >= DAY_SHIFT else None


def _sum(rows: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*rows, strict=True)))


def _widest(mix: Mix, before: Sequence[int], after: Sequence[int]) -> str:
    """The value whose share moved most."""
    place, low, high = _furthest_apart(before, after)
    moved = f"{full(low * 100, 1)} % to {full(high * 100, 1)} % of requests"
    return f"{cut(mix.key)} {cut(mix.values[place])}: {moved}"


def _furthest_apart(first: Sequence[int], second: Sequence[int]) -> tuple[int, float, float]:
    """Where two counts differ most in share, with both shares; the first of two that differ alike."""
    shares = [
        (one / max(1, sum(first)), other / max(1, sum(second)))
        for one, other in zip(first, second, strict=True)
    ]
    place = max(range(len(shares)), key=lambda at: round(abs(shares[at][1] - shares[at][0]), 9))
    return (place, *shares[place])


def _mix_between_arms(slices: Sequence[SliceEvidence]) -> Finding:
    by_key = {
        key: list(parts)
        for key, parts in groupby(
            (part for part in slices if part.key not in NOT_KEYS), key=lambda part: part.key
        )
    }
    read = [(key, parts, p) for key, parts in by_key.items() if (p := _arms_p(parts)) is not None]
    if not read:
        return Finding(status="cannot_tell", evidence="No context key can be compared between the arms.")
    key, parts, p = min(read, key=lambda one: one[2])
    apart = total_variation(_users(parts, "control"), _users(parts, "candidate"))
    figures = f"{_apart(key, parts)}; chance of this with one mix {digits(p, 2)}"
    if p < MIX_P / len(read) and apart >= MIX_WATCH:
        return Finding(
            status="act" if apart >= MIX_ACT else "watch",
            evidence=f"The arms hold different users: {figures}, alarm below {digits(MIX_P / len(read), 2)}.",
        )
    return Finding(status="ok", evidence=f"Both arms hold the same mix of users; least alike {figures}.")


def _arms_p(parts: Sequence[SliceEvidence]) -> float | None:
    return homogeneity_p(_users(parts, "control"), _users(parts, "candidate"))


def _users(parts: Sequence[SliceEvidence], arm: str) -> list[int]:
    return [getattr(part.users, arm) for part in parts]


def _apart(key: str, parts: Sequence[SliceEvidence]) -> str:
    place, low, high = _furthest_apart(_users(parts, "control"), _users(parts, "candidate"))
    value = cut(parts[place].value)
    control, candidate = full(low * 100, 1), full(high * 100, 1)
    return f"{cut(key)} {value}: {control} % of users in control, {candidate} % in candidate"
