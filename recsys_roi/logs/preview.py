"""A look at the beginning of a file, for a person who says which column holds which field."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from recsys_roi.errors import InputError, LogError, UnknownFieldsError
from recsys_roi.logs.checking import shown
from recsys_roi.logs.contracts import Kind
from recsys_roi.logs.documents import MANIFEST, TITLES
from recsys_roi.logs.evaluation_reports import REPORT
from recsys_roi.logs.reading import Source, copied, display_name
from recsys_roi.logs.recognise import BOM, Format, KindOrAuto, recognise
from recsys_roi.logs.shapes.csv_rows import read_header
from recsys_roi.logs.shapes.layout import (
    known_columns,
    mappable_fields,
    missing_fields,
    nearest,
    nearest_said,
    shown_columns,
)
from recsys_roi.logs.shapes.parquet_table import damaged
from recsys_roi.logs.unpacking import Packing, unpacked

ROWS = 5
_HEAD = 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What a file looks like under a mapping {field: column or key}."""

    name: str
    kind: Kind | None  # None: its columns do not say; a person has to
    format: Format
    packing: Packing
    columns: tuple[str, ...]  # of a table, or the keys of the first records
    rows: tuple[tuple[str, ...], ...]  # the first ones as text, cut and masked
    missing: tuple[str, ...]  # required fields that no column holds yet
    unknown: tuple[str, ...]  # columns that are no field and not mapped; they would be left out
    fields: tuple[str, ...]  # what a column can be mapped to, besides "context.KEY"

    @property
    def is_table(self) -> bool:
        """Whether every record has all the columns."""
        return self.format in ("csv", "parquet")

    def fitting(self, mapping: Mapping[str, str], kind: Kind | None = None) -> dict[str, str]:
        """The part of a mapping that speaks of this file: fields of its contract; in a table, its columns.

        `kind` says which contract where the file does not.
        """
        return fitting(mapping, self.kind or kind, self.columns if self.is_table else None)


