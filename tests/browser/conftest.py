"""One browser and one running app for the browser tests; each test reads in a window of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parent))

from browsing import Reader, served


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def app(home: Path) -> Iterator[str]:
    with served(home) as base:
        yield base


@pytest.fixture
def reader(browser: Browser, app: str) -> Iterator[Callable[..., Reader]]:
    """reader(...): a new window on the app; what went wrong in it fails the test at its end."""
    windows: list[Reader] = []

    def opened(**size: int) -> Reader:
        windows.append(Reader(browser, app, **size))
        return windows[-1]

    yield opened
    for window in windows:
        window.leave()
