"""The folder that evidence is written to, on any file system that Spark knows: whole, or not there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING, Any

from recsys_roi.errors import InputError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Place:
    """A path on one of Spark's file systems (Hadoop's own API, through the driver)."""

    def __init__(self, session: SparkSession, path: str) -> None:
        """`path` without a scheme is on Spark's default file system: this machine's where Spark runs here."""
        jvm: Any = session.sparkContext._jvm
        self._jvm, self._session = jvm, session
        given = jvm.org.apache.hadoop.fs.Path(path)
        self._files = given.getFileSystem(session.sparkContext._jsc.hadoopConfiguration())
        self._files.setWriteChecksum(False)  # else a local disk gets a file of sums beside each file
        self._path = self._files.makeQualified(given)

    def __str__(self) -> str:
        return str(self._path.toString())

    def __truediv__(self, name: str) -> Place:
        return Place(self._session, f"{self}/{name}")

    @property
    def parent(self) -> Place:
        """The folder that it stands in."""
        return Place(self._session, self._path.getParent().toString())

    @property
    def name(self) -> str:
        """Its last part."""
        return str(self._path.getName())

    def is_taken(self) -> bool:
        """Whether there is anything but an empty folder."""
        return bool(
            self._files.exists(self._path)
            and not (self._files.getFileStatus(self._path).isDirectory() and not self.names())
        )

    def names(self) -> list[str]:
        """What stands in the folder."""
        return [str(entry.getPath().getName()) for entry in self._files.listStatus(self._path)]

    def make(self, *, private: bool = False) -> None:
        """Makes the folder and those above it; a private one can be opened by its owner only."""
        self._files.mkdirs(self._path)
        if private:
            self._files.setPermission(
                self._path, self._jvm.org.apache.hadoop.fs.permission.FsPermission("700")
            )

    def read(self) -> bytes:
        """What is in the file; an error of Java where there is none."""
        stream = self._files.open(self._path)
        try:
            return bytes(self._jvm.org.apache.commons.io.IOUtils.toByteArray(stream))
        finally:
            stream.close()

    def delete(self) -> None:
        """Deletes it with all that is in it."""
        self._files.delete(self._path, True)

    def move(self, to: Place) -> None:
        """Moves it; OSError where that is refused."""
        if not self._files.rename(self._path, to._path):
            raise OSError(f"{self} cannot be moved to {to}.")

    def fetch(self, to: Path) -> None:
        """Copies it with all that is in it to a new folder on this machine."""
        local = self._jvm.org.apache.hadoop.fs.Path(to.absolute().as_uri())
        self._files.copyToLocalFile(False, self._path, local, True)  # as plain files, without files of sums

    def write(self, content: bytes) -> None:
        """Makes a file of it."""
        stream = self._files.create(self._path, True)
        try:
            stream.write(bytearray(content))
        finally:
            stream.close()

    def sweep(self) -> None:
        """Deletes the notes of Spark and Hadoop in it (names that begin with a dot or _), at any depth."""
        for entry in self._files.listStatus(self._path):
            found = self / str(entry.getPath().getName())
            if found.name.startswith((".", "_")):
                found.delete()
            elif entry.isDirectory():
                found.sweep()


@contextmanager
def new_place(to: Place, *, private: bool = False) -> Iterator[Place]:
    """A hidden folder beside `to` that becomes `to` at the end of the `with`, or goes."""
    if to.is_taken():
        raise InputError(f"{to} exists already. Evidence is written once: choose a new folder, or delete it.")
    work = to.parent / f".evidence-{gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    work.make(private=private)
    try:
        yield work
        work.sweep()
        to.delete()  # an empty folder; some file systems would move into it
        work.move(to)
    finally:
        work.delete()
