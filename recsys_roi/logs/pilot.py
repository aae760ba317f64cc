"""A pilot's logs on disk: immutable Parquet for each ingested file, and a manifest renamed into place.

A reader opens what the manifest names and is never blocked by a writer. A writer that is killed leaves the
pilot as it was: a file is in the pilot when, and only when, the manifest names it.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import duckdb
from blake3 import blake3
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from recsys_roi.errors import PilotError, SettingError, UnknownNameError
from recsys_roi.logs import tables
from recsys_roi.logs.contracts import Kind
from recsys_roi.logs.rejects import Reject, Rejects, rejects_csv

LAYOUT: Literal["pilot.v1"] = "pilot.v1"
WAIT_SECONDS = 10.0

COUNTS = "counts"  # folder in a pilot for what was counted from its files; goes with any of them

_MANIFEST = "manifest.json"
_LOCK = ".lock"
_SPILL = re.compile(r"spill-(\d+)-[0-9a-f]+")
_OURS = re.compile(r"work-[0-9a-f]+|[0-9a-f]{64}\.(parquet|rejects\.jsonl)|manifest\.json\.new|\.lock")
_NAME_RULE = "must be 1 to 64 letters, digits, spaces, - _ or . and begin and end with a letter or digit"


Hash = Annotated[str, StringConstraints(pattern="^blake3:[0-9a-f]{64}$")]


@dataclass(frozen=True, kw_only=True, slots=True)
class LogFile:
    """One ingested file as the manifest describes it; the counts are of physical lines."""

    name: str  # base name, for people
    hash: Hash  # "blake3:" and the hash of the bytes as they were given
    content_hash: Hash  # the same of the lines themselves, unpacked
    kind: Kind
    lines: int  # accepted + rejected
    accepted: int
    rejected: int
    extended: int  # accepted outcomes whose event type the suite's strict validator would refuse
    null_for_absent: int  # accepted lines that write an optional field as null
    notes: tuple[str, ...] = ()  # sentences about what was set right while reading


class _Manifest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal["pilot.v1"] = LAYOUT
    files: tuple[LogFile, ...] = ()


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
    """The pilots kept in `home`, sorted."""
    folder = home / "pilots"
    if not folder.is_dir():
        return ()
    return tuple(
        sorted(
            entry.name
            for entry in folder.iterdir()
            if not entry.name.startswith(".") and (entry / _MANIFEST).is_file()
        )
    )


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
        if not (folder / _MANIFEST).is_file():
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if any(not _OURS.fullmatch(entry.name) for entry in folder.iterdir()):
                    raise PilotError(f"{folder} holds other files, not a pilot. Choose a new folder.")
                with _locked(folder, WAIT_SECONDS):
                    if not (folder / _MANIFEST).is_file():
                        _write_manifest(folder, _Manifest())
            except OSError as problem:
                raise PilotError(f"The pilot cannot be made in {folder}: {problem.strerror}.") from problem
        return cls(folder)

    @classmethod
    def open(cls, home: Path, name: str) -> Pilot:
        """The pilot called `name`; UnknownNameError with the known names when there is none."""
        folder = pilot_folder(home, name)
        if not (folder / _MANIFEST).is_file():
            raise UnknownNameError("pilot", name, pilot_names(home))
        return cls(folder.absolute())

    @property
    def name(self) -> str:
        """The name of the pilot: that of its folder."""
        return self.folder.name

    @property
    def files(self) -> tuple[LogFile, ...]:
        """The files in the order in which they were ingested."""
        return self._manifest().files

    @property
    def fingerprint(self) -> str:
        """ "blake3:" and a hash that is the same for equal content in equal order, whatever the names."""
        return _fingerprint(self._manifest())

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
            manifest = self._manifest()
            try:
                return tables.connect(
                    self.folder,
                    [(file.kind, self._data(file)) for file in manifest.files],
                    spill=self.folder / f"spill-{os.getpid()}-{secrets.token_hex(4)}",
                    directories=[directory.absolute() for directory in directories],
                    memory_limit=memory_limit,
                    threads=threads,
                )
            except duckdb.Error as problem:
                if self._manifest() != manifest:
                    continue  # a file was removed between the two readings
                raise PilotError(self._damaged()) from problem

    def rejects(self) -> Iterator[Reject]:
        """Every error of every rejected line, by file and line."""
        for file in self.files:
            if file.rejected:
                yield from Rejects(file.name, self._rejects(file))

    def rejects_csv(self) -> Iterator[str]:
        """The rejected lines as CSV text in pieces (columns file, line, field, reason, value)."""
        return rejects_csv(self.rejects())

    def find(self, file_hash: str) -> LogFile | None:
        """The file with those bytes, or with those lines when packed in another way."""
        return next((file for file in self.files if file_hash in {file.hash, file.content_hash}), None)

    def remove_file(self, file_hash: str) -> LogFile:
        """Take the file with that `hash` out of the pilot and delete what was kept of it."""
        with self.writing() as writer:
            return writer.remove(file_hash)

    def delete(self) -> None:
        """Delete the pilot and all that was kept of its logs."""
        with _locked(self.folder, WAIT_SECONDS):
            for leftover in self.folder.parent.glob(".deleted-*"):
                shutil.rmtree(leftover, ignore_errors=True)
            grave = self.folder.with_name(f".deleted-{secrets.token_hex(8)}")
            try:
                # Out of sight in one step, so that a killed delete leaves no half of a pilot behind.
                self.folder.rename(grave)
            except OSError as problem:
                raise PilotError(f"The pilot {self.name} cannot be deleted: {problem.strerror}.") from problem
        try:
            shutil.rmtree(grave)
        except FileNotFoundError:
            return  # another delete sweeps such leftovers too
        except OSError as problem:
            raise PilotError(
                f"The pilot {self.name} is gone, but some of its files could not be deleted "
                f"({problem.strerror}). Delete {grave} by hand."
            ) from problem

    @contextmanager
    def writing(self, wait_seconds: float = WAIT_SECONDS) -> Iterator[PilotWriter]:
        """The one writer of the pilot; PilotError when another holds it for longer than `wait_seconds`."""
        with _locked(self.folder, wait_seconds):
            self._sweep()
            work = self.folder / f"work-{secrets.token_hex(8)}"
            work.mkdir(mode=0o700)
            try:
                yield PilotWriter(self, work)
            finally:
                shutil.rmtree(work, ignore_errors=True)

    def _sweep(self) -> None:
        """Delete what killed writers and readers left behind; called by the one writer only."""
        kept = {path.name for file in self.files for path in (self._data(file), self._rejects(file))}
        for entry in self.folder.iterdir():
            spill = _SPILL.fullmatch(entry.name)
            left_over = not _is_alive(int(spill[1])) if spill else bool(_OURS.fullmatch(entry.name))
            if left_over and entry.name not in kept | {_LOCK}:
                if entry.is_dir():
                    shutil.rmtree(entry, ignore_errors=True)
                else:
                    entry.unlink(missing_ok=True)

    def _manifest(self) -> _Manifest:
        path = self.folder / _MANIFEST
        try:
            return _Manifest.model_validate_json(path.read_bytes())
        except FileNotFoundError as problem:
            raise PilotError(f"The pilot {self.name} is no longer there ({self.folder}).") from problem
        except (OSError, ValidationError) as problem:
            raise PilotError(self._damaged()) from problem

    def _damaged(self) -> str:
        return (
            f"The pilot {self.name} cannot be read: its files in {self.folder} are damaged or of another "
            "version. Delete the pilot and ingest its logs again."
        )

    def _data(self, file: LogFile) -> Path:
        return self.folder / f"{file.hash.removeprefix('blake3:')}.parquet"

    def _rejects(self, file: LogFile) -> Path:
        return self.folder / f"{file.hash.removeprefix('blake3:')}.rejects.jsonl"


class PilotWriter:
    """What the one writer of a pilot may do, while it holds the lock."""

    def __init__(self, pilot: Pilot, work: Path) -> None:
        """`work` is a private folder on the pilot's disk, deleted with the writer."""
        self.pilot = pilot
        self.work = work

    def add(self, file: LogFile, parquet: Path, rejects: Path) -> None:
        """Move the two files into the pilot, then name them in the manifest: all of the log or nothing."""
        for made, place in ((parquet, self.pilot._data(file)), (rejects, self.pilot._rejects(file))):
            _sync(made)
            made.rename(place)
        _write_manifest(self.pilot.folder, _Manifest(files=(*self.pilot.files, file)))

    def remove(self, file_hash: str) -> LogFile:
        """Take a file out of the manifest, then delete it; UnknownNameError when the pilot has it not."""
        files = self.pilot.files
        found = next((file for file in files if file.hash == file_hash), None)
        if found is None:
            raise UnknownNameError("file", file_hash, (file.hash for file in files))
        _write_manifest(self.pilot.folder, _Manifest(files=tuple(file for file in files if file != found)))
        self.pilot._data(found).unlink(missing_ok=True)
        self.pilot._rejects(found).unlink(missing_ok=True)
        for counts in (self.pilot.folder / COUNTS).glob("[!.]*"):  # a dot: another process is counting
            shutil.rmtree(counts, ignore_errors=True)
        return found


