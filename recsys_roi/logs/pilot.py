"""A pilot's logs on disk: immutable Parquet for each ingested file, and a manifest renamed into place.

A reader opens what the manifest names and is never blocked by a writer. A writer that is killed leaves the
pilot as it was: a file is in the pilot when, and only when, the manifest names it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import msgspec
from pydantic import ValidationError

from recsys_roi.errors import PilotError, SettingError, UnknownNameError
from recsys_roi.logs.counted import Counted
from recsys_roi.logs.documents import Document
from recsys_roi.logs.hashing import keep_salt, new_salt
from recsys_roi.logs.lock import LOCK, is_alive, locked
from recsys_roi.logs.manifest import MANIFEST, LogFile, Manifest, read_manifest, write_manifest
from recsys_roi.logs.rejects import Reject, Rejects, rejects_csv
from recsys_roi.logs.room import cause
from recsys_roi.logs.snapshot import Snapshot, damaged, rejects_path, rows_elsewhere, rows_path
from recsys_roi.whole_file import sync

__all__ = ["LogFile", "Pilot", "PilotWriter", "home", "pilot_folder", "pilot_names", "temporary_pilot"]

WAIT_SECONDS = 10.0
COUNTS = "counts"  # folder in a pilot for what was counted from its files; goes with any of them
COUNTING = ".new"  # the name in it, followed by the process, of what is not finished yet

_CUT_OFF = "cut-off.jsonl"
_SOURCE = "source.json"
_OF_A_PROCESS = re.compile(r"(?:spill|\.new)-(\d+)-[0-9a-f]+")
_OURS = re.compile(
    r"work-[0-9a-f]+|[0-9a-f]{64}(?:-r[0-9]+)?\.(parquet|rejects\.jsonl)|manifest\.json\.new|\.lock|cut-off\.jsonl"
)
_NAME_RULE = "must be 1 to 64 letters, digits, spaces, - _ or . and begin and end with a letter or digit"


@dataclass(frozen=True, kw_only=True, slots=True)
class CutOff:
    """A file whose ingest was killed."""

    name: str
    kept: bool  # whole, because the end came after the manifest had named it


class _Source(msgspec.Struct, frozen=True):
    """What a writer is at work on, kept in its work folder."""

    name: str
    hash: str = ""


def home() -> Path:
    """Where pilots are kept: RECSYS_ROI_HOME, else .recsys-roi in the user's own folder."""
    given = os.environ.get("RECSYS_ROI_HOME", "").strip()
    return Path(given).expanduser().absolute() if given else Path.home() / ".recsys-roi"


def pilot_folder(home: Path, name: str) -> Path:
    """The folder of the pilot called `name`; SettingError when the name cannot be one."""
    name = unicodedata.normalize("NFC", name)
    allowed = all(c.isalnum() or c in " -_." for c in name)
    if not (allowed and 1 <= len(name) <= 64 and name[0].isalnum() and name[-1].isalnum()):
        raise SettingError("pilot", _NAME_RULE, name)
    if len(name.encode()) > 200:
        raise SettingError("pilot", "must be shorter in this alphabet (200 bytes as UTF-8)", name)
    return home / "pilots" / name


def pilot_names(home: Path) -> tuple[str, ...]:
    """The pilots kept in `home`, sorted; PilotError where this account may not look there."""
    folder = home / "pilots"
    try:
        entries = list(folder.iterdir()) if folder.is_dir() else []
    except OSError as problem:
        raise PilotError(f"The pilots in {folder} cannot be read: {cause(problem, folder)}.") from problem
    return tuple(sorted(one.name for one in entries if not one.name.startswith(".") and _is_pilot(one)))


def _is_pilot(folder: Path) -> bool:
    """Whether a folder holds a manifest, or may, where this account may not look into it."""
    try:
        return (folder / MANIFEST).is_file()
    except PermissionError:
        return True


