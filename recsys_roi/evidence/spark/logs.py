"""The logs as views of a Spark session: checked once, good lines as typed rows, the errors beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from blake3 import blake3
from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from recsys_roi.errors import InputError, LogError
from recsys_roi.evidence.spark.checking import checked_lines
from recsys_roi.evidence.spark.columns import (
    BLOCKS,
    ERRORS,
    ROWS,
    declared,
    row_fields,
    schema_of,
)
from recsys_roi.evidence.spark.inputs import Input, literal
from recsys_roi.evidence.spark.parquet_lines import LINES, lines_of_rows
from recsys_roi.evidence.spark.place import Place
from recsys_roi.evidence.spark.whole_files import checked_files
from recsys_roi.logs.contracts import CONTRACTS, Kind
from recsys_roi.logs.manifest import LogFile
from recsys_roi.logs.preview import Read, unread
from recsys_roi.logs.shapes.renaming import SERVICE_NOTE

ERRORS_OF_LINES = (
    "file_no INT, line BIGINT, nth INT, reason STRING, new_kind STRING, new_name STRING, stored STRING"
)
_LINE_HASH = "Its hash is a sum over its lines, made by Spark's tasks, not that of its bytes."
_ERRORS = ("nth", "reason", "new_kind", "new_name", "stored")


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedLogs:
    """The files that count, in order: the first has the number 1 in the views."""

    files: tuple[LogFile, ...]
    paths: dict[str, str]  # by hash
    repeated: tuple[str, ...]  # names of files with the content of one before them


def check_logs(
    session: SparkSession, inputs: Sequence[Input], passing: Place, salt: str | None = None
) -> CheckedLogs:
    """Check all lines and make the views exposures, outcomes, assignments and errors (file_no, line, ...).

    With a `salt` user ids become their hashes. Raises InputError where no line has a key that is mapped.
    """
    numbered = list(enumerate(inputs, start=1))
    blocks: list[Row] = []
    for kind in CONTRACTS:
        own = [(number, file) for number, file in numbered if file.kind == kind]
        if own:
            _checked(session, kind, own, salt).write.partitionBy("part").parquet(
                str(passing / kind), compression="lz4"
            )
            blocks += _part(session, kind, passing, BLOCKS).collect()
    checked, places = _counted(numbered, blocks)
    read = [
        Read(name=file.name, mapping=dict(file.mapping), absent=dict(file.absent)) for file in checked.files
    ]
    if said := unread(read):
        raise InputError(said)
    placed = session.createDataFrame(
        places, "given_no INT, start BIGINT, file_no INT, rows_before BIGINT, lines_before BIGINT"
    )
    kinds = {file.kind for file in inputs}
    for kind in CONTRACTS:
        _make_rows(session, kind, passing if kind in kinds else None, placed)
    _make_errors(session, sorted(kinds), passing, placed)
    return checked


def _checked(
    session: SparkSession, kind: Kind, files: Sequence[tuple[int, Input]], salt: str | None
) -> DataFrame:
    """Good lines, errors and sums of the files of one kind."""
    schema = declared(schema_of(kind))
    parted = [(number, file) for number, file in files if not file.is_whole]
    whole = [(number, file) for number, file in files if file.is_whole]
    found: list[DataFrame] = []
    if parted:
        of_service = frozenset(number for number, file in parted if file.format == "service")
        lines = _lines(session, kind, parted)
        found.append(lines.mapInArrow(partial(checked_lines, kind, of_service, salt), schema))
    if whole:
        given = {number: (file.name, file.mapping) for number, file in whole}
        content = session.read.format("binaryFile").load([literal(file.path) for _, file in whole])
        numbered = content.select("content", F.col("_metadata.file_path").alias("encoded")).join(
            F.broadcast(_numbers(session, whole)), "encoded"
        )
        content = numbered.select("content", "file_no")
        found.append(content.mapInArrow(partial(checked_files, kind, given, salt), schema))
    return found[0] if len(found) == 1 else found[0].union(found[1])


def _numbers(session: SparkSession, files: Sequence[tuple[int, Input]]) -> DataFrame:
    return session.createDataFrame(
        [(file.encoded, number) for number, file in files], "encoded STRING, file_no INT"
    )


def _lines(session: SparkSession, kind: Kind, files: Sequence[tuple[int, Input]]) -> DataFrame:
    """The lines of the files of one kind with what `checked_lines` needs, in the order of each file."""
    numbers = _numbers(session, files)
    start = F.col("_metadata.file_block_start").alias("start")
    encoded = F.col("_metadata.file_path").alias("encoded")
    text = [literal(file.path) for _, file in files if file.format != "parquet"]
    rows = [literal(file.path) for _, file in files if file.format == "parquet"]
    found: list[DataFrame] = []
    if text:
        lines = session.read.option("lineSep", "\n").text(text)
        lines = lines.select(F.col("value").cast("binary").alias("value"), encoded, start)
        found.append(lines.join(F.broadcast(numbers), "encoded").select("value", "file_no", "start"))
    if rows:
        table = session.read.option("mergeSchema", "true").parquet(*rows)
        placed = table.select("*", encoded, start).join(F.broadcast(numbers), "encoded").drop("encoded")
        columns = [*table.columns, "file_no", "start"]
        found.append(placed.select(*columns).mapInArrow(partial(lines_of_rows, kind), declared(LINES)))
    whole = found[0] if len(found) == 1 else found[0].union(found[1])
    return whole.withColumn("digest", F.xxhash64("value"))


def _part(session: SparkSession, kind: Kind, passing: Place, part: str) -> DataFrame:
    """One sort of the rows that the check of a kind wrote; a sort of which there is none has no folder."""
    schema = f"{declared(schema_of(kind))}"
    place = passing / kind / f"part={part}"
    if f"part={part}" not in (passing / kind).names():
        return session.createDataFrame([], schema)
    return session.read.schema(schema).parquet(str(place))


def _counted(
    numbered: Sequence[tuple[int, Input]], blocks: Sequence[Row]
) -> tuple[CheckedLogs, list[tuple[int, int, int, int, int]]]:
    """The files by the sums of their blocks, and where each block stands in its file.

    A file with the content of one before it does not count again.
    """
    ordered = sorted(blocks, key=lambda block: (block.file_no, block.start))
    by_file = {number: list(own) for number, own in groupby(ordered, key=lambda block: block.file_no)}
    files: list[LogFile] = []
    paths: dict[str, str] = {}
    repeated, places = [], []
    seen = set[str]()
    for number, given in numbered:
        own = by_file.get(number, [])
        file = _log_file(given, own)
        if file.content_hash in seen:
            repeated.append(given.name)
            continue
        files.append(file)
        seen.add(file.content_hash)
        paths[file.hash] = given.path
        rows_before = lines_before = 0
        for block in own:
            places.append((number, block.start, len(files), rows_before, lines_before))
            rows_before += block.accepted
            lines_before += block.lines
    return CheckedLogs(files=tuple(files), paths=paths, repeated=tuple(repeated)), places


def _log_file(given: Input, blocks: Sequence[Row]) -> LogFile:
    for block in blocks:
        if block.refused is not None:
            raise LogError(given.name, block.refused.removeprefix(f"{given.name}: "))
    lines, accepted, records, extended, nulls, size = (
        sum(getattr(block, name) for block in blocks)
        for name in ("lines", "accepted", "records", "extended", "nulls", "size")
    )
    digest = sum(block.digest for block in blocks) % 2**64
    content = f"blake3:{blake3(json.dumps([given.kind, lines, size, digest]).encode()).hexdigest()}"
    notes = (SERVICE_NOTE, _LINE_HASH) if given.format == "service" else (_LINE_HASH,)
    known = content
    absent: tuple[tuple[str, str], ...] = ()
    if given.is_whole and blocks:
        known, content, lacking, *told = json.loads(blocks[0].told)
        notes, absent = tuple(told), tuple((field, near) for field, near in lacking)
    return LogFile(
        name=given.name,
        hash=known,
        content_hash=content,
        kind=given.kind,
        lines=lines,
        accepted=accepted,
        rejected=lines - accepted,
        records=records,
        extended=extended,
        null_for_absent=0 if given.format in ("csv", "parquet") else nulls,
        format=given.format,
        packing=given.packing,
        mapping=tuple(given.mapping.items()),
        notes=notes,
        absent=absent,
    )


def _make_rows(session: SparkSession, kind: Kind, passing: Place | None, placed: DataFrame) -> None:
    """The view of one kind's good lines, with file_no and row_no; without a file of that kind it is empty."""
    contract = CONTRACTS[kind]
    if passing is None:
        make_empty(session, kind)
        return
    fields: list[Column] = [
        F.timestamp_micros(field.name).alias(field.name) if field.type == "timestamp" else F.col(field.name)
        for field in contract.fields
    ]
    rows = _part(session, kind, passing, ROWS).withColumnRenamed("file_no", "given_no")
    rows.join(F.broadcast(placed), ["given_no", "start"]).select(
        *fields, "file_no", (F.col("rows_before") + F.col("place")).alias("row_no")
    ).createOrReplaceTempView(contract.table)


def make_empty(session: SparkSession, kind: Kind) -> None:
    """The view of a kind of which there is no line."""
    columns = f"{row_fields(kind, 'TIMESTAMP')}, file_no INT, row_no BIGINT"
    session.createDataFrame([], columns).createOrReplaceTempView(CONTRACTS[kind].table)


def _make_errors(session: SparkSession, kinds: Sequence[Kind], passing: Place, placed: DataFrame) -> None:
    """The view of the errors of all rejected lines, with the numbers of their lines."""
    whole = session.createDataFrame([], ERRORS_OF_LINES)
    for kind in kinds:
        found = _part(session, kind, passing, ERRORS).withColumnRenamed("file_no", "given_no")
        line = (F.col("lines_before") + F.col("place") + 1).alias("line")
        whole = whole.union(
            found.join(F.broadcast(placed), ["given_no", "start"]).select("file_no", line, *_ERRORS)
        )
    whole.createOrReplaceTempView("errors")
