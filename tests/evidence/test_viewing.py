"""Evidence of small pilots: what counts, what is left out, and what is said."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import md5

import pytest

from recsys_roi.errors import InputError, UnknownNameError
from recsys_roi.evidence import privacy_scan
from recsys_roi.review.evaluate import evaluate
from recsys_roi.value.scenario import Scenario
from tests.evidence.rows import START, read, stamp


def outcome(request, hours, event="click", value=None):
    row = {
        "request_id": request,
        "user_id": "u" + request,
        "item_id": "i",
        "event_type": event,
        "ts": stamp(hours),
    }
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


def test_exposures_before_their_users_assignment_are_a_past_and_later_ones_a_gap(tmp_path):
    exposures, assignments = two_users()

    def shown(request, user, hours):
        return {"request_id": request, "user_id": user, "ts": stamp(hours), "items": []}

    past = [shown("p1", "u1", -24), shown("p2", "u1", -0.5), shown("p3", "stranger", -1)]
    gaps = [shown("g1", "u1", 0), shown("g2", "u2", 5), shown("g3", "stranger", 0)]
    late = {**assignments[2], "request_id": "5", "user_id": "u5", "ts": stamp(50)}
    joined = [shown("5", "u5", 50), shown("p4", "u5", 49)]  # not in the experiment before hour 50
    evidence = read(([*exposures, *past, *gaps, *joined], [], [*assignments, late]), tmp_path)
    assert evidence.facts.experiment.exposures_before == 4
    assert evidence.facts.experiment.exposures_unassigned == 3
    assert evidence.start == START


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
    assert {name for name, kpi in evidence.kpis.items() if kpi.logged} == {
        "ctr",
        "clicks_per_request",
        "return_rate",
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


def test_personal_data_in_the_context_of_assignments_is_found_too(tmp_path):
    exposures, assignments = two_users()
    assignments[0]["context"] = {"owner": "jane.doe@example.org"}
    facts = read((exposures, [outcome("1", 1)], assignments), tmp_path).facts
    assert [(f.field, f.pattern, f.values) for f in facts.personal_data] == [("context.owner", "e-mail", 1)]


def test_a_field_with_very_many_values_is_sampled_the_same_way_each_time(tmp_path, monkeypatch):
    monkeypatch.setattr(privacy_scan, "MOST_SCANNED", 50)
    addresses = [f"user{number}@example.org" for number in range(400)]
    shared = [
        {"request_id": str(number), "user_id": user, "ts": stamp(number / 10)}
        for number, user in enumerate(addresses)
    ]
    exposures = [{**row, "items": [{"item_id": "i", "rank": 1}]} for row in shared]
    assignments = [
        {**row, "experiment_id": "e", "variant": "ab"[number % 2]} for number, row in enumerate(shared)
    ]
    facts = read((exposures, [outcome("1", 1)], assignments), tmp_path).facts
    sampled = [
        user
        for user in addresses
        if int(md5(user.encode(), usedforsecurity=False).hexdigest()[:8], 16) < 2**32 * 50 // 401
    ]
    (found,) = facts.personal_data  # user_id has 401 values: the outcome's user too
    assert (found.field, found.pattern, found.values) == ("user_id", "e-mail", len(sampled))
    assert 30 < len(sampled) < 70
    assert facts.personal_data_held > 800  # users, requests, and the few values of the small fields
    assert facts.personal_data_values < 160


def test_a_window_without_requests_has_no_users_and_says_so(tmp_path):
    exposures, assignments = two_users()
    after = datetime(2027, 1, 1, tzinfo=UTC)
    evidence = read((exposures, [outcome("1", 1)], assignments), tmp_path, start=after)
    assert (evidence.users.control, evidence.days, evidence.start) == (0, 0, None)
    assert evidence.kpis["ctr"].sums.control.n == 0
    found = evaluate(evidence, Scenario.of({"start": after}), as_of=after)
    assert found.primary is not None
    assert (found.primary.status, found.primary.reason) == ("not_measurable", "no_users")
    assert found.decision.decision == "hold"
