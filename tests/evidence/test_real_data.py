"""Real experiments against figures worked out from their source rows apart from this project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recsys_roi.estimate.lift import Difference, difference
from recsys_roi.evidence.view import View
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot

DATA = Path(__file__).parents[1] / "data"


def counted(name, view):
    with temporary_pilot() as pilot:
        ingest_files(pilot, sorted((DATA / name).glob("*.jsonl.gz")))
        return evidence_of(pilot, view), json.loads((DATA / name / "facts.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def open_bandit():
    view = View(slice_keys=("position",), control="random", candidate="bts")
    return counted("open_bandit_all", view)


def assert_arms(pair, facts):
    found = difference(pair.control, pair.candidate)
    assert isinstance(found, Difference)
    assert (pair.control.n, pair.candidate.n) == (facts["control"]["n"], facts["candidate"]["n"])
    assert (pair.control.sy, pair.candidate.sy) == (facts["control"]["events"], facts["candidate"]["events"])
    assert found.control == pytest.approx(facts["control"]["rate"], rel=1e-9)
    assert found.candidate == pytest.approx(facts["candidate"]["rate"], rel=1e-9)
    assert found.estimate == pytest.approx(facts["diff"], rel=1e-9)
    assert found.candidate / found.control - 1 == pytest.approx(facts["rel_lift"], rel=1e-9)
    # The facts' Wald interval divides by n; ours, as sampling from a population, by n - 1.
    low, high = facts["diff_ci95_wald_unpooled"]
    assert found.se * 1.959963984540054 == pytest.approx((high - low) / 2, rel=1 / (found.users / 3))


def test_open_bandit_click_rate(open_bandit):
    evidence, facts = open_bandit
    assert_arms(evidence.kpis["ctr"].sums, facts["ctr"])


@pytest.mark.parametrize("position", ["1", "2", "3"])
def test_open_bandit_click_rate_by_position(open_bandit, position):
    evidence, facts = open_bandit
    (part,) = [part for part in evidence.slices if part.value == position]
    assert_arms(part.kpis["ctr"], facts["ctr_by_position"][position])


def test_open_bandit_slices_are_the_whole(open_bandit):
    evidence, _ = open_bandit
    assert {part.value for part in evidence.slices} == {"1", "2", "3"}
    for arm in ("control", "candidate"):
        assert sum(getattr(part.users, arm) for part in evidence.slices) == getattr(evidence.users, arm)
        assert (
            sum(getattr(part.kpis["ctr"], arm).sy for part in evidence.slices)
            == getattr(evidence.kpis["ctr"].sums, arm).sy
        )


def test_open_bandit_items(open_bandit):
    evidence, facts = open_bandit
    assert evidence.items is not None
    assert evidence.items.catalogue == facts["distinct_items_shown"]["random"]
    # The random policy spreads its lists nearly evenly, Thompson sampling does not.
    assert min(evidence.items.diversity.control) > 0.9
    assert max(evidence.items.diversity.candidate) < 0.9


def test_cookie_cats():
    evidence, facts = counted("cookie_cats", View(outcome_window_hours=200, click_window_hours=48))
    assert_arms(evidence.kpis["ctr"].sums, facts["retention_1"])
    assert_arms(evidence.kpis["conversion_rate"].sums, facts["retention_7"])
    assert (evidence.users.control, evidence.users.candidate) == tuple(facts["srm_50_50"]["observed"])
