"""Evidence folders: counts without rows, made by any engine, opened like a pilot.

Written to a hidden folder beside its place, the manifest last, and renamed into place whole: a run that is
killed leaves nothing that opens.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname
from typing import Any

import duckdb

from recsys_roi import __version__
from recsys_roi.errors import RIGHTS, InputError, PilotError
from recsys_roi.evidence.columns import EPOCH
from recsys_roi.evidence.counting import LAYOUT, TABLES, Counts, OnStep, counted, counts_folder, counts_of
from recsys_roi.evidence.foreign import damaged, look_at
from recsys_roi.evidence.kept_rows import keep_rows
from recsys_roi.evidence.kept_views import NAMES, declared_of, kept_path
from recsys_roi.evidence.reading import CountsReader
from recsys_roi.logs.contracts import KINDS, Reason
from recsys_roi.logs.counted import Counted, CountedInput, EngineName, KeptRows, Span
from recsys_roi.logs.lock import is_alive
from recsys_roi.logs.manifest import MANIFEST, Manifest, read_manifest, write_manifest
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.rejects import Reject
from recsys_roi.logs.room import no_rights
from recsys_roi.whole_file import sync

_WORK = re.compile(rf"\.evidence-{re.escape(gethostname())}-(\d+)-[0-9a-f]+")


def is_evidence(path: Path) -> bool:
    """Whether a path is a folder of evidence, whole or damaged; InputError where that may not be read."""
    try:
        return (path / MANIFEST).is_file() and read_manifest(path).counted is not None
    except PermissionError as problem:
        raise InputError(f"{path}: cannot be read: permission denied. {RIGHTS}.") from problem
    except (OSError, ValueError):
        return False


def fill_folder(
    work: Path,
    pilot: Pilot,
    paths: Mapping[str, str],
    *,
    made_at: datetime,
    rows: KeptRows | None = None,
    on_step: OnStep | None = None,
) -> None:
    """Counts a pilot on this machine and puts its evidence into `work`, given by `new_folder`.

    `paths` says where the file with a hash was read from; with `rows` the pilot's rows are kept too.
    """
    counts, _ = counted(pilot, on_step)
    shutil.copytree(counts.folder, counts_folder(work, pilot.fingerprint), ignore=_only_tables)
    for file in pilot.files:
        _, rejects = pilot.kept_of(file)
        shutil.copyfile(rejects, work / rejects.name)
    if rows is not None:
        keep_rows(work, pilot)
    finish(
        work,
        Manifest(files=pilot.files).having(*pilot.documents),
        engine="duckdb",
        engine_version=duckdb.__version__,
        paths=paths,
        rejected={file.hash: lines_by_reason(pilot.rejects_of(file)) for file in pilot.files},
        made_at=made_at,
        kept_rows=rows,
    )


@contextmanager
def new_folder(to: Path, mode: int = 0o777) -> Iterator[Path]:
    """A hidden folder beside `to` that becomes `to` in one step at the end of the `with`, or goes."""
    to = to.absolute()
    if to.exists() and not (to.is_dir() and not any(to.iterdir())):
        raise InputError(f"{to} exists already. Evidence is written once: choose a new folder, or delete it.")
    work = to.parent / f".evidence-{gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        _sweep(to.parent)
        work.mkdir(mode=mode)
    except OSError as problem:
        why = no_rights(problem, to.parent) or problem.strerror
        raise InputError(f"{to} cannot be written: {why}.") from problem
    try:
        yield work
        for made in work.rglob("*"):
            sync(made)
        work.rename(to)
        sync(to.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def finish(
    work: Path,
    manifest: Manifest,
    *,
    engine: EngineName,
    engine_version: str,
    paths: Mapping[str, str],
    rejected: Mapping[str, Mapping[Reason, int]],
    made_at: datetime,
    rows_deleted: datetime | None = None,
    kept_rows: KeptRows | None = None,
) -> None:
    """Write the manifest of counts and rejects that are in `work`; nothing opens without it."""
    with Counts(folder=counts_folder(work, manifest.fingerprint)).connect() as connection:
        reader = CountsReader(connection=connection)
        rows = {table: _rows(reader, table) for table in TABLES}
        newest = reader.records("SELECT kind, first_us, last_us FROM newest")
    whole = counted_manifest(
        manifest,
        engine=engine,
        engine_version=engine_version,
        paths=paths,
        rejected=rejected,
        rows=rows,
        newest=newest,
        made_at=made_at,
        rows_deleted=rows_deleted,
        kept_rows=kept_rows,
    )
    write_manifest(work, whole)


def _rows(reader: CountsReader, table: str) -> int:
    ((count,),) = (row.values() for row in reader.records(f"SELECT count(*) FROM {table}"))  # noqa: S608 - a name of ours
    return int(count)


def counted_manifest(
    manifest: Manifest,
    *,
    engine: EngineName,
    engine_version: str,
    paths: Mapping[str, str],
    rejected: Mapping[str, Mapping[Reason, int]],
    rows: Mapping[str, int],
    newest: Iterable[Mapping[str, Any]],
    made_at: datetime,
    rows_deleted: datetime | None = None,
    kept_rows: KeptRows | None = None,
) -> Manifest:
    """The manifest of evidence; `paths` and `rejected` (lines by reason) are by the hash of a file.

    `rows` are those of each table of counts, `newest` the table of that name.
    """
    found = {
        span["kind"]: Span(first=_moment(span["first_us"]), last=_moment(span["last_us"]))
        for span in newest
        if span["first_us"] is not None
    }
    counted = Counted(
        layout=LAYOUT,
        engine=engine,
        engine_version=engine_version,
        software=__version__,
        made_at=made_at.astimezone(UTC),
        window={kind: found[kind] for kind in KINDS if kind in found},
        rows=dict(rows),
        inputs=tuple(
            CountedInput(path=paths[file.hash], hash=file.hash, rejected=dict(rejected[file.hash]))
            for file in manifest.files
        ),
        rows_deleted=rows_deleted,
        kept_rows=kept_rows,
    )
    return manifest.model_copy(update={"counted": counted})


def keep_evidence(folder: Path, pilot_folder: Path) -> Pilot:
    """Copy an evidence folder to be a pilot that is kept, without its rows; links in it are not followed.

    Raises InputError where the pilot holds logs already, PilotError where the evidence is damaged.
    """
    source = open_evidence(folder)
    if pilot_folder.exists() and (
        not (pilot_folder / MANIFEST).is_file() or read_manifest(pilot_folder).everything
    ):
        raise InputError(
            f"The pilot {pilot_folder.name} holds logs already. Evidence is a pilot of its own: "
            "give it a new name."
        )
    pilot_folder.parent.mkdir(parents=True, exist_ok=True)
    if pilot_folder.exists():
        Pilot(pilot_folder).delete()  # an empty one, made to plan with
    manifest = without_rows(read_manifest(source.folder))
    with new_folder(pilot_folder, mode=0o700) as work:
        for part in (part for place in _places(source) for part in _parts(place)):
            _copy(part, work / part.relative_to(source.folder))
        write_manifest(work, manifest)
    return Pilot(pilot_folder)


def without_rows(manifest: Manifest) -> Manifest:
    """The manifest of a copy that has no rows."""
    if manifest.counted is None or manifest.counted.kept_rows is None:
        return manifest
    counted = manifest.counted.model_copy(update={"kept_rows": None})
    return manifest.model_copy(update={"counted": counted})


def _places(source: Pilot) -> list[Path]:
    """All that is kept of some evidence besides its manifest."""
    declared = declared_of(source.snapshot())
    if declared is not None:
        names = (NAMES, *range(1, len(declared.views) + 1))
        return [kept_path(source.folder, name) for name in names]
    counts = counts_folder(source.folder, source.fingerprint)
    places = [counts / f"{table}.parquet" for table in TABLES]
    return places + [rejects for _, rejects in map(source.kept_of, source.files)]


def open_evidence(folder: Path) -> Pilot:
    """The evidence in a folder; PilotError when it is damaged or was counted by another version.

    All of it is looked at first, since anybody may have written it (`foreign`).
    """
    pilot = Pilot(folder.absolute())
    if pilot.counted is None:
        raise PilotError(f"{folder} is a pilot, not an evidence folder.")
    held = pilot.snapshot()
    if declared_of(held) is None:
        counts_of(pilot)
    look_at(held)
    return pilot


def lines_by_reason(rejects: Iterable[Reject]) -> dict[Reason, int]:
    """Rejected lines by reason, from the errors in the order of lines; a line stands once under each."""
    found: Counter[Reason] = Counter()
    last, reasons = 0, set[Reason]()
    for reject in rejects:
        if reject.line != last:
            found.update(reasons)
            last, reasons = reject.line, set()
        reasons.add(reject.reason)
    found.update(reasons)
    return dict(sorted(found.items()))


def _only_tables(_: str, names: list[str]) -> list[str]:
    """What stands in a folder of counts besides them: what spilled."""
    tables = {f"{table}.parquet" for table in TABLES}
    return [name for name in names if name not in tables]


def _parts(place: Path) -> list[Path]:
    """A file, or the files that the tasks of Spark wrote in its place."""
    return sorted(place.glob("*")) if place.is_dir() and not place.is_symlink() else [place]


def _copy(file: Path, to: Path) -> None:
    if file.is_symlink() or not file.is_file():  # it was a file when all was looked at
        raise damaged(file.parent.name, f"{file.name} is missing or is a link")
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(file, to)


def _sweep(parent: Path) -> None:
    """What killed runs left beside their place."""
    for entry in parent.iterdir():
        left = _WORK.fullmatch(entry.name)
        if left is not None and not is_alive(int(left[1])):
            shutil.rmtree(entry, ignore_errors=True)


def _moment(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)
