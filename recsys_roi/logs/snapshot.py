"""The logs of a pilot at one moment, for reading: what comes or goes later does not change it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from recsys_roi.errors import PilotError
from recsys_roi.logs import tables
from recsys_roi.logs.documents import Document
from recsys_roi.logs.manifest import LogFile, Manifest
from recsys_roi.logs.rejects import Reject, Rejects
from recsys_roi.logs.room import no_rights


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """What a pilot held at one moment; reading fails with PilotError once one of its files is removed."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """The name of the pilot: that of its folder."""
        return self.folder.name

    @property
    def files(self) -> tuple[LogFile, ...]:
        """The files in the order in which they were ingested."""
        return self.manifest.files

    @property
    def documents(self) -> tuple[Document, ...]:
        """Artifact manifests, then reports of recsys-eval, each in the order in which they came."""
        return self.manifest.documents

    @property
    def fingerprint(self) -> str:
        """ "blake3:" and a hash that is the same for equal content in equal order, whatever the names."""
        return self.manifest.fingerprint

    def connect(
        self,
        *,
        directories: Iterable[Path] = (),
        memory_limit: str | None = None,
        threads: int | None = None,
    ) -> duckdb.DuckDBPyConnection:
        """A hardened in-memory connection with the views exposures, outcomes and assignments.

        Use one `.cursor()` a thread. It can write only in the pilot's folder and in `directories`;
        `memory_limit` ("2GB") and `threads` are DuckDB's own settings, locked afterwards.
        """
        if self.manifest.counted is not None:
            raise rows_elsewhere(self.folder)
        try:
            return tables.connect(
                self.folder,
                [(file.kind, rows_path(self.folder, file)) for file in self.files],
                spill=self.folder / f"spill-{os.getpid()}-{secrets.token_hex(4)}",
                directories=[directory.absolute() for directory in directories],
                memory_limit=memory_limit,
                threads=threads,
            )
        except duckdb.Error as problem:
            raise damaged(self.folder, problem) from problem

    def rejects(self) -> Iterator[Reject]:
        """Every error of every rejected line, by file and line."""
        for file in self.files:
            if file.rejected:
                yield from self.rejects_of(file)

    def rejects_of(self, file: LogFile) -> Rejects:
        """Every error of the rejected lines of one file, by line; PilotError where only views are kept."""
        counted = self.manifest.counted
        if counted is not None and counted.declared is not None:
            raise rejects_elsewhere(self.name)
        return Rejects(file.name, rejects_path(self.folder, file))


def rows_path(folder: Path, file: LogFile) -> Path:
    """The accepted rows of a file in the pilot at `folder`, as Parquet."""
    return folder / f"{_stem(file)}.parquet"


def rejects_path(folder: Path, file: LogFile) -> Path:
    """The errors of its rejected lines."""
    return folder / f"{_stem(file)}.rejects.jsonl"


def _stem(file: LogFile) -> str:
    return file.hash.removeprefix("blake3:") + (f"-r{file.revision}" if file.revision else "")


def damaged(folder: Path, problem: Exception | None = None) -> PilotError:
    """What a person is told of a pilot that cannot be read; only that, where this account may not."""
    why = None if problem is None else no_rights(problem, folder)
    if why is not None:
        return PilotError(f"The pilot {folder.name} cannot be read: {why}.")
    return PilotError(
        f"The pilot {folder.name} cannot be read: its files in {folder} are damaged or of another "
        "version. Put a copy of them back, or delete the pilot and ingest its logs again."
    )


def rows_elsewhere(folder: Path) -> PilotError:
    """What a person is told who asks an evidence folder for rows."""
    return PilotError(
        f"The pilot {folder.name} holds counts and no rows, so no log can be added or taken away: it was "
        "counted elsewhere, or its rows were deleted when their time was over. Count all its logs again "
        "(recsys-roi evidence), or add them to a new pilot."
    )


def rejects_elsewhere(name: str) -> PilotError:
    """What a person is told who asks a folder of declared views for rejected lines, which may hold ids."""
    return PilotError(
        f"The rejected lines of {name} are not here: it holds the sums of declared views. "
        "See them where the logs are: recsys-roi validate FILE --rejects OUT.csv"
    )
