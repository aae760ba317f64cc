"""Text from logs on a page: shown letter by letter, never markup; figures hold together."""

from html import escape
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt

from recsys_roi.dashboard import steps
from recsys_roi.dashboard.text import plain
from recsys_roi.render import words

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.mark.parametrize(
    "hostile",
    [
        *(
            "[x](https://example.org)",
            "![x](//example.org/a.png)",
            "<img src=x onerror=alert(1)>",
            "<https://a.b>",
        ),
        *(
            "**bold** _it_ `code` ~~no~~",
            "# heading",
            "- item",
            "1. item",
            "> quote",
            "a | b",
            "&lt;",
            "\\*x\\*",
        ),
        *("www.example.org", "a@example.org", ":material/home: :red[x] :smile:", "=====", "$x^2$"),
    ],
)
def test_it_is_read_letter_by_letter(hostile):
    shown = MARKDOWN.render(plain(hostile)).replace("\u200b", "")
    assert shown == f"<p>{escape(hostile)}</p>\n"


@pytest.mark.parametrize(
    ("hostile", "made_of"),  # what Streamlit's browser side makes something of, after Markdown
    [
        *(("https://example.org", "://"), ("WWW.example.org", "WWW."), ("a@example.org", "@e")),
        *((":material/home:", ":m"), (":red[x]", ":r"), (":+1:", ":+")),
    ],
)
def test_nothing_is_left_for_links_icons_and_colours(hostile, made_of):
    assert made_of in hostile
    assert made_of not in plain(hostile).replace("\\", "")


@pytest.mark.parametrize("hostile", ["two\nlines\r\n\u2028here", "\u202eleft", "a\x00b", "a\x1b[31mb"])
def test_lines_and_control_characters_are_gone(hostile):
    assert plain(hostile).isprintable() or "\u200b" in plain(hostile)
    assert not set(plain(hostile)) & set("\n\r\u2028\u202e\x00\x1b")


@pytest.mark.parametrize("text", ["Day 7 of 14: too early", "latency_ms is not logged", "1,234.5"])
def test_plain_text_reads_as_it_was(text):
    assert plain(text).replace("\\", "").replace("\u200b", "") == text


def test_a_figure_stays_with_its_unit():
    assert plain("95 % of EUR 350 in 6 ms").replace("\\", "") == "95\u00a0% of EUR\u00a0350 in 6\u00a0ms"


def test_stops_are_round_and_hold_what_was_given():
    stops = steps.log_steps(0.01, 1000.0, also=(4.3,))
    assert stops[0] == 0.01
    assert stops[-1] == 1000.0
    assert 4.3 in stops
    assert stops == sorted(set(stops))
    assert all(later / earlier <= 1.5 + 1e-9 for earlier, later in pairwise(stops))


@pytest.mark.parametrize(
    ("value", "said"),
    [(2e6, "2.0 million"), (2_345_678.0, "2,345,678"), (400_000.0, "400,000"), (3e9, "3.0 billion")],
)
def test_large_counts_are_said_in_words_only_where_that_is_exact(value, said):
    assert steps.exact_count(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(18.0, "EUR 18"), (4.3, "EUR 4.30"), (0.0375, "EUR 0.0375"), (1500.0, "EUR 1,500")]
)
def test_amounts_are_written_as_given(value, said):
    assert words.short_money(value, "EUR") == said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("2,000,000", 2e6), ("2.5 million", 2.5e6), ("3m", 3e6), ("40k", 4e4), ("1bn", 1e9), ("7", 7.0)),
        *(("", None), ("many", None), ("1e", None)),
        *(("2,5", None), ("2,5 million", None), ("1,0000", None), (",5", None), ("1.5,000", None)),
        *(("1,234.5", 1234.5), ("12,345,678", 12_345_678.0)),
    ],
)
def test_numbers_are_read_as_people_write_them(text, value):
    assert steps.read_number(text) == value
