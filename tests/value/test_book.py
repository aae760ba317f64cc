"""Every expected key of the numbers book's cases of sections 8 and 9."""

from __future__ import annotations

import math

import pytest
from scipy.stats import norm

from tests.fixtures import Case, case, informational, section
from tests.value.book import measure

CASES = [*section("S8"), *section("S9")]
KEYS = [
    pytest.param(one, key, id=f"{one.id}-{key}")
    for one in CASES
    for key in one.expected
    if not informational(key)
]


@pytest.mark.parametrize(("one", "key"), KEYS)
def test_book(one: Case, key: str) -> None:
    got = measure(one)[key]
    assert one.same(got, key), f"{got} is not {one.expected[key]}"


def test_no_case_is_forgotten() -> None:
    assert [one.id for one in CASES] == [
        *("S8.roi", "S8.roi_positive", "S8.tornado", "S8.distributions", "S8.mc"),
        *("S9.voi", "S9.testroll_website"),
    ]
    assert len(KEYS) == 53


@pytest.mark.parametrize(("place", "share"), [(0, 0.1), (1, 0.5), (2, 0.9)])
def test_percentiles_of_two_uncertain_inputs_agree_with_two_million_draws(place: int, share: float) -> None:
    one = case("S8.mc")
    got = measure(one)["mc_2M_p10_p50_p90"][place]
    density = norm.pdf(norm.ppf(share)) / one.expected["npv_sd"]
    standard_error = math.sqrt(share * (1 - share) / 2e6) / density
    assert abs(got - one.expected["mc_2M_p10_p50_p90"][place]) < 4 * standard_error


def test_published_figures_of_feit_and_berman() -> None:
    got, published = (
        measure(case("S9.testroll_website")),
        case("S9.testroll_website").expected["published"],
    )
    assert [
        round(got[key]) for key in ("n_star", "n_hypothesis_test", "n_hypothesis_test_fpc", "profit")
    ] == [published[key] for key in ("n", "n_ht", "n_ht_fpc", "overall")]
    assert round(100 * got["regret"], 2) == published["regret_pct"]
    assert round(100 * got["error_rate"], 1) == published["error_pct"]
