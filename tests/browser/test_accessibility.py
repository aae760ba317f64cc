"""No page has a serious finding of axe-core, in light or dark; the keyboard reaches every page and input."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import Reader
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

TITLES = ("Summary", "Logs", "Lift", "Guardrails", "ROI", "Risks", "Plan", "Saved")
GRAVE = ("moderate", "serious", "critical")


def findings(visit: Reader) -> list[str]:
    """What axe-core finds on the page as it stands: rule, and where."""
    found = Axe().run(visit.page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:120]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("pilot", ["Sample shop", "Sample Open Bandit"])
def test_no_page_has_a_serious_finding(reader, scheme, pilot):
    visit = reader(scheme=scheme)
    visit.open(f"?pilot={pilot}")
    for title in TITLES:
        visit.go(title)
        assert findings(visit) == [], title


def test_a_finding_would_be_found(reader):
    visit = reader()
    visit.open()
    visit.page.evaluate("() => document.querySelector('[data-testid=stImage] img').removeAttribute('alt')")
    assert [one for one in findings(visit) if one.startswith("image-alt")]


def test_the_keyboard_alone_reaches_pages_and_inputs(reader):
    visit = reader()
    visit.open()
    reached: list[str] = []
    for _ in range(40):
        visit.page.keyboard.press("Tab")
        reached.append(
            visit.page.evaluate(
                "() => { const at = document.activeElement;"
                " return (at.getAttribute('aria-label') || at.textContent || '').trim(); }"
            )
        )
    said = " | ".join(reached)
    for name in (*TITLES, "Pilot", "KPI", "Horizon", "Export", "Copy link", "First steps", "Words"):
        assert name in said, (name, said)


def test_a_page_is_opened_and_a_slider_moved_by_keys(reader):
    visit = reader()
    visit.open()
    link = visit.page.get_by_role("link", name="Guardrails", exact=True)
    link.focus()
    link.press("Enter")
    expect(visit.page.get_by_role("heading", name="Is anything getting worse?")).to_be_visible()
