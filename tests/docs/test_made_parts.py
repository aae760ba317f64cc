"""What documents say of settings, commands, names, contracts and terms is what the code says."""

from __future__ import annotations

import pytest

from docs.making.pages import PAGES, PARTS, renewed
from tests.docs.reading import name_of


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_made_part_is_stale(page):
    text = page.read_text(encoding="utf-8")
    assert renewed(text) == text, "run: make docs"


def test_every_part_stands_on_one_page():
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert {name: pages.count(f"<!-- made: {name} -->") for name in PARTS} == dict.fromkeys(PARTS, 1)


def test_a_changed_part_is_seen_and_what_is_written_by_hand_stays():
    page = "Before.\n\n<!-- made: reject reasons -->\nold\n<!-- end: reject reasons -->\n\nAfter.\n"
    new = renewed(page)
    assert new.startswith("Before.\n\n<!-- made: reject reasons -->\n| Reason")
    assert new.endswith("<!-- end: reject reasons -->\n\nAfter.\n")
    assert "`not_utf8`" in new
    assert renewed(new) == new


def test_a_part_that_nothing_makes_is_an_error():
    with pytest.raises(KeyError, match="no such part"):
        renewed("<!-- made: no such part -->\n<!-- end: no such part -->\n")
