"""Writing a folder of declared views: their sums, and no row of a user, a request or a rejected line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from recsys_roi.errors import InputError, PilotError
from recsys_roi.evidence.counting import counts_of
from recsys_roi.evidence.declared import meaning, settings_of, settings_text
from recsys_roi.evidence.kept_views import NAMES, VIEWS_LAYOUT, keep
from recsys_roi.evidence.selection import Known, known_names
from recsys_roi.evidence.view import Evidence, View
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.counted import Declared, DeclaredView
from recsys_roi.logs.manifest import read_manifest, write_manifest
from recsys_roi.logs.pilot import Pilot


def fill_with_views(work: Path, source: Pilot, views: Sequence[View]) -> None:
    """Puts the evidence of the views into the folder `work`; `source` is an evidence folder of counts.

    Raises InputError where there is no view, one cannot be read, or two mean the same.
    """
    manifest = read_manifest(source.folder)
    if manifest.counted is None or manifest.counted.declared is not None:
        raise PilotError(f"{source.folder} holds no counts, so no view can be taken from it.")
    if not views:
        raise InputError("No view was declared. Name at least one.")
    with counts_of(source).connect() as connection:
        known = known_names(connection)
    _check_different(known, views)
    kept = tuple(
        DeclaredView(
            settings=settings_of(view), hash=keep(work, number, _taken(source, view, number), Evidence)
        )
        for number, view in enumerate(views, start=1)
    )
    declared = Declared(names=keep(work, NAMES, known, Known), views=kept)
    names = {file.hash: file.name for file in manifest.files}
    inputs = tuple(
        entry.model_copy(update={"path": names[entry.hash]})  # a path says where somebody's logs are
        for entry in manifest.counted.inputs
    )
    counted = manifest.counted.model_copy(
        update={"layout": VIEWS_LAYOUT, "kept_rows": None, "declared": declared, "inputs": inputs}
    )
    write_manifest(work, manifest.model_copy(update={"counted": counted}))


def _check_different(known: Known, views: Sequence[View]) -> None:
    seen: dict[View, int] = {}
    for number, view in enumerate(views, start=1):
        with _of_view(view, number):
            _, meant = meaning(known, view)
        if meant in seen:
            raise InputError(f"Views {seen[meant]} and {number} are the same. Declare each once.")
        seen[meant] = number


def _taken(source: Pilot, view: View, number: int) -> Evidence:
    with _of_view(view, number):
        return evidence_of(source, view)


@contextmanager
def _of_view(view: View, number: int) -> Iterator[None]:
    """What is wrong in one view is said with its number."""
    try:
        yield
    except InputError as problem:
        raise InputError(f"View {number} ({settings_text(settings_of(view))}): {problem}") from problem
