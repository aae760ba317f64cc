"""Text from logs is hostile: it may not become Markdown, a link or a picture on a page."""

from __future__ import annotations

import re

from recsys_roi.render.markdown import BLANK, one_line

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$~&^=])")
# Streamlit makes emoji, icons and links of finished text, where a backslash is gone already.
_AFTER_PARSING = re.compile(r":(?=\S)|www(?=\.)|@(?=\w)", re.IGNORECASE)


_HELD_TOGETHER = re.compile(
    r"(?<=\d) (?=%|ms\b|\d{3}(?!\d))|(?<=\b[A-Z]{3}) (?=[-<>]?[\d.,])|(?<=[\dkMBT]) (?=[A-Z]{3}\b)"
    r"|(?<=^cannot) (?=tell$)"
)  # a figure and its unit, its thousands where a space stands between them, its currency on either side


def plain(text: str) -> str:
    """The text as Streamlit's Markdown shows it, letter by letter; a figure keeps its unit on its line."""
    held = _HELD_TOGETHER.sub("\u00a0", one_line(text))
    broken = _AFTER_PARSING.sub(lambda found: found.group() + BLANK, held)
    return _SPECIAL.sub(r"\\\1", broken)
