"""The files that Spark is to count: found by Spark itself, and recognised by their first lines."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from recsys_roi.errors import LogError
from recsys_roi.evidence.spark.session import first_line
from recsys_roi.evidence.spark.whole_files import WHOLE_LIMIT
from recsys_roi.logs.contracts import Kind
from recsys_roi.logs.documents import MANIFEST, Document, read_document
from recsys_roi.logs.evaluation_reports import REPORT
from recsys_roi.logs.finding import FILES_LIMIT, PassedOver
from recsys_roi.logs.preview import Mapped, check_fits_some, fitting, preview
from recsys_roi.logs.reading import display_name
from recsys_roi.logs.recognise import Format, KindOrAuto, recognise
from recsys_roi.logs.shapes import parquet_table
from recsys_roi.logs.shapes.layout import kind_of_columns, layout_of, shown_columns
from recsys_roi.logs.unpacking import Packing, packing_of

_HEAD_LINES = 200  # that decide what a file is
_WHOLE = 2**20  # bytes; a smaller file is looked at whole, so that a document over several lines is known
_PACKINGS: Mapping[str, Packing] = {".gz": "gz", ".zst": "zst"}
SPARK_ERRORS = (PySparkException, Py4JError)  # the second where Spark does not translate Java's
PARQUET: Format = "parquet"
_TEXT: tuple[Format, ...] = ("jsonl", "service")


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    """One file, as Spark names it."""

    path: str  # as it is given to Spark
    encoded: str  # as Spark tells where a row comes from
    size: int
    kind: Kind
    format: Format
    packing: Packing
    mapping: Mapping[str, str]  # {field: column or key}
    columns: tuple[str, ...]  # that it has, of JSON Lines as far as was looked; looked at for a mapping only
    is_whole: bool  # read by one task as a whole

    @property
    def name(self) -> str:
        """For people."""
        return display_name(self.path)


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """What was found at the paths that were given."""

    files: tuple[Input, ...]
    documents: tuple[tuple[str, Document], ...]  # with their paths
    passed_over: tuple[PassedOver, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    path: str
    encoded: str
    size: int


def find_inputs(
    session: SparkSession,
    given: Sequence[str],
    kind: KindOrAuto = "auto",
    mapping: Mapping[str, str] | None = None,
) -> Inputs:
    """The logs at paths, folders, patterns or URLs that Spark reads, in the order given and by name.

    Raises LogError where nothing is there, or a file that was named is no log that can be counted, InputError
    where a field of the mapping {field: column or key} fits none of them.
    """
    mapping = mapping or {}
    files, documents, passed_over = [], [], []
    seen = set[str]()
    for path in given:
        found = [file for file in _listed(session, path) if file.encoded not in seen]
        for file in found:
            seen.add(file.encoded)
            try:
                known = _recognised(session, file, kind, mapping)
            except LogError as problem:
                if len(found) == 1:
                    raise
                name = display_name(file.path)
                passed_over.append(PassedOver(file=name, reason=str(problem).removeprefix(f"{name}: ")))
                continue
            if isinstance(known, Input):
                files.append(known)
            else:
                documents.append((file.path, known))
    check_fits_some(
        mapping, [Mapped(name=file.name, mapping=file.mapping, columns=file.columns) for file in files]
    )
    if not files:
        raise LogError(given[0], "holds no log that could be counted. Give the logs.")
    return Inputs(files=tuple(files), documents=tuple(documents), passed_over=tuple(passed_over))


def _listed(session: SparkSession, path: str) -> list[_Found]:
    try:
        rows = (
            session.read.format("binaryFile")
            .option("recursiveFileLookup", "true")
            .load(path)
            .select("path", "length", F.col("_metadata.file_path").alias("encoded"))
            .limit(FILES_LIMIT + 1)
            .collect()
        )
    except SPARK_ERRORS as problem:
        raise LogError(path, f"cannot be read by Spark: {first_line(problem)}") from problem
    if not rows:
        raise LogError(path, "holds no file. Give the logs.")
    if len(rows) > FILES_LIMIT:
        raise LogError(path, f"holds more than {FILES_LIMIT:,} files. Give the folder of the logs.")
    found = [_Found(path=row.path, encoded=row.encoded, size=row.length) for row in rows]
    return sorted(found, key=lambda file: file.path)


def _recognised(
    session: SparkSession, file: _Found, kind: KindOrAuto, mapping: Mapping[str, str]
) -> Input | Document:
    name = display_name(file.path)
    packing: Packing = next((_PACKINGS[end] for end in _PACKINGS if file.path.endswith(end)), "none")
    if file.path.endswith(".parquet"):
        return _table(session, file, name, kind, mapping)
    with tempfile.TemporaryDirectory(prefix="recsys-roi-") as folder:
        head = Path(folder) / "head"
        head.write_bytes(_head(session, file, packing, name))
        fits, columns = _fitting(head, kind, mapping)
        known = recognise(head, name, kind, fits)
        if known.kind in (MANIFEST, REPORT):
            return read_document(known.kind, head, name, f"blake3:{blake3(head.read_bytes()).hexdigest()}")
    whole = known.format not in _TEXT or bool(fits)
    return _input(
        file, name, known.kind, known.format, packing=packing, mapping=fits, columns=columns, is_whole=whole
    )


def _fitting(
    head: Path, kind: KindOrAuto, mapping: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """What of the mapping speaks of this file, so that files of several kinds can be given together.

    And the columns or keys that were seen for that.
    """
    if not mapping:
        return {}, ()
    try:
        seen = preview(head, kind, mapping)
    except LogError:  # what is wrong with it is said when it is recognised; a manifest has nothing to map
        return {}, ()
    return (dict(mapping) if seen.kind is None else seen.fitting(mapping)), seen.columns


def _input(
    file: _Found,
    name: str,
    kind: Kind,
    form: Format,
    *,
    packing: Packing = "none",
    mapping: Mapping[str, str],
    columns: Sequence[str],
    is_whole: bool,
) -> Input:
    if is_whole and file.size > WHOLE_LIMIT:
        raise LogError(
            name,
            f"has {file.size / 2**20:,.0f} MB. A file that is CSV, has other names of fields (--map) or an "
            f"item a row is read by one task, so it may have {WHOLE_LIMIT // 2**20} MB. Split it, or write "
            "it as JSON Lines or Parquet with a row a record under the contract's own names.",
        )
    return Input(
        path=file.path,
        encoded=file.encoded,
        size=file.size,
        kind=kind,
        format=form,
        packing=packing,
        mapping=mapping,
        columns=tuple(columns),
        is_whole=is_whole,
    )


def _table(
    session: SparkSession, file: _Found, name: str, kind: KindOrAuto, mapping: Mapping[str, str]
) -> Input:
    """A Parquet file; LogError where its columns are not those of a log."""
    try:
        schema = parquet_table.spread(session.read.parquet(literal(file.path)).limit(0).toArrow().schema)
    except SPARK_ERRORS as problem:
        raise LogError(name, f"cannot be read by Spark: {first_line(problem)}") from problem
    found = kind_of_columns(schema.names, mapping) if kind == "auto" else kind
    if found is None:
        raise LogError(
            name,
            "is a Parquet table, but its columns do not say which of the three logs it is "
            f"({shown_columns(schema.names)}). Give the kind (--contract).",
        )
    fits = fitting(mapping, found, schema.names)
    layout = layout_of(schema.names, found, fits, name)
    parquet_table.check_types(schema, layout, name)
    whole = bool(layout.item or fits)
    return _input(file, name, found, PARQUET, mapping=fits, columns=schema.names, is_whole=whole)


def literal(path: str) -> str:
    """A path that Spark takes as it is: it would expand * ? [ ] { } in it."""
    return re.sub(r"([\\*?\[\]{}])", r"\\\1", path)


def _head(session: SparkSession, file: _Found, packing: Packing, name: str) -> bytes:
    try:
        if packing == "none" and file.size <= _WHOLE:
            (row,) = session.read.format("binaryFile").load(literal(file.path)).select("content").collect()
            return _check_name(bytes(row.content), packing, name)
        lines = session.read.option("lineSep", "\n").text(literal(file.path)).limit(_HEAD_LINES)
        rows = lines.select(F.col("value").cast("binary").alias("value")).collect()
    except SPARK_ERRORS as problem:
        raise LogError(name, f"cannot be read by Spark: {first_line(problem)}") from problem
    return _check_name(b"".join(bytes(row.value) + b"\n" for row in rows), packing, name)


def _check_name(head: bytes, packing: Packing, name: str) -> bytes:
    """LogError where a file is packed and not called so: Spark goes by the name."""
    found = packing_of(head[:4])
    if packing == "none" and found != "none":
        raise LogError(
            name, f"is packed as .{found} without being called so, which Spark goes by. Rename it."
        )
    return head
