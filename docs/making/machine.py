"""The settings of the machine, and what each role may do."""

from __future__ import annotations

from docs.making.tables import code, plain, table
from recsys_roi.access.rights import ACTIONS, WHAT, may
from recsys_roi.machine import MACHINE_SETTINGS
from recsys_roi.record.entries import ROLES


def settings() -> str:
    """Every environment variable."""
    rows = ((code(one.name), plain(one.what), plain(one.default)) for one in MACHINE_SETTINGS)
    return table(("Variable", "What it sets", "Where it is not set"), rows)


def rights() -> str:
    """One row for each thing that may be done in a pilot."""
    rows = (
        (plain(WHAT[action]), *("yes" if may(role, action) else "" for role in ROLES)) for action in ACTIONS
    )
    return table(("In a pilot", *ROLES), rows)
