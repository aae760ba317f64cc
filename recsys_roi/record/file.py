"""The record's file: SQLite in write-ahead mode, so that reading goes on while somebody saves."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from recsys_roi.errors import RIGHTS, RecordError, lacks_rights
from recsys_roi.whole_file import Mark, settled_mark, sync

SCHEMAS = (  # each brings the file to the next version
    "schema.sql",
    "register.sql",
    "members.sql",
    "plans.sql",
    "retention.sql",
)
VERSION = len(SCHEMAS)  # kept as the file's user_version
WAIT_SECONDS = 10.0
LOOK_EVERY_SECONDS = 0.02
FileState = tuple[Mark, ...]


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that sees one moment of the file; the file is made where there is none."""
    with _opened(path) as connection:
        connection.execute("BEGIN")
        yield connection


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that alone may write; all of it is kept, or after an error nothing."""
    with _opened(path) as connection, _change(connection):
        yield connection


@contextmanager
def _change(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # on a full disk SQLite has taken it back by itself
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
        with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            _prepare(connection, path)
            yield connection
    except sqlite3.Error as problem:
        raise RecordError(f"{path}: {_sentence(problem)}") from problem
    except OSError as problem:
        way_on = f" {RIGHTS}." if lacks_rights(problem) else ""
        raise RecordError(f"{path}: cannot be opened ({problem.strerror or problem}).{way_on}") from problem


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    if _known_version(connection, path) == VERSION:
        return
    _write_ahead(connection)
    with _change(connection):  # of several programs one brings it up to date, and the others find it so
        found = _known_version(connection, path)
        if 0 < found < VERSION:
            _keep_copy(path, found)
        for name in SCHEMAS[found:]:
            for statement in Path(__file__).with_name(name).read_text(encoding="utf-8").split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _known_version(connection: sqlite3.Connection, path: Path) -> int:
    found = _version(connection)
    if found > VERSION:
        raise RecordError(
            f"{path}: was written by a newer version of recsys-roi (layout {found}, not {VERSION}). "
            "Use that version, or name another folder in RECSYS_ROI_HOME."
        )
    return found


def _write_ahead(connection: sqlite3.Connection) -> None:
    """SQLite itself does not wait where several programs ask for this mode at once."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(LOOK_EVERY_SECONDS)
        else:
            return


def _keep_copy(path: Path, layout: int) -> None:
    """A copy of the file as it is, before it is brought to another layout; without it nothing is changed."""
    place = path.with_name(f"{path.stem}.layout-{layout}{path.suffix}")
    made = place.with_suffix(".new")
    made.unlink(missing_ok=True)
    made.touch(mode=0o600)
    # Another connection, since the one that is about to write must not be copied from.
    with (
        closing(sqlite3.connect(path, timeout=WAIT_SECONDS)) as source,
        closing(sqlite3.connect(made)) as copy,
    ):
        source.backup(copy)
    made.replace(place)
    sync(place.parent)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def settled_state(path: Path) -> FileState | None:
    """What any change of the file changes: its own marks and those of its write-ahead log.

    None where it cannot tell: there is no file, or one of them was written too lately.
    """
    try:
        marks = [settled_mark(path)]
    except OSError:
        return None
    with suppress(OSError):
        marks.append(settled_mark(path.with_name(f"{path.name}-wal")))
    settled = tuple(mark for mark in marks if mark is not None)
    return settled if len(settled) == len(marks) else None


def _sentence(problem: sqlite3.Error) -> str:
    text = str(problem)
    if "locked" in text:
        return f"somebody else has been saving for {WAIT_SECONDS:.0f} seconds. Try again."
    if "not a database" in text or "malformed" in text:
        return (
            "is damaged or no record. Put a copy of it back, or move it away to start an empty one; "
            "the logs are not touched."
        )
    if "readonly" in text or "unable to open" in text:
        return "cannot be written here. Check the rights on its folder."
    if "full" in text:
        return "the disk is full. Make room, then save again; what was saved before is kept."
    if "I/O" in text:
        return "the disk failed to read or write it. Look after the disk, then try again."
    return f"cannot be used ({text})."
