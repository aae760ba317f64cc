"""Evidence folders with rows as views of a Spark session: all rows, under the numbers of their files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
from pydantic import ValidationError
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from recsys_roi.errors import InputError, PilotError
from recsys_roi.evidence.kept_rows import ROWS
from recsys_roi.evidence.merging import check_mergeable, not_evidence, paths_of
from recsys_roi.evidence.reject_days import new_name
from recsys_roi.evidence.spark.columns import declared, error_columns, filled, row_fields
from recsys_roi.evidence.spark.inputs import SPARK_ERRORS, literal
from recsys_roi.evidence.spark.logs import ERRORS_OF_LINES, CheckedLogs, make_empty
from recsys_roi.evidence.spark.place import Place
from recsys_roi.logs.contracts import CONTRACTS, Kind
from recsys_roi.logs.counted import KeptRows
from recsys_roi.logs.documents import Document
from recsys_roi.logs.manifest import MANIFEST, LogFile, Manifest, stored_manifest
from recsys_roi.logs.rejects import Stored
from recsys_roi.logs.snapshot import rejects_path, rows_path

_STEM = re.compile(r"[0-9a-f]{64}(?:-r[0-9]+)?")
_TOLD = pa.schema(
    [
        ("stem", pa.string()),
        ("part", pa.string()),
        ("start", pa.int64()),
        ("place", pa.int64()),
        ("line", pa.int64()),
        *((name, pa.string()) for name in ("reason", "new_kind", "new_name", "stored")),
    ]
)
Placed = tuple[Place, LogFile]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """Folders that can be merged."""

    rows: KeptRows
    files: tuple[Placed, ...]  # with the folder that each is in, in order
    paths: dict[str, str]  # by hash
    documents: tuple[Document, ...]


def open_kept(session: SparkSession, given: Sequence[str]) -> Kept:
    """The folders at paths or URLs; raises as `merging.check_mergeable`."""
    folders = [(Place(session, path), _manifest(session, path)) for path in given]
    rows = check_mergeable([(path, found) for path, (_, found) in zip(given, folders, strict=True)])
    manifests = [found for _, found in folders]
    documents = {document.hash: document for found in manifests for document in found.documents}
    return Kept(
        rows=rows,
        files=tuple((place, file) for place, found in folders for file in found.files),
        paths=paths_of(manifests),
        documents=tuple(documents.values()),
    )


def _manifest(session: SparkSession, path: str) -> Manifest:
    place = Place(session, path)
    try:
        found = stored_manifest((place / MANIFEST).read())
    except (*SPARK_ERRORS, ValidationError) as problem:
        raise InputError(not_evidence(path)) from problem
    return found


def make_views(session: SparkSession, kept: Kept) -> CheckedLogs:
    """Makes the views exposures, outcomes, assignments and errors; PilotError where rows are missing."""
    numbers = [(_stem(file), number) for number, (_, file) in enumerate(kept.files, start=1)]
    numbered = F.broadcast(session.createDataFrame(numbers, "stem STRING, file_no INT"))
    for kind in CONTRACTS:
        own = [(place, file) for place, file in kept.files if file.kind == kind and file.records]
        if own:
            _rows(session, kind, own, by_place=kept.rows.read_by == "duckdb").join(numbered, "stem").drop(
                "stem"
            ).createOrReplaceTempView(CONTRACTS[kind].table)
            _check_rows(session, kind, kept)
        else:
            make_empty(session, kind)
    _errors(session, kept).join(numbered, "stem").drop("stem").createOrReplaceTempView("errors")
    files = tuple(file for _, file in kept.files)
    return CheckedLogs(files=files, paths=kept.paths, repeated=())


def _stem(file: LogFile) -> str:
    return rows_path(Path(), file).stem


def _rows(session: SparkSession, kind: Kind, files: Sequence[Placed], *, by_place: bool) -> DataFrame:
    """The rows of files of one kind, with the stem of their file and row_no."""
    names = [field.name for field in CONTRACTS[kind].fields]
    paths = [literal(str(place / ROWS / rows_path(Path(), file).name)) for place, file in files]
    schema = row_fields(kind, "TIMESTAMP_NTZ") + ("" if by_place else ", row_no BIGINT")
    table = session.read.schema(schema).parquet(*paths)
    row_no = F.col("_metadata.row_index") if by_place else F.col("row_no")
    fields = [F.col(name).cast("timestamp").alias(name) if name == "ts" else F.col(name) for name in names]
    return table.select(*fields, row_no.alias("row_no"), _stem_of(F.col("_metadata.file_path")).alias("stem"))


def _stem_of(path: Column) -> Column:
    return F.regexp_extract(path, rf"/({_STEM.pattern})\.(?:parquet|rejects\.jsonl)(?:/[^/]*)?$", 1)


def _check_rows(session: SparkSession, kind: Kind, kept: Kept) -> None:
    counted = session.table(CONTRACTS[kind].table).groupBy("file_no").count().collect()
    held = {row["file_no"]: row["count"] for row in counted}
    for number, (place, file) in enumerate(kept.files, start=1):
        if file.kind == kind and held.get(number, 0) != file.records:
            raise PilotError(
                f"The evidence {place.name} is damaged: {held.get(number, 0):,} rows of {file.name} are "
                f"here, {file.records:,} were counted. Write it again."
            )


def _errors(session: SparkSession, kept: Kept) -> DataFrame:
    """The errors of all rejected lines, with the stem of their file."""
    own = [
        literal(str(place / rejects_path(Path(), file).name)) for place, file in kept.files if file.rejected
    ]
    if not own:
        return session.createDataFrame([], f"stem STRING, {ERRORS_OF_LINES}").drop("file_no")
    given = session.read.option("lineSep", "\n").text(own)
    placed = given.select(
        F.col("value").cast("binary").alias("value"),
        _stem_of(F.col("_metadata.file_path")).alias("stem"),
        F.col("_metadata.file_path").alias("part"),
        F.col("_metadata.file_block_start").alias("start"),
        F.monotonically_increasing_id().alias("place"),
    )
    told = placed.mapInArrow(_told, declared(_TOLD))
    in_line = Window.partitionBy("stem", "line").orderBy("part", "start", "place")
    nth = (F.row_number().over(in_line) - 1).alias("nth")
    return told.select("stem", "line", nth, "reason", "new_kind", "new_name", "stored")


def _told(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    decode = msgspec.json.Decoder(Stored).decode
    for batch in batches:
        found = [decode(line) for line in batch.column("value").to_pylist()]
        columns = error_columns(
            (0, one.reason, new_name(one.reason, one.field, one.value), one.field, one.value) for one in found
        )
        known = columns | {name: batch.column(name) for name in ("stem", "part", "start", "place")}
        yield filled(_TOLD, known | {"line": [one.line for one in found]}, len(found))
