"""Logs to an evidence folder by Spark: checked and counted by its tasks; only sums come to the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from recsys_roi.errors import PilotError
from recsys_roi.evidence.counting import SCANNED, STATEMENTS, TABLES, counts_name, statements
from recsys_roi.evidence.declaring import fill_with_views
from recsys_roi.evidence.folder import counted_manifest, open_evidence
from recsys_roi.evidence.kept_rows import ROWS, ROWS_LAYOUT
from recsys_roi.evidence.privacy_scan import Found, findings, readings, scan_limit
from recsys_roi.evidence.reject_days import NAMES_KEPT
from recsys_roi.evidence.spark.columns import declared
from recsys_roi.evidence.spark.inputs import SPARK_ERRORS, find_inputs
from recsys_roi.evidence.spark.logs import CheckedLogs, check_logs
from recsys_roi.evidence.spark.merging import make_views, open_kept
from recsys_roi.evidence.spark.place import Place, new_place
from recsys_roi.evidence.spark.session import first_line, own_session
from recsys_roi.evidence.spark.tables import Tables
from recsys_roi.evidence.view import View
from recsys_roi.logs.contracts import CONTRACTS, Reason
from recsys_roi.logs.counted import KeptRows
from recsys_roi.logs.documents import Document
from recsys_roi.logs.finding import PassedOver
from recsys_roi.logs.hashing import salt_mark
from recsys_roi.logs.manifest import MANIFEST, LogFile, Manifest, manifest_text
from recsys_roi.logs.pilot import COUNTS
from recsys_roi.logs.recognise import KindOrAuto
from recsys_roi.logs.snapshot import rejects_path, rows_path

_READINGS = pa.schema([("field", pa.string()), ("pattern", pa.string()), ("example", pa.string())])
_COUNTED = "_counted"  # where counts stand until the views are taken from them
_PASSING = "_passing"  # swept with all other notes before the evidence stands in its place


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What became of the files."""

    to: str
    files: tuple[LogFile, ...]
    repeated: tuple[str, ...]  # names of files with the content of one before them
    passed_over: tuple[PassedOver, ...]
    rows: KeptRows | None  # None: they were not kept


def write_evidence(
    session: SparkSession,
    given: Sequence[str],
    to: str,
    *,
    kind: KindOrAuto = "auto",
    mapping: Mapping[str, str] | None = None,
    made_at: datetime,
    views: Sequence[View] = (),
    with_rows: bool = False,
    salt: str | None = None,
) -> Written:
    """Count the logs at paths or URLs that Spark reads into the new evidence folder `to`, a path or URL too.

    `mapping` {field: column or key} says what fields are called in the logs where they have other names.
    With `views` their sums are kept and nothing else; the driver takes them from the counts. With rows they
    are kept too, their user ids as hashes where there is a `salt`.
    Raises LogError where a file cannot be counted, InputError where `to` is taken or a view cannot be read.
    """
    own = own_session(session)
    inputs = find_inputs(own, given, kind, mapping)
    mark = None if salt is None else salt_mark(salt)
    source = _Source(
        read=lambda passing: check_logs(own, inputs.files, passing, salt),
        documents=tuple(kept for _, kept in inputs.documents),
        rows=KeptRows(layout=ROWS_LAYOUT, read_by="spark", salt=mark) if with_rows else None,
    )
    checked = _write(own, source, to, made_at, views)
    return Written(
        to=to,
        files=checked.files,
        repeated=checked.repeated,
        passed_over=inputs.passed_over,
        rows=source.rows,
    )


def merge_evidence(
    session: SparkSession,
    given: Sequence[str],
    to: str,
    *,
    made_at: datetime,
    views: Sequence[View] = (),
    with_rows: bool = False,
) -> Written:
    """Count the rows of evidence folders at paths or URLs as one; otherwise as `write_evidence`."""
    own = own_session(session)
    kept = open_kept(own, given)
    rows = kept.rows if with_rows else None
    source = _Source(read=lambda _: make_views(own, kept), documents=kept.documents, rows=rows)
    checked = _write(own, source, to, made_at, views)
    return Written(to=to, files=checked.files, repeated=(), passed_over=(), rows=rows)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Source:
    """What is counted: `read` makes its views, given a folder for what passes."""

    read: Callable[[Place], CheckedLogs]
    documents: tuple[Document, ...]
    rows: KeptRows | None  # None: rows are not kept


def _write(
    session: SparkSession, source: _Source, to: str, made_at: datetime, views: Sequence[View]
) -> CheckedLogs:
    try:
        with new_place(Place(session, to), private=source.rows is not None) as work:
            if not views:
                return _fill(session, source, work, made_at)
            checked = _fill(session, source, work / _COUNTED, made_at)
            _leave_views(work / _COUNTED, work, views)
            return checked
    except SPARK_ERRORS as problem:
        raise PilotError(
            f"Spark could not count these logs, so nothing was written: {first_line(problem)} "
            "Its own log says more; see docs/spark.md for memory and partitions."
        ) from problem


def _fill(session: SparkSession, source: _Source, work: Place, made_at: datetime) -> CheckedLogs:
    """Counts, rejects and, last, the manifest; gives the files that count, and the names that repeat one."""
    passing = work / _PASSING
    checked = source.read(passing)
    manifest = Manifest(files=checked.files).having(*source.documents)
    tables = Tables(session, work / COUNTS / counts_name(manifest.fingerprint), passing)
    _load_rejects(session, tables, checked)
    tables.run(scan_limit())
    for name in STATEMENTS:
        tables.run(statements(name))
        if name == SCANNED:
            _scan_personal_data(session, tables)
    _write_rejects(session, checked.files, work)
    if source.rows is not None:
        _write_rows(session, checked.files, work)
    whole = counted_manifest(
        manifest,
        engine="spark",
        engine_version=session.version,
        paths=checked.paths,
        rejected=_reasons(session, checked.files),
        rows=_rows(session),
        newest=[row.asDict() for row in session.table("newest").collect()],
        made_at=made_at,
        kept_rows=source.rows,
    )
    passing.delete()
    work.sweep()
    (work / MANIFEST).write(manifest_text(whole))
    return checked


