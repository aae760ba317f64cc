"""What every test room shares: properties have no deadline, since a machine may be busy; one browser."""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from tests.chromium import chromium

settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for the whole run: Playwright runs once in a process."""
    with sync_playwright() as playwright:
        opened = chromium(playwright)
        yield opened
        opened.close()
