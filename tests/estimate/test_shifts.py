"""Shifts against scipy's own routes, and days that stand out against days that only look odd."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from recsys_roi.estimate import shifts

COUNTS = st.lists(st.integers(0, 5000), min_size=2, max_size=8)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=2, max_size=8))
def test_the_stability_index_is_jeffreys_divergence(pairs):
    before, after = zip(*pairs, strict=True)
    p, q = np.array(before) + 0.5, np.array(after) + 0.5
    expected = stats.entropy(p, q) + stats.entropy(q, p)
    found = shifts.population_stability(before, after)
    assert found == pytest.approx(expected, abs=1e-12)
    assert found == pytest.approx(shifts.population_stability(after, before), abs=1e-12)


def test_the_same_mix_has_no_index_whatever_its_size():
    assert shifts.population_stability((100_000, 300_000), (200_000, 600_000)) < 1e-9
    assert shifts.population_stability((500, 500), (900, 100)) > 0.25


def test_the_noise_is_what_chance_makes():
    draw = np.random.default_rng(1)
    shares, n, m = (0.5, 0.3, 0.15, 0.05), 700, 900
    found = [
        shifts.population_stability(draw.multinomial(n, shares), draw.multinomial(m, shares))
        for _ in range(4000)
    ]
    expected = shifts.stability_noise(np.array(shares) * n, np.array(shares) * m) / shifts.CLUMPING
    assert np.mean(found) == pytest.approx(expected, rel=0.05)


@given(st.lists(st.tuples(st.integers(20, 3000), st.integers(20, 3000)), min_size=2, max_size=8))
def test_the_chance_of_one_mix_is_pearsons(pairs):
    first, second = zip(*pairs, strict=True)
    expected = stats.chi2_contingency([first, second], correction=False)
    if expected.expected_freq.min() >= 5:
        assert shifts.homogeneity_p(first, second) == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-300)


def test_rare_values_are_taken_together():
    pooled = stats.chi2_contingency([[500, 400, 6], [480, 430, 3]], correction=False).pvalue
    assert shifts.homogeneity_p((500, 400, 2, 4), (480, 430, 3, 0)) == pytest.approx(pooled)


@pytest.mark.parametrize("pair", [((0, 0), (4, 5)), ((9, 0), (7, 0)), ((1, 1), (1, 1))])
def test_what_cannot_be_tested_has_no_chance(pair):
    assert shifts.homogeneity_p(*pair) is None


@given(st.integers(1, 400).map(lambda half: 2 * half), st.floats(0.1, 400))
def test_a_burst_is_a_poisson_tail_of_half_the_counts(hits, expected):
    clumped = stats.poisson.sf(hits / shifts.CLUMPING - 1, expected / shifts.CLUMPING)
    assert shifts.burst_p(hits, expected) == pytest.approx(clumped, rel=1e-6, abs=1e-300)


def test_no_hits_are_no_burst():
    assert shifts.burst_p(0, 0.0) == 1.0
    assert shifts.burst_p(5, 0.0) == 0.0


def test_total_variation_is_the_share_put_differently():
    assert shifts.total_variation((50, 50), (70, 30)) == pytest.approx(0.2)
    assert shifts.total_variation((1, 0), (0, 1)) == 1.0


WEEK = (1000, 970, 980, 1000, 1060, 2200, 2100)  # twice as much at the weekend


def test_a_heavy_weekend_is_no_spike():
    assert max(abs(score) for score in shifts.day_scores(WEEK * 2)) < 3
    assert max(abs(score) for score in shifts.day_scores(WEEK)) < 3


@pytest.mark.parametrize("day", range(14))
@pytest.mark.parametrize("factor", [2.5, 0.4])
def test_one_odd_day_is_the_only_one_that_stands_out(day, factor):
    counts = [round(count * (factor if place == day else 1)) for place, count in enumerate(WEEK * 2)]
    scores = shifts.day_scores(counts)
    odd = [place for place, score in enumerate(scores) if abs(score) >= 5]
    quiet_weekend = day % 7 >= 5 and factor < 1  # of the two, the other one is further from all other days
    assert odd == [(day + 7) % 14 if quiet_weekend else day]
    assert math.copysign(1, scores[odd[0]]) == math.copysign(1, factor - 1) * (-1 if quiet_weekend else 1)


@given(st.integers(30, 5000), st.integers(0, 2**32 - 1))
def test_days_that_differ_by_chance_alone_do_not_stand_out(mean, seed):
    counts = np.random.default_rng(seed).poisson(mean, 14).tolist()
    assert all(score is None or abs(score) < 5 for score in shifts.day_scores(counts))


def test_few_days_have_no_usual_day():
    assert shifts.day_scores((10, 900, 10)) == (None, None, None)
    assert shifts.day_scores((10, 0, 0, 0, 20)) == (None,) * 5
    assert shifts.day_scores((10, 0, 10, 10, 10))[1] is None
