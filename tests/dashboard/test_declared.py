"""A pilot of declared views in the app: it opens with the first, shows the others, and refuses the rest."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from app_driver import go, open_app, text_of, tiles

from recsys_roi.cli import main
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.pilot import Pilot
from recsys_roi.render import words
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario

DATA = Path(__file__).parents[1] / "data" / "open_bandit_all"
ARMS = {"control": "random", "candidate": "bts"}
PILOT = "Handed round"


@pytest.fixture(scope="module")
def declared(home, tmp_path_factory):
    """Two views of Open Bandit, kept as a pilot."""
    folder = tmp_path_factory.mktemp("declared") / "views"
    arms = " ".join(f"{name}={value}" for name, value in ARMS.items())
    views = ["--view", f"{arms} click_window_hours=1", "--view", arms]
    assert main(["evidence", *map(str, sorted(DATA.glob("*.gz"))), *views, "--to", str(folder)]) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_ROI_HOME", str(home))
        assert main(["ingest", "--pilot", PILOT, str(folder)]) == 0
    return PILOT


def wanted(home, **settings):
    """The tiles of the same view of the counts."""
    scenario = Scenario.of({**ARMS, **settings})
    evidence = evidence_of(Pilot.open(home, "Own"), view_of(scenario))
    review = evaluate(evidence, scenario, as_of=datetime(2026, 11, 24, tzinfo=UTC))
    return {tile.label: (tile.value, tile.note) for tile in words.tiles(review)}


def test_it_opens_with_the_first_view(declared, home):
    app = open_app(pilot=declared)
    assert not app.exception
    assert wanted(home, click_window_hours=1).items() <= tiles(app).items()


def test_another_declared_view_is_shown(declared, home):
    app = open_app(pilot=declared, **ARMS)
    assert not app.exception
    assert wanted(home).items() <= tiles(app).items()


@pytest.mark.parametrize("page", ["summary", "lift", "guardrails", "roi"])
def test_one_that_was_not_declared_is_said_and_no_figure_is_shown(declared, page):
    app = open_app(page, pilot=declared, click_window_hours="2", **ARMS)
    assert not app.exception
    said = text_of(app)
    assert "Not counted: this evidence holds declared views only, and control = random" in said
    assert "(1) control = random, candidate = bts, click_window_hours = 1; (2) control" in said
    assert "recsys-roi evidence FILE" in said
    assert not tiles(app)


def test_the_logs_page_lists_the_views_and_says_what_is_not_here(declared):
    app = go(open_app(pilot=declared), "logs")
    assert not app.exception
    said = text_of(app)
    assert "Only declared views were counted; any other is said to be not counted." in said
    assert "control = random, candidate = bts, click_window_hours = 1" in said
