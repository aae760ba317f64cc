"""Text for cells of CSV and XLSX files: one that came from a log never starts a formula."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable

from recsys_roi.render.markdown import one_line

FORMULA_STARTS = ("=", "+", "-", "@")
QUOTE = "'"  # what spreadsheets read as: the rest is text

Value = str | int | float | bool | None


def safe_text(text: str) -> str:
    """The text on one line, behind an apostrophe where a spreadsheet would calculate with it."""
    line = one_line(text)
    begins = unicodedata.normalize("NFKC", line).lstrip()  # full-width signs count as their plain ones
    return f"{QUOTE}{line}" if begins.startswith(FORMULA_STARTS) else line


def written(value: Value) -> str:
    """A value as a CSV cell: numbers at full precision, nothing for what cannot be measured."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else safe_text(value)


def to_csv(header: Iterable[str], rows: Iterable[Iterable[Value]]) -> str:
    """A CSV table in UTF-8 with line feeds, the same on every machine."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([written(value) for value in row] for row in rows)
    return text.getvalue()
