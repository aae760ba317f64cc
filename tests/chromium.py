"""Debian's chromium, which the Makefile installs where it is missing."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium(playwright: Playwright) -> Browser:
    """A browser that asks nobody outside."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "No chromium on this machine: run `make browser`."
    return playwright.chromium.launch(executable_path=path, args=list(QUIET))
