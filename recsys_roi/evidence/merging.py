"""Evidence folders of several days as one: their rows are put together and counted again.

Users come back, so counts of days have no sum. Rows are counted by one SQL, as if they had come at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from recsys_roi.errors import InputError, PilotError
from recsys_roi.evidence.counting import OnStep
from recsys_roi.evidence.folder import fill_folder, is_evidence
from recsys_roi.evidence.kept_rows import ROWS_LAYOUT, bring_rejects, bring_rows
from recsys_roi.logs.counted import KeptRows
from recsys_roi.logs.manifest import Manifest, read_manifest
from recsys_roi.logs.pilot import Pilot, temporary_pilot

_AGAIN = "recsys-roi evidence FILE --with-rows --to DIR"


def fill_merged(
    work: Path,
    folders: Sequence[Path],
    *,
    made_at: datetime,
    with_rows: bool,
    on_step: OnStep | None = None,
) -> None:
    """Puts the evidence of all these folders, which hold rows, into `work`, given by `new_folder`.

    Files stand in the order of the folders. Raises InputError where the folders cannot be merged, PilotError
    where one is damaged.
    """
    manifests = [manifest_of(folder) for folder in folders]
    rows = check_mergeable([(str(folder), found) for folder, found in zip(folders, manifests, strict=True)])
    paths = paths_of(manifests)
    with temporary_pilot(work) as pilot:
        gather(pilot, list(zip(folders, manifests, strict=True)))
        kept = rows if with_rows else None
        fill_folder(work, pilot, paths, made_at=made_at, rows=kept, on_step=on_step)


def gather(pilot: Pilot, folders: Sequence[tuple[Path, Manifest]]) -> None:
    """Puts the rows, rejected lines and documents of evidence folders into an empty pilot, in their order."""
    with pilot.writing() as writer:
        for folder, manifest in folders:
            for file in manifest.files:
                made, rejects = writer.work / "rows.parquet", writer.work / "rejects.jsonl"
                bring_rows(folder, file, made)
                bring_rejects(folder, file, rejects)
                writer.add(file, made, rejects)
            for document in manifest.documents:
                if pilot.find(document.hash) is None:
                    writer.keep(document)


def manifest_of(folder: Path) -> Manifest:
    """The manifest of an evidence folder; InputError where it is none."""
    if not is_evidence(folder):
        raise InputError(not_evidence(str(folder)))
    return read_manifest(folder)


def not_evidence(name: str) -> str:
    """What is said of a folder that cannot be merged because it is none."""
    return f"{name} is no evidence folder, or is damaged. Write one of logs with: {_AGAIN}"


def paths_of(manifests: Sequence[Manifest]) -> dict[str, str]:
    """Where the file with a hash was read from; by its name where that is not told."""
    names = {file.hash: file.name for manifest in manifests for file in manifest.files}
    told = {
        entry.hash: entry.path
        for manifest in manifests
        for entry in (() if manifest.counted is None else manifest.counted.inputs)
    }
    return names | told


def check_mergeable(named: Sequence[tuple[str, Manifest]]) -> KeptRows:
    """What the rows of all these folders (name, manifest) are alike in; InputError where they are not."""
    if not named:
        raise InputError("Name the folders to merge.")
    kept = [(name, _rows_of(name, manifest)) for name, manifest in named]
    first_name, first = kept[0]
    for name, rows in kept[1:]:
        if rows.salt != first.salt:
            raise InputError(
                f"The user ids of {first_name} and {name} do not join: {_ids(first)} there, {_ids(rows)} here"
                f"{'' if None in (rows.salt, first.salt) else ', with another salt'}. "
                f"Count the logs of both with the same --hash-ids, or both without."
            )
        if rows.read_by != first.read_by:
            raise InputError(
                f"{first_name} was read by {first.read_by} and {name} by {rows.read_by}, whose hashes of "
                "files differ: a file in both would not be seen. Read the logs of both with one engine."
            )
    _check_different(named)
    return first


def _rows_of(name: str, manifest: Manifest) -> KeptRows:
    counted = manifest.counted
    if counted is None:
        raise PilotError(f"{name} is a pilot, not an evidence folder.")
    if counted.kept_rows is None:
        what = "declared views" if counted.declared is not None else "counts"
        raise InputError(
            f"{name} holds {what} and no rows. Users come back, so days have no sum that could be taken from "
            f"them. Count its logs again with: {_AGAIN}"
        )
    if counted.kept_rows.layout != ROWS_LAYOUT:
        raise InputError(
            f"The rows of {name} were written by another version ({counted.software}, "
            f"{counted.kept_rows.layout}; this one reads {ROWS_LAYOUT}). Count its logs again with: {_AGAIN}"
        )
    return counted.kept_rows


def _ids(rows: KeptRows) -> str:
    return "plain ids" if rows.salt is None else "hashed ids"


def _check_different(named: Sequence[tuple[str, Manifest]]) -> None:
    """The same file in two folders would count twice what does not have an id of its own."""
    seen: dict[str, str] = {}
    for name, manifest in named:
        hashes = {mark: file for file in manifest.files for mark in (file.hash, file.content_hash)}
        for mark, file in hashes.items():
            if mark in seen:
                raise InputError(
                    f"{seen[mark]} and {name} both hold the file {file.name}, which would count twice. Leave "
                    "one of them out, or count the logs of one again without that file."
                )
        seen |= dict.fromkeys(hashes, name)
