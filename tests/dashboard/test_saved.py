"""The page of a saved review: read-only, and held against a computation of today."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from app_driver import go, open_app, text_of, tiles

from recsys_roi.dashboard.samples import base_settings
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.pilot import Pilot
from recsys_roi.render import words
from recsys_roi.review.document import Review, to_json
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario

BANDIT = "Sample Open Bandit"
GIVEN = {"value_per_action": 7.5}


@pytest.fixture
def saved(home) -> Review:
    open_app()
    scenario = Scenario.of({**base_settings(BANDIT), **GIVEN})
    evidence = evidence_of(Pilot.open(home, BANDIT), view_of(scenario))
    return evaluate(evidence, scenario, as_of=datetime(2026, 11, 24, tzinfo=UTC))


def opened(content: str, name: str = "review.json"):
    app = open_app("saved")
    app.main.file_uploader[0].upload(name, content.encode(), "application/json")
    return app.run()


def test_it_shows_the_saved_figures_and_that_a_fresh_computation_agrees(saved):
    app = opened(to_json(saved))
    assert not app.exception
    text = text_of(app)
    assert words.saved_sentence(saved) in text
    assert f"Computed afresh from the pilot {BANDIT}, every figure is the same." in text
    assert words.verdict_headline(saved) in text
    for tile in words.tiles(saved):
        assert tiles(app)[tile.label] == (tile.value, tile.note)
    assert not app.main.number_input
    assert not app.main.slider


def test_it_says_where_a_fresh_computation_differs(saved):
    given = json.loads(to_json(saved))
    ctr = next(kpi for kpi in given["kpis"] if kpi["primary"])
    ctr["relative_lift"]["estimate"] = 0.5
    text = text_of(opened(json.dumps(given)))
    assert f"Computed afresh from the pilot {BANDIT}, 1 entry differs." in text
    lift = words.tiles(saved)[0]
    assert "+50 %" in text
    assert f"{lift.value}, {lift.note}" in text


def test_its_settings_can_be_taken_over(saved):
    app = opened(to_json(saved))
    button = next(one for one in app.main.button if "with these settings" in one.label)
    button.click().run()
    assert not app.exception
    app = go(app, "roi")
    assert app.query_params["pilot"] == BANDIT
    assert app.query_params["value_per_action"] == "7.5"


def test_logs_that_are_not_here_are_said(saved):
    given = json.loads(to_json(saved))
    given["inputs"]["files"][0]["hash"] = "blake3:00"
    assert words.NO_PILOT in text_of(opened(json.dumps(given)))


@pytest.mark.parametrize("content", ["not json", '{"version": "review.v1"}', "[]"])
def test_a_file_that_is_no_review_is_one_sentence(content):
    app = opened(content, "<b>x</b>.json")
    assert not app.exception
    (message,) = app.main.error
    assert "x" in message.value
    assert "<b>" not in message.value
