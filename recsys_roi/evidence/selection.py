"""Which experiment, arms and surface a view means: chosen from the data only where there is no doubt."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from recsys_roi.errors import InputError, UnknownNameError
from recsys_roi.evidence.counting import counts_of
from recsys_roi.evidence.foreign import look_at
from recsys_roi.evidence.kept_views import NAMES, declared_of, read_kept
from recsys_roi.evidence.view import View
from recsys_roi.logs.pilot import Pilot

CONTROL_NAMES = ("control", "baseline", "a")  # compared without case


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The names that a view resolves to, and what was chosen for the user."""

    experiment: str
    control: str
    candidate: str
    surface: str | None
    surfaces: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What a person can choose from, by experiment; every list is sorted."""

    variants: dict[str, tuple[str, ...]]
    surfaces: dict[str, tuple[str, ...]]
    slice_keys: dict[str, tuple[str, ...]] = field(default_factory=dict)  # context keys with few values

    @property
    def experiments(self) -> tuple[str, ...]:
        """The experiments of the pilot."""
        return tuple(self.variants)


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """The names that views are resolved against; every list is sorted."""

    variants: dict[str, tuple[str, ...]]  # by experiment
    surfaces: tuple[tuple[str, str, str], ...]  # (experiment, variant, surface)
    slice_keys: dict[str, tuple[str, ...]]  # context keys with few values, by experiment

    def names(self) -> Names:
        """What a person can choose from."""
        surfaces: dict[str, tuple[str, ...]] = {}
        for experiment, surface in sorted({(of, name) for of, _, name in self.surfaces}):
            surfaces[experiment] = (*surfaces.get(experiment, ()), surface)
        return Names(variants=self.variants, surfaces=surfaces, slice_keys=self.slice_keys)


def names_of(pilot: Pilot) -> Names:
    """The names in a pilot's logs; counts the rows first when its files are new."""
    asked = pilot.snapshot()
    look_at(asked)
    if (declared := declared_of(asked)) is not None:
        return read_kept(pilot.folder, NAMES, declared.names, Known).names()
    with counts_of(pilot).connect() as connection:
        return known_names(connection).names()


def known_names(connection: duckdb.DuckDBPyConnection) -> Known:
    """The names in some counts."""
    variants: dict[str, tuple[str, ...]] = {}
    slice_keys: dict[str, tuple[str, ...]] = {}
    for experiment, variant in connection.execute(
        "SELECT experiment_id, variant FROM variant_names ORDER BY ALL"
    ).fetchall():
        variants[experiment] = (*variants.get(experiment, ()), variant)
    for experiment, key in connection.execute(
        "SELECT experiment_id, key FROM context_keys WHERE kept AND distinct_values > 1 ORDER BY ALL"
    ).fetchall():
        slice_keys[experiment] = (*slice_keys.get(experiment, ()), key)
    surfaces = connection.execute(
        "SELECT DISTINCT experiment_id, variant, surface FROM surfaces ORDER BY ALL"
    ).fetchall()
    return Known(variants=variants, surfaces=tuple(surfaces), slice_keys=slice_keys)


def select(connection: duckdb.DuckDBPyConnection, view: View) -> Selection:
    """Resolves a view's names against the counts; raises as `resolve`."""
    return resolve(known_names(connection), view)


def resolve(known: Known, view: View) -> Selection:
    """Resolves a view's names.

    Raises InputError where a name must be given, UnknownNameError where a given name is not in the logs.
    """
    if not known.variants:
        raise InputError(
            "There are no assignments in these logs, so nothing can be compared: "
            "add an assignment.v1 log that says which user was in which variant."
        )
    experiment = _experiment(view.experiment, sorted(known.variants))
    control, candidate, notes = _arms(view.control, view.candidate, list(known.variants[experiment]))
    arms = {(experiment, control), (experiment, candidate)}
    surfaces = tuple(sorted({name for of, variant, name in known.surfaces if (of, variant) in arms}))
    return Selection(
        experiment=experiment,
        control=control,
        candidate=candidate,
        surface=_surface(view.surface, surfaces),
        surfaces=surfaces,
        notes=notes,
    )


def _experiment(given: str | None, known: list[str]) -> str:
    if given is not None:
        if given not in known:
            raise UnknownNameError("experiment", given, known)
        return given
    if len(known) > 1:
        raise InputError(f"The logs hold several experiments; name one with experiment: {', '.join(known)}.")
    return known[0]


def _surface(given: str | None, known: tuple[str, ...]) -> str | None:
    if given is not None:
        if given not in known:
            raise UnknownNameError("surface", given, known)
        return given
    if len(known) > 1:
        raise InputError(f"The logs hold several surfaces; name one with surface: {', '.join(known)}.")
    return known[0] if known else None


def _arms(control: str | None, candidate: str | None, known: list[str]) -> tuple[str, str, tuple[str, ...]]:
    for role, name in (("control variant", control), ("candidate variant", candidate)):
        if name is not None and name not in known:
            raise UnknownNameError(role, name, known)
    if len(known) < 2:
        raise InputError(
            f"The experiment has one variant only ({known[0]}); a comparison needs a control and a candidate."
        )
    notes = []
    if control is None:
        others = [name for name in known if name != candidate]
        named = [name for wanted in CONTROL_NAMES for name in others if name.lower() == wanted]
        control = named[0] if named else others[0]
        why = "by its name" if named else "the first by name"
        notes.append(f"control = {control} ({why}; not given)")
    if candidate is None:
        others = [name for name in known if name != control]
        if len(others) > 1:
            raise InputError(
                f"Variants beside the control {control} are {', '.join(others)}: name one as candidate."
            )
        candidate = others[0]
        notes.append(f"candidate = {candidate} (the other variant; not given)")
    if control == candidate:
        raise InputError(f"Control and candidate are the same variant ({control}).")
    return control, candidate, tuple(notes)
