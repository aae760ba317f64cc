"""Rows of small pilots drawn by hypothesis, and reading them as evidence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from recsys_roi.evidence.view import View
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot

START = datetime(2026, 3, 2, tzinfo=UTC)
EVENTS = ("click", "conversion", "add_to_cart", "start", "complete", "dwell", "negative_feedback")
LAGS = (-1, 0, 1, 23, 24, 25, 168, 169)


def stamp(hours: float) -> str:
    """RFC 3339 time so many hours after the start."""
    return (START + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def hour(ts: str) -> float:
    """Hours after the start of such a time."""
    return (datetime.fromisoformat(ts) - START) / timedelta(hours=1)


@st.composite
def pilots(draw):
    """Rows of a small pilot: repeats, two-arm users, strangers, outcomes out of time, earlier exposures."""
    exposures, outcomes, assignments = [], [], []
    for user in range(draw(st.integers(4, 9))):
        arms = draw(st.sampled_from([["a"], ["b"], ["a"], ["b"], ["a", "b"]]))
        in_sessions = draw(st.booleans())
        for visit in range(draw(st.integers(1, 5))):
            at = draw(st.integers(0, 400)) + draw(st.sampled_from([0, 0.25, 0.75]))
            exposure = draw(_exposures(f"r{user}-{visit}", f"u{user}", at, in_sessions))
            exposures.append(exposure)
            if draw(st.integers(0, 5)) == 0:
                exposures.append({**exposure, "ts": stamp(at + 5), "items": []})
            if draw(st.integers(0, 4)):
                assignment = {"experiment_id": "e", "variant": arms[visit % len(arms)]}
                assignments.append(
                    assignment | {name: exposure[name] for name in ("request_id", "user_id", "ts")}
                )
            outcomes += draw(_outcomes(exposure, at))
    return exposures, outcomes, assignments


@st.composite
def _exposures(draw, request, user, at, in_sessions):
    context = {"surface": "home", "device": draw(st.sampled_from(["phone", "desk"]))}
    if in_sessions:
        context["session_id"] = draw(st.sampled_from(["s1", "s2"]))
    if draw(st.booleans()):
        context["position"] = draw(st.sampled_from(["1", "2", "3"]))
    logged = draw(
        st.fixed_dictionaries(
            {"items": st.sampled_from([[], [{"item_id": "i", "rank": 1}]])},
            optional={"error": st.booleans(), "latency_ms": st.sampled_from([20, 500, 501, 900.5])},
        )
    )
    return {"request_id": request, "user_id": user, "ts": stamp(at), "context": context, **logged}


@st.composite
def _outcomes(draw, exposure, at):
    found = []
    for event in draw(st.lists(st.sampled_from(EVENTS), max_size=4)):
        outcome = {
            "request_id": exposure["request_id"] if draw(st.integers(0, 9)) else "lost",
            "user_id": exposure["user_id"] if draw(st.integers(0, 9)) else "stranger",
            "item_id": "i",
            "event_type": event,
            "ts": stamp(at + draw(st.sampled_from(LAGS))),
        }
        if draw(st.integers(0, 3)):
            outcome["value"] = draw(st.sampled_from([0.1, 2.5, 19.99]))
        found += [outcome] * draw(st.sampled_from([1, 1, 2]))
    return found


def read(rows_by_kind, tmp_path, **view):
    """The evidence of one view of the rows (exposures, outcomes, assignments)."""
    return read_views(rows_by_kind, tmp_path, View(**view))[0]


def read_views(rows_by_kind, tmp_path, *views):
    """The evidence of several views of the same rows."""
    with temporary_pilot() as pilot:
        paths = []
        for name, rows in zip(("exposures", "outcomes", "assignments"), rows_by_kind, strict=True):
            if rows:
                path = tmp_path / f"{name}.jsonl"
                path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
                paths.append(path)
        ingest_files(pilot, paths)
        return [evidence_of(pilot, view) for view in views]