def fitting(
    mapping: Mapping[str, str], kind: Kind | None, columns: Collection[str] | None = None
) -> dict[str, str]:
    """The part of a mapping that names fields of a contract and, of a table, columns that it has."""
    fields = () if kind is None else mappable_fields(kind)
    return {
        field: column
        for field, column in mapping.items()
        if (field in fields or ("context" in fields and field.startswith("context.")))
        and (columns is None or column in columns)
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapped:
    """One file and the part of a mapping that speaks of it."""

    name: str
    mapping: Mapping[str, str]  # {field: column or key}
    columns: Collection[str]  # that it has, of JSON Lines as far as was looked


def check_fits_some(mapping: Mapping[str, str], files: Sequence[Mapped]) -> None:
    """InputError where a field of a mapping fits none of the files."""
    used = {field for file in files for field in file.mapping}
    there = {column for file in files for column in file.columns}
    names = shown_columns([file.name for file in files])
    for field, column in mapping.items():
        if field not in used:
            raise InputError(
                f"--map {field}={column} fits none of the files: none that can have {field} has a column "
                f"{column!r} ({names}).{nearest_said(nearest(column, there))}"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """One file that was read under a mapping."""

    name: str
    mapping: Mapping[str, str]  # {field: column or key}
    absent: Mapping[str, str]  # field of it whose key no line has -> keys like that


def unread(files: Sequence[Read]) -> str:
    """What is said of fields of a mapping whose key no line of any file has; nothing where there is none."""
    given = {field: key for file in files for field, key in file.mapping.items()}
    said = []
    for field, key in given.items():
        those = [file for file in files if field in file.mapping]
        if all(field in file.absent for file in those):
            near = next((file.absent[field] for file in those if file.absent[field]), "")
            names = shown_columns([file.name for file in those])
            said.append(
                f"--map {field}={key} fits none of the files: no line has a key {key!r} ({names})."
                f"{nearest_said(near)}"
            )
    return " ".join(said)


def preview(source: Source, kind: KindOrAuto = "auto", mapping: Mapping[str, str] | None = None) -> Preview:
    """Look at a source without keeping it; LogError when it holds no table and no records."""
    name, mapping = display_name(source), mapping or {}
    with _on_disk(source) as path:
        taken, form, packing = _recognised(path, name, kind, mapping)
        columns, rows = _beginning(path, name, form)
    if not columns:
        raise LogError(name, "holds no column and no record that could be mapped.")
    shown_rows = tuple(tuple(shown(cell) for cell in row) for row in rows)
    if taken is None or form == "service":  # nothing to say yet, or nothing to map
        missing: tuple[str, ...] = ()
        unknown: tuple[str, ...] = ()
    else:
        known = known_columns(columns, taken, mapping)
        missing = missing_fields(columns, taken, mapping)
        unknown = tuple(column for column in columns if column not in known)
    return Preview(
        name=name,
        kind=taken,
        format=form,
        packing=packing,
        columns=columns,
        rows=shown_rows,
        missing=missing,
        unknown=unknown,
        fields=() if taken is None else mappable_fields(taken),
    )


@contextmanager
def _on_disk(source: Source) -> Iterator[Path]:
    if not isinstance(source, tuple):
        yield Path(source).absolute()
        return
    with tempfile.TemporaryDirectory(prefix="recsys-roi-") as folder:
        yield copied(source[1], Path(folder) / "given")


def _recognised(
    path: Path, name: str, kind: KindOrAuto, mapping: Mapping[str, str]
) -> tuple[Kind | None, Format, Packing]:
    try:
        found = recognise(path, name, kind, mapping)
    except UnknownFieldsError:
        # The columns do not say which log it is; that it can be read at all is asked under any kind.
        found = recognise(path, name, "exposure.v1", mapping)
        return None, found.format, found.packing
    if found.kind in (MANIFEST, REPORT):
        raise LogError(name, f"is {TITLES[found.kind]}, which has nothing to map.")
    return found.kind, found.format, found.packing


def _beginning(path: Path, name: str, form: Format) -> tuple[tuple[str, ...], list[Sequence[str]]]:
    if form == "parquet":
        try:
            return _of_parquet(path)
        except (OSError, pa.ArrowException) as problem:
            raise damaged(name) from problem
    with unpacked(path, name) as (plain, _):
        head = plain.read(_HEAD)
    return _of_csv(head) if form == "csv" else _of_json(head)


def _of_csv(head: bytes) -> tuple[tuple[str, ...], list[Sequence[str]]]:
    header = read_header(head)
    if header is None:
        return (), []
    text = head[header.end :].decode("utf-8", "replace").splitlines(keepends=True)
    width = len(header.columns)
    rows = islice((row for row in csv.reader(text, delimiter=header.separator) if row), ROWS)
    return header.columns, [[*row, *[""] * width][:width] for row in rows]


def _of_parquet(path: Path) -> tuple[tuple[str, ...], list[Sequence[str]]]:
    with pq.ParquetFile(path) as file:
        batches = list(islice(file.iter_batches(batch_size=ROWS), 1))
        table = pa.Table.from_batches(batches, schema=file.schema_arrow).flatten()
    columns = [column.to_pylist() for column in table.columns]
    rows = list(zip(*columns, strict=True))
    return tuple(table.column_names), [["" if cell is None else str(cell) for cell in row] for row in rows]


def _of_json(head: bytes) -> tuple[tuple[str, ...], list[Sequence[str]]]:
    records: list[dict[str, object]] = []
    for line in head.removeprefix(BOM).split(b"\n"):
        try:
            value = msgspec.json.decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            records.append(value)
        if len(records) == ROWS:
            break
    names = tuple(dict.fromkeys(key for record in records for key in record))
    return names, [[_text(record.get(name)) for name in names] for record in records]


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
