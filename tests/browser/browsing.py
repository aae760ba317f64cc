"""The app as `make run` starts it, and a reader in a real browser in front of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as TooLong

APP = Path(sys.executable).with_name("recsys-roi")
STARTED = "URL: http://127.0.0.1:"
WAIT_MS = 60_000  # the samples are loaded on the first visit
LINK_RESTS = """() => {
  if (window.lastLink !== location.href) { window.lastLink = location.href; window.since = Date.now(); }
  return Date.now() - window.since > 600;
}"""
LINK_HAS_CHANGED = """([name, before]) => new URL(location.href).searchParams.get(name) !== before"""
IN_LINK = "name => new URL(location.href).searchParams.get(name)"
STREAMLIT_LOOKS_FOR_ITS_ROOT = "/_stcore/"  # asked below a page's own address first, and not found there


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def served(home: Path, **environment: str) -> Iterator[str]:
    """The dashboard's address while it runs, with `home` for its pilots and perhaps more settings."""
    port = free_port()
    process = subprocess.Popen(
        [APP, "app", "--port", str(port)],
        env={**os.environ, "RECSYS_ROI_HOME": str(home), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if STARTED in line:
                break
        else:
            raise AssertionError("The app did not start: " + "".join(said))
        threading.Thread(target=process.stdout.read, daemon=True).start()  # a full pipe would stop the app
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=30)


class Reader:
    """Somebody at the app in a fresh browser profile, with what must never happen kept for the end."""

    def __init__(
        self, browser: Browser, base: str, *, width: int = 1280, height: int = 800, scheme: str = "light"
    ) -> None:
        """A window of that size, on a computer that prefers that theme."""
        self.base = base
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.context.set_default_timeout(WAIT_MS)
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.strangers: list[str] = []
        self.dialogs: list[str] = []
        self.page.on("console", lambda said: self._console(said.type, said.text, said.location["url"]))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._request(request.url))
        self.page.on("dialog", lambda dialog: self._dialog(dialog.message, dialog.dismiss))

    def _console(self, kind: str, text: str, url: str) -> None:
        if kind == "error" and not ("404" in text and STREAMLIT_LOOKS_FOR_ITS_ROOT in url):
            self.errors.append(f"{text} ({url})")

    def _request(self, url: str) -> None:
        if not url.startswith((self.base, "data:", "blob:")):
            self.strangers.append(url)

    def _dialog(self, message: str, dismiss: object) -> None:
        self.dialogs.append(message)
        assert callable(dismiss)
        dismiss()

    def open(self, address: str = "") -> None:
        """Opens an address of the app, or a whole link, and waits until its page is drawn."""
        self.page.goto(address if address.startswith("http") else f"{self.base}/{address}")
        self.settled()

    def go(self, title: str) -> None:
        """Another page by its name in the sidebar."""
        self.page.get_by_role("link", name=title, exact=True).click()
        self.page.wait_for_url(f"**/{'' if title == 'Summary' else title.lower()}?**")
        self.settled()

    def settled(self) -> None:
        """Waits until the script has run and nothing old is on the page."""
        expect(
            self.page.get_by_test_id("stMain").locator("h1, h2, [data-testid=stAlert]").first
        ).to_be_visible(timeout=WAIT_MS)
        for unfinished in ("[data-stale=true]", "[data-testid=stSkeleton]"):
            expect(self.page.locator(unfinished)).to_have_count(0, timeout=WAIT_MS)
        expect(self.page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=WAIT_MS)

    def ask(self, key: str) -> None:
        """A button that opens a dialog; pressed again where the press fell into a redraw of the page."""
        button = self.page.locator(f".st-key-{key} button")
        dialog = self.page.get_by_role("dialog")
        while dialog.count() == 0:
            button.click()
            self.settled()
            with suppress(TooLong):
                dialog.wait_for(timeout=5_000)

    def choose(self, key: str, option: str) -> None:
        """An option of a select box."""
        self.page.locator(f".st-key-{key} input").click()
        self.page.get_by_role("option", name=option, exact=True).click()
        self.settled()

    def slide(self, key: str, arrow: str, times: int) -> None:
        """Moves a slider by the keyboard."""
        thumb = self.page.locator(f".st-key-{key} input[type=range]")
        name = key.partition("_")[2]
        self.page.wait_for_function(LINK_RESTS, polling=100)
        before = self.page.evaluate(IN_LINK, name)
        step = float(thumb.get_attribute("step") or 1)
        target = float(thumb.input_value()) + step * (times if arrow == "ArrowRight" else -times)
        # A press that falls into a redraw of the slider is lost, so it is pressed until it stands there.
        while abs((now := float(thumb.input_value())) - target) > step / 2:
            thumb.press("ArrowRight" if now < target else "ArrowLeft")
            self.page.wait_for_function(LINK_RESTS, polling=100)
            self.settled()
        # Every setting stands in the link, so one that has changed there was taken in.
        self.page.wait_for_function(LINK_HAS_CHANGED, arg=[name, before], polling=100)
        self.page.wait_for_function(LINK_RESTS, polling=100)
        self.settled()

    def slid(self, key: str) -> str:
        """What a slider stands at, as it is written."""
        return self.page.locator(f".st-key-{key} input[type=range]").get_attribute("aria-valuetext") or ""

    def expect_slid(self, key: str, text: str) -> None:
        """A slider stands at this, or comes to."""
        thumb = self.page.locator(f".st-key-{key} input[type=range]")
        expect(thumb).to_have_attribute("aria-valuetext", text, timeout=WAIT_MS)

    def expect_tile(self, label: str, value: str) -> None:
        """A tile shows this value, or comes to."""
        tile = self._tile(label)
        expect(tile.get_by_test_id("stMetricValue")).to_have_text(value, timeout=WAIT_MS)

    def _tile(self, label: str) -> Locator:
        named = self.page.get_by_test_id("stMetricLabel").get_by_text(label, exact=True)
        return self.page.get_by_test_id("stMetric").filter(has=named)

    def tile(self, label: str) -> str:
        """A tile's value."""
        tile = self._tile(label)
        return tile.get_by_test_id("stMetricValue").inner_text()

    def tiles(self) -> list[str]:
        """Every tile: label, value, note."""
        return self.page.get_by_test_id("stMetric").all_inner_texts()

    def leave(self) -> None:
        """Closes the window; nothing untoward may have happened in it."""
        text = self.page.get_by_test_id("stApp").inner_text()
        self.context.close()
        assert "Traceback" not in text
        assert "This app has encountered an error" not in text
        assert self.errors == []
        assert self.strangers == []
        assert self.dialogs == []
