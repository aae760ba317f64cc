"""Pictures of the app: `python -m tests.browser.shots FOLDER` for the docs.

`--all` takes every page of both samples, `--states` every state, in both widths and themes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))

from browsing import Reader, served
from states import State, fill, states

from tests.chromium import chromium

TITLES = ("Summary", "Logs", "Lift", "Guardrails", "ROI", "Risks", "Plan", "Saved")
PILOTS = ("Sample shop", "Sample Open Bandit")
SIZES = {1280: 800, 1920: 1080}
SCHEMES = ("light", "dark")
GROW = "() => document.querySelector('[data-testid=stMain]').scrollHeight"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """One picture: which page of which pilot, how wide, in which theme, and whether all of it."""

    title: str
    pilot: str = PILOTS[0]
    width: int = 1280
    scheme: str = "light"
    whole: bool = False

    @property
    def name(self) -> str:
        """The picture's file name."""
        pilot = self.pilot.lower().replace(" ", "-")
        return f"{self.title.lower()}-{pilot}-{self.width}-{self.scheme}.png"


FOR_DOCS = (
    Shot(title="Summary"),
    Shot(title="Summary", pilot=PILOTS[1], scheme="dark"),
    Shot(title="Logs"),
    Shot(title="Lift"),
    Shot(title="Guardrails"),
    Shot(title="ROI"),
)


def every_shot() -> Iterator[Shot]:
    """Every page of both samples, in both widths and themes, from top to bottom."""
    for pilot in PILOTS:
        for scheme in SCHEMES:
            for width in SIZES:
                for title in TITLES:
                    yield Shot(title=title, pilot=pilot, width=width, scheme=scheme, whole=True)


def take(browser: Browser, base: str, shot: Shot) -> bytes:
    """The picture as PNG."""
    visit = Reader(browser, base, width=shot.width, height=SIZES[shot.width], scheme=shot.scheme)
    visit.open(f"{'' if shot.title == 'Summary' else shot.title.lower()}?pilot={shot.pilot}")
    visit.page.evaluate("() => document.fonts.ready")
    if shot.whole:
        _grow(visit.page, shot.width)
        visit.settled()
    visit.page.mouse.move(shot.width - 1, 1)  # away from what shows itself under the mouse
    picture = visit.page.screenshot(animations="disabled")
    visit.leave()
    return picture


def take_state(browser: Browser, base: str, state: State, width: int, scheme: str) -> bytes:
    """The picture of a state as PNG."""
    visit = Reader(browser, base, width=width, height=SIZES[width], scheme=scheme)
    visit.open(state.address)
    _grow(visit.page, width)
    visit.settled()
    state.do(visit)
    visit.settled()
    if visit.page.get_by_role("dialog").count() == 0:
        _grow(visit.page, width)
        visit.settled()
    picture = visit.page.screenshot(animations="disabled")
    visit.context.close()
    return picture


def _grow(page: Page, width: int) -> None:
    """Makes the window as high as the page, so that nothing has to be scrolled to."""
    page.set_viewport_size({"width": width, "height": max(SIZES[width], page.evaluate(GROW))})


def main() -> None:
    """Writes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="every page, pilot, width and theme")
    parser.add_argument("--states", action="store_true", help="every state, width and theme")
    parser.add_argument("--only", default="", help="only states whose name begins so")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, served(Path(home)) as base:
        browser = chromium(playwright)
        if given.states:
            _take_states(browser, base, Path(home), given.folder, given.only)
        else:
            for shot in every_shot() if given.all else FOR_DOCS:
                (given.folder / shot.name).write_bytes(take(browser, base, shot))
        browser.close()


def _take_states(browser: Browser, base: str, home: Path, folder: Path, only: str) -> None:
    fill(home)
    for state in states(home):
        for width in SIZES:
            for scheme in SCHEMES:
                if state.name.startswith(only):
                    picture = take_state(browser, base, state, width, scheme)
                    (folder / f"{state.name}-{width}-{scheme}.png").write_bytes(picture)


if __name__ == "__main__":
    main()
