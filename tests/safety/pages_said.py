"""Opens pages of the app, {pilot: pages} as JSON on standard input, and writes what they say to a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

from tests.dashboard.app_driver import go, open_app, read, text_of

ACTIVE = {"html_inline", "html_block", "image", "link_open"}


def said(app: AppTest) -> dict[str, str]:
    """What a page holds: its faults, its problems, its text, and what of its Markdown is more than text."""
    alerts = (*app.main.error, *app.main.warning, *app.main.info)
    written = [one.value for one in (*app.markdown, *app.sidebar.markdown, *alerts)]
    return {
        "faults": " ".join(str(fault.value) for fault in app.exception),
        "problems": " ".join(read(one.value) for one in alerts),
        "text": text_of(app),
        "active": " ".join(one for text in written for one in active(text)),
    }


def active(text: str) -> list[str]:
    """Markup of a Markdown text that would do something."""
    tokens = MarkdownIt("commonmark").parse(text)
    inner = [token for one in tokens for token in (one, *(one.children or ()))]
    return [f"{token.type}: {token.content or token.attrs}" for token in inner if token.type in ACTIVE]


def pages_of(pilot: str, pages: Iterable[str]) -> dict[str, dict[str, str]]:
    """A session that opens on Summary and goes on to the other pages."""
    app = open_app(pilot=pilot)
    return {"summary": said(app)} | {page: said(go(app, page)) for page in pages if page != "summary"}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    found = {pilot: pages_of(pilot, pages) for pilot, pages in asked.items()}
    Path(sys.argv[1]).write_text(json.dumps(found))
