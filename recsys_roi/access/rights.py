"""The one table of what each role of a pilot may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from recsys_roi.errors import AccessError
from recsys_roi.record.entries import ROLES, Role

Action = Literal[
    "see",
    "upload",
    "write",
    "attest",
    "lock_plan",
    "change_locked_plan",
    "waive",
    "remove",
    "members",
]
ACTIONS: tuple[Action, ...] = get_args(Action)

WHAT: Mapping[Action, str] = {
    "see": "read every page, move sliders, export, copy links",
    "upload": "add logs",
    "write": "save, copy and delete scenarios; name owners of risks, add and judge risks",
    "attest": "state what logs cannot show, and take it back",
    "lock_plan": "lock the first plan",
    "change_locked_plan": "lock another plan over a locked one",
    "waive": "waive a guardrail, and take it back",
    "remove": "remove files, forget users, say how long rows are kept, delete the pilot",
    "members": "add, change and remove members",
}
"""Each action in words that fit after "may"."""

LEAST: Mapping[Action, Role] = {
    "see": "viewer",
    "upload": "analyst",
    "write": "analyst",
    "attest": "analyst",
    "lock_plan": "analyst",
    "change_locked_plan": "owner",
    "waive": "owner",
    "remove": "owner",
    "members": "owner",
}
"""The least role that may do it; whoever has more may too."""


def may(role: Role | None, action: Action) -> bool:
    """Whether somebody with this role in a pilot may do it; None: no member of it."""
    return role is not None and ROLES.index(role) >= ROLES.index(LEAST[action])


def roles_for(action: Action) -> tuple[Role, ...]:
    """The roles that may do it, the least first."""
    return ROLES[ROLES.index(LEAST[action]) :]


def check(role: Role | None, action: Action) -> None:
    """AccessError where a member with this role may not do it."""
    if not may(role, action):
        allowed = " and ".join(f"{one}s" for one in roles_for(action))
        raise AccessError(
            f"Only {allowed} of this pilot may {WHAT[action]}; you are {_a(role)}. Ask an owner of the pilot."
        )


def _a(role: Role | None) -> str:
    if role is None:
        return "no member"
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"
