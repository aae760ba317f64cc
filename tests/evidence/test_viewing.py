"""Evidence against a second way: plain Python over the same rows, following contracts.md 4 and 5."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys_roi.errors import InputError, UnknownNameError
from recsys_roi.evidence.sums import Sums
from recsys_roi.evidence.view import View
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot

START = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = {"click": 24, "conversion": 168}


def stamp(hours: float) -> str:
    return (START + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


@st.composite
def pilots(draw):
    """Rows of a small pilot with repeats, two-arm users, strangers' outcomes and outcomes out of time."""
    exposures, outcomes, assignments = [], [], []
    for user in range(draw(st.integers(4, 9))):
        arms = draw(st.sampled_from([["a"], ["b"], ["a"], ["b"], ["a", "b"]]))
        for visit in range(draw(st.integers(1, 4))):
            request, at = f"r{user}-{visit}", draw(st.integers(0, 300))
            exposure = {
                "request_id": request,
                "user_id": f"u{user}",
                "ts": stamp(at),
                "items": [{"item_id": "i", "rank": 1}] if draw(st.booleans()) else [],
                "context": {"surface": "home", "device": draw(st.sampled_from(["phone", "desk"]))},
            }
            if draw(st.booleans()):
                exposure["error"] = draw(st.booleans())
            exposures.append(exposure)
            if draw(st.integers(0, 5)) == 0:
                exposures.append({**exposure, "ts": stamp(at + 5), "items": []})
            assignments.append(
                {
                    "experiment_id": "e",
                    "variant": arms[visit % len(arms)],
                    "request_id": request,
                    "user_id": f"u{user}",
                    "ts": stamp(at),
                }
            )
            for event in draw(st.lists(st.sampled_from(["click", "conversion"]), max_size=3)):
                outcome = {
                    "request_id": request if draw(st.integers(0, 9)) else f"lost-{user}",
                    "user_id": f"u{user}" if draw(st.integers(0, 9)) else "stranger",
                    "item_id": "i",
                    "event_type": event,
                    "ts": stamp(at + draw(st.sampled_from([-1, 0, 1, 23, 24, 25, 168, 169]))),
                    "value": draw(st.sampled_from([0.1, 2.5, 19.99])),
                }
                outcomes += [outcome] * draw(st.sampled_from([1, 1, 2]))
    return exposures, outcomes, assignments


def read(rows_by_kind, tmp_path, **view):
    with temporary_pilot() as pilot:
        paths = []
        for name, rows in zip(("exposures", "outcomes", "assignments"), rows_by_kind, strict=True):
            if rows:
                path = tmp_path / f"{name}.jsonl"
                path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
                paths.append(path)
        ingest_files(pilot, paths)
        return evidence_of(pilot, View(**view))


def by_hand(exposures, outcomes, assignments):
    """Per-user (requests, clicked requests, converted, revenue, errors, logged errors, empties) by arm."""
    first = {}
    for exposure in sorted(exposures, key=lambda row: row["ts"]):
        first.setdefault(exposure["request_id"], exposure)
    arms = defaultdict(set)
    for row in assignments:
        arms[row["user_id"]].add(row["variant"])
    arm_of = {row["request_id"]: row["variant"] for row in assignments if len(arms[row["user_id"]]) == 1}
    users = {"a": defaultdict(lambda: [0] * 7), "b": defaultdict(lambda: [0] * 7)}
    clicked = set()
    for request, exposure in first.items():
        if request in arm_of:
            row = users[arm_of[request]][exposure["user_id"]]
            row[0] += 1
            row[4] += exposure.get("error") is True
            row[5] += "error" in exposure
            row[6] += not exposure["items"]
    for outcome in {json.dumps(row, sort_keys=True): row for row in outcomes}.values():
        exposure = first.get(outcome["request_id"])
        if exposure is None or outcome["request_id"] not in arm_of or exposure["user_id"] != outcome["user_id"]:
            continue
        lag = datetime.fromisoformat(outcome["ts"]) - datetime.fromisoformat(exposure["ts"])
        if not timedelta(0) <= lag <= timedelta(hours=HOURS[outcome["event_type"]]):
            continue
        row = users[arm_of[outcome["request_id"]]][outcome["user_id"]]
        if outcome["event_type"] == "click" and outcome["request_id"] not in clicked:
            clicked.add(outcome["request_id"])
            row[1] += 1
        if outcome["event_type"] == "conversion":
            row[2] = 1
            row[3] += outcome["value"]
    return users


def assert_same(found: Sums, rows, y, x):
    expected = Sums.of_users([row[y] for row in rows], [1.0 if x is None else row[x] for row in rows])
    assert found.n == expected.n
    for name in ("sy", "sx", "syy", "sxx", "sxy"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-12, abs=1e-12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pilots())
def test_evidence_is_what_plain_python_counts(tmp_path, rows):
    exposures, outcomes, assignments = rows
    users = by_hand(*rows)
    if {row["variant"] for row in assignments} != {"a", "b"}:
        with pytest.raises(InputError):
            read(rows, tmp_path)
        return
    evidence = read(rows, tmp_path)
    for arm, name in (("control", "a"), ("candidate", "b")):
        mine = list(users[name].values())
        assert getattr(evidence.users, arm) == len(mine)
        for kpi, y, x in (("ctr", 1, 0), ("conversion_rate", 2, None), ("revenue_per_request", 3, 0)):
            assert_same(getattr(evidence.kpis[kpi].sums, arm), mine, y, x)
        assert_same(getattr(evidence.rates["empty_rate"].sums, arm), mine, 6, 0)
        if evidence.rates["error_rate"].sums is not None:
            assert_same(
                getattr(evidence.rates["error_rate"].sums, arm), [row for row in mine if row[5]], 4, 5
            )
    assert evidence.facts.joins.exposures == len({row["request_id"] for row in exposures})
    assert evidence.facts.joins.exposure_lines == len(exposures)
    assert evidence.facts.joins.outcome_lines == len(outcomes)


