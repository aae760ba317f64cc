"""How long a person waits in a real browser, beside an empty Streamlit page in the same run."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, sync_playwright

from bench.table import Table
from recsys_roi.demo import write_demo
from recsys_roi.logs.finding import logs_in
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, pilot_folder
from recsys_roi.places import app_folder
from tests.chromium import chromium

PROMISED_ABOVE = {"slider": 80.0, "page switch": 150.0, "first load": 700.0}
"""Milliseconds above the empty page, at the median."""
WAIT_MS = 60_000
HEADING = "[data-testid=stMain] :is(h1, h2)"
VALUE_TILE = "[data-testid=stColumn]:nth-child(3) [data-testid=stMetric]"
SETTINGS = {"eligible_requests_per_month": "4000000", "value_per_action": "4", "engineering_hours": "160"}
WATCH = """
([selector, quiet]) => {
  const text = () => (document.querySelector(selector) || {textContent: ''}).textContent;
  const before = text(), began = performance.now(), main = document.querySelector('[data-testid=stMain]');
  let first = null, last = began;
  new MutationObserver(() => {
    requestAnimationFrame(() => {
      last = performance.now();
      if (first === null && text() && text() !== before) first = last;
    });
  }).observe(main, {subtree: true, childList: true, characterData: true, attributes: true});
  window.measured = new Promise((done, failed) => {
    setTimeout(() => failed('Nothing changed.'), 20000);
    const look = () => {
      const rests = first !== null && performance.now() - last > quiet;
      if (rests && !document.querySelector('[data-stale=true]')) done([first - began, last - began]);
      else setTimeout(look, 20);
    };
    look();
  });
}
"""
"""From just before the act: until the frame with another text in it, and until the last change of all."""
QUIET_MS = 500  # without a change: the page is drawn


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """Milliseconds until the figure that was waited for is painted, and until the page changes no more."""

    figure: float
    drawn: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """An app that is measured: its address, its two pages, and what shows that they are painted."""

    name: str
    address: str
    figure: str  # changes when the slider has moved
    last: str  # what a first visit paints last
    pages: tuple[str, str]

    def slide(self, page: Page, step: int) -> Wait:
        """One press of a key on the slider, to the changed figure."""
        slider = page.locator(".st-key-side_horizon_months input[type=range]")
        slider.focus()
        page.evaluate(WATCH, [self.figure, QUIET_MS])
        slider.press("ArrowRight" if step % 2 == 0 else "ArrowLeft")
        return _measured(page)

    def switch(self, page: Page, step: int) -> Wait:
        """A click on the link of the page that is not shown, to its painted heading."""
        page.evaluate(WATCH, [HEADING, QUIET_MS])
        page.get_by_role("link", name=self.pages[(step + 1) % 2], exact=True).click()
        return _measured(page)

    def load(self, browser: Browser) -> Wait:
        """A first visit with an empty cache, to the painted figure."""
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        began = time.perf_counter()
        page.goto(self.address, wait_until="commit")
        page.locator(self.figure).first.wait_for(timeout=WAIT_MS)
        taken = (time.perf_counter() - began) * 1000
        page.locator(self.last).first.wait_for(timeout=WAIT_MS)
        drawn = (time.perf_counter() - began) * 1000
        context.close()
        return Wait(figure=taken, drawn=drawn)


def _measured(page: Page) -> Wait:
    figure, drawn = page.evaluate("() => window.measured")
    return Wait(figure=figure, drawn=drawn)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The log sizes and how often each act is done."""
    parser.add_argument(
        "--requests", type=int, nargs="+", default=[5000, 1_000_000], help="sizes (default 5000 1000000)"
    )
    parser.add_argument("--times", type=int, default=15, help="how often each act is done (default 15)")


