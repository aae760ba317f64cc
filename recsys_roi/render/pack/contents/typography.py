"""What a line of type must not tear apart: a figure and its unit, a sign and its number."""

from __future__ import annotations

import re

FIGURE_AND_UNIT = re.compile(r"(?<=\d) (?=%|\d{3}(?!\d))|(?<=[\dkMBT]) (?=[A-Z]{3}\b)")
CURRENCY_AND_FIGURE = re.compile(r"(?<=\b[A-Z]{3}) (?=[-<>]?\d)")
SIGN_AND_FIGURE = re.compile(r"(?<![\w.])-(?=\d)")


def glued(text: str) -> str:
    """The text with spaces that do not break between a figure and its unit or currency."""
    return CURRENCY_AND_FIGURE.sub("\u00a0", FIGURE_AND_UNIT.sub("\u00a0", text))


def glued_signs(text: str) -> str:
    """The same, with minus signs that do not break either: office programs tear them from their figure."""
    return SIGN_AND_FIGURE.sub("\u2011", glued(text))
