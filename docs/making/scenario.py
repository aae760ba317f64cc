"""The settings, from the table in recsys_roi/value/settings.py."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from docs.making.tables import code, plain, table
from recsys_roi.render.words import capitalised
from recsys_roi.value.reading import write_text
from recsys_roi.value.setting import Setting
from recsys_roi.value.settings import LARGEST, SETTINGS

HEADER = ("Setting", "What it is", "Default", "Allowed", "Where the default comes from")


def settings() -> str:
    """A table for each group, in the order of the pages."""
    return "\n\n".join(
        f"## {capitalised(group)}\n\n{table(HEADER, map(_row, found))}"
        for group, found in groupby(SETTINGS.values(), key=lambda setting: setting.group)
    )


def _row(setting: Setting) -> tuple[str, ...]:
    unit = f" ({setting.unit})" if setting.unit else ""
    return (
        code(setting.name),
        f"{plain(setting.label)}{unit}",
        _default(setting),
        _allowed(setting),
        plain(setting.source),
    )


def _default(setting: Setting) -> str:
    value: Any = setting.default
    return "none" if value is None or value in ({}, ()) else code(write_text(setting, value))


def _allowed(setting: Setting) -> str:
    """The rule without its first words; choices as code."""
    rule = setting.rule.removeprefix("must be ")
    if setting.high == LARGEST:
        rule = rule.partition(" above" if setting.above else " between")[0]
        rule += " above 0" if setting.above else f", {setting.low:g} or more"
    if not setting.choices:
        return plain(rule)
    return f"{'of' if setting.kind == 'texts' else 'one of'} {', '.join(map(code, setting.choices))}"
