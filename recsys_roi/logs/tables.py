"""The contracts as typed tables: JSON Lines to Parquet, and views over the Parquet of a pilot."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recsys_roi.logs.contracts import CONTRACTS, Contract, Field, FieldType, Kind
from recsys_roi.logs.hashing import hashed_sql

USER = "user_id"
SESSION = "session_id"  # the key of a context
LOAD_MEMORY = "600MB"
_LOOK_EVERY = 0.1  # seconds between two looks at a running statement

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


def quoted(text: str) -> str:
    """Text as an SQL string, for the few places that take no parameter."""
    return "'" + text.replace("'", "''") + "'"


def without_glob(path: Path) -> str:
    """A path that DuckDB takes literally: it would expand * ? and [ in it."""
    return re.sub(r"([\[*?])", r"[\1]", str(path))


@contextmanager
def working_connection(spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory connection for the work on one file, in bounded memory."""
    settings = _NO_EXTENSIONS | {"memory_limit": LOAD_MEMORY, "temp_directory": str(spill)}
    with duckdb.connect(":memory:", config=settings) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = true")
        connection.execute("SET enable_progress_bar_print = false")
        yield connection


def run(
    connection: duckdb.DuckDBPyConnection,
    statement: str,
    parameters: Sequence[object],
    on_wait: Callable[[float], None],
) -> int:
    """Run one statement; gives its one number, such as the rows it wrote.

    `on_wait` is called now and then with the share done. An exception of it stops the statement and goes on
    to the caller.
    """
    done, result = threading.Event(), list[int | BaseException]()

    def work() -> None:
        try:
            rows = connection.execute(statement, parameters).fetchall()
            result.append(int(rows[0][0]) if rows else 0)
        except BaseException as problem:  # noqa: BLE001 - goes on to the caller's thread
            result.append(problem)
        finally:
            done.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while not done.wait(_LOOK_EVERY):
            on_wait(min(1.0, max(0.0, connection.query_progress() / 100)))
    except BaseException:
        while thread.is_alive():  # an interrupt before the statement has begun would be lost
            connection.interrupt()
            thread.join(_LOOK_EVERY)
        raise
    if isinstance(result[0], BaseException):
        raise result[0]
    return result[0]


def load(
    lines: Path,
    kind: Kind,
    parquet: Path,
    spill: Path,
    on_wait: Callable[[float], None],
    *,
    salt: str | None = None,
) -> int:
    """Type the JSON Lines at `lines` and write them to `parquet` in file order; gives the rows written.

    With a `salt` user ids are kept as their hashes only.
    Raises duckdb.Error when a line cannot be typed, such as one with a key written twice.
    """
    with working_connection(spill) as connection:
        typed_rows(connection, lines, kind, salt).create_view("typed")
        return run(connection, f"COPY typed TO {quoted(str(parquet))} ({_PARQUET})", (), on_wait)


def typed_rows(
    connection: duckdb.DuckDBPyConnection, lines: Path, kind: Kind, salt: str | None = None
) -> duckdb.DuckDBPyRelation:
    """The good lines at `lines` as rows of the contract, in file order; timestamps in UTC."""
    fields = CONTRACTS[kind].fields
    # A cast straight to TIMESTAMP would drop the offset, and knows only the capitals T and Z.
    typed = (_typed(field, salt) for field in fields)
    read_as = {field.name: "VARCHAR" if field.type == "timestamp" else sql_type(field) for field in fields}
    return connection.read_json(
        without_glob(lines), columns=read_as, format="newline_delimited", compression="none"
    ).project(", ".join(typed))


def store(
    rows: pa.RecordBatchReader,
    kind: Kind,
    parquet: Path,
    spill: Path,
    on_wait: Callable[[float], None],
    *,
    salt: str | None = None,
) -> int:
    """Write rows of the contract to `parquet` in their order, as `load` does; gives their number.

    Times, items and contexts may be text too, as they stand in a good line.
    """
    columns = ", ".join(_typed_column(field, rows.schema, salt) for field in CONTRACTS[kind].fields)
    with working_connection(spill) as connection:
        connection.register("given", rows)
        connection.sql("FROM given").project(columns).create_view("typed")
        return run(connection, f"COPY typed TO {quoted(str(parquet))} ({_PARQUET})", (), on_wait)


def _typed_column(field: Field, schema: pa.Schema, salt: str | None) -> str:
    kind = schema.field(field.name).type
    if field.type == "timestamp" and pa.types.is_timestamp(kind):
        return f"{field.name} AT TIME ZONE 'UTC' AS {field.name}"
    if field.type in ("array of objects", "object of strings") and pa.types.is_string(kind):
        read = f"from_json({field.name}, {quoted(_json_structure(field))})"
        if field.type == "object of strings" and salt is not None:
            read = _session_hashed(salt, read)
        return f"{read} AS {field.name}"
    return _typed(field, salt)


def _json_structure(field: Field) -> str:
    if field.type == "array of objects":
        return json.dumps([{inner.name: sql_type(inner) for inner in field.fields}])
    return json.dumps(sql_type(field))


def merge(
    rows: Path,
    others: Path,
    before: NDArray[np.int64],
    kind: Kind,
    parquet: Path,
    *,
    spill: Path,
    on_wait: Callable[[float], None],
) -> int:
    """Write the rows of two Parquet files to one, in order; gives their number.

    `before`: for each of the others, how many of the first come before it, which never falls.
    """
    names = ", ".join(field.name for field in CONTRACTS[kind].fields)
    with working_connection(spill) as connection:
        connection.register("places", pa.table({"place": before, "nth": np.arange(len(before))}))
        of_first = f"{names}, file_row_number AS place, 1 AS later, 0 AS nth"
        of_others = f"{names}, place, 0 AS later, nth"
        first = connection.read_parquet(without_glob(rows), file_row_number=True)
        second = connection.read_parquet(without_glob(others), file_row_number=True)
        joined = second.join(connection.table("places"), "file_row_number = nth")
        together = first.project(of_first).union(joined.project(of_others))
        together.order("place, later, nth").project(names).create_view("merged")
        return run(connection, f"COPY merged TO {quoted(str(parquet))} ({_PARQUET})", (), on_wait)


def _typed(field: Field, salt: str | None) -> str:
    """One field as it is kept."""
    if field.type == "timestamp":
        return f"upper({field.name})::TIMESTAMPTZ AT TIME ZONE 'UTC' AS {field.name}"
    if field.name == USER and salt is not None:
        return f"{hashed_sql(salt, field.name)} AS {field.name}"
    if field.type == "object of strings" and salt is not None:
        return f"{_session_hashed(salt, field.name)} AS {field.name}"
    return field.name


def _session_hashed(salt: str, column: str) -> str:
    """A context with the id of the session as its hash: some write the user's id into it."""
    session = f"{column}['{SESSION}']"
    kept = f"map_concat({column}, MAP {{'{SESSION}': {hashed_sql(salt, session)}}})"
    return f"CASE WHEN {session} IS NULL THEN {column} ELSE {kept} END"


def write_rows(rows: duckdb.DuckDBPyRelation, parquet: Path) -> None:
    """Rows of a pilot to Parquet, in their order, as `load` writes them."""
    rows.write_parquet(str(parquet), compression="zstd", row_group_size=50_000)


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
        allowed = {form for path in (folder, *directories) for form in (str(path), without_glob(path))}
        connection.execute(f"SET allowed_directories = [{', '.join(map(quoted, sorted(allowed)))}]")
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
        connection.read_parquet(without_glob(path), file_row_number=True).project(
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
