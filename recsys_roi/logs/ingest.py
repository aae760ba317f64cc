"""Files into a pilot, or checked without being kept."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from recsys_roi.errors import LogError
from recsys_roi.logs.contracts import Kind
from recsys_roi.logs.pilot import WAIT_SECONDS, LogFile, Pilot, PilotWriter
from recsys_roi.logs.reading import Loaded, OnProgress, Source, Staged, display_name, load_staged, stage
from recsys_roi.logs.recognise import KindOrAuto
from recsys_roi.logs.rejects import Rejects


@dataclass(frozen=True, kw_only=True, slots=True)
class IngestResult:
    """What became of one source."""

    file: LogFile  # as the pilot keeps it
    added: bool  # False: the pilot had the same content already (file.name), so it was not counted again


@dataclass(frozen=True, kw_only=True, slots=True)
class Validation:
    """What one source holds under its contract; the counts are of physical lines."""

    file: str  # base name
    hash: str
    kind: Kind
    lines: int  # accepted + rejected
    accepted: int
    rejected: int
    extended: int
    null_for_absent: int
    notes: tuple[str, ...]
    rejects: Rejects  # read from disk as often as it is iterated


def ingest_files(
    pilot: Pilot,
    sources: Iterable[Source],
    kind: KindOrAuto = "auto",
    on_progress: OnProgress | None = None,
    *,
    wait_seconds: float = WAIT_SECONDS,
) -> tuple[IngestResult, ...]:
    """Ingest paths and uploads (name, binary stream) in order, each wholly or not at all.

    Raises LogError at the first file that cannot be read, which leaves those before it in the pilot, and
    PilotError when another program writes the pilot for longer than `wait_seconds`.
    """
    with pilot.writing(wait_seconds) as writer:
        return tuple(_ingest(writer, source, kind, on_progress) for source in sources)


def _ingest(
    writer: PilotWriter, source: Source, kind: KindOrAuto, on_progress: OnProgress | None
) -> IngestResult:
    work = Path(tempfile.mkdtemp(dir=writer.work))
    try:
        staged = stage(source, kind, work, on_progress)
        known = writer.pilot.find(staged.hash) or writer.pilot.find(staged.content_hash)
        if known is not None:
            return IngestResult(file=known, added=False)
        loaded = load_staged(staged, work, on_progress)
        file = _log_file(staged, loaded)
        writer.add(file, loaded.parquet, loaded.rejects)
    except OSError as problem:
        raise LogError(
            display_name(source), f"could not be stored, so nothing of it was kept: {problem.strerror}."
        ) from problem
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return IngestResult(file=file, added=True)


def _log_file(staged: Staged, loaded: Loaded) -> LogFile:
    return LogFile(
        name=staged.name,
        hash=staged.hash,
        content_hash=staged.content_hash,
        kind=staged.kind,
        lines=loaded.lines,
        accepted=loaded.accepted,
        rejected=loaded.rejected,
        extended=loaded.extended,
        null_for_absent=loaded.null_for_absent,
        notes=loaded.notes,
    )


def validate_files(
    sources: Iterable[Source], kind: KindOrAuto = "auto", on_progress: OnProgress | None = None
) -> tuple[Validation, ...]:
    """Check each source exactly as `ingest_files` would, and keep nothing but the rejected lines.

    Raises LogError at the first file that cannot be read.
    """
    return tuple(_validate(source, kind, on_progress) for source in sources)


def _validate(source: Source, kind: KindOrAuto, on_progress: OnProgress | None) -> Validation:
    folder = Path(tempfile.mkdtemp(prefix="recsys-roi-"))
    try:
        work = folder / "work"
        work.mkdir()
        staged = stage(source, kind, work, on_progress)
        loaded = load_staged(staged, work, on_progress)
        kept = loaded.rejects.rename(folder / "rejects.jsonl")
        shutil.rmtree(work)
    except BaseException as problem:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(problem, OSError):
            raise LogError(display_name(source), f"could not be checked: {problem.strerror}.") from problem
        raise
    return Validation(
        file=staged.name,
        hash=staged.hash,
        kind=staged.kind,
        lines=loaded.lines,
        accepted=loaded.accepted,
        rejected=loaded.rejected,
        extended=loaded.extended,
        null_for_absent=loaded.null_for_absent,
        notes=loaded.notes,
        rejects=Rejects(staged.name, kept, temporary=folder),
    )
