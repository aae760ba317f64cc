import pytest

import recsys_roi
from tests.real_logs import SHOP, logs


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder of its own, which RECSYS_ROI_HOME names."""
    folder = tmp_path / "home"
    monkeypatch.setenv("RECSYS_ROI_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def shop_scenario():
    """The settings that the sample shop starts with."""
    return recsys_roi.Scenario.from_json((SHOP / "scenario.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def shop():
    """The sample shop's three logs, opened once for the room."""
    with recsys_roi.open_logs(*logs(SHOP)) as opened:
        yield opened


@pytest.fixture(scope="session")
def shop_review(shop, shop_scenario):
    """The sample shop's review."""
    return shop.review(shop_scenario)
