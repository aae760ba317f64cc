"""Drift against plain Python over the same rows: days, mixes, versions, names, rejects by day."""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from recsys_roi.evidence.drift_facts import NameDays, NewName, RejectDay
from recsys_roi.evidence.view import View
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot

START = datetime(2026, 3, 2, tzinfo=UTC)
FIRST_DAY = (START - datetime(1970, 1, 1, tzinfo=UTC)).days
USERS = 60
PER_DAY = 4  # requests of each user, six hours apart


def exposures(days, context=lambda user, at: {}, more=lambda user, at: {}):
    """Every user asks four times a day; even users are in the control."""
    rows = []
    for hours in range(0, 24 * days, 24 // PER_DAY):
        for user in range(USERS):
            at = START + timedelta(hours=hours, seconds=user)
            rows.append(
                {
                    "request_id": f"r{user}-{hours}",
                    "user_id": f"u{user:03}",
                    "ts": at.isoformat(),
                    "items": [{"item_id": "i", "rank": 1}],
                    "latency_ms": 100.0,
                    "error": False,
                    "context": {"surface": "home", **context(user, hours / 24)},
                    **more(user, hours / 24),
                }
            )
    return rows


def assignments(rows):
    return [
        {
            "experiment_id": "e",
            "variant": "candidate" if int(row["user_id"][1:]) % 2 else "control",
            **{name: row[name] for name in ("request_id", "user_id", "ts")},
        }
        for row in rows
    ]


def read(folder, shown, outcomes=(), view=None):
    """The evidence of logs; a text among the exposures is written as it is."""
    good = [row for row in shown if not isinstance(row, str)]
    logs = {"exposures": shown, "assignments": assignments(good), "outcomes": outcomes}
    paths = []
    for name, rows in logs.items():
        if rows:
            paths.append(folder / f"{name}.jsonl")
            lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
            paths[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    with temporary_pilot() as pilot:
        ingest_files(pilot, paths)
        return evidence_of(pilot, view or View())


def is_candidate(user):
    return user % 2 == 1


def test_days_of_each_arm_are_what_plain_python_counts(tmp_path):
    def more(user, at):
        found = {"latency_ms": 50.0 + user + 10 * at}
        if user % 5 == 0:
            found["error"] = at >= 2
        if user % 7 == 0 and at >= 1:
            found["items"] = []
        return found

    rows = exposures(4, more=more)
    drift = read(tmp_path, rows).drift
    assert drift.first_day == FIRST_DAY
    for arm in drift.arms:
        for day in range(4):
            mine = [
                row
                for row in rows
                if row["ts"].startswith(f"2026-03-0{2 + day}")
                and is_candidate(int(row["user_id"][1:])) == (arm.arm == "candidate")
            ]
            logs = [math.log(row["latency_ms"]) for row in mine]
            assert arm.requests[day] == arm.timed[day] == arm.error_logged[day] == len(mine) == 120
            assert arm.errors[day] == sum(row["error"] for row in mine)
            assert arm.empties[day] == sum(not row["items"] for row in mine)
            assert arm.log_latency[day] == pytest.approx(sum(logs))
            assert arm.log_latency_squares[day] == pytest.approx(sum(log * log for log in logs))


def test_what_is_not_logged_is_not_counted_as_good(tmp_path):
    rows = [{name: row[name] for name in row if name not in ("error", "latency_ms")} for row in exposures(2)]
    for arm in read(tmp_path, rows).drift.arms:
        assert arm.error_logged == arm.timed == (0, 0)
        assert arm.requests == (120, 120)


def test_a_mix_is_of_the_users_own_first_values(tmp_path):
    def context(user, at):
        return {"segment": "new" if user < 15 else "old", **({"device": "phone"} if user % 3 == 0 else {})}

    # The first fifteen users stop after a day.
    rows = [
        row
        for row in exposures(3, context)
        if int(row["user_id"][1:]) >= 15 or row["ts"].startswith("2026-03-02")
    ]
    (mix,) = (mix for mix in read(tmp_path, rows).drift.mixes if mix.key == "segment")
    expected = Counter((row["ts"][:10], row["context"]["segment"]) for row in rows)
    assert mix.values == ("old", "new")
    assert mix.by_day == tuple(
        (expected[day, "old"], expected[day, "new"]) for day in ("2026-03-02", "2026-03-03", "2026-03-04")
    )


def steps(folder, version, more=lambda user, at: {}, days=10, key="rules_version"):
    rows = exposures(days, lambda user, at: {key: version(user, at)}, more)
    return read(folder, rows).drift


def test_one_version_an_arm_is_no_step(tmp_path):
    drift = steps(tmp_path, lambda user, at: "b" if is_candidate(user) else "a")
    assert drift.versions == ("rules_version",)
    assert drift.steps == ()


def test_a_publish_is_compared_with_the_days_before_it(tmp_path):
    def version(user, at):
        return "a" if not is_candidate(user) else "v1" if at < 5 else "v2"

    def more(user, at):
        return {
            "error": is_candidate(user) and at >= 5 and user % 3 == 0,
            "latency_ms": 200 if at >= 5 else 100,
        }

    (step,) = steps(tmp_path, version, more).steps
    assert (step.arm, step.key, step.before, step.after) == ("candidate", "rules_version", "v1", "v2")
    assert step.at == START + timedelta(days=5)
    before, after = step.errors
    assert (before.n, before.sx, before.sy) == (30, 30 * PER_DAY * 3, 0)
    failing = sum(is_candidate(user) and user % 3 == 0 for user in range(USERS))
    assert (after.n, after.sx, after.sy) == (30, 30 * PER_DAY * 3, failing * PER_DAY * 3)
    assert (after.syy, after.sxy) == (failing * (PER_DAY * 3) ** 2,) * 2
    low, high = (side.ratio for side in step.log_latency)
    assert math.exp(high - low) == pytest.approx(2.0)
    assert [side.sy for side in step.empties] == [0, 0]


def test_a_rollback_is_a_step_of_its_own(tmp_path):
    found = steps(tmp_path, lambda user, at: "bad" if 3 <= at < 6 else "good").steps
    told = [(step.arm, step.before, step.after, (step.at - START).days) for step in found]
    assert told == [
        ("candidate", "good", "bad", 3),
        ("control", "good", "bad", 3),
        ("candidate", "bad", "good", 6),
        ("control", "bad", "good", 6),
    ]
    assert {step.empties[1].sx for step in found if step.after == "bad"} == {30 * PER_DAY * 3}


def test_versions_served_side_by_side_are_no_steps(tmp_path):
    assert steps(tmp_path, lambda user, at: f"for-{user % 4}").steps == ()


def test_a_canary_of_a_few_requests_is_no_publish(tmp_path):
    assert steps(tmp_path, lambda user, at: "canary" if at == 4 and user < 20 else "v1").steps == ()


def test_only_versions_in_the_view_are_steps(tmp_path):
    rows = exposures(10, lambda user, at: {"algo_version": "v1" if at < 5 else "v2"})
    drift = read(tmp_path, rows, view=View(start=START + timedelta(days=6))).drift
    assert drift.steps == ()
    assert drift.first_day == FIRST_DAY + 6


def test_names_are_dated(tmp_path):
    rows = exposures(6, lambda user, at: {"page": "1"} if at >= 4 else {})
    clicks = [
        {
            **{name: row[name] for name in ("request_id", "user_id", "ts")},
            "item_id": "i",
            "event_type": "click",
        }
        for row in rows
        if row["ts"] < "2026-03-04"
    ]
    drift = read(tmp_path, rows, clicks).drift
    per_day = USERS * PER_DAY
    assert drift.exposures_by_day == tuple((FIRST_DAY + day, per_day) for day in range(6))
    assert drift.names == (
        NameDays(
            kind="context key",
            name="page",
            lines=2 * per_day,
            first_day=FIRST_DAY + 4,
            last_day=FIRST_DAY + 5,
        ),
        NameDays(
            kind="context key", name="surface", lines=6 * per_day, first_day=FIRST_DAY, last_day=FIRST_DAY + 5
        ),
        NameDays(
            kind="event type", name="click", lines=2 * per_day, first_day=FIRST_DAY, last_day=FIRST_DAY + 1
        ),
    )


def test_rejected_lines_stand_on_the_day_of_their_neighbours(tmp_path):
    rows = exposures(4)
    day = USERS * PER_DAY
    written = [*rows[: 2 * day], "{broken", *rows[2 * day : 3 * day]]
    written += [json.dumps({**row, "host": "edge", "request_id": f"x{n}"}) for n, row in enumerate(rows[-7:])]
    written += rows[3 * day :]
    drift = read(tmp_path, written).drift
    assert drift.new_names == (NewName(kind="key", name="host", lines=7),)
    assert drift.reject_days == tuple(
        RejectDay(kind="exposure.v1", day=FIRST_DAY + number, accepted=day, rejected=rejected)
        for number, rejected in enumerate((0, 1, 7, 0))
    )


def test_rejects_of_a_file_that_is_not_in_the_order_of_days_are_dated_on_no_day(tmp_path):
    rows = exposures(4)
    shuffled = [row for start in range(7) for row in rows[start::7]]
    drift = read(tmp_path, [*shuffled, "{broken"]).drift
    assert drift.reject_days == ()


def test_a_clean_pilot_has_no_rejects(tmp_path):
    drift = read(tmp_path, exposures(2)).drift
    assert (drift.reject_days, drift.new_names) == ((), ())
