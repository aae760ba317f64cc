"""From real logs to the review, by the command line: figures against those worked out by another program."""

from __future__ import annotations

import json

import pytest

from tests.real_logs import COOKIE_CATS, OPEN_BANDIT, facts, logs


def reviewed(run, folder, *arguments):
    status, out, err = run("review", *logs(folder), *arguments, "--format", "json")
    assert (status, err) == (0, "")
    return json.loads(out)


def kpi_of(review, kpi_id):
    return next(kpi for kpi in review["kpis"] if kpi["id"] == kpi_id)


def test_open_bandit(run):
    review = reviewed(run, OPEN_BANDIT, "--control", "random", "--candidate", "bts", "--kpi", "ctr")
    known = facts(OPEN_BANDIT)["ctr"]
    assert review["experiment"]["requests"] == {"control": 10_000, "candidate": 10_000}
    ctr = kpi_of(review, "ctr")
    assert ctr["primary"]
    assert ctr["control"] == pytest.approx(known["control"]["rate"], rel=1e-12)
    assert ctr["candidate"] == pytest.approx(known["candidate"]["rate"], rel=1e-12)
    fixed = ctr["fixed_horizon"]["difference"]
    assert fixed["estimate"] == pytest.approx(known["diff"], abs=1e-12)
    # The source's interval is Wald's with a normal quantile; ours has Welch's t, wider in the fourth digit.
    low, high = known["diff_ci95_wald_unpooled"]
    assert (fixed["lower"], fixed["upper"]) == (pytest.approx(low, rel=1e-3), pytest.approx(high, rel=1e-3))
    assert fixed["p_value"] == pytest.approx(known["p_two_sided_unpooled_z"], abs=2e-4)
    statuses = {guardrail["id"]: guardrail["status"] for guardrail in review["guardrails"]}
    assert statuses["p95_latency"] == statuses["error_rate"] == "not_measurable"
    assert review["decision"]["decision"] == "hold"


def test_open_bandit_always_valid_is_wider_and_says_so(run):
    review = reviewed(run, OPEN_BANDIT, "--control", "random", "--candidate", "bts", "--kpi", "ctr")
    ctr = kpi_of(review, "ctr")
    fixed = ctr["fixed_horizon"]["difference"]
    assert ctr["difference"]["lower"] < fixed["lower"] < fixed["upper"] < ctr["difference"]["upper"]


def test_cookie_cats(run):
    review = reviewed(run, COOKIE_CATS, "--kpi", "conversion_rate")
    known = facts(COOKIE_CATS)
    srm = next(check for check in review["integrity"] if check["id"] == "srm")
    assert srm["value"] == pytest.approx(known["srm_50_50"]["p"], rel=1e-9)
    assert srm["status"] == "pass"
    retention = known["retention_7"]
    fixed = kpi_of(review, "conversion_rate")["fixed_horizon"]["difference"]
    assert fixed["estimate"] == pytest.approx(retention["diff"], rel=1e-9)
    assert fixed["p_value"] == pytest.approx(retention["p_two_sided_unpooled_z"], rel=0.01)


def test_the_same_review_byte_for_byte(run):
    arguments = ("review", *logs(OPEN_BANDIT), "--control", "random", "--candidate", "bts")
    arguments += ("--made-at", "2026-11-24T09:00:00+01:00", "--format", "json")
    first, second = run(*arguments)[1], run(*arguments)[1]
    assert first == second
    assert json.loads(first)["made_at"] == "2026-11-24T08:00:00Z"


def test_a_pilot_gives_the_review_of_its_files(run):
    arguments = ("--control", "random", "--candidate", "bts", "--made-at", "2026-11-24T09:00:00Z")
    status, out, _ = run("ingest", "--pilot", "obd", *logs(OPEN_BANDIT))
    assert status == 0
    assert "exposure.v1, 20,000 lines, 20,000 accepted, 0 rejected" in out
    _, kept, _ = run("review", "--pilot", "obd", *arguments, "--format", "json")
    _, given, _ = run("review", *logs(OPEN_BANDIT), *arguments, "--format", "json")
    kept_review, given_review = json.loads(kept), json.loads(given)
    trail = kept_review.pop("record")
    assert [entry["action"] for entry in trail["audit"]] == ["added"] * 3
    assert given_review.pop("record")["audit"] == []
    assert kept_review == given_review
    status, out, _ = run("ingest", "--pilot", "obd", logs(OPEN_BANDIT)[0])
    assert status == 0
    assert "the pilot has it already" in out
    _, again, _ = run("review", "--pilot", "obd", *arguments, "--format", "json")
    assert again == kept
