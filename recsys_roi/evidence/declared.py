"""Reading a declared view from a folder that holds nothing else: any other view is said to be not counted."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from pydantic import TypeAdapter, ValidationError

from recsys_roi.errors import InputError, NotCountedError, PilotError
from recsys_roi.evidence.covariates import PRIOR
from recsys_roi.evidence.kept_views import NAMES, declared_of, read_kept
from recsys_roi.evidence.selection import Known, resolve
from recsys_roi.evidence.view import Evidence, View
from recsys_roi.logs.counted import Declared, DeclaredView
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.snapshot import Snapshot

_VIEW = TypeAdapter(View)
_DEFAULTS = _VIEW.dump_python(View(), mode="json")
DEFAULT = "what the data chooses"


def declared_evidence(held: Snapshot, declared: Declared, view: View) -> Evidence:
    """The evidence of one view of a folder of declared views; NotCountedError where it was not declared."""
    known = read_kept(held.folder, NAMES, declared.names, Known)
    notes, meant = meaning(known, view)
    for number, entry in enumerate(declared.views, start=1):
        if meaning(known, _view(held.name, entry))[1] == meant:
            found = read_kept(held.folder, number, entry.hash, Evidence)
            return replace(found, notes=notes)  # what is chosen depends on what was asked
    raise NotCountedError(_not_counted(declared, view))


def declared_settings(pilot: Pilot | None, number: int | None = None) -> dict[str, Any]:
    """The settings that an analysis of this pilot starts from, by name as JSON has them.

    Those of the declared view with that number, the first where it is None; none for counts and rows, of
    which any view can be read. Raises NotCountedError for a number that no declared view has.
    """
    declared = None if pilot is None else declared_of(pilot.snapshot())
    if declared is None:
        if number is not None:
            raise InputError("--view is for a folder of declared views; of counts any view can be read.")
        return {}
    place = 1 if number is None else number
    if not 1 <= place <= len(declared.views):
        raise NotCountedError(f"There is no declared view {place}. Declared: {_listed(declared)}.")
    return dict(declared.views[place - 1].settings)


def check_views(pilot: Pilot) -> int:
    """How many declared views there are, all of them read; PilotError where one is damaged or missing."""
    declared = declared_of(pilot.snapshot())
    if declared is None:
        return 0
    read_kept(pilot.folder, NAMES, declared.names, Known)
    for number, view in enumerate(declared.views, start=1):
        read_kept(pilot.folder, number, view.hash, Evidence)
    return len(declared.views)


def declared_sentences(pilot: Pilot) -> tuple[str, ...]:
    """Each declared view in words; none for counts and rows."""
    counted = pilot.counted
    if counted is None or counted.declared is None:
        return ()
    return tuple(settings_text(view.settings) for view in counted.declared.views)


def settings_of(view: View) -> dict[str, Any]:
    """The settings of a view that are not at their default, by name as JSON has them."""
    dumped = _VIEW.dump_python(view, mode="json")
    return {name: value for name, value in dumped.items() if value != _DEFAULTS[name]}


def _view(name: str, entry: DeclaredView) -> View:
    try:
        found: View = _VIEW.validate_python(entry.settings)
    except ValidationError:
        raise PilotError(f"The evidence {name} is damaged: its manifest declares no view.") from None
    return found


def meaning(known: Known, view: View) -> tuple[tuple[str, ...], View]:
    """What is chosen for a view, and the view with every name as it is meant: equal ones count the same."""
    selection = resolve(known, view)
    return selection.notes, replace(
        view,
        experiment=selection.experiment,
        control=selection.control,
        candidate=selection.candidate,
        surface=selection.surface,
        start=None if view.start is None else view.start.astimezone(UTC),
        end=None if view.end is None else view.end.astimezone(UTC),
        covariate=PRIOR if view.covariate is None else view.covariate,
    )


def _not_counted(declared: Declared, view: View) -> str:
    asked = settings_of(view)
    return (
        f"Not counted: this evidence holds declared views only, and {settings_text(asked)} is none of them. "
        f"Declared: {_listed(declared)}. Choose one of these, or count it where the logs are: "
        f"recsys-roi evidence FILE --view {shlex.quote(command_text(asked))} --to DIR"
    )


def _listed(declared: Declared) -> str:
    return "; ".join(f"({n}) {settings_text(entry.settings)}" for n, entry in enumerate(declared.views, 1))


def settings_text(settings: Mapping[str, Any]) -> str:
    """Settings of a view for people."""
    return ", ".join(f"{name} = {_text(value)}" for name, value in settings.items()) or DEFAULT


def command_text(settings: Mapping[str, Any]) -> str:
    """Settings as `--view` takes them."""
    return " ".join(f"{name}={shlex.quote(_text(value))}" for name, value in settings.items())


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
