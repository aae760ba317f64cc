"""Slices: what may be one, what is taken together, and what a declared key counts."""

from __future__ import annotations

import pytest

from recsys_roi.errors import InputError, UnknownNameError
from tests.evidence.rows import read, stamp


def pilot(contexts):
    """One request for each (user, context), alternating arms by user."""
    exposures, assignments = [], []
    for number, (user, context) in enumerate(contexts):
        row = {"request_id": f"r{number}", "user_id": f"u{user}", "ts": stamp(number)}
        exposures.append(row | {"items": [{"item_id": "i", "rank": 1}], "context": context})
        assignments.append(row | {"experiment_id": "e", "variant": "ab"[user % 2]})
    outcome = {"item_id": "i", "event_type": "click", "ts": stamp(0), "request_id": "r0", "user_id": "u0"}
    return exposures, [outcome], assignments


def users(evidence):
    return {part.value: part.users.control + part.users.candidate for part in evidence.slices}


def test_the_value_at_the_first_exposure_counts_where_no_key_was_declared(tmp_path):
    rows = pilot([(0, {"device": "phone"}), (1, {"device": "desk"}), (0, {"device": "desk"})])
    evidence = read(rows, tmp_path)
    assert users(evidence) == {"phone": 1, "desk": 1}
    assert [(key.key, key.of) for key in evidence.slice_keys] == [("device", "user")]


def test_a_declared_key_is_read_from_each_request(tmp_path):
    rows = pilot([(0, {"device": "phone"}), (1, {"device": "desk"}), (0, {"device": "desk"})])
    evidence = read(rows, tmp_path, slice_keys=("device",))
    assert users(evidence) == {"phone": 1, "desk": 2}
    assert [(key.key, key.of) for key in evidence.slice_keys] == [("device", "request")]


def test_a_first_exposure_without_the_key_is_a_slice_of_its_own(tmp_path):
    rows = pilot([(0, {}), (1, {"device": "desk"}), (0, {"device": "desk"}), (2, {"device": "phone"})])
    assert users(read(rows, tmp_path)) == {"desk": 1, "phone": 1, "(not set)": 1}


def test_more_than_ten_values_are_taken_together_and_said(tmp_path):
    contexts = [(user, {"city": f"c{user % 13:02}"}) for user in range(13 * 4)]
    contexts += [(100 + user, {"city": f"c{user % 10:02}"}) for user in range(20)]
    evidence = read(pilot(contexts), tmp_path)
    found = users(evidence)
    assert len(found) == 11
    assert found["other (3 values)"] == 12
    assert {value for value in found if value.startswith("c")} == {f"c{number:02}" for number in range(10)}
    (key,) = evidence.slice_keys
    assert (key.values, key.grouped) == (13, 3)


def test_keys_with_one_value_and_keys_that_mean_something_else_are_no_slices(tmp_path):
    context = {"surface": "home", "algo_version": "1", "session_id": "s", "tenant_id": "t"}
    rows = pilot([(0, context), (1, context | {"algo_version": "2", "session_id": "z"})])
    assert read(rows, tmp_path).slices == ()


@pytest.mark.parametrize("key", ["algo_version", "config_version", "rules_version"])
def test_a_version_is_the_treatment_and_never_a_slice(tmp_path, key):
    rows = pilot([(0, {key: "1"}), (1, {key: "2"})])
    with pytest.raises(InputError, match=f"slice_keys cannot name {key}: a version is the treatment itself"):
        read(rows, tmp_path, slice_keys=(key,))


def test_an_unknown_key_is_said_with_the_known_ones(tmp_path):
    rows = pilot([(0, {"device": "phone"}), (1, {"device": "desk"})])
    with pytest.raises(UnknownNameError, match=r"Unknown slice key 'devices'\. Known: device, day\."):
        read(rows, tmp_path, slice_keys=("devices",))


def test_a_key_with_too_many_values_is_refused_with_its_count(tmp_path):
    rows = pilot([(user, {"page": f"p{user}"}) for user in range(1001)])
    with pytest.raises(InputError, match=r"page: it has 1,001 different values"):
        read(rows, tmp_path, slice_keys=("page",))


def test_days_are_all_named(tmp_path):
    contexts = [(number % 2, {}) for number in range(24 * 13)]
    evidence = read(pilot(contexts), tmp_path, slice_keys=("day",))
    assert list(users(evidence).values()) == [2] * 13
    assert [part.value for part in evidence.slices] == [f"2026-03-{day:02}" for day in range(2, 15)]
