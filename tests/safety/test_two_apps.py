"""Two apps over one home, on two ports: what one does the other shows, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

import recsys_roi
from recsys_roi.demo import write_demo
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, pilot_folder
from recsys_roi.record.scenarios import ScenarioStore
from recsys_roi.render import words
from tests.browser.browsing import served
from tests.safety.load import tiles, upload
from tests.safety.session import Session

SHARED = "Shared"
LOGS = ("exposures", "outcomes", "assignments")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def apps(home: Path) -> Iterator[tuple[str, str]]:
    with served(home) as first, served(home) as second:
        yield first, second


@pytest.fixture
def shared(home: Path, tmp_path: Path) -> Iterator[Pilot]:
    """A pilot that both show; gone afterwards."""
    write_demo(tmp_path / "logs", requests=2000, seed=3, lift=0.05)
    pilot = Pilot.create_or_open(pilot_folder(home, SHARED))
    ingest_files(pilot, [tmp_path / "logs" / f"{name}.jsonl" for name in LOGS])
    yield pilot
    if pilot.folder.exists():
        pilot.delete()


def shown(base: str, page: str = "", pilot: str = SHARED) -> Session:
    return Session(base).open(page, urlencode({"pilot": pilot}))


def expected(home: Path) -> list[str]:
    with recsys_roi.open_pilot(SHARED, home_folder=home) as logs:
        return [tile.value for tile in words.tiles(logs.review(flips=False))]


def test_a_file_that_comes_by_one_is_in_the_figures_of_the_other(
    home: Path, apps: tuple[str, str], shared: Pilot, tmp_path: Path
):
    first, second = apps
    write_demo(tmp_path / "more", requests=3000, seed=8, lift=0.2)
    with shown(first) as anna, upload(second, tmp_path / "more" / "exposures.jsonl", SHARED) as ben:
        assert tiles(anna) == expected(home)
        reading = threading.Thread(target=ben.press, args=("Add",))
        reading.start()
        while reading.is_alive():
            anna.run()
        reading.join()
        assert tiles(anna.run()) == expected(home)
        assert len(shared.files) == len(LOGS) + 1
        assert anna.failures + ben.failures == []


def test_of_two_who_save_one_scenario_the_second_is_told(home: Path, apps: tuple[str, str], shared: Pilot):
    with shown(apps[0], "roi") as anna, shown(apps[1], "roi") as ben:
        for person, name in ((anna, "Anna"), (ben, "Ben")):
            person.put("text_input", "page_who", string_value=name)
            person.put("text_input", "scenario_name", string_value="Base")
        anna.put("button", "scenario_save", trigger_value=True)
        ben.put("button", "scenario_save", trigger_value=True)
        assert "Anna" in ben.texts()
        ben.put("button", "scenario_Save over_Base", trigger_value=True)
        anna.put("button", "scenario_Save over_Base", trigger_value=True)
        assert "Ben" in anna.texts()
        assert anna.failures + ben.failures == []
    kept = ScenarioStore(home, shared.name).named("Base")
    assert (kept.version, kept.who) == (2, "Ben")


def test_a_pilot_that_one_removes_is_gone_for_the_other(apps: tuple[str, str], shared: Pilot):
    with shown(apps[0]) as anna, shown(apps[1], "logs") as ben:
        shared.delete()
        for page in ("", "logs", "roi", "risks"):
            assert anna.open(page, urlencode({"pilot": SHARED})).failures == []
            assert "Shared" not in anna.find("selectbox", "side_pilot").options  # type: ignore[attr-defined]
        assert ben.run().failures == []