class Pilot:
    """The logs of one pilot. Every property reads the manifest as it is now; `connect` is a snapshot."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds a pilot already: see `create_or_open` and `open`."""
        self.folder = folder
        self._manifest()

    @classmethod
    def create_or_open(cls, folder: Path) -> Pilot:
        """The pilot in `folder`, made when that is new or empty; PilotError when it holds other things."""
        folder = folder.absolute()
        if not _is_pilot(folder):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if any(not _OURS.fullmatch(entry.name) for entry in folder.iterdir()):
                    raise PilotError(f"{folder} holds other files, not a pilot. Choose a new folder.")
                with locked(folder, WAIT_SECONDS):
                    if not (folder / MANIFEST).is_file():
                        write_manifest(folder, Manifest())
            except OSError as problem:
                raise PilotError(
                    f"The pilot cannot be made in {folder}: {cause(problem, folder)}."
                ) from problem
        return cls(folder)

    @classmethod
    def open(cls, home: Path, name: str) -> Pilot:
        """The pilot called `name`; UnknownNameError with the known names when there is none."""
        folder = pilot_folder(home, name)
        if not _is_pilot(folder):
            raise UnknownNameError("pilot", name, pilot_names(home))
        return cls(folder.absolute())

    def snapshot(self) -> Snapshot:
        """What the pilot holds now, for reading that several files are to agree in."""
        return Snapshot(folder=self.folder, manifest=self._manifest())

    @property
    def name(self) -> str:
        """The name of the pilot: that of its folder."""
        return self.folder.name

    @property
    def files(self) -> tuple[LogFile, ...]:
        """The files in the order in which they were ingested."""
        return self._manifest().files

    @property
    def documents(self) -> tuple[Document, ...]:
        """Artifact manifests, then reports of recsys-eval, each in the order in which they came."""
        return self._manifest().documents

    @property
    def fingerprint(self) -> str:
        """ "blake3:" and a hash that is the same for equal content in equal order, whatever the names."""
        return self._manifest().fingerprint

    @property
    def counted(self) -> Counted | None:
        """Of an evidence folder: by what it was counted; such a pilot has counts and rejects, and no rows."""
        return self._manifest().counted

    @property
    def hashes_ids(self) -> bool:
        """Whether user ids are kept as salted hashes only."""
        return self._manifest().ids == "hashed"

    def hash_ids(self, salt: str | None = None) -> None:
        """From now on user ids are kept as salted hashes only; PilotError where plain ids are here.

        The salt is a new one unless one is given.
        """
        with self.writing():
            known = self._manifest()
            if known.ids == "hashed":
                return
            if known.files:
                raise PilotError(
                    f"The pilot {self.name} holds logs with plain user ids, which hashes would not join. "
                    "Read all its logs into a new pilot with hashed ids, then delete this one."
                )
            keep_salt(self.folder, salt or new_salt())
            write_manifest(self.folder, known.model_copy(update={"ids": "hashed"}))

    def connect(
        self,
        *,
        directories: Iterable[Path] = (),
        memory_limit: str | None = None,
        threads: int | None = None,
    ) -> duckdb.DuckDBPyConnection:
        """A hardened in-memory connection with the views exposures, outcomes and assignments.

        It sees the files that the pilot has now: connect again when `fingerprint` has changed. Use one
        `.cursor()` a thread. It can write only in the pilot's folder and in `directories`; `memory_limit`
        ("2GB") and `threads` are DuckDB's own settings, locked afterwards.
        """
        while True:
            held = self.snapshot()
            try:
                return held.connect(directories=directories, memory_limit=memory_limit, threads=threads)
            except PilotError:
                if self._manifest() == held.manifest:
                    raise  # else a file was removed between the two readings

    def rejects(self) -> Iterator[Reject]:
        """Every error of every rejected line, by file and line."""
        return self.snapshot().rejects()

    def rejects_of(self, file: LogFile) -> Rejects:
        """Every error of the rejected lines of one file, by line."""
        return self.snapshot().rejects_of(file)

    def rejects_csv(self) -> Iterator[str]:
        """The rejected lines as CSV text in pieces (columns file, line, field, reason, value)."""
        return rejects_csv(self.rejects())

    def kept_of(self, file: LogFile) -> tuple[Path, Path]:
        """The rows of a file (Parquet) and its rejected lines, as they are on the disk."""
        return rows_path(self.folder, file), rejects_path(self.folder, file)

    def find(self, *hashes: str) -> LogFile | Document | None:
        """The file with those bytes, or with that content when packed in another way."""
        manifest = self._manifest()
        known = next((file for file in manifest.files if {file.hash, file.content_hash} & set(hashes)), None)
        return known or next((kept for kept in manifest.documents if kept.hash in hashes), None)

    def cut_off(self) -> tuple[CutOff, ...]:
        """The files whose ingest was killed since this was last asked; each is told once.

        Sweeps what the killed left behind. Empty while another writer is at work.
        """
        try:
            with self.writing(0):
                told = self.folder / _CUT_OFF
                names = told.read_bytes().splitlines() if told.is_file() else []
                known = self._manifest()
                told.unlink(missing_ok=True)
        except PilotError:
            return ()
        hashes = {file.hash for file in known.everything}
        found = (source for line in names if (source := _source(line)) is not None)
        return tuple(CutOff(name=source.name, kept=source.hash in hashes) for source in found)

    def remove_file(self, file_hash: str) -> LogFile | Document:
        """Take the file with that `hash` out of the pilot and delete what was kept of it."""
        with self.writing() as writer:
            try:
                return writer.remove(file_hash)
            except OSError as problem:
                raise self._not_written(problem) from problem

    def delete(self) -> None:
        """Delete the pilot and all that was kept of its logs."""
        delete_pilot(self.folder)

    @contextmanager
    def writing(self, wait_seconds: float = WAIT_SECONDS) -> Iterator[PilotWriter]:
        """The one writer of the pilot; PilotError when another holds it for longer than `wait_seconds`."""
        if self.counted is not None:
            raise rows_elsewhere(self.folder)
        with locked(self.folder, wait_seconds):
            work = self.folder / f"work-{secrets.token_hex(8)}"
            try:
                self._sweep()
                work.mkdir(mode=0o700)
            except OSError as problem:
                raise self._not_written(problem) from problem
            try:
                yield PilotWriter(self, work)
            finally:
                shutil.rmtree(work, ignore_errors=True)

    def _sweep(self) -> None:
        """Delete what killed writers and readers left behind; called by the one writer only."""
        kept = {path.name for file in self.files for path in self.kept_of(file)}
        for entry in (*self.folder.iterdir(), *(self.folder / COUNTS).glob(f"{COUNTING}-*")):
            reader = _OF_A_PROCESS.fullmatch(entry.name)
            left_over = not is_alive(int(reader[1])) if reader else bool(_OURS.fullmatch(entry.name))
            if left_over and entry.name not in kept | {LOCK, _CUT_OFF}:
                if entry.is_dir():
                    self._remember_source(entry / _SOURCE)
                    shutil.rmtree(entry, ignore_errors=True)
                else:
                    entry.unlink(missing_ok=True)

    def _remember_source(self, noted: Path) -> None:
        """What a killed writer was at work on, to be told to a person by `cut_off`."""
        if noted.is_file():
            with (self.folder / _CUT_OFF).open("ab") as told:
                told.write(noted.read_bytes() + b"\n")

    def _manifest(self) -> Manifest:
        try:
            return read_manifest(self.folder)
        except FileNotFoundError as problem:
            raise PilotError(f"The pilot {self.name} is no longer there ({self.folder}).") from problem
        except (OSError, ValidationError) as problem:
            raise damaged(self.folder, problem) from problem

    def _not_written(self, problem: OSError) -> PilotError:
        return PilotError(f"The pilot {self.name} cannot be written: {cause(problem, self.folder)}.")


