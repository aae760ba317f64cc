"""Files into a pilot, or checked without being kept."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from recsys_roi.errors import LogError
from recsys_roi.logs.contracts import Kind
from recsys_roi.logs.documents import MANIFEST, TITLES, Document, read_document
from recsys_roi.logs.evaluation_reports import REPORT
from recsys_roi.logs.hashing import read_salt
from recsys_roi.logs.loading import Checked, check_staged, load
from recsys_roi.logs.manifest import LogFile
from recsys_roi.logs.pilot import WAIT_SECONDS, Pilot, PilotWriter
from recsys_roi.logs.progress import OnProgress, Reporter
from recsys_roi.logs.reading import Source, display_name, stage
from recsys_roi.logs.recognise import Format, KindOrAuto
from recsys_roi.logs.rejects import Rejects
from recsys_roi.logs.room import cause
from recsys_roi.logs.shapes.sure_rows import Keep
from recsys_roi.logs.unpacking import Packing


@dataclass(frozen=True, kw_only=True, slots=True)
class IngestResult:
    """What became of one source."""

    file: LogFile | Document  # as the pilot keeps it
    added: bool  # False: the pilot had the same content already (file.name), so it was not counted again


@dataclass(frozen=True, kw_only=True, slots=True)
class Validation:
    """What one source holds under its contract; the counts are of physical lines, or of rows of a table."""

    file: str  # base name
    hash: str
    kind: Kind
    format: Format
    packing: Packing
    lines: int  # accepted + rejected
    accepted: int
    rejected: int
    records: int  # accepted; fewer than lines where a row holds one item of a list
    extended: int
    null_for_absent: int
    notes: tuple[str, ...]
    absent: tuple[tuple[str, str], ...]  # (field of the mapping whose key no line has, keys like it)
    rejects: Rejects  # read from disk as often as it is iterated


def ingest_files(
    pilot: Pilot,
    sources: Iterable[Source],
    kind: KindOrAuto = "auto",
    on_progress: OnProgress | None = None,
    *,
    mapping: Mapping[str, str] | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> tuple[IngestResult, ...]:
    """Ingest paths and uploads (name, binary stream) in order, each wholly or not at all.

    `mapping` {field: column or key} says what fields are called in the sources where they have other names.
    Raises LogError at the first file that cannot be read, which leaves those before it in the pilot, and
    PilotError when another program writes the pilot for longer than `wait_seconds`. What `on_progress`
    raises (StoppedError) does as LogError does.
    """
    with pilot.writing(wait_seconds) as writer:
        return tuple(_ingest(writer, source, kind, mapping or {}, on_progress) for source in sources)


def _ingest(
    writer: PilotWriter,
    source: Source,
    kind: KindOrAuto,
    mapping: Mapping[str, str],
    on_progress: OnProgress | None,
) -> IngestResult:
    name = display_name(source)
    work = writer.work / secrets.token_hex(8)
    try:
        work.mkdir()
        writer.begin(name)
        reporter = Reporter(on_progress, name)
        staged = stage(source, kind, mapping, work, reporter)
        known = writer.pilot.find(staged.hash, staged.content_hash)
        if known is not None:
            return IngestResult(file=known, added=False)
        if staged.kind in (MANIFEST, REPORT):
            kept = read_document(staged.kind, staged.plain, name, staged.hash)
            writer.keep(kept)
            return IngestResult(file=kept, added=True)
        salt = read_salt(writer.pilot.folder) if writer.pilot.hashes_ids else None
        keep = Keep(parquet=work / "rows.parquet", salt=salt)
        checked = check_staged(staged, staged.kind, work, reporter, hides_ids=salt is not None, keep=keep)
        parquet = load(checked, work, reporter, keep)
        writer.begin(name, staged.hash)
        file = _log_file(checked)
        writer.add(file, parquet, checked.rejects)
    except (OSError, duckdb.Error) as problem:
        why = cause(problem, writer.pilot.folder)
        raise LogError(name, f"could not be stored, so nothing of it was kept: {why}.") from problem
    finally:
        writer.end()
        shutil.rmtree(work, ignore_errors=True)
    return IngestResult(file=file, added=True)


def _log_file(checked: Checked) -> LogFile:
    staged = checked.staged
    return LogFile(
        name=staged.name,
        hash=staged.hash,
        content_hash=staged.content_hash,
        kind=checked.kind,
        lines=checked.lines,
        accepted=checked.accepted,
        rejected=checked.rejected,
        records=checked.records,
        extended=checked.extended,
        null_for_absent=checked.null_for_absent,
        format=staged.format,
        packing=staged.packing,
        mapping=tuple(staged.mapping.items()),
        notes=checked.notes,
        absent=checked.absent,
    )


def validate_files(
    sources: Iterable[Source],
    kind: KindOrAuto = "auto",
    on_progress: OnProgress | None = None,
    *,
    mapping: Mapping[str, str] | None = None,
) -> tuple[Validation, ...]:
    """Check each source exactly as `ingest_files` would, and keep nothing but the rejected lines.

    Raises LogError at the first file that cannot be read.
    """
    return tuple(_validate(source, kind, mapping or {}, on_progress) for source in sources)


def _validate(
    source: Source, kind: KindOrAuto, mapping: Mapping[str, str], on_progress: OnProgress | None
) -> Validation:
    name = display_name(source)
    folder = Path(tempfile.gettempdir()) / f"recsys-roi-{secrets.token_hex(8)}"
    try:
        folder.mkdir(mode=0o700)
        work = folder / "work"
        work.mkdir()
        reporter = Reporter(on_progress, name)
        staged = stage(source, kind, mapping, work, reporter)
        if staged.kind in (MANIFEST, REPORT):
            raise LogError(name, f"is {TITLES[staged.kind]}, which has no lines to check.")
        checked = check_staged(staged, staged.kind, work, reporter)
        kept = checked.rejects.rename(folder / "rejects.jsonl")
        shutil.rmtree(work)
    except BaseException as problem:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(problem, (OSError, duckdb.Error)):
            raise LogError(name, f"could not be checked: {cause(problem, folder.parent)}.") from problem
        raise
    return Validation(
        file=staged.name,
        hash=staged.hash,
        kind=checked.kind,
        format=staged.format,
        packing=staged.packing,
        lines=checked.lines,
        accepted=checked.accepted,
        rejected=checked.rejected,
        records=checked.records,
        extended=checked.extended,
        null_for_absent=checked.null_for_absent,
        notes=checked.notes,
        absent=checked.absent,
        rejects=Rejects(staged.name, kept, temporary=folder),
    )
