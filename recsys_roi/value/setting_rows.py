"""How the rows of the table of settings are made: what most rows of a kind share."""

from __future__ import annotations

from typing import Any

from recsys_roi.value.setting import Group, Kind, Setting

DATA = "chosen from the data"
PLAYBOOK = "the recommender suite's decision playbook"
JUDGEMENT = "our judgement, no published value"
EXAMPLE = "preset of a worked example: enter your own"
LARGEST = 1e12  # of money, hours and counts: what is larger is a slip, and products stay finite


def chosen(name: str, label: str, kind: Kind = "text", **more: Any) -> Setting:
    """A setting that selects what is counted; without a value it is chosen from the data."""
    return Setting(
        **{"default": None, "source": DATA, **more},
        name=name,
        label=label,
        kind=kind,
        group="evidence selection",
    )


def number(name: str, label: str, default: float | None, group: Group, source: str, **more: Any) -> Setting:
    """A number from 0 up, unless `more` bounds it otherwise."""
    given = {"kind": "number", "low": 0.0, "high": LARGEST, **more}
    return Setting(name=name, label=label, default=default, group=group, source=source, **given)


def money(name: str, label: str, default: float | None, group: Group, source: str, **more: Any) -> Setting:
    """An amount in the scenario's currency."""
    return number(name, label, default, group, source, **{"unit": "money", **more})


def share(name: str, label: str, default: float | None, group: Group, source: str, **more: Any) -> Setting:
    """A share between 0 and 1, unless `more` bounds it otherwise."""
    return number(name, label, default, group, source, **{"unit": "share", "high": 1.0, **more})


def margin(measure: str, label: str, default: float, slider: tuple[float, float], **more: Any) -> Setting:
    """The limit of a guardrail, with the slider that the playbook gives it."""
    given = {"source": PLAYBOOK, "unit": "share", **more}
    return share(
        f"margin_{measure}", f"Limit for {label}", default, "guardrails", above=True, slider=slider, **given
    )
