"""The app with hostile text everywhere, in a real browser: nothing runs, nothing breaks, nothing leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from tests.browser.browsing import Reader, served
from tests.safety import hostile, hostile_home

WRONG = """() => {
  const own = new URL(location.href).origin, found = [];
  if (window.hacked) found.push('a script ran');
  for (const one of document.querySelectorAll('main *, section *')) {
    for (const { name, value } of one.attributes) {
      if (/^on/i.test(name)) found.push(`${one.tagName} ${name}`);
      const leads = ['href', 'src', 'action', 'xlink:href'].includes(name);
      const out = /^\\s*(javascript|https?|\\/\\/)/i.test(value) && !value.startsWith(own);
      if (leads && out) found.push(`${one.tagName} ${value}`);
    }
  }
  for (const tag of ['script', 'iframe', 'object', 'embed', 'base', 'math', '.katex']) {
    if (document.querySelector(`[data-testid=stMain] ${tag}`)) found.push(tag);
  }
  const main = document.querySelector('[data-testid=stMain]');
  if (main.scrollWidth > main.clientWidth + 1) found.push('wider than the window');
  return found;
}"""
OPEN_ALL = "() => [...document.querySelectorAll('details:not([open]) > summary')].forEach(one => one.click())"
SAYS = "() => document.body.innerText"
PAGES = ("Logs", "Lift", "Guardrails", "ROI", "Risks", "Plan", "Saved", "Summary")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    hostile_home.fill(home, tmp_path_factory.mktemp("logs"))
    return home


@pytest.fixture(scope="module")
def app(home: Path) -> Iterator[str]:
    with served(home) as base:
        yield base


@pytest.fixture
def visit(browser: Browser, app: str) -> Iterator[Reader]:
    visit = Reader(browser, app)
    yield visit
    visit.context.close()
    assert visit.strangers == []
    assert visit.dialogs == []
    assert not [error for error in visit.errors if "Content Security Policy" in error]


def check(visit: Reader, home: Path) -> None:
    """Nothing of what was made to do harm did any, and the page says nothing of this program's inside."""
    assert visit.page.evaluate(WRONG) == []
    said = visit.page.evaluate(SAYS)
    assert "Traceback" not in said
    assert "Something went wrong" not in said
    assert str(home) not in said
    assert not any(text in said for text in hostile.PERSONAL)


@pytest.mark.browser
def test_every_page_of_a_hostile_pilot(visit: Reader, home: Path):
    visit.open(f"?pilot={hostile_home.PILOT}")
    check(visit, home)
    for page in PAGES:
        visit.go(page)
        visit.page.evaluate(OPEN_ALL)
        visit.settled()
        check(visit, home)


@pytest.mark.browser
def test_hostile_links(visit: Reader, home: Path):
    for query in hostile.QUERIES:
        visit.open(f"?{quote(query, safe='=&%{}[]')}")
        check(visit, home)


@pytest.mark.browser
def test_hostile_documents_are_opened_as_scenario_and_as_review(visit: Reader, home: Path):
    visit.open("roi?pilot=Sample%20shop")
    for number, document in enumerate(hostile.DOCUMENTS[::3]):
        file = {"name": f"{number} <b>.json", "mimeType": "application/json", "buffer": document.encode()}
        visit.page.locator("input[type=file]").first.set_input_files(file)
        visit.settled()
        check(visit, home)
    visit.go("Saved")
    for number, document in enumerate(hostile.DOCUMENTS[::3]):
        file = {"name": f"{number} <b>.json", "mimeType": "application/json", "buffer": document.encode()}
        visit.page.locator("input[type=file]").first.set_input_files(file)
        visit.settled()
        check(visit, home)
