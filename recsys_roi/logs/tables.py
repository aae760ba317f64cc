"""The contracts as typed tables: JSON Lines to Parquet, and views over the Parquet of a pilot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import reduce
from pathlib import Path

import duckdb

from recsys_roi.logs.contracts import CONTRACTS, Contract, Field, FieldType, Kind

LOAD_MEMORY = "1GB"

# A fifth faster than DuckDB's own defaults on two cores, and no larger than snappy.
_PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 50000"

_TYPES: dict[FieldType, str] = {
    "string": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "event_type": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "object of strings": "MAP(VARCHAR, VARCHAR)",
}
_NO_EXTENSIONS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,
}


def sql_type(field: Field) -> str:
    """The DuckDB type of a field; a timestamp is in UTC."""
    if field.type == "array of objects":
        return f"STRUCT({', '.join(f'{inner.name} {sql_type(inner)}' for inner in field.fields)})[]"
    return _TYPES[field.type]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _without_glob(path: Path) -> str:
    """A path that DuckDB takes literally: it would expand * ? and [ in it."""
    return re.sub(r"([\[*?])", r"[\1]", str(path))


def load(lines: Path, kind: Kind, parquet: Path, spill: Path) -> int:
    """Type the JSON Lines at `lines` and write them to `parquet` in file order; gives the rows written.

    Raises duckdb.Error when a line cannot be typed, such as one with a key written twice.
    """
    fields = CONTRACTS[kind].fields
    # A cast straight to TIMESTAMP would drop the offset, and knows only the capitals T and Z.
    typed = (
        f"upper({field.name})::TIMESTAMPTZ AT TIME ZONE 'UTC' AS {field.name}"
        if field.type == "timestamp"
        else field.name
        for field in fields
    )
    read_as = {field.name: "VARCHAR" if field.type == "timestamp" else sql_type(field) for field in fields}
    settings = _NO_EXTENSIONS | {"memory_limit": LOAD_MEMORY, "temp_directory": str(spill)}
    with duckdb.connect(":memory:", config=settings) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.read_json(
            _without_glob(lines), columns=read_as, format="newline_delimited", compression="none"
        ).project(", ".join(typed)).create_view("typed")
        row = connection.execute(f"COPY typed TO {_quoted(str(parquet))} ({_PARQUET})").fetchone()
    return int(row[0]) if row else 0


def connect(
    folder: Path,
    files: Sequence[tuple[Kind, Path]],
    *,
    spill: Path,
    directories: Iterable[Path] = (),
    memory_limit: str | None = None,
    threads: int | None = None,
) -> duckdb.DuckDBPyConnection:
    """A hardened in-memory connection with the views exposures, outcomes and assignments over `files`.

    It reads and writes only in `folder` and `directories`, loads no extension, and its settings are locked.
    file_no counts from 1 in the order of `files`, row_no from 0 in the order of the accepted lines.
    """
    settings = _NO_EXTENSIONS | {"temp_directory": str(spill)}
    if memory_limit is not None:
        settings["memory_limit"] = memory_limit
    if threads is not None:
        settings["threads"] = threads
    connection = duckdb.connect(":memory:", config=settings)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        allowed = {form for path in (folder, *directories) for form in (str(path), _without_glob(path))}
        connection.execute(f"SET allowed_directories = [{', '.join(map(_quoted, sorted(allowed)))}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        for contract in CONTRACTS.values():
            _create_view(connection, contract, files)
    except BaseException:
        connection.close()
        raise
    return connection


def _create_view(
    connection: duckdb.DuckDBPyConnection, contract: Contract, files: Sequence[tuple[Kind, Path]]
) -> None:
    names = ", ".join(field.name for field in contract.fields)
    parts = [
        connection.read_parquet(_without_glob(path), file_row_number=True).project(
            f"{names}, {number}::INTEGER AS file_no, file_row_number AS row_no"
        )
        for number, (kind, path) in enumerate(files, start=1)
        if kind == contract.kind
    ]
    if parts:
        reduce(duckdb.DuckDBPyRelation.union, parts).create_view(contract.table)
        return
    columns = ", ".join(f"{field.name} {sql_type(field)}" for field in contract.fields)
    connection.execute(f"CREATE TABLE {contract.table} ({columns}, file_no INTEGER, row_no BIGINT)")
