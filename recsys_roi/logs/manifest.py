"""What a pilot holds, as one small file that is replaced whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from blake3 import blake3
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, model_validator

from recsys_roi.logs.contracts import Kind
from recsys_roi.logs.counted import Counted
from recsys_roi.logs.documents import ArtifactManifest, Document
from recsys_roi.logs.evaluation_reports import EvaluationReport
from recsys_roi.logs.recognise import Format
from recsys_roi.logs.unpacking import Packing
from recsys_roi.whole_file import Mark, read_small, settled_mark, sync

MANIFEST = "manifest.json"
LAYOUT: Literal["pilot.v2"] = "pilot.v2"
LARGEST = 100_000_000  # bytes; a file takes some 600
KEPT = 64  # manifests that have not changed since they were read: each page asks dozens of times

_STORED = {"from": "a file"}

Count = Annotated[int, Field(ge=0, le=10**15)]  # beyond that a float does not hold each number
Hash = Annotated[str, StringConstraints(pattern="^blake3:[0-9a-f]{64}$")]


@dataclass(frozen=True, kw_only=True, slots=True)
class LogFile:
    """One ingested file; lines, accepted and rejected are physical lines, or rows of a table."""

    name: str  # base name, for people
    hash: Hash  # "blake3:" and the hash of the bytes as they were given
    content_hash: Hash  # the same of what is in them, unpacked
    kind: Kind
    lines: Count  # accepted + rejected
    accepted: Count
    rejected: Count
    records: Count  # rows of the pilot's table; fewer than accepted where one is an item of a list
    extended: Count  # accepted outcomes whose event type the suite's strict validator would refuse
    null_for_absent: Count  # accepted lines that write an optional field as null
    format: Format = "jsonl"
    packing: Packing = "none"
    mapping: tuple[tuple[str, str], ...] = ()  # (field, column or key) as it was given
    notes: tuple[str, ...] = ()  # sentences about what was set right while reading
    absent: tuple[tuple[str, str], ...] = ()  # (field of the mapping whose key no line has, keys like it)
    revision: Count = 0  # how often its rows were written anew, without somebody to be forgotten
    forgotten: Count = 0  # rows taken out so


class Manifest(BaseModel):
    """The files of a pilot in the order in which they were ingested."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal["pilot.v2"] = LAYOUT
    files: tuple[LogFile, ...] = ()
    manifests: tuple[ArtifactManifest, ...] = ()
    evaluations: tuple[EvaluationReport, ...] = ()  # of recsys-eval, to be read beside our figures
    ids: Literal["hashed"] | None = None  # hashed: user ids are kept as salted hashes only
    counted: Counted | None = None  # of an evidence folder, which holds counts and no rows

    @model_validator(mode="before")
    @classmethod
    def _is_whole(cls, stored: Any, info: ValidationInfo) -> Any:
        """One that is read says its version and its files: what is left of a broken one is no empty pilot."""
        if info.context is _STORED and isinstance(stored, dict):
            lacking = [name for name in ("version", "files") if name not in stored]
            if lacking:
                raise ValueError(f"It does not say its {' and '.join(lacking)}.")
        return stored

    @model_validator(mode="before")
    @classmethod
    def _from_older(cls, stored: Any) -> Any:
        """A pilot.v1 manifest had JSON Lines only, a record a line."""
        if not isinstance(stored, dict) or stored.get("version") != "pilot.v1":
            return stored
        files = stored.get("files")
        if isinstance(files, list):
            files = [
                {**file, "records": file.get("accepted")} if isinstance(file, dict) else file
                for file in files
            ]
        return {**stored, "version": LAYOUT, "files": files}

    @property
    def documents(self) -> tuple[Document, ...]:
        """What was given with the logs: artifact manifests, then reports of recsys-eval."""
        return (*self.manifests, *self.evaluations)

    @property
    def everything(self) -> tuple[LogFile | Document, ...]:
        """The logs, then the documents."""
        return (*self.files, *self.documents)

    def having(self, *documents: Document) -> Manifest:
        """This with more documents."""
        reports = tuple(document for document in documents if isinstance(document, EvaluationReport))
        manifests = tuple(document for document in documents if isinstance(document, ArtifactManifest))
        more = {"manifests": (*self.manifests, *manifests), "evaluations": (*self.evaluations, *reports)}
        return self.model_copy(update=more)

    def without(self, found: LogFile | Document) -> Manifest:
        """This without one of its files."""
        left = {
            name: tuple(kept for kept in getattr(self, name) if kept != found)
            for name in ("files", "manifests", "evaluations")
        }
        return self.model_copy(update=left)

    @property
    def fingerprint(self) -> str:
        """ "blake3:" and a hash that is the same for equal rows in equal order, whatever the names."""
        entries = [
            [file.hash, file.kind, *map(list, file.mapping), *([file.revision] if file.revision else [])]
            for file in self.files
        ]
        return f"blake3:{blake3(json.dumps(['pilot.v1', entries]).encode()).hexdigest()}"


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the pilot in `folder`; FileNotFoundError, OSError or ValueError when there is none."""
    path = folder / MANIFEST
    mark = settled_mark(path)
    return _read(path) if mark is None else _unchanged(path, mark)


@lru_cache(maxsize=KEPT)
def _unchanged(path: Path, mark: Mark) -> Manifest:
    return _read(path)


def _read(path: Path) -> Manifest:
    return stored_manifest(read_small(path, LARGEST))


def stored_manifest(text: str | bytes) -> Manifest:
    """A manifest from its text; ValueError where it is none, or does not say its version and its files."""
    return Manifest.model_validate_json(text, context=_STORED)


def manifest_text(manifest: Manifest) -> bytes:
    """A manifest as it is kept."""
    return manifest.model_dump_json(indent=1, exclude_none=True).encode() + b"\n"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest: a reader sees the old one or the new one, whole, even after a power cut."""
    made = folder / f"{MANIFEST}.new"
    made.write_bytes(manifest_text(manifest))
    sync(made)
    made.rename(folder / MANIFEST)
    sync(folder)
