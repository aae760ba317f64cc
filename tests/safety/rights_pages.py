"""Opens pages of the app on one pilot: `python -m tests.safety.rights_pages PILOT` prints what they say."""

from __future__ import annotations

import json
import sys

from tests.dashboard.app_driver import go, open_app, read, text_of

PAGES = ("summary", "logs", "risks")


def said(pilot: str) -> dict[str, list[str]]:
    """By page: its exceptions, its errors and warnings, and all of its text."""
    app = open_app(pilot=pilot)
    found = {}
    for page in PAGES:
        app = app if page == "summary" else go(app, page)
        faults = " ".join(str(fault.value) for fault in app.exception)
        problems = " ".join(read(one.value) for one in (*app.main.error, *app.main.warning))
        found[page] = [faults, problems, text_of(app)]
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(said(sys.argv[1])))
