"""Whether each fault of the demo is named by its risk with the planted number, and nothing else is."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.table import Table
from recsys_roi.demo import FAULT_NAMES, write_demo
from recsys_roi.demo.faults import FAULTS
from recsys_roi.demo.writing import LOGS
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot
from recsys_roi.review.document import Review
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario
from recsys_roi.verdict.known_risks import KNOWN_RISKS

CLEAN = "none"
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
HOURS = 3.0  # the newest request of an arm may be that much older than the moment at which it falls silent

FOLLOWS: Mapping[str, frozenset[str]] = {"stale": frozenset({"sample_ratio_mismatch"})}
"""By fault: risks that are rightly at act with it. An arm that falls silent has none of the newest users, so
that its split is off in earnest."""

Truth = Mapping[str, Any]  # of one fault, as truth.json has it


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What the register says of one demo."""

    named: bool  # the fault's risk is at act or watch; of a clean demo: always
    numbered: bool  # its evidence has the planted number; of a clean demo: always
    unrelated: tuple[str, ...]  # other risks at act; of a clean demo: every risk at act or watch
    follows: tuple[str, ...] = ()  # risks at act that the fault sets off as well


def risk_of(fault: str) -> str:
    """The id of the risk that reads what the fault is named by."""
    return next(risk.id for risk in KNOWN_RISKS if FAULTS[fault].named_by in risk.sources)


def judged(fault: str, truth: Truth, review: Review) -> Outcome:
    """The register of a review against what was planted."""
    if fault == CLEAN:
        alarmed = tuple(risk.id for risk in review.risks if risk.status in {"act", "watch"})
        return Outcome(named=True, numbered=True, unrelated=alarmed)
    risk = next(risk for risk in review.risks if risk.id == risk_of(fault))
    others = [one.id for one in review.risks if one.status == "act" and one.id != risk.id]
    follows = FOLLOWS.get(fault, frozenset())
    return Outcome(
        named=risk.status in {"act", "watch"},
        numbered=NUMBERS[fault](truth, risk.evidence, review),
        unrelated=tuple(name for name in others if name not in follows),
        follows=tuple(name for name in others if name in follows),
    )


def _says(text: str) -> Callable[[Truth, str, Review], bool]:
    """The evidence has the planted count in these words."""

    def said(truth: Truth, evidence: str, _: Review) -> bool:
        count = int(truth["count"])
        of = round(count / truth["share"])
        return text.format(count=count, twice=2 * count, rest=of - count, of=of) in evidence

    return said


def _within(guardrail: str, planted: Callable[[Truth], float]) -> Callable[[Truth, str, Review], bool]:
    """The planted harm lies in the range of the guardrail, whose harm the evidence tells."""

    def held(truth: Truth, evidence: str, review: Review) -> bool:
        found = next(one for one in review.guardrails if one.id == guardrail)
        harm = found.harm
        if harm is None or harm.lower is None or harm.upper is None:
            return False
        size = f"{harm.estimate * 100:+.1f} %" if found.unit == "relative" else f"{harm.estimate * 100:+.3f}"
        return size in evidence and harm.lower <= planted(truth) <= harm.upper

    return held


def _silent(truth: Truth, evidence: str, review: Review) -> bool:
    check = review.check("freshness")
    if check is None or check.value is None:
        return False
    return f"{check.value:.1f} hours" in evidence and abs(check.value - truth["hours"]) <= HOURS


def _too_good(truth: Truth, evidence: str, review: Review) -> bool:
    lift = review.primary.relative_lift if review.primary else None
    if lift is None or lift.lower is None or lift.upper is None:
        return False
    return "Chance of a lift" in evidence and lift.lower <= truth["measured_lift_about"] <= lift.upper


NUMBERS: Mapping[str, Callable[[Truth, str, Review], bool]] = {
    "duplicate_requests": _says("{count:,} exposure lines repeat a request_id"),
    "empty_spike": _within("empty_rate", lambda truth: float(truth["share"])),
    "error_spike": _within("error_rate", lambda truth: float(truth["share"])),
    "implausible_lift": _too_good,
    "latency_regression": _within("p95_latency", lambda truth: truth["factor"] - 1.0),
    "low_join": _says("{count:,} do not."),
    "personal_data": _says("{count:,} × e-mail"),
    "schema_drift": _says("key host ({twice:,})"),  # on exposures and on assignments
    "srm": _says(" and {rest:,} in candidate"),
    "stale": _silent,
    "two_arm_users": _says("{count:,} of {of:,} users"),
}
"""By fault: whether a sentence of evidence has what truth.json says was planted."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the simulation."""
    parser.add_argument(
        "--seeds", type=int, default=20, help="demos of each fault, seeds 1 to N (default 20)"
    )
    parser.add_argument("--requests", type=int, default=30_000, help="requests a demo (default 30000)")


def run(arguments: argparse.Namespace) -> Table:
    """Each fault over many seeds; promised: always named with its number, and no unrelated risk at act."""
    rows, kept = [], True
    for fault in (CLEAN, *FAULT_NAMES):
        found = [reviewed(fault, arguments.requests, seed) for seed in range(1, arguments.seeds + 1)]
        named, numbered = sum(one.named for one in found), sum(one.numbered for one in found)
        strangers = Counter(name for one in found for name in one.unrelated)
        followed = Counter(name for one in found for name in one.follows)
        risk = "no risk at all" if fault == CLEAN else risk_of(fault)
        rows.append(
            (fault, risk, f"{len(found)}", f"{named}", f"{numbered}", _told(followed), _told(strangers))
        )
        kept = kept and named == numbered == len(found) and not strangers
    return Table(
        title=f"The risk that names each fault: {arguments.seeds} demos of {arguments.requests:,} requests",
        columns=(
            "fault",
            "named by",
            "demos",
            "named",
            "with its number",
            "follows from it",
            "unrelated at act",
        ),
        rows=rows,
        notes=(
            "Its number: the planted count stands in the evidence, or the planted size in its range.",
            "Of demos without a fault: any risk at act or watch.",
        ),
        kept=kept,
    )


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common()) or "none"


def reviewed(fault: str, requests: int, seed: int) -> Outcome:
    """A demo, written, read and judged by its click-through rate."""
    with tempfile.TemporaryDirectory() as name, temporary_pilot() as pilot:
        folder = Path(name)
        faults = () if fault == CLEAN else (fault,)
        write_demo(folder, requests=requests, seed=seed, lift=0.05, faults=faults)
        scenario = Scenario.of({"kpi": "ctr"})
        ingest_files(pilot, [folder / log for log in LOGS])
        review = evaluate(evidence_of(pilot, view_of(scenario)), scenario, as_of=AS_OF, flips=False)
        planted = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["faults"]
    return judged(fault, planted[0] if planted else {}, review)
