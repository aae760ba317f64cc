"""The sample pilots are what their README says."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recsys_roi.demo import write_demo
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.finding import logs_in
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "sample_data" / "shop"
OPEN_BANDIT = ROOT / "sample_data" / "open_bandit"
LOGS = ("assignments", "exposures", "outcomes")


def test_the_shop_is_made_again_by_its_command(tmp_path):
    truth = json.loads((SHOP / "truth.json").read_text(encoding="utf-8"))
    settings = truth["settings"]
    write_demo(tmp_path, requests=settings["requests"], seed=settings["seed"], lift=settings["lift"])
    assert f"--requests {settings['requests']} --seed {settings['seed']} --lift {settings['lift']}" in (
        ROOT / "sample_data" / "README.md"
    ).read_text(encoding="utf-8")
    assert (tmp_path / "truth.json").read_bytes() == (SHOP / "truth.json").read_bytes()
    for log in LOGS:
        assert (
            gzip.decompress((SHOP / f"{log}.jsonl.gz").read_bytes())
            == (tmp_path / f"{log}.jsonl").read_bytes()
        )


@pytest.mark.parametrize("folder", [SHOP, OPEN_BANDIT])
def test_packed_files_hold_no_time_of_packing_and_stand_alone(folder):
    assert [path.name for path in logs_in(folder).files] == [f"{log}.jsonl.gz" for log in LOGS]
    for log in LOGS:
        assert (folder / f"{log}.jsonl.gz").read_bytes()[4:8] == bytes(4)
    assert sum(path.stat().st_size for path in folder.iterdir()) < 5_000_000


def test_the_open_bandit_sample_is_the_tested_one_with_its_licence():
    for log in LOGS:
        tested = ROOT / "tests" / "data" / "open_bandit_all" / f"{log}.jsonl.gz"
        assert (OPEN_BANDIT / f"{log}.jsonl.gz").read_bytes() == tested.read_bytes()
    licence = (OPEN_BANDIT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Copyright 2020 Yuta Saito, Yusuke Narita, and ZOZO Technologies, Inc." in licence


def test_only_the_shop_has_economics():
    shop, bandit = (
        Scenario.from_json((folder / "scenario.json").read_text(encoding="utf-8"))
        for folder in (SHOP, OPEN_BANDIT)
    )
    assert shop.economics_set("ctr")
    assert not bandit.economics_set("ctr")
    assert bandit.given == {"control": "random", "candidate": "bts", "kpi": "ctr"}


@pytest.fixture(scope="module")
def shop_review():
    """shop_review(**changes): the review of the shop with its own scenario and some settings changed."""
    scenario = Scenario.from_json((SHOP / "scenario.json").read_text(encoding="utf-8"))
    with temporary_pilot() as pilot:
        ingest_files(pilot, logs_in(SHOP).files)
        evidence = evidence_of(pilot, view_of(scenario))
    as_of = datetime(2026, 11, 1, tzinfo=UTC)
    return lambda **changes: evaluate(evidence, scenario.updated(changes), as_of=as_of, flips=False)


def test_the_shop_ships_and_its_interval_holds_the_true_lift(shop_review):
    review = shop_review()
    truth = json.loads((SHOP / "truth.json").read_text(encoding="utf-8"))
    lift = review.primary.relative_lift
    assert (review.primary.id, review.decision.decision) == ("ctr", "ship")
    assert lift.lower < truth["kpis"]["ctr"]["relative_lift"] < lift.upper
    assert review.roi.npv > 0
    assert review.roi.p_npv_positive >= 0.9
    assert {guardrail.status for guardrail in review.guardrails} == {"pass"}


@pytest.mark.parametrize("changes", [{"eligible_requests_per_month": 320_000}, {"value_per_action": 3.5}])
def test_a_little_less_traffic_or_value_holds_the_shop_as_its_readme_says(shop_review, changes):
    assert shop_review(**changes).decision.decision == "hold"
