"""The views that a command line declares: settings that select what is counted."""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path

from recsys_roi.errors import InputError
from recsys_roi.evidence.view import View
from recsys_roi.review.evaluate import view_of
from recsys_roi.value.scenario import Scenario
from recsys_roi.whole_file import DOCUMENT_LIMIT, read_small

SELECTING = frozenset(View.__dataclass_fields__)


def declared_views(arguments: argparse.Namespace) -> tuple[View, ...]:
    """The views of `--views` and `--view`, in this order; none where neither is given."""
    listed = () if arguments.views is None else _listed(arguments.views)
    return (*listed, *(_view(_pairs(text), f"--view {text!r}") for text in arguments.declared))


def _pairs(text: str) -> Scenario:
    try:
        return Scenario.from_pairs(shlex.split(text))
    except ValueError as problem:
        raise InputError(f"--view {text!r} cannot be read: {problem}.") from None


def _listed(file: Path) -> tuple[View, ...]:
    try:
        found = json.loads(read_small(file, DOCUMENT_LIMIT, pipes=True))
    except ValueError as problem:
        raise InputError(f"{file}: is no JSON text: {problem}.") from None
    except RecursionError:
        raise InputError(f"{file}: is nested too deep to be a list of settings.") from None
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise InputError(
            f'{file}: must be a list of objects of settings, for example [{{"surface": "home"}}, {{}}].'
        )
    return tuple(
        _view(_given(file, number, one), f"{file}, view {number}") for number, one in enumerate(found, 1)
    )


def _given(file: Path, number: int, settings: dict[str, object]) -> Scenario:
    try:
        return Scenario.of(settings)
    except InputError as problem:
        raise InputError(f"{file}, view {number}: {problem}") from problem


def _view(scenario: Scenario, where: str) -> View:
    others = [name for name in scenario.changed if name not in SELECTING]
    if others:
        raise InputError(
            f"{where}: {', '.join(others)} selects nothing that is counted, and can be set at any time. "
            f"A view has {', '.join(sorted(SELECTING))}."
        )
    return view_of(scenario)
