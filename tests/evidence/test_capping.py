"""Capping of users with very much revenue: where the cap comes from and what it removes."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_roi.evidence.capping import POOLED_USERS, choose_caps
from recsys_roi.evidence.totals import Totals


def totals(revenue, dwell=None):
    """Users of alternating arms."""
    count = len(revenue)
    return Totals(
        candidate=np.arange(count) % 2 == 1,
        columns={
            "revenue": np.asarray(revenue, dtype=float),
            "dwell_seconds": np.zeros(count) if dwell is None else np.asarray(dwell, dtype=float),
        },
    )


def test_a_fixed_cap_is_used_as_given_and_says_what_it_removes():
    found = choose_caps(totals([10.0, 20.0, 50.0, 0.0]), 30.0)["revenue"]
    assert (found.cap, found.basis) == (30.0, "fixed")
    assert (found.removed.control, found.removed.candidate) == (20 / 60, 0.0)
    assert (found.users.control, found.users.candidate) == (1, 0)
    assert totals([10.0, 20.0, 50.0, 0.0]).capped({"revenue": 30.0}).columns["revenue"].tolist() == [
        10.0,
        20.0,
        30.0,
        0.0,
    ]


def test_the_pooled_cap_is_the_quantile_of_users_with_a_value_in_both_arms():
    revenue = np.concatenate((np.zeros(500), np.arange(1, 2001, dtype=float)))
    found = choose_caps(totals(revenue), None)["revenue"]
    assert found.basis == "pooled"
    assert found.cap == pytest.approx(1 + 0.999 * 1999)


def test_too_few_users_with_a_value_have_no_pooled_cap():
    revenue = np.ones(POOLED_USERS)
    assert "revenue" in choose_caps(totals(revenue), None)
    revenue[0] = 0.0
    assert choose_caps(totals(revenue), None) == {}


def test_time_is_capped_by_its_own_users_only():
    found = choose_caps(totals(np.zeros(1500), np.arange(1500, dtype=float)), 5.0)
    assert found["dwell_seconds"].basis == "pooled"
    assert found["revenue"].removed.control is None


def test_refunds_alone_have_no_cap():
    assert choose_caps(totals(-np.arange(1.0, 2001.0)), None) == {}
