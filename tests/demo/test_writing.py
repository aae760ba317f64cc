"""What `demo` writes, where, and what it refuses."""

import hashlib
import json
import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from statistics import fmean, median

import pytest

from recsys_roi.demo import FAULT_NAMES, write_demo
from recsys_roi.errors import InputError, SettingError, UnknownNameError
from recsys_roi.logs.checking import errors_of

LOGS = ("exposures", "outcomes", "assignments")
KINDS = dict(zip(LOGS, ("exposure.v1", "outcome.v1", "assignment.v1"), strict=True))
FILES = {*(f"{log}.jsonl" for log in LOGS), "truth.json"}
SMALL = {"requests": 2000, "seed": 7, "lift": 0.05}
EVENT_TYPES = {"click", "conversion", "add_to_cart", "start", "complete", "dwell", "negative_feedback"}


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_arguments_give_the_same_bytes_and_another_seed_gives_others(tmp_path):
    for name, changes in (("one", {}), ("two", {}), ("three", {"seed": 8})):
        write_demo(tmp_path / name, **SMALL | changes)
    one, two, three = (contents(tmp_path / name) for name in ("one", "two", "three"))
    assert set(one) == FILES
    assert one == two
    assert all(one[name] != three[name] for name in FILES)


def test_every_line_keeps_its_contract(demo):
    small = demo(requests=3000)
    for log in LOGS:
        lines = small.lines(log)
        assert len(lines) == small.truth["lines"][f"{log}.jsonl"] > 0
        assert [error for line in lines for error in errors_of(KINDS[log], line)] == []


def test_requests_users_days_and_events_are_as_the_truth_says(demo):
    clean = demo(requests=8000)
    exposures, outcomes, assignments = (clean.rows(log) for log in LOGS)
    assert len(exposures) == len({row["request_id"] for row in exposures}) == 8000
    arms = {row["user_id"]: row["variant"] for row in assignments}
    assert Counter(arms.values()) == clean.truth["experiment"]["users"]
    assert {(row["user_id"], row["variant"]) for row in assignments} == set(arms.items())
    assert len({row["ts"][:10] for row in exposures}) == clean.truth["experiment"]["days"] == 14
    assert Counter(row["event_type"] for row in outcomes) == clean.truth["events"]


def test_logs_are_in_order_of_time_and_name_the_same_requests(demo):
    clean = demo(requests=8000)
    for log in LOGS:
        times = [row["ts"] for row in clean.rows(log)]
        assert times == sorted(times)
    shown = {row["request_id"]: row["user_id"] for row in clean.rows("exposures")}
    assert {row["request_id"]: row["user_id"] for row in clean.rows("assignments")} == shown
    assert all(shown[row["request_id"]] == row["user_id"] for row in clean.rows("outcomes"))


def test_people_act_on_items_that_were_shown_within_the_attribution_windows(demo):
    clean = demo(requests=8000)
    shown = {row["request_id"]: row for row in clean.rows("exposures")}
    windows = {"click": timedelta(hours=24)}
    for row in clean.rows("outcomes"):
        exposure = shown[row["request_id"]]
        assert row["item_id"] in {item["item_id"] for item in exposure["items"]}
        lag = datetime.fromisoformat(row["ts"]) - datetime.fromisoformat(exposure["ts"])
        assert timedelta(0) < lag <= windows.get(row["event_type"], timedelta(days=7))
        assert ("value" in row) == (row["event_type"] in {"conversion", "dwell"})


def by_item(rows, event_type):
    """{(request_id, item_id): times} of the events of one type."""
    found = defaultdict(list)
    for row in rows:
        if row["event_type"] == event_type:
            found[row["request_id"], row["item_id"]].append(datetime.fromisoformat(row["ts"]))
    return found


@pytest.mark.parametrize(
    ("event_type", "follows"),
    [("add_to_cart", "click"), ("conversion", "add_to_cart"), ("start", "click"), ("complete", "start")],
)
def test_each_step_follows_the_one_before_it_on_the_same_item(demo, event_type, follows):
    rows = demo(requests=8000).rows("outcomes")
    steps, before = by_item(rows, event_type), by_item(rows, follows)
    assert 0 < len(steps) < len(before)
    assert all(min(times) > min(before[item]) for item, times in steps.items())


def test_a_dwell_is_written_after_each_click_and_lasts_from_it_to_the_writing(demo):
    rows = demo(requests=8000).rows("outcomes")
    clicks, dwells = by_item(rows, "click"), by_item(rows, "dwell")
    assert {item: len(times) for item, times in dwells.items()} == {
        item: len(times) for item, times in clicks.items()
    }
    seconds = [row["value"] for row in rows if row["event_type"] == "dwell"]
    since = [
        (datetime.fromisoformat(row["ts"]) - clicks[row["request_id"], row["item_id"]][0]).total_seconds()
        for row in rows
        if row["event_type"] == "dwell"
    ]
    assert seconds == pytest.approx(since, abs=1e-6)
    assert min(seconds) > 0
    assert max(seconds) <= 900
    assert fmean(seconds) > 1.5 * median(seconds)  # a heavy tail


def test_every_event_type_of_the_contract_happens(demo):
    clean = demo(requests=8000)
    assert {row["event_type"] for row in clean.rows("outcomes")} == EVENT_TYPES == set(clean.truth["events"])


