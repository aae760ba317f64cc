"""Which experiment, arms and surface a view means: chosen from the data only where there is no doubt."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from recsys_roi.errors import InputError, UnknownNameError
from recsys_roi.evidence.counting import counts_of
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


def names_of(pilot: Pilot) -> Names:
    """The names in a pilot's logs; counts the rows first when its files are new."""
    variants: dict[str, tuple[str, ...]] = {}
    surfaces: dict[str, tuple[str, ...]] = {}
    slice_keys: dict[str, tuple[str, ...]] = {}
    with counts_of(pilot).connect() as connection:
        for experiment, variant in _variant_names(connection):
            variants[experiment] = (*variants.get(experiment, ()), variant)
        for experiment, surface in connection.execute(
            "SELECT DISTINCT experiment_id, surface FROM surfaces ORDER BY ALL"
        ).fetchall():
            surfaces[experiment] = (*surfaces.get(experiment, ()), surface)
        for experiment, key in connection.execute(
            "SELECT experiment_id, key FROM context_keys WHERE kept AND distinct_values > 1 ORDER BY ALL"
        ).fetchall():
            slice_keys[experiment] = (*slice_keys.get(experiment, ()), key)
    return Names(variants=variants, surfaces=surfaces, slice_keys=slice_keys)


def _variant_names(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute("SELECT experiment_id, variant FROM variant_names ORDER BY ALL").fetchall()


def select(connection: duckdb.DuckDBPyConnection, view: View) -> Selection:
    """Resolves a view's names against the counts.

    Raises InputError where a name must be given, UnknownNameError where a given name is not in the logs.
    """
    arms: dict[str, list[str]] = {}
    for experiment_id, variant in _variant_names(connection):
        arms.setdefault(experiment_id, []).append(variant)
    if not arms:
        raise InputError(
            "There are no assignments in these logs, so nothing can be compared: "
            "add an assignment.v1 log that says which user was in which variant."
        )
    experiment = _experiment(view.experiment, sorted(arms))
    control, candidate, notes = _arms(view.control, view.candidate, arms[experiment])
    surfaces = tuple(
        name
        for (name,) in connection.execute(
            "SELECT DISTINCT surface FROM surfaces WHERE experiment_id = $experiment "
            "AND variant IN ($control, $candidate) ORDER BY surface",
            {"experiment": experiment, "control": control, "candidate": candidate},
        ).fetchall()
    )
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