def outcome(request, hours, event="click", value=None):
    row = {"request_id": request, "user_id": "u" + request, "item_id": "i", "event_type": event, "ts": stamp(hours)}
    return row if value is None else {**row, "value": value}


def two_users():
    exposures = [
        {"request_id": name, "user_id": "u" + name, "ts": stamp(at), "items": [{"item_id": "i", "rank": 1}]}
        for name, at in (("1", 0), ("2", 0), ("3", 100), ("4", 100))
    ]
    assignments = [
        {"experiment_id": "e", "variant": arm, "request_id": name, "user_id": "u" + name, "ts": stamp(0)}
        for name, arm in (("1", "a"), ("2", "b"), ("3", "a"), ("4", "b"))
    ]
    return exposures, assignments


def test_money_counts_mature_requests_only_and_window_ends_are_inclusive(tmp_path):
    exposures, assignments = two_users()
    outcomes = [outcome("1", 168, "conversion", 5.0), outcome("3", 110, "conversion", 7.0)]
    evidence = read((exposures, outcomes, assignments), tmp_path)
    revenue = evidence.kpis["revenue_per_request"]
    assert revenue.sums.control.sy == 12.0
    # The newest event is at hour 168, so only requests up to hour 0 are seven days old.
    assert revenue.mature.control.sy == 5.0
    assert revenue.mature.control.n == 1
    assert revenue.mature_share == 0.5
    assert (revenue.numerator_total, revenue.requests_total) == (5.0, 1)


def test_without_any_mature_request_money_counts_all(tmp_path):
    exposures, assignments = two_users()
    evidence = read((exposures, [outcome("1", 1, "conversion", 5.0)], assignments), tmp_path)
    revenue = evidence.kpis["revenue_per_request"]
    assert revenue.mature.control.n == 0
    assert (revenue.numerator_total, revenue.requests_total) == (5.0, 2)


def test_errors_written_only_when_true_are_not_read_as_a_rate(tmp_path):
    exposures, assignments = two_users()
    exposures[0]["error"] = True
    evidence = read((exposures, [outcome("1", 1)], assignments), tmp_path)
    assert evidence.rates["error_rate"].sums is None
    assert evidence.rates["error_rate"].reason == "error_only_when_true"


def test_a_kpi_without_its_event_is_not_logged(tmp_path):
    exposures, assignments = two_users()
    evidence = read((exposures, [outcome("1", 1)], assignments), tmp_path)
    assert {name: kpi.logged for name, kpi in evidence.kpis.items()} == {
        "revenue_per_request": False,
        "conversion_rate": False,
        "ctr": True,
    }


def test_conversions_without_value_are_no_revenue_but_a_conversion_rate(tmp_path):
    exposures, assignments = two_users()
    evidence = read((exposures, [outcome("1", 1, "conversion")], assignments), tmp_path)
    assert not evidence.kpis["revenue_per_request"].logged
    assert evidence.kpis["conversion_rate"].sums.control.sy == 1.0


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ({"experiment": "x"}, "Unknown experiment 'x'. Known: e."),
        ({"control": "zz"}, "Unknown control variant 'zz'. Known: a, b."),
        ({"candidate": "zz"}, "Unknown candidate variant 'zz'. Known: a, b."),
        ({"surface": "home"}, "Unknown surface 'home'. Known: none."),
    ],
)
def test_unknown_names_are_said_with_the_known_ones(tmp_path, view, said):
    exposures, assignments = two_users()
    with pytest.raises(UnknownNameError, match=said.replace(".", r"\.")):
        read((exposures, [outcome("1", 1)], assignments), tmp_path, **view)


def test_no_assignments_is_said(tmp_path):
    exposures, _ = two_users()
    with pytest.raises(InputError, match=r"no assignments.*assignment\.v1"):
        read((exposures, [outcome("1", 1)], []), tmp_path)


def test_names_that_were_chosen_are_noted(tmp_path):
    exposures, assignments = two_users()
    evidence = read((exposures, [outcome("1", 1)], assignments), tmp_path)
    assert (evidence.control, evidence.candidate) == ("a", "b")
    assert evidence.notes == (
        "control = a (by its name; not given)",
        "candidate = b (the other variant; not given)",
    )


def test_personal_data_in_ids_and_context_is_found_and_masked(tmp_path):
    exposures, assignments = two_users()
    exposures[0]["user_id"] = "jane.doe@example.org"
    exposures[1]["context"] = {"note": "+44 20 7946 0958"}
    exposures[2]["user_id"] = "Jane Doe"
    evidence = read((exposures, [outcome("4", 101)], assignments), tmp_path)
    found = {(f.field, f.pattern): f for f in evidence.facts.personal_data}
    assert set(found) == {("user_id", "e-mail"), ("context.note", "phone"), ("user_id", "full name")}
    shown = " ".join(f.example for f in found.values())
    assert "jane" not in shown.lower()
    assert "7946" not in shown
