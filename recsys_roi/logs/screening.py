"""Which lines of a plain file are good, in parallel over byte ranges.

`python -m recsys_roi.logs.screening PATH KIND START END` screens one range and writes it to standard output.
"""

from __future__ import annotations

import os
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import BinaryIO

import msgspec

from recsys_roi.logs.contracts import KINDS, LINE_LIMIT, Kind
from recsys_roi.logs.decoding import Decoder

BLOCK = 2**17  # bytes; larger ones leave the processor's cache
PARALLEL_FROM = 32 * 2**20  # bytes; below it a second process costs more than it saves
MOST_WORKERS = 4


class Screened(msgspec.Struct, frozen=True, kw_only=True):
    """What one byte range of a plain file holds."""

    lines: int
    extended: int  # accepted outcomes with an event type of the extension
    null_for_absent: int  # accepted lines that write an optional field as null
    refused: bytes  # int64 triples (line counted from 0 in the range, offset in the file, length in bytes)

    @classmethod
    def of(
        cls, refused: Iterable[tuple[int, int, int]], *, lines: int, extended: int, null_for_absent: int
    ) -> Screened:
        """A screening whose refused lines are given as (line, offset, length) in file order."""
        numbers = array("q")
        for triple in refused:
            numbers.extend(triple)
        return cls(lines=lines, extended=extended, null_for_absent=null_for_absent, refused=numbers.tobytes())

    def triples(self) -> Iterator[tuple[int, int, int]]:
        """(line, offset, length) of each refused line, in file order."""
        numbers = array("q")
        numbers.frombytes(self.refused)
        steps = iter(numbers)
        return zip(steps, steps, steps, strict=True)


def line_blocks(file: BinaryIO, start: int, end: int, block: int = BLOCK) -> Iterator[tuple[int, bytes, int]]:
    """Whole lines of the bytes [start, end): (offset of the first line, lines joined, bytes it lacks).

    Only a first line longer than the limit lacks bytes: it is cut there, so that memory stays bounded.
    """
    file.seek(start)
    offset, left, carry, lacking = start, end - start, bytearray(), 0
    while left > 0 and (data := file.read(min(block, left))):
        left -= len(data)
        last = data.rfind(b"\n")
        head = data if last < 0 else data[: data.find(b"\n")]
        carry += head
        lacking += max(0, len(carry) - LINE_LIMIT)
        del carry[LINE_LIMIT:]
        if last >= 0:
            text = bytes(carry) + data[len(head) : last]
            yield offset, text, lacking
            offset += len(text) + lacking + 1
            carry, lacking = bytearray(data[last + 1 :]), 0
    if carry:
        yield offset, bytes(carry), lacking


def lines_of(text: bytes, lacking: int) -> list[bytes]:
    """The lines of a block; one that was cut at the limit is made longer than the limit again."""
    lines = text.split(b"\n")
    if lacking:
        lines[0] += b" "
    return lines


class _Tally:
    """What was found so far in one byte range."""

    def __init__(self, kind: Kind) -> None:
        self._decoder = Decoder(kind)
        self.lines = self.extended = self.nulls = 0
        self.refused = array("q")

    def add(self, text: bytes, offset: int, lacking: int) -> None:
        """Screen the lines of one block."""
        lines = text.split(b"\n")
        if lacking:
            self.refused.extend((self.lines, offset, len(lines[0]) + lacking))
            offset += len(lines[0]) + lacking + 1
            text = text[len(lines[0]) + 1 :]
            self.lines += 1
            lines = lines[1:]
        found = self._decoder.screen(lines, text)
        if found.refused:
            starts = [0, *accumulate(len(line) + 1 for line in lines)]
            for place in found.refused:
                self.refused.extend((self.lines + place, offset + starts[place], len(lines[place])))
        self.lines += len(lines)
        self.extended += found.extended
        self.nulls += found.nulls

    def screened(self) -> Screened:
        return Screened(
            lines=self.lines,
            extended=self.extended,
            null_for_absent=self.nulls,
            refused=self.refused.tobytes(),
        )


OnRead = Callable[[int, int, int], None]
"""Called with the bytes, lines and refused lines so far."""


def screen_range(path: Path, kind: Kind, start: int, end: int, on_read: OnRead | None = None) -> Screened:
    """Screen the whole lines in the bytes [start, end) of a plain file."""
    tally = _Tally(kind)
    with path.open("rb") as file:
        for offset, text, lacking in line_blocks(file, start, end):
            tally.add(text, offset, lacking)
            if on_read is not None:
                on_read(offset + len(text) + lacking + 1 - start, tally.lines, len(tally.refused) // 3)
    return tally.screened()


def _ranges(path: Path, start: int, end: int, parts: int) -> list[tuple[int, int]]:
    """About equal byte ranges of whole lines that cover [start, end)."""
    edges = [start]
    with path.open("rb") as file:
        for part in range(1, parts):
            file.seek(max(edges[-1], start + (end - start) * part // parts))
            while (piece := file.readline(BLOCK)) and not piece.endswith(b"\n"):
                pass
            edges.append(min(file.tell(), end))
    edges.append(end)
    return [(low, high) for low, high in pairwise(edges) if low < high]


def _workers(size: int) -> int:
    return min(MOST_WORKERS, _cores()) if size >= PARALLEL_FROM else 1


def _cores() -> int:
    """Those this process may use; not every system can say."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start_worker(path: Path, kind: Kind, start: int, end: int) -> subprocess.Popen[bytes] | None:
    """A process of its own rather than a fork: the caller may run threads and hold a database open."""
    command = [sys.executable, "-P", "-m", __name__, str(path.absolute()), kind, str(start), str(end)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    try:
        return subprocess.Popen(  # noqa: S603 - our own module, no shell
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None


def _finish_worker(worker: subprocess.Popen[bytes] | None) -> Screened | None:
    if worker is None:
        return None
    output, _ = worker.communicate()
    return msgspec.msgpack.decode(output, type=Screened) if worker.returncode == 0 else None


def screen(path: Path, kind: Kind, start: int, end: int, on_read: OnRead | None = None) -> Screened:
    """Screen the bytes [start, end) of a plain file, a large one on several cores; lines counted from 0.

    `on_read` gets what this process has seen, times the number of processes.
    """
    (first, *rest) = _ranges(path, start, end, _workers(end - start)) or [(start, end)]
    workers = [_start_worker(path, kind, low, high) for low, high in rest]
    shares = len(workers) + 1

    def read(*seen: int) -> None:
        if on_read is not None:
            on_read(*(count * shares for count in seen))

    try:
        parts = [screen_range(path, kind, *first, read)]
        for worker, (low, high) in zip(workers, rest, strict=True):
            parts.append(_finish_worker(worker) or screen_range(path, kind, low, high))
    finally:
        for worker in workers:
            if worker is not None and worker.poll() is None:
                worker.kill()
                worker.communicate()
    return _joined(parts)


def _joined(parts: list[Screened]) -> Screened:
    before = accumulate((part.lines for part in parts), initial=0)
    return Screened.of(
        (
            (first + line, offset, length)
            for first, part in zip(before, parts, strict=False)
            for line, offset, length in part.triples()
        ),
        lines=sum(part.lines for part in parts),
        extended=sum(part.extended for part in parts),
        null_for_absent=sum(part.null_for_absent for part in parts),
    )


def _main(path: str, kind: str, start: str, end: str) -> None:
    found = next(known for known in KINDS if known == kind)
    sys.stdout.buffer.write(msgspec.msgpack.encode(screen_range(Path(path), found, int(start), int(end))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