def run(arguments: argparse.Namespace) -> Table:
    """Waits on an empty page and on ours, one after the other in turns, in one browser."""
    with ExitStack() as open_things:
        home = Path(open_things.enter_context(tempfile.TemporaryDirectory()))
        for requests in arguments.requests:
            _pilot(home, requests)
        places = _places(open_things, home, arguments.requests)
        browser = chromium(open_things.enter_context(sync_playwright()))
        waits = _waits(browser, places, arguments.times)
        browser.close()
    rows = tuple(_rows(waits, [place.name for place in places]))
    return Table(
        title="Waiting in the browser, milliseconds at the median",
        columns=("act", "page", "painted", "above empty", "promised", "at rest", "above empty"),
        rows=[row.cells for row in rows],
        notes=(
            "A slider: from the key to the changed figure. A page switch: from the click to the heading.",
        ),
        kept=all(row.kept for row in rows),
    )


def _pilot(home: Path, requests: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_demo(Path(folder), requests=requests, seed=1, lift=0.05, faults=())
        ingest_files(Pilot.create_or_open(pilot_folder(home, _name(requests))), logs_in(Path(folder)).files)


def _name(requests: int) -> str:
    return f"{requests} requests"


def _places(open_things: ExitStack, home: Path, sizes: Sequence[int]) -> tuple[Place, ...]:
    empty = open_things.enter_context(_served(Path(__file__).with_name("empty_page.py"), home))
    ours = open_things.enter_context(_served(app_folder() / "app.py", home))
    return (
        Place(
            name="empty",
            address=empty,
            figure="[data-testid=stMetricValue]",
            last="[data-testid=stMetricValue]",
            pages=("First", "Second"),
        ),
        *(
            Place(
                name=_name(requests),
                address=f"{ours}/?{urlencode({'pilot': _name(requests), **SETTINGS})}",
                figure=VALUE_TILE,
                last="[data-testid=stImage] img",
                pages=("Summary", "Lift"),
            )
            for requests in sizes
        ),
    )


@contextmanager
def _served(script: Path, home: Path) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)],
        cwd=app_folder(),
        env={**os.environ, "RECSYS_ROI_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_until_healthy(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address):  # noqa: S310
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise RuntimeError("The app did not start.")


def _waits(browser: Browser, places: Sequence[Place], times: int) -> Mapping[tuple[str, str], list[Wait]]:
    """The waits by act and place; the first of each warms up and is left out."""
    found: dict[tuple[str, str], list[Wait]] = {
        (act, place.name): [] for act in PROMISED_ABOVE for place in places
    }
    pages = {}
    for place in places:
        pages[place.name] = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        pages[place.name].goto(place.address)
        pages[place.name].locator(place.last).first.wait_for(timeout=WAIT_MS)
    for step in range(times + 1):
        for place in places:
            page = pages[place.name]
            found["slider", place.name].append(place.slide(page, step))
    for step in range(times + 1):
        for place in places:
            found["page switch", place.name].append(place.switch(pages[place.name], step))
    for page in pages.values():
        page.context.close()
    for _ in range(times // 2 + 1):
        for place in places:
            found["first load", place.name].append(place.load(browser))
    return {key: waits[1:] for key, waits in found.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the table, and whether the promise was kept."""

    cells: tuple[str, ...]
    kept: bool


def _rows(waits: Mapping[tuple[str, str], list[Wait]], places: Sequence[str]) -> Iterator[Row]:
    for act, promised in PROMISED_ABOVE.items():
        floor = median(wait.figure for wait in waits[act, places[0]])
        floor_drawn = median(wait.drawn for wait in waits[act, places[0]])
        for name in places:
            figure = median(wait.figure for wait in waits[act, name])
            drawn = median(wait.drawn for wait in waits[act, name])
            above = (figure - floor, drawn - floor_drawn)
            told = [f"{wait:.0f}" if name != places[0] else "" for wait in (above[0], promised, above[1])]
            cells = (act, name, f"{figure:.0f}", *told[:2], f"{drawn:.0f}", told[2])
            yield Row(cells=cells, kept=above[0] <= promised)
