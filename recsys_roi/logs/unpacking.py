"""Packed files, read as what is in them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal, cast

import pyarrow as pa

from recsys_roi.errors import LogError
from recsys_roi.logs.room import cause, no_room

Packing = Literal["none", "gz", "zst"]

GROWTH_LIMIT = 500  # times its size; logs shrink 5 to 50 times, an archive made to fill a disk 1,000 and more
GROWTH_FREE = 2**30  # bytes that any archive may unpack to

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"  # after a first byte 0x50 to 0x5f; some packers begin with such a frame


def packing_of(head: bytes) -> Packing:
    """How a file that begins with `head` is packed."""
    if head.startswith(_GZIP):
        return "gz"
    if head.startswith(_ZSTD) or (head[1:4] == _ZSTD_SKIPPABLE and 0x50 <= head[0] <= 0x5F):
        return "zst"
    return "none"


@contextmanager
def unpacked(path: Path, name: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """(what is in the file at `path`, the file itself) for reading; `name` is for people.

    Reading in the body of the `with` raises LogError where the archive is damaged or the file unreadable.
    """
    packing: Packing = "none"
    try:
        with path.open("rb") as stored:
            packing = packing_of(stored.read(4))
            stored.seek(0)
            if packing == "none":
                yield stored, stored
            elif packing == "gz":
                with gzip.open(stored) as plain:
                    yield cast("IO[bytes]", plain), stored
            else:
                with pa.CompressedInputStream(stored, "zstd") as plain:
                    yield cast("IO[bytes]", plain), stored
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise _broken(name, packing) from problem
    except OSError as problem:
        if no_room(problem, path) is not None:  # for what the body writes; the caller knows where
            raise
        if packing == "zst" and problem.errno is None:  # how pyarrow says that a frame is damaged
            raise _broken(name, packing) from problem
        raise LogError(name, f"cannot be read: {cause(problem, path)}.") from problem


def check_growth(name: str, packed: int, plain: int) -> None:
    """LogError when `packed` bytes have become so many that the archive is made to do harm."""
    if plain > GROWTH_FREE and plain > GROWTH_LIMIT * packed:
        raise LogError(
            name,
            f"unpacks to more than {GROWTH_LIMIT} times its size, which no log does, so it was not read. "
            "Unpack it yourself if it is one.",
        )


def _broken(name: str, packing: Packing) -> LogError:
    return LogError(
        name, f"the .{packing} ends early or is damaged, so nothing of it was kept. Fetch the file again."
    )
