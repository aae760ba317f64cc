"""From rows to figure by another library: least squares with errors clustered by user (statsmodels)."""

from __future__ import annotations

import json
from collections import defaultdict

import numpy as np
import pytest
import statsmodels.api as sm

from recsys_roi.demo import write_demo
from recsys_roi.estimate.lift import Difference, difference
from recsys_roi.evidence.view import View
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A small demo pilot: its evidence, and each request's arm, user, click and revenue."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, requests=6000, seed=7, lift=0.05)
    with temporary_pilot() as pilot:
        ingest_files(pilot, sorted(folder.glob("*.jsonl")))
        evidence = evidence_of(pilot, View())
    arm = {row["request_id"]: row["variant"] for row in lines(folder / "assignments.jsonl")}
    clicked, revenue = set(), defaultdict(float)
    for row in lines(folder / "outcomes.jsonl"):
        if row["event_type"] == "click":
            clicked.add(row["request_id"])
        if row["event_type"] == "conversion":
            revenue[row["request_id"]] += row["value"]
    requests = [
        (arm[row["request_id"]], row["user_id"], row["request_id"] in clicked, revenue[row["request_id"]])
        for row in lines(folder / "exposures.jsonl")
    ]
    return evidence, requests


@pytest.mark.parametrize(("kpi", "outcome"), [("ctr", 2), ("revenue_per_request", 3)])
def test_a_ratio_is_least_squares_clustered_by_user(demo, kpi, outcome):
    evidence, requests = demo
    pair = evidence.kpis[kpi].sums
    found = difference(pair.control, pair.candidate)
    assert isinstance(found, Difference)
    variances = []
    for name, ratio in (("control", found.control), ("candidate", found.candidate)):
        rows = [row for row in requests if row[0] == name]
        y = np.array([row[outcome] for row in rows], dtype=float)
        users = np.unique([row[1] for row in rows], return_inverse=True)[1]
        fit = sm.OLS(y, np.ones(len(y))).fit(
            cov_type="cluster", cov_kwds={"groups": users, "use_correction": False}
        )
        n = users.max() + 1
        assert ratio == pytest.approx(fit.params[0], rel=1e-9)
        variances.append(float(fit.cov_params()[0, 0]) * n / (n - 1))
    assert found.control_variance == pytest.approx(variances[0], rel=1e-6)
    assert found.candidate_variance == pytest.approx(variances[1], rel=1e-6)
    assert found.se == pytest.approx(np.sqrt(sum(variances)), rel=1e-6)


def test_a_mean_is_welchs_test(demo):
    evidence, requests = demo
    pair = evidence.kpis["conversion_rate"].sums
    found = difference(pair.control, pair.candidate)
    assert isinstance(found, Difference)
    bought = {arm: defaultdict(bool) for arm in ("control", "candidate")}
    for arm, user, _, revenue in requests:
        bought[arm][user] |= revenue > 0
    control, candidate = (np.array(list(bought[arm].values()), dtype=float) for arm in bought)
    compared = sm.stats.CompareMeans(sm.stats.DescrStatsW(candidate), sm.stats.DescrStatsW(control))
    t, p, df = compared.ttest_ind(usevar="unequal")
    assert found.z == pytest.approx(t, rel=1e-6)
    assert found.df == pytest.approx(df, rel=1e-6)
    assert p > 0
