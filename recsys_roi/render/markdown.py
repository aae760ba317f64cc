"""Text that came from a log made safe for Markdown: wikis, pull requests, and pages that render it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

SPECIAL = re.compile(r"([\\`*_{}\[\]#|~$^])")
HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
BLANK = "\u200b"  # zero width: keeps a wiki from notifying the name after an @ or linking an address
LINK = re.compile(r":(?=//)|www(?=\.)|@(?=\w)", re.IGNORECASE)
DIRECTIVE = re.compile(r":(?=[^\s/0-9])")  # ":red[...]" and ":material/...:" on pages
BLOCK_START = re.compile(r"^([-+=]|\d+(?=[.)]\s))")


def one_line(text: str) -> str:
    """Text on one line without control, format or direction characters that could disguise it."""
    return without_controls(" ".join(text.split()))


def without_controls(text: str) -> str:
    """Text without control, format or direction characters."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in {"Cc", "Cf", "Cs"})


def escape(text: str) -> str:
    """`text` as Markdown that shows exactly it: no markup, HTML, table cell, link or mention."""
    line = one_line(text)
    line = "".join(HTML.get(letter, letter) for letter in line)
    line = SPECIAL.sub(r"\\\1", line)
    line = LINK.sub(lambda found: f"{found.group()}{BLANK}", line)
    line = DIRECTIVE.sub(r"\\:", line)
    return BLOCK_START.sub(_start, line)


def _start(found: re.Match[str]) -> str:
    text = found.group()
    return f"{text}{BLANK}" if text.isdigit() else f"\\{text}"


def code(text: str) -> str:
    """`text` as a code span: for ids, file names and hashes; pipes are escaped for table cells."""
    line = one_line(text).replace("|", "\\|") or " "
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; the cells are Markdown already (made by `escape` or `code`)."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
