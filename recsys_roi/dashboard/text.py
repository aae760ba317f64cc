"""Text from logs is hostile: it may not become Markdown, a link or a picture on a page."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$~&])")


def plain(text: str) -> str:
    """The text as Streamlit's Markdown shows it literally; colons are kept from starting a shortcode."""
    one_line = " ".join(text.split())
    return _SPECIAL.sub(r"\\\1", one_line).replace(":", ":\u200b")
