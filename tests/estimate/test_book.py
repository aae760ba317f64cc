"""Every expected key of the numbers book's cases of sections 0 to 7 and 10."""

from __future__ import annotations

import pytest

from tests.estimate.book import NOT_IN_THE_PRODUCT, measure
from tests.fixtures import Case, case, close, informational, section

SECTIONS = ("S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S10")
CASES = [one for name in SECTIONS for one in section(name)]
AGREEMENT = {"rel": 1e-4, "abs": 0.0}  # the cases' own note, of routes that count the far tail as well
OTHER_ROUTES = {"users_per_arm", "users_total_tea_tasting_ceil"}
KEYS = [
    pytest.param(one, key, id=f"{one.id}-{key}")
    for one in CASES
    for key in one.expected
    if not informational(key) and key not in NOT_IN_THE_PRODUCT
]


@pytest.mark.parametrize(("one", "key"), KEYS)
def test_book(one: Case, key: str) -> None:
    got, expected = measure(one)[key], one.expected[key]
    assert close(got, expected, AGREEMENT if key in OTHER_ROUTES else one.tolerance), (
        f"{got} is not {expected}"
    )


def test_no_case_is_forgotten() -> None:
    assert [one.id for one in CASES if not measure(one)] == []
    assert len(CASES) == 40
    assert len(KEYS) == 270


def test_what_is_left_out_is_expected_somewhere() -> None:
    expected = {key for one in CASES for key in one.expected}
    assert set(NOT_IN_THE_PRODUCT) <= expected
    assert {key for key in expected if informational(key)} == {
        "bootstrap_se_info",
        "gbstats_ci",
        "gbstats_diff",
        "gbstats_theta_within",
    }


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_nothing_is_measured_that_no_case_expects(one: Case) -> None:
    assert set(measure(one)) <= set(one.expected)


@pytest.mark.parametrize(
    ("got", "expected", "same"),
    [
        (1.0 + 1e-9, 1.0, True),
        (1.0 + 1e-7, 1.0, False),
        (float("inf"), "inf", True),
        (1.0, "inf", False),
        (float("nan"), 1.0, False),
        (True, 1, False),
        (1, True, False),
        (None, None, True),
        ([1.0, 2.0], [1.0], False),
        ({"a": 1.0, "b": 2.0}, {"a": 1.0}, True),
        ({"b": 2.0}, {"a": 1.0}, False),
        ("pass", "warn", False),
    ],
)
def test_rule_of_the_fixtures(got: object, expected: object, same: bool) -> None:
    assert close(got, expected, {"rel": 1e-8, "abs": 1e-12}) is same


def test_error_of_an_unknown_case() -> None:
    with pytest.raises(KeyError, match=r"S99\.none"):
        case("S99.none")
