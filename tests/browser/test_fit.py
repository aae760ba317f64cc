"""The pages fit: nothing cut or wrapped in a tile, Summary in one view, no page scrolls sideways."""

import pytest

pytestmark = pytest.mark.browser

TITLES = ("Summary", "Logs", "Lift", "Guardrails", "ROI", "Risks", "Plan")
LONG = "Sample shop&currency=COP&locale=es_CO&kpi=ctr&value_per_action=1234567.5&sunk_cost=98765432109"
CUT = """
() => [...document.querySelectorAll('[data-testid=stMetric] *')]
  .filter(part => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflow === 'hidden')
  .map(part => part.textContent)
"""
MAIN = "document.querySelector('[data-testid=stMain]')"
SIDEWAYS = f"() => {MAIN}.scrollWidth - {MAIN}.clientWidth"
BELOW = f"() => {MAIN}.scrollHeight - {MAIN}.clientHeight"


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
@pytest.mark.parametrize("pilot", ["Sample shop", "Sample Open Bandit", LONG])
def test_no_tile_is_cut_and_no_page_scrolls_sideways(reader, width, height, pilot):
    visit = reader(width=width, height=height)
    visit.open(f"?pilot={pilot}")
    for title in TITLES:
        visit.go(title)
        assert visit.page.evaluate(CUT) == [], title
        assert visit.page.evaluate(SIDEWAYS) <= 0, title


@pytest.mark.parametrize("pilot", ["Sample shop", "Sample Open Bandit"])
def test_the_whole_summary_is_seen_at_once_on_a_large_screen(reader, pilot):
    visit = reader(width=1920, height=1080)
    visit.open(f"?pilot={pilot}")
    assert visit.page.evaluate(BELOW) <= 0


@pytest.mark.parametrize("pilot", ["Sample shop", "Sample Open Bandit"])
def test_verdict_tiles_and_picture_are_seen_at_once_on_a_small_screen(reader, pilot):
    visit = reader()
    visit.open(f"?pilot={pilot}")
    picture = visit.page.get_by_test_id("stImage").first.bounding_box()
    assert picture["y"] + picture["height"] <= 800
    heights = {tile.bounding_box()["height"] for tile in visit.page.get_by_test_id("stMetric").all()}
    assert len(heights) == 1
