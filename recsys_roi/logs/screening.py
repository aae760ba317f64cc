"""The fast form of the contracts: which lines of a plain file are good, in parallel over byte ranges.

`python -m recsys_roi.logs.screening PATH KIND START END` screens one range and writes it to standard output.
"""

from __future__ import annotations

import os
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
from msgspec import UNSET, Meta, UnsetType

from recsys_roi.logs.contracts import (
    INTEGER_LIMIT,
    LINE_LIMIT,
    STRICT_EVENT_TYPES,
    TIMESTAMP_PATTERN,
    EventType,
    Kind,
)

BLOCK = 2**20
PARALLEL_FROM = 32 * 2**20  # bytes; below it a second process costs more than it saves
MOST_WORKERS = 4

_Text = Annotated[str, Meta(min_length=1)]
_Time = Annotated[str, Meta(pattern=TIMESTAMP_PATTERN)]
_Amount = Annotated[float, Meta(ge=0)]
_Rank = Annotated[int, Meta(ge=1, le=INTEGER_LIMIT)]


class _LooseItem(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Takes the rank 1.0 too, and is slower to read: tried only when the strict form refuses."""

    item_id: _Text
    rank: _Rank | Annotated[float, Meta(ge=1, lt=2.0**63)]
    propensity: _Amount | UnsetType | None = UNSET
    logging_propensity: _Amount | UnsetType | None = UNSET
    target_propensity: _Amount | UnsetType | None = UNSET


class _Item(_LooseItem, gc=False):
    rank: _Rank


class _LooseExposure(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    request_id: _Text
    user_id: _Text
    ts: _Time
    items: Sequence[_LooseItem]
    context: dict[str, str] | UnsetType | None = UNSET
    latency_ms: _Amount | UnsetType | None = UNSET
    error: bool | UnsetType | None = UNSET


class _Exposure(_LooseExposure, gc=False):
    items: Sequence[_Item]


class _Outcome(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    request_id: _Text
    user_id: _Text
    item_id: _Text
    event_type: EventType
    ts: _Time
    value: float | UnsetType | None = UNSET


class _Assignment(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    experiment_id: _Text
    variant: _Text
    request_id: _Text
    user_id: _Text
    ts: _Time
    context: dict[str, str] | UnsetType | None = UNSET


_Record = _LooseExposure | _Outcome | _Assignment

_STRICT: dict[Kind, Callable[[bytes], _Record]] = {
    "exposure.v1": msgspec.json.Decoder(_Exposure).decode,
    "outcome.v1": msgspec.json.Decoder(_Outcome).decode,
    "assignment.v1": msgspec.json.Decoder(_Assignment).decode,
}
_loose_exposure = msgspec.json.Decoder(_LooseExposure).decode
_REFUSALS = (msgspec.MsgspecError, ValueError, RecursionError)


def _decode_loosely(kind: Kind, line: bytes) -> _Record | None:
    if kind != "exposure.v1":
        return None
    try:
        record = _loose_exposure(line)
    except _REFUSALS:
        return None
    return record if all(float(item.rank).is_integer() for item in record.items) else None


def _decode(kind: Kind, line: bytes) -> _Record | None:
    if len(line) > LINE_LIMIT:
        return None
    try:
        return _STRICT[kind](line)
    except _REFUSALS:
        return _decode_loosely(kind, line)


def accepts(kind: Kind, line: bytes) -> bool:
    """Whether a line keeps the contract; the same answer as `errors_of`, but for keys written twice."""
    return _decode(kind, line) is not None


def notes_of(kind: Kind, line: bytes) -> tuple[bool, bool]:
    """(uses the extended event types, writes an optional field as null) of an accepted line."""
    record = _decode(kind, line)
    return (False, False) if record is None else (_is_extended(record), _has_null(record))


def _is_extended(record: _Record) -> bool:
    return isinstance(record, _Outcome) and record.event_type not in STRICT_EVENT_TYPES


def _has_null(record: _Record) -> bool:
    if isinstance(record, _Outcome):
        return record.value is None
    if record.context is None:
        return True
    if isinstance(record, _Assignment):
        return False
    return (
        record.latency_ms is None
        or record.error is None
        or any(
            item.propensity is None or item.logging_propensity is None or item.target_propensity is None
            for item in record.items
        )
    )


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


def line_blocks(file: BinaryIO, start: int, end: int) -> Iterator[tuple[int, list[bytes], int]]:
    """Lines of the bytes [start, end) in blocks: (offset of the first line, lines, bytes it lacks).

    Only a first line longer than the limit lacks bytes: it is cut there, so that memory stays bounded.
    """
    file.seek(start)
    offset, left, carry, lacking = start, end - start, bytearray(), 0
    while left > 0 and (data := file.read(min(BLOCK, left))):
        left -= len(data)
        head, ended, rest = data.partition(b"\n")
        carry += head
        lacking += max(0, len(carry) - LINE_LIMIT)
        del carry[LINE_LIMIT:]
        if ended:
            whole, more, tail = rest.rpartition(b"\n")
            yield offset, [bytes(carry), *(whole.split(b"\n") if more else ())], lacking
            offset += len(carry) + lacking + 1 + len(whole) + len(more)
            carry, lacking = bytearray(tail), 0
    if carry:
        yield offset, [bytes(carry)], lacking


def screen_range(
    path: Path, kind: Kind, start: int, end: int, on_read: Callable[[int], None] | None = None
) -> Screened:
    """Screen the whole lines in the bytes [start, end) of a plain file; `on_read` gets the offset reached."""
    decode = _STRICT[kind]
    outcomes = kind == "outcome.v1"
    lines = extended = nulls = 0
    refused = array("q")
    with path.open("rb") as file:
        for first, block, cut in line_blocks(file, start, end):
            offset, lacking = first, cut
            for line in block:
                try:
                    record: _Record | None = decode(line)
                except _REFUSALS:
                    record = _decode_loosely(kind, line)
                if record is None or lacking:
                    refused.extend((lines, offset, len(line) + lacking))
                    offset += lacking
                    lacking = 0
                else:
                    if b"null" in line:
                        nulls += _has_null(record)
                    if outcomes:
                        extended += _is_extended(record)
                lines += 1
                offset += len(line) + 1
            if on_read is not None:
                on_read(offset)
    return Screened(lines=lines, extended=extended, null_for_absent=nulls, refused=refused.tobytes())


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


def screen(
    path: Path, kind: Kind, start: int, end: int, on_read: Callable[[int], None] | None = None
) -> Screened:
    """Screen the bytes [start, end) of a plain file, a large one on several cores; lines counted from 0."""
    (first, *rest) = _ranges(path, start, end, _workers(end - start)) or [(start, end)]
    workers = [_start_worker(path, kind, low, high) for low, high in rest]
    try:
        parts = [screen_range(path, kind, *first, on_read)]
        for worker, (low, high) in zip(workers, rest, strict=True):
            parts.append(_finish_worker(worker) or screen_range(path, kind, low, high, on_read))
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
    found = next(known for known in _STRICT if known == kind)
    sys.stdout.buffer.write(msgspec.msgpack.encode(screen_range(Path(path), found, int(start), int(end))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
