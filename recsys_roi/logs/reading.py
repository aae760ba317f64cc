"""One source, brought onto the disk as a plain file, hashed and recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from blake3 import blake3

from recsys_roi.errors import LogError
from recsys_roi.logs.contracts import VALUE_LIMIT, Kind
from recsys_roi.logs.documents import DocumentKind
from recsys_roi.logs.progress import Reporter
from recsys_roi.logs.recognise import Format, KindOrAuto, recognise
from recsys_roi.logs.unpacking import Packing, check_growth, unpacked

Source = str | Path | tuple[str, BinaryIO]
"""A path, or the name and the bytes of an upload."""

CHUNK = 4 * 2**20
_CHANGED = "changed while it was read, so nothing of it was kept. Ingest it again when its writer is done."


@dataclass(frozen=True, kw_only=True, slots=True)
class Staged:
    """A source as a plain file on this machine."""

    name: str  # for people
    kind: Kind | DocumentKind
    format: Format
    packing: Packing
    hash: str  # of the bytes as they were given
    content_hash: str  # of what was in them
    plain: Path
    mapping: Mapping[str, str] = field(default_factory=dict)  # {field: column or key}
    origin: Path  # what was given, or the copy of an upload
    origin_state: tuple[int, ...]

    def check_unchanged(self) -> None:
        """LogError when somebody wrote to the source meanwhile."""
        try:
            unchanged = _state(self.origin) == self.origin_state
        except OSError:
            unchanged = False
        if not unchanged:
            raise LogError(self.name, _CHANGED)


def display_name(source: Source) -> str:
    """The base name of a source, printable; with the folder above it where that says which part it is."""
    given = source[0] if isinstance(source, tuple) else str(source)
    above, _, base = given.replace("\\", "/").rstrip("/").rpartition("/")
    folder = above.rpartition("/")[2]
    if "=" in folder:  # such as day=2026-01-02
        base = f"{folder}/{base}"
    return "".join(c if c.isprintable() else "?" for c in base)[:VALUE_LIMIT] or "upload"


def stage(
    source: Source, kind: KindOrAuto, mapping: Mapping[str, str], work: Path, reporter: Reporter
) -> Staged:
    """Bring a source onto the disk as a plain file; LogError when it is not a log that can be read."""
    name = display_name(source)
    origin = copied(source[1], work / "given") if isinstance(source, tuple) else Path(source).absolute()
    if origin.is_dir():
        raise LogError(name, "is a directory. Give the logs in it.")
    if not origin.is_file():
        raise LogError(name, f"does not exist or is not a file ({origin.parent}). Check the path.")
    state = _state(origin)
    recognised = recognise(origin, name, kind, mapping)
    plain = origin if recognised.packing == "none" else work / "unpacked"
    file_hash, content_hash = _hashed(origin, plain, name, reporter)
    return Staged(
        name=name,
        kind=recognised.kind,
        format=recognised.format,
        packing=recognised.packing,
        hash=file_hash,
        content_hash=content_hash,
        plain=plain,
        mapping=mapping,
        origin=origin,
        origin_state=state,
    )


def copied(stream: BinaryIO, to: Path) -> Path:
    """An upload on disk, in chunks."""
    if stream.seekable():
        stream.seek(0)
    with to.open("wb") as file:
        while data := stream.read(CHUNK):
            file.write(data)
    return to


def _hashed(origin: Path, plain: Path, name: str, reporter: Reporter) -> tuple[str, str]:
    """Hashes of the source and of what is in it, which is written to `plain` where the source is packed."""
    report = reporter.step("reading", origin.stat().st_size)
    packed = blake3(max_threads=blake3.AUTO)
    with origin.open("rb") as file:
        while data := file.read(CHUNK):
            packed.update(data)
            if plain == origin:
                report(file.tell())
    file_hash = f"blake3:{packed.hexdigest()}"
    if plain == origin:
        return file_hash, file_hash
    with unpacked(origin, name) as (content, stored), plain.open("wb") as to:
        hasher, size = blake3(max_threads=blake3.AUTO), 0
        while data := content.read(CHUNK):
            hasher.update(data)
            to.write(data)
            size += len(data)
            check_growth(name, stored.tell(), size)
            report(stored.tell())
    return file_hash, f"blake3:{hasher.hexdigest()}"


def _state(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