@contextmanager
def temporary_pilot() -> Iterator[Pilot]:
    """A pilot that is deleted afterwards, for a review of files that are not kept."""
    folder = Path(tempfile.mkdtemp(prefix="recsys-roi-"))
    try:
        yield Pilot.create_or_open(folder / "pilot")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fingerprint(manifest: _Manifest) -> str:
    entries = [[file.hash, file.kind] for file in manifest.files]
    return f"blake3:{blake3(json.dumps([LAYOUT, entries]).encode()).hexdigest()}"


@contextmanager
def _locked(folder: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the pilot's lock; the system lets go of it when the process ends, however it ends."""
    path = folder / _LOCK
    deadline = time.monotonic() + wait_seconds
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise PilotError(f"The pilot {folder.name} cannot be written: {problem.strerror}.") from problem
    try:
        while not _try_lock(handle):
            if time.monotonic() > deadline:
                holder = os.pread(handle, 32, 0).decode(errors="replace").strip()
                who = f" (process {holder})" if holder.isdigit() else ""
                raise PilotError(
                    f"The pilot {folder.name} is being written by another program{who}. "
                    "Try again when it is done."
                )
            time.sleep(0.05)
        if not path.exists() or os.fstat(handle).st_ino != path.stat().st_ino:
            raise PilotError(f"The pilot {folder.name} was deleted meanwhile.")
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_manifest(folder: Path, manifest: _Manifest) -> None:
    made = folder / f"{_MANIFEST}.new"
    made.write_bytes(manifest.model_dump_json(indent=1).encode() + b"\n")
    _sync(made)
    made.rename(folder / _MANIFEST)
    _sync(folder)


def _sync(path: Path) -> None:
    """Onto the disk, so that the manifest never names what a power cut took."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