def _leave_views(counted: Place, work: Place, views: Sequence[View]) -> None:
    """The declared views in place of the counts that they are taken from, on the driver's own disk."""
    with TemporaryDirectory(prefix="recsys-roi-") as folder:
        counts, made = Path(folder) / "counted", Path(folder) / "views"
        counted.fetch(counts)
        counted.delete()
        made.mkdir()
        fill_with_views(made, open_evidence(counts), views)
        parts = (part for part in made.rglob("*") if part.is_file())
        for part in sorted(parts, key=lambda part: part.name == MANIFEST):  # the manifest last
            (work / str(part.relative_to(made))).write(part.read_bytes())


def _load_rejects(session: SparkSession, tables: Tables, checked: CheckedLogs) -> None:
    """The tables that rejects.sql reads, and reject_names."""
    files = [
        (number, file.kind, file.accepted, file.records == file.accepted > 0)
        for number, file in enumerate(checked.files, start=1)
    ]
    session.createDataFrame(
        files, "file_no INT, kind STRING, accepted BIGINT, in_lines BOOLEAN"
    ).createOrReplaceTempView("files")
    session.sql("SELECT DISTINCT file_no, line FROM errors").createOrReplaceTempView("rejected")
    names = session.sql(
        "SELECT new_kind AS kind, new_name AS name, count(*) AS lines FROM errors WHERE new_kind IS NOT NULL "
        "GROUP BY ALL ORDER BY lines DESC, kind, name"
    )
    tables.add("reject_names", names.limit(NAMES_KEPT))


def _reasons(session: SparkSession, files: Sequence[LogFile]) -> dict[str, dict[Reason, int]]:
    """Rejected lines by reason, by the hash of the file."""
    found: dict[str, dict[Reason, int]] = {file.hash: {} for file in files}
    rows = session.sql(
        "SELECT file_no, reason, count(DISTINCT line) AS lines FROM errors GROUP BY ALL ORDER BY reason"
    ).collect()
    for row in rows:
        found[files[row.file_no - 1].hash][Reason(row.reason)] = row.lines
    return found


def _rows(session: SparkSession) -> dict[str, int]:
    """Rows of each table of counts."""
    counted = " UNION ALL ".join(f"SELECT '{table}' AS name, count(*) AS n FROM {table}" for table in TABLES)  # noqa: S608 - names of ours
    found = {row.name: row.n for row in session.sql(f"SELECT name, n FROM ({counted})").collect()}  # noqa: S608
    return {table: found[table] for table in TABLES}


def _scan_personal_data(session: SparkSession, tables: Tables) -> None:
    """The table personal_data: tasks look at the view suspects, and their sums are told."""
    seen = session.table("suspects").mapInArrow(_readings, declared(_READINGS))
    counted = seen.groupBy("field", "pattern").agg(
        F.count("*").alias("found"), F.min("example").alias("example")
    )
    found = findings(Found(row.field, row.pattern, row.found, row.example) for row in counted.collect())
    schema = "field STRING, pattern STRING, found BIGINT, example STRING"
    tables.add("personal_data", session.createDataFrame([tuple(entry) for entry in found], schema))


def _readings(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        fields, values = batch.column("field").to_pylist(), batch.column("value").to_pylist()
        rows = [
            (field, pattern, shown)
            for field, value in zip(fields, values, strict=True)
            for pattern, shown in readings(field, value)
        ]
        columns = zip(*rows, strict=True) if rows else ((), (), ())
        yield pa.RecordBatch.from_arrays(
            [pa.array(column, pa.string()) for column in columns], schema=_READINGS
        )


def _write_rejects(session: SparkSession, files: Sequence[LogFile], work: Place) -> None:
    """The errors of each file beside the evidence, in the order of its lines, in a part a task."""
    stored = F.concat(F.lit("["), F.col("line"), F.lit(","), F.substring("stored", 2, 1 << 30)).alias("value")
    errors = session.table("errors").repartitionByRange("file_no", "line")
    passing = work / _PASSING / "rejects"
    errors.sortWithinPartitions("file_no", "line", "nth").select("file_no", stored).write.partitionBy(
        "file_no"
    ).text(str(passing))
    written = set(passing.names())
    for number, file in enumerate(files, start=1):
        place = work / rejects_path(Path(), file).name
        if f"file_no={number}" in written:
            (passing / f"file_no={number}").move(place)
        else:
            place.write(b"")


def _write_rows(session: SparkSession, files: Sequence[LogFile], work: Place) -> None:
    """The checked rows of each file, in a part a task; row_no says where each stands."""
    (work / ROWS).make()
    for kind in {file.kind for file in files}:
        rows = session.table(CONTRACTS[kind].table).sortWithinPartitions("file_no", "row_no")
        passing = work / _PASSING / ROWS / kind
        rows.withColumn("ts", F.col("ts").cast("timestamp_ntz")).write.partitionBy("file_no").parquet(
            str(passing), compression="zstd"
        )
        for number, file in enumerate(files, start=1):
            if file.kind == kind and file.records:
                (passing / f"file_no={number}").move(work / ROWS / rows_path(Path(), file).name)
