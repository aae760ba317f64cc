"""Bad publishes: steps after a change of version, and days on which an arm fails more than usual."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from scipy.special import ndtri

from recsys_roi.estimate.figures import NotMeasurable
from recsys_roi.estimate.lift import Difference, difference
from recsys_roi.estimate.shifts import CLUMPING, burst_p
from recsys_roi.evidence.drift_facts import ArmDays, Drift, VersionStep
from recsys_roi.evidence.sums import Sums
from recsys_roi.numerals import full, with_sign
from recsys_roi.verdict.findings import Finding
from recsys_roi.verdict.wording import cut, day_text, hour_text, listed

STEP_P = 0.001  # one-sided, over all steps and measures together
MIN_USERS = 100  # on each side of a step (numbers book 0.3)
BURST_P = 0.0001  # over all days, arms and measures together
BASE_WITHOUT = 2  # worst days that are no part of what is usual
SLOW_SCORE = 5.0  # standard errors of a day's mean log latency
TOLD = 3  # findings in one sentence

MEASURES = ERRORS, EMPTIES, LATENCY = "error_rate", "empty_rate", "p95_latency"  # whose margins count
_SHARES = {ERRORS: "failed requests", EMPTIES: "empty lists"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    """One measure on both sides of a change of version."""

    step: VersionStep
    measure: str
    found: Difference
    harm: float  # in the unit of the guardrail's margin
    significant: bool
    over: bool  # the margin

    @property
    def text(self) -> str:
        """Who changed what when, and the figure on both sides."""
        change = f"{self.step.key} {cut(self.step.before)} to {cut(self.step.after)}"
        at = f"{self.step.arm}, {change}, {hour_text(self.step.at)}"
        if self.measure == LATENCY:
            before, after = math.exp(self.found.control), math.exp(self.found.candidate)
            harm = with_sign(self.harm * 100, 1)
            return f"{at}: typical latency {full(before)} ms to {full(after)} ms ({harm} %)"
        figures = f"{full(self.found.control * 100, 2)} % to {full(self.found.candidate * 100, 2)} %"
        return f"{at}: {_SHARES[self.measure]} {figures}"


def publish_findings(drift: Drift, margins: Mapping[str, float]) -> dict[str, Finding]:
    """The findings "drift:versions" and "drift:bad_days"; `margins` are those of the guardrails by id."""
    return {"drift:versions": _versions(drift, margins), "drift:bad_days": _bad_days(drift, margins)}


def _versions(drift: Drift, margins: Mapping[str, float]) -> Finding:
    if not drift.versions:
        return Finding(
            status="cannot_tell",
            evidence="No version is logged: put algo_version, config_version or rules_version into the "
            "context of exposure.v1.",
        )
    if not drift.steps:
        return Finding(
            status="ok", evidence=f"No version changed within an arm ({listed(drift.versions)} logged)."
        )
    tests = 3 * len(drift.steps)
    read = [step for one in drift.steps for step in _measures(one, margins, tests)]
    worse = sorted((step for step in read if step.significant), key=lambda step: not step.over)
    count = f"{len(drift.steps)} change{'s' if len(drift.steps) > 1 else ''} of version within an arm"
    if not worse:
        untold = "" if read else " Too few users on one side to tell more."
        return Finding(
            status="ok", evidence=f"{count}; errors, empty lists and latency did not step up.{untold}"
        )
    return Finding(
        status="act" if worse[0].over else "watch",
        evidence=f"{count}. Worse after it: {'; '.join(step.text for step in worse[:TOLD])}.",
    )


def _measures(step: VersionStep, margins: Mapping[str, float], tests: int) -> Iterator[_Step]:
    """What can be compared; the same users on both sides make the test the more careful one."""
    limit = -float(ndtri(STEP_P / tests))
    sides: dict[str, tuple[Sums, Sums] | None] = {
        ERRORS: step.errors,
        EMPTIES: step.empties,
        LATENCY: step.log_latency,
    }
    for measure, pair in sides.items():
        found = None if pair is None else difference(*pair, min_users=MIN_USERS)
        if found is None or isinstance(found, NotMeasurable):
            continue
        harm = math.expm1(found.estimate) if measure == LATENCY else found.estimate
        yield _Step(
            step=step,
            measure=measure,
            found=found,
            harm=harm,
            significant=found.z >= limit,
            over=harm > margins[measure],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _BadDay:
    """A day of an arm that stands out."""

    arm: ArmDays
    day: int  # in the window
    text: str
    ratio: float  # excess over the margin
    last: bool  # the arm's newest day


def _bad_days(drift: Drift, margins: Mapping[str, float]) -> Finding:
    found = [
        bad
        for arm in drift.arms
        for bad in (
            *_bursts(arm, ERRORS, arm.errors, arm.error_logged, margins[ERRORS]),
            *_bursts(arm, EMPTIES, arm.empties, arm.requests, margins[EMPTIES]),
            *_slow_days(arm, margins[LATENCY]),
        )
    ]
    looked = sum(count > 0 for arm in drift.arms for count in arm.requests)
    if not found:
        return Finding(
            status="ok",
            evidence="No day stands out in errors, empty lists or latency "
            f"({looked} days of an arm looked at).",
        )
    found.sort(key=lambda bad: (not bad.last, -bad.ratio))
    more = f" {len(found) - TOLD} more such days." if len(found) > TOLD else ""
    told = "; ".join(f"{day_text(drift.first_day + bad.day)}: {bad.text}" for bad in found[:TOLD])
    return Finding(
        status="act" if any(bad.last for bad in found) else "watch",
        evidence=f"{told[0].upper()}{told[1:]}.{more}",
    )


def _bursts(
    arm: ArmDays, measure: str, hits: Sequence[int], asked: Sequence[int], margin: float
) -> Iterator[_BadDay]:
    days = [day for day, count in enumerate(asked) if count > 0]
    if len(days) <= BASE_WITHOUT + 1:
        return
    calm = sorted(days, key=lambda day: hits[day] / asked[day])[:-BASE_WITHOUT]
    usual = (sum(hits[day] for day in calm) + 0.5) / (sum(asked[day] for day in calm) + 1)
    looks = 6 * len(days)  # two arms, three measures
    for day in days:
        share = hits[day] / asked[day]
        if share - usual > margin and burst_p(hits[day], usual * asked[day]) < BURST_P / looks:
            found, before = full(share * 100, 1), full(usual * 100, 2)
            text = f"{found} % {_SHARES[measure]} in the {arm.arm}, usually {before} %"
            yield _BadDay(arm=arm, day=day, text=text, ratio=(share - usual) / margin, last=day == days[-1])


def _slow_days(arm: ArmDays, margin: float) -> Iterator[_BadDay]:
    days = [day for day, count in enumerate(arm.timed) if count > 1]
    if len(days) <= BASE_WITHOUT + 1:
        return
    means = {day: arm.log_latency[day] / arm.timed[day] for day in days}
    for day in days:
        usual = median(mean for other, mean in means.items() if other != day)
        count = arm.timed[day]
        variance = max(0.0, arm.log_latency_squares[day] / count - means[day] ** 2)
        excess = math.expm1(means[day] - usual)
        if excess > margin and means[day] - usual > SLOW_SCORE * math.sqrt(CLUMPING * variance / count):
            more, found = with_sign(excess * 100, 0), full(math.exp(means[day]))
            text = f"typical latency {more} % in the {arm.arm}, to {found} ms"
            yield _BadDay(arm=arm, day=day, text=text, ratio=excess / margin, last=day == days[-1])
