"""The rows of a CSV file (RFC 4180) as text, none lost; those that do not fit the header are rejected."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from recsys_roi.logs.checking import line_error
from recsys_roi.logs.contracts import LINE_LIMIT, Reason
from recsys_roi.logs.rejects import RejectWriter
from recsys_roi.logs.screening import line_blocks, lines_of

SEPARATORS = (",", ";", "\t", "|")
ROW_LINES = 100  # that one row may have; where more follow an open quotation mark, the mark is the mistake

_BLOCK = 2**20  # bytes
_PIECE = 2**15  # of them; memory for larger arrays is fetched anew each time

csv.field_size_limit(LINE_LIMIT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """The first line of a CSV file."""

    columns: tuple[str, ...]
    separator: str
    end: int  # offset of the second line


def read_header(head: bytes) -> Header | None:
    """The header of a text that begins with `head` (a byte order mark passed over); None when it has none."""
    start = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    line, ended, _ = head[start:].partition(b"\n")
    try:
        text = line.decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError:
        return None
    rows = {mark: _cells(text, mark) for mark in SEPARATORS}
    separator = max(SEPARATORS, key=lambda mark: len(rows[mark]))
    columns = tuple(cell.strip() for cell in rows[separator])
    if len(columns) < 2 or not text.replace("\t", "").isprintable():
        return None
    return Header(columns=columns, separator=separator, end=start + len(line) + len(ended))


def _cells(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:  # quotation marks that stand at no separator
        return []


def schema_of(header: Header) -> pa.Schema:
    """A text column for each column of the header, called by its place, and the number of the row's line."""
    names = [f"c{place}" for place in range(len(header.columns))]
    return pa.schema([*((name, pa.string()) for name in names), ("line", pa.int64())])


def rows_of(path: Path, header: Header, rejects: RejectWriter) -> Iterator[tuple[pa.RecordBatch, int]]:
    """The rows that fit the header, a block of the file at a time, and the offset reached."""
    number, waiting = 2, list[bytes]()
    size = path.stat().st_size
    with path.open("rb") as file:
        for offset, text, lacking in line_blocks(file, header.end, size, _BLOCK):
            done = offset + len(text) + lacking + 1
            rows = None if waiting or lacking else _plain_rows(text, header, number)
            if rows is not None:
                number += len(rows)
            else:
                lines = [*waiting, *lines_of(text, lacking)]
                rows, left = _checked_rows(lines, header, number, rejects, more=done < size)
                number += len(lines) - left
                waiting = lines[len(lines) - left :]
            yield rows, min(done, size)
    if waiting:
        rows, _ = _checked_rows(waiting, header, number, rejects, more=False)
        yield rows, size


def _plain_rows(block: bytes, header: Header, number: int) -> pa.RecordBatch | None:
    """The rows of a block in which every line is a row that fits; None when one is not."""
    text = block.replace(b"\r\n", b"\n").removesuffix(b"\r") if b"\r" in block else block
    if b"\r" in text:
        return None
    if b'"' in text and not _well_quoted(text, header.separator.encode()):
        return None
    columns = _columns(text, header)
    lines = text.count(b"\n") + 1
    if columns is None or len(columns[0]) != lines:
        return None
    numbers = pa.array(np.arange(number, number + lines), pa.int64())
    return pa.record_batch([*columns, numbers], schema=schema_of(header))


def _well_quoted(text: bytes, separator: bytes) -> bool:
    """Whether every quotation mark opens a cell, ends it, or is written twice in one."""
    every = np.frombuffer(text, dtype=np.uint8)
    may_touch = np.zeros(256, dtype=bool)
    may_touch[[*separator, *b'\n"']] = True
    opens = 0  # place of the first mark in a piece that opens a cell: the first, or the second
    for start in range(0, len(text), _PIECE):
        marks = start + np.flatnonzero(every[start : start + _PIECE] == ord('"'))
        before, after = marks[opens::2] - 1, marks[1 - opens :: 2] + 1
        if not may_touch[every[before[before >= 0]]].all():
            return False
        if not may_touch[every[after[after < len(text)]]].all():
            return False
        opens ^= len(marks) % 2
    return not opens


def _columns(text: bytes, header: Header) -> list[pa.Array] | None:
    names = [str(place) for place in range(len(header.columns))]
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(text),
            pyarrow.csv.ReadOptions(column_names=names, use_threads=False, block_size=len(text) + 1),
            pyarrow.csv.ParseOptions(delimiter=header.separator),
            pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowException:
        return None
    return [column.combine_chunks() for column in table.columns]


def _batch(header: Header, rows: Sequence[Sequence[str]], lines: Sequence[int]) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True)) or [()] * len(header.columns)
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.record_batch([*arrays, pa.array(lines, pa.int64())], schema=schema_of(header))


def _checked_rows(
    lines: Sequence[bytes], header: Header, number: int, rejects: RejectWriter, *, more: bool
) -> tuple[pa.RecordBatch, int]:
    """The rows that fit, one by one, and how many lines at the end wait for the rest of their row."""
    cells_of: list[Sequence[str]] = []
    numbers: list[int] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        reason = _unreadable(line)
        if reason is None:
            cells, used, open_ended = _row_at(lines, place, header.separator)
            if open_ended and more:
                return _batch(header, cells_of, numbers), len(lines) - place
            if len(cells) == len(header.columns):
                cells_of.append(cells)
                numbers.append(number + place)
                place += used
                continue
            reason = Reason.NOT_A_ROW
        rejects.add(number + place, line_error(reason, line))
        place += 1
    return _batch(header, cells_of, numbers), 0


def _unreadable(line: bytes) -> Reason | None:
    if len(line) > LINE_LIMIT:
        return Reason.LINE_TOO_LONG
    if not line.strip(b" \t\r"):
        return Reason.BLANK_LINE
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return Reason.NOT_UTF8
    return None


def _row_at(lines: Sequence[bytes], place: int, separator: str) -> tuple[Sequence[str], int, bool]:
    """(cells of the row that begins there, lines it takes, whether it was still open at the last line)."""
    ended = False

    def texts() -> Iterator[str]:
        nonlocal ended
        size = 0
        for line in islice(lines, place, place + ROW_LINES):
            size += len(line)
            if size > LINE_LIMIT:
                return
            yield line.decode("utf-8") + "\n"
        ended = len(lines) - place < ROW_LINES

    reader = csv.reader(texts(), delimiter=separator, strict=True)
    try:
        cells = next(reader)
    except (csv.Error, UnicodeDecodeError):
        return (), 1, ended
    return cells, reader.line_num, False