# SHA-256 of what was written before previews and dwell times were, which draw from streams of their own, but
# for the ids of sessions, which held those of users then.
WRITTEN_BEFORE = {
    (): {
        "exposures": "66c5e66e317d4cc03d2d5b29a52f58957c6a07690c24d648a80cfab475c76e07",
        "outcomes": "9446208b806d43d072c9290e6f799618286457dfdb7272b623e0993abe4f6406",
        "assignments": "5cf248d3c8c877dfb6fc38f301e31b24dbac9ee104eca85b2578e4a5aaa8e6d7",
    },
    FAULT_NAMES: {
        "exposures": "0c40b1f560004d05958259d3d8b7bdd75906577fba090e1d92af2e7168e30f40",
        "outcomes": "8152606e7762bec432d3884218cf7ca4a85979b28d50fb1761082d7b2267c005",
        "assignments": "a9f255e1000498cadb7068bff48c06e0a50b6d9672ead9e4e299d601a2735f6e",
    },
}
LATER_TYPES = {"start", "complete", "dwell", "play", "finish", "view_time"}  # the last three as drifted


@pytest.mark.parametrize("faults", WRITTEN_BEFORE, ids=["clean", "all faults"])
def test_previews_and_dwell_times_change_no_other_line(demo, faults):
    found = demo(*faults, requests=8000)
    for log, digest in WRITTEN_BEFORE[faults].items():
        lines = zip(found.lines(log), found.rows(log), strict=True)
        kept = [line + b"\n" for line, row in lines if row.get("event_type") not in LATER_TYPES]
        found_now = re.sub(rb'"session_id":"[^"]*"', b'"session_id":""', b"".join(kept))
        assert hashlib.sha256(found_now).hexdigest() == digest


def test_no_id_of_a_session_holds_that_of_its_user_and_each_is_one_users(demo):
    users = {}
    for row in demo(requests=8000).rows("exposures"):
        session = row["context"]["session_id"]
        assert row["user_id"] not in session
        assert users.setdefault(session, row["user_id"]) == row["user_id"]
    assert len(users) > len(set(users.values()))


def test_a_list_has_ten_different_items_ranked_from_one_or_none(demo):
    for row in demo(requests=8000).rows("exposures"):
        assert len({item["item_id"] for item in row["items"]}) == len(row["items"])
        assert [item["rank"] for item in row["items"]] in ([], list(range(1, 11)))


def test_each_arm_has_its_own_algorithm_and_every_guardrail_is_logged(demo):
    clean = demo(requests=8000)
    arms = {row["request_id"]: row["variant"] for row in clean.rows("assignments")}
    versions = {(arms[row["request_id"]], row["context"]["algo_version"]) for row in clean.rows("exposures")}
    assert len(versions) == len({version for _, version in versions}) == 2
    assert {row["error"] for row in clean.rows("exposures")} == {True, False}
    assert min(row["latency_ms"] for row in clean.rows("exposures")) > 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"requests": 999}, r"requests must be a whole number from 1,000 to 10,000,000; 999 was given"),
        ({"requests": 10_000_001}, "requests must be"),
        ({"seed": -1}, r"seed must be a whole number from 0 to .*; -1 was given"),
        ({"lift": -0.91}, r"lift must be a relative lift from -0\.9 to 1\.5"),
        ({"lift": 1.51}, "lift must be"),
        ({"lift": float("nan")}, "lift must be"),
        ({"pre_days": -1}, r"pre_days must be a whole number from 0 to 28; -1 was given"),
        ({"pre_days": 29}, "pre_days must be"),
    ],
)
def test_settings_out_of_range_are_refused_and_nothing_is_written(tmp_path, changes, said):
    with pytest.raises(SettingError, match=said):
        write_demo(tmp_path / "demo", **SMALL | changes)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lift", [-0.9, 0.0, 1.5])
def test_the_ends_of_the_range_of_lifts_are_written(tmp_path, lift):
    write_demo(tmp_path, **SMALL | {"lift": lift})
    assert json.loads((tmp_path / "truth.json").read_text())["kpis"]["ctr"]["relative_lift"] == lift


def test_an_unknown_fault_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(UnknownNameError, match=f"Unknown fault 'gremlin'. Known: {', '.join(FAULT_NAMES)}"):
        write_demo(tmp_path / "demo", **SMALL, faults=("srm", "gremlin"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "there",
    [
        {"notes.txt": "mine"},
        {"exposures.jsonl": "mine"},
        {"exposures.jsonl": "mine", "truth.json": "{}"},
        {"truth.json": "not JSON"},
        {"truth.json": '{"made_by": "recsys-roi demo"}', "other.jsonl": "mine"},
    ],
)
def test_a_directory_with_other_files_is_left_as_it_is(tmp_path, there):
    for name, text in there.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=r"not a former demo.*Give a new or empty directory"):
        write_demo(tmp_path, **SMALL)
    assert contents(tmp_path) == {name: text.encode() for name, text in there.items()}


def test_a_former_demo_is_written_anew_and_files_out_of_sight_stay(tmp_path):
    (tmp_path / ".keep").write_text("mine")
    write_demo(tmp_path, **SMALL | {"seed": 1}, faults=("srm",))
    former = contents(tmp_path)
    write_demo(tmp_path, **SMALL)
    write_demo(tmp_path / "fresh", **SMALL)
    fresh = contents(tmp_path / "fresh")
    assert former["exposures.jsonl"] != fresh["exposures.jsonl"]
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == fresh
    assert (tmp_path / ".keep").read_text() == "mine"


def test_a_file_in_place_of_the_directory_is_said(tmp_path):
    (tmp_path / "demo").write_text("mine")
    with pytest.raises(InputError, match=r"demo is a file\. Give a directory"):
        write_demo(tmp_path / "demo", **SMALL)


def test_a_write_that_fails_leaves_no_half_of_a_demo(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    write_demo(tmp_path, **SMALL)
    former = contents(tmp_path)
    monkeypatch.setitem(write_demo.__globals__["LOGS"], "outcomes.jsonl", full)
    with pytest.raises(OSError, match="No space left"):
        write_demo(tmp_path, **SMALL | {"seed": 9})
    assert contents(tmp_path) == former
