"""Evidence folders with rows, kept as logs are: users are taken out, and rows go when their time is over."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from recsys_roi.errors import InputError, PilotError
from recsys_roi.evidence.counting import counts_name, counts_of
from recsys_roi.evidence.folder import fill_folder, open_evidence
from recsys_roi.evidence.kept_rows import ROWS, bring_rejects
from recsys_roi.evidence.merging import check_mergeable, gather, manifest_of, paths_of
from recsys_roi.evidence.retaining import Retained, blanked, oldest_event
from recsys_roi.logs.counted import KeptRows
from recsys_roi.logs.forgetting import Forgotten, forget_user
from recsys_roi.logs.hashing import salt_mark
from recsys_roi.logs.lock import locked
from recsys_roi.logs.manifest import MANIFEST, Manifest, read_manifest, write_manifest
from recsys_roi.logs.pilot import COUNTS, WAIT_SECONDS, temporary_pilot
from recsys_roi.logs.snapshot import rejects_path, rows_path
from recsys_roi.whole_file import sync


def forget_in_rows(folder: Path, user_id: str, *, salt: str | None, made_at: datetime) -> Forgotten:
    """Takes a user out of an evidence folder's rows and rejected lines, and counts it anew, in its place.

    `salt` is that of hashed ids. A process that is killed leaves the folder as it was or without the user.
    Raises InputError where there are no rows or the salt is not theirs, PilotError where rows are damaged.
    """
    manifest_of(folder)
    with locked(folder, WAIT_SECONDS):
        manifest = manifest_of(folder)
        rows = check_mergeable([(str(folder), manifest)])
        _check_salt(folder, rows, salt)
        _clear(folder, manifest)
        with TemporaryDirectory(prefix=".forgetting-", dir=folder) as passing:
            with temporary_pilot(Path(passing)) as pilot:
                if salt is not None:
                    pilot.hash_ids(salt)
                gather(pilot, [(folder, manifest)])
                found = forget_user(pilot, user_id)
                if not found.files:
                    return found
                whole = Path(passing) / "whole"
                whole.mkdir()
                fill_folder(whole, pilot, paths_of([manifest]), made_at=made_at, rows=rows)
            _put(whole, folder)
    return found


def retain_rows(folder: Path, *, days: int, now: datetime, only_look: bool = False) -> Retained:
    """Deletes an evidence folder's rows when its oldest event is `days` old; its counts stay.

    Rejected lines keep place and reason and lose their values. Raises InputError for days below 1.
    """
    if days < 1:
        raise InputError(f"Rows are kept for 1 day or more; {days} was given.")
    manifest_of(folder)
    with locked(folder, WAIT_SECONDS):
        manifest = manifest_of(folder)
        _clear(folder, manifest)
        if manifest.counted is None or manifest.counted.kept_rows is None:
            return Retained(oldest=None, due=None, deleted=False)
        oldest = oldest_event(counts_of(open_evidence(folder)))
        due = None if oldest is None else oldest + timedelta(days=days)
        rows = sum(file.records for file in manifest.files)
        if only_look or due is None or now < due:
            return Retained(oldest=oldest, due=due, deleted=False, rows=rows)
        _blank(folder, manifest)
        counted = manifest.counted.model_copy(update={"kept_rows": None, "rows_deleted": now})
        left = manifest.model_copy(update={"counted": counted})
        write_manifest(folder, left)
        _sweep(folder, left)
    return Retained(oldest=oldest, due=due, deleted=True, rows=rows)


def _check_salt(folder: Path, rows: KeptRows, salt: str | None) -> None:
    if rows.salt is None and salt is not None:
        raise InputError(f"The user ids of {folder} are plain. Leave out --hash-ids.")
    if rows.salt is not None and salt is None:
        raise InputError(f"The user ids of {folder} are hashed. Name the file of their salt with --hash-ids.")
    if salt is not None and rows.salt != salt_mark(salt):
        raise InputError(f"The user ids of {folder} were hashed with another salt. Name its file.")


def _put(whole: Path, folder: Path) -> None:
    """The new files beside the old ones, then the manifest, then the old ones go."""
    for made in sorted(path for path in whole.rglob("*") if path.is_file() and path.name != MANIFEST):
        place = folder / made.relative_to(whole)
        if not place.is_dir():  # what Spark wrote, and is as it was
            place.parent.mkdir(parents=True, exist_ok=True)
            sync(made)
            made.replace(place)
    manifest = read_manifest(whole)
    write_manifest(folder, manifest)
    _sweep(folder, manifest)


def _blank(folder: Path, manifest: Manifest) -> None:
    """Rejected lines without their values, each file in one step."""
    with TemporaryDirectory(prefix=".retaining-", dir=folder) as passing:
        for file in manifest.files:
            place, whole = rejects_path(folder, file), Path(passing) / "whole.jsonl"
            bring_rejects(folder, file, whole)
            made, _ = blanked(whole, Path(passing))
            if place.is_dir():
                shutil.rmtree(place)
            made.replace(place)


def _clear(folder: Path, manifest: Manifest) -> None:
    """Deletes what a killed run left."""
    for entry in (*folder.glob(".forgetting-*"), *folder.glob(".retaining-*")):
        shutil.rmtree(entry)
    _sweep(folder, manifest)


def _sweep(folder: Path, manifest: Manifest) -> None:
    """Deletes rows, rejected lines and counts that the manifest does not name."""
    counted = manifest.counted
    if counted is None or counted.declared is not None:
        raise PilotError(f"{folder} holds no counts of logs.")
    kept = {COUNTS, counts_name(manifest.fingerprint)}
    kept |= {rejects_path(folder, file).name for file in manifest.files}
    if counted.kept_rows is not None:
        kept |= {ROWS, *(rows_path(folder, file).name for file in manifest.files)}
    for entry in (*folder.glob("*.rejects.jsonl"), *folder.glob(f"{ROWS}/*"), *folder.glob(f"{COUNTS}/*")):
        if entry.name not in kept:
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    if ROWS not in kept and (folder / ROWS).is_dir():
        (folder / ROWS).rmdir()
    sync(folder)
