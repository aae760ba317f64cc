"""Markdown tables whose cells are plain text or code."""

from __future__ import annotations

from collections.abc import Iterable

from recsys_roi.render import markdown


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; its cells are Markdown already."""
    return markdown.table(header, list(rows))


def code(text: str) -> str:
    """Text as code; nothing for no text."""
    return markdown.code(text) if text else ""


def plain(text: str) -> str:
    """Text inside a table cell: a bar would end the cell."""
    return text.replace("|", "\\|")