def delete_pilot(folder: Path) -> None:
    """Delete the pilot in `folder`, whole or damaged, and all that was kept of its logs."""
    name = folder.name
    with locked(folder, WAIT_SECONDS):
        for leftover in folder.parent.glob(".deleted-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        grave = folder.with_name(f".deleted-{secrets.token_hex(8)}")
        try:
            # Out of sight in one step, so that a killed delete leaves no half of a pilot behind.
            folder.rename(grave)
        except OSError as problem:
            raise PilotError(f"The pilot {name} cannot be deleted: {cause(problem, folder)}.") from problem
    try:
        shutil.rmtree(grave)
    except FileNotFoundError:
        return  # another delete sweeps such leftovers too
    except OSError as problem:
        raise PilotError(
            f"The pilot {name} is gone, but some of its files could not be deleted "
            f"({problem.strerror}). Delete {grave} by hand."
        ) from problem


class PilotWriter:
    """What the one writer of a pilot may do, while it holds the lock."""

    def __init__(self, pilot: Pilot, work: Path) -> None:
        """`work` is a private folder on the pilot's disk, deleted with the writer."""
        self.pilot = pilot
        self.work = work

    def begin(self, name: str, file_hash: str = "") -> None:
        """Note what is at work, so that a person can be told should this process be killed."""
        noted = self.work / _SOURCE
        made = noted.with_suffix(".new")
        made.write_bytes(msgspec.json.encode(_Source(name, file_hash)))
        made.replace(noted)

    def end(self) -> None:
        """Nothing is at work any more."""
        (self.work / _SOURCE).unlink(missing_ok=True)

    def add(self, file: LogFile, parquet: Path, rejects: Path) -> None:
        """Move the two files into the pilot, then name them in the manifest: all of the log or nothing."""
        for made, place in zip((parquet, rejects), self.pilot.kept_of(file), strict=True):
            sync(made)
            made.rename(place)
        known = self.pilot._manifest()
        write_manifest(self.pilot.folder, known.model_copy(update={"files": (*known.files, file)}))

    def keep(self, document: Document) -> None:
        """Keep an artifact manifest, or a report of recsys-eval."""
        write_manifest(self.pilot.folder, self.pilot._manifest().having(document))

    def remove(self, file_hash: str) -> LogFile | Document:
        """Take a file out of the manifest, then delete it; UnknownNameError when the pilot has it not."""
        known = self.pilot._manifest()
        found = next((file for file in known.everything if file.hash == file_hash), None)
        if found is None:
            raise UnknownNameError("file", file_hash, (file.hash for file in known.everything))
        write_manifest(self.pilot.folder, known.without(found))
        if isinstance(found, LogFile):
            self._drop([found])
        return found

    def replace(self, files: Iterable[tuple[LogFile, LogFile, Path, Path]]) -> None:
        """Other rows and rejects for files (old, new, rows, rejects): all of them in one step, or none."""
        files = list(files)
        for _, new, *made in files:
            for path, place in zip(made, self.pilot.kept_of(new), strict=True):
                sync(path)
                path.rename(place)
        known = self.pilot._manifest()
        instead = {old.hash: new for old, new, *_ in files}
        kept = tuple(instead.get(file.hash, file) for file in known.files)
        write_manifest(self.pilot.folder, known.model_copy(update={"files": kept}))
        self._drop([old for old, *_ in files])

    def _drop(self, files: Iterable[LogFile]) -> None:
        """Deletes what was kept of files that the manifest names no more, and what was counted from them."""
        for file in files:
            for kept in self.pilot.kept_of(file):
                kept.unlink(missing_ok=True)
        for counts in (self.pilot.folder / COUNTS).glob("[!.]*"):  # a dot: another process is counting
            shutil.rmtree(counts, ignore_errors=True)


@contextmanager
def temporary_pilot(within: Path | None = None) -> Iterator[Pilot]:
    """A pilot that is deleted afterwards, for a review of files that are not kept; in `within`."""
    folder = Path(tempfile.mkdtemp(prefix="recsys-roi-", dir=within))
    try:
        yield Pilot.create_or_open(folder / "pilot")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _source(line: bytes) -> _Source | None:
    try:
        return msgspec.json.decode(line, type=_Source)
    except msgspec.MsgspecError:
        return None
