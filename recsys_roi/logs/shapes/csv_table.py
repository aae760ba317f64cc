"""CSV as a table of text: RFC 4180 rows, none lost; those that do not fit the header are rejected."""

from __future__ import annotations

import csv
import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec
import pyarrow as pa

from recsys_roi.logs.checking import line_error
from recsys_roi.logs.contracts import CONTRACTS, LINE_LIMIT, Field, Reason
from recsys_roi.logs.rejects import RejectWriter
from recsys_roi.logs.screening import line_blocks, lines_of
from recsys_roi.logs.shapes.layout import Layout
from recsys_roi.logs.shapes.table_lines import Table

SEPARATORS = (",", ";", "\t", "|")
ROW_LINES = 100  # that one row may have; where more follow an open quotation mark, the mark is the mistake

_JSON_TYPES = ("object of strings", "array of objects")
_NUMBER = r"-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?"  # RFC 8259
_BOOLEANS = {"true": "'true', '1'", "false": "'false', '0'"}
_OTHERWISE = "WHEN {0} = '' THEN NULL ELSE to_json({0}) END"

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
    if len(columns) < 2:
        return None
    return Header(columns=columns, separator=separator, end=start + len(line) + len(ended))


def _cells(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:  # quotation marks that stand at no separator
        return []


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rows:
    cells: list[Sequence[str]]
    lines: list[int]  # on which each row begins, counted from 1


@contextmanager
def table_of(
    path: Path,
    header: Header,
    layout: Layout,
    work: Path,
    *,
    rejects: RejectWriter,
    report: Callable[[int], None],
) -> Iterator[Table]:
    """The rows of the plain CSV file at `path` that fit its header; the others are written to `rejects`."""
    schema = pa.schema(
        [*((f"c{place}", pa.string()) for place in range(len(header.columns))), ("line", pa.int64())]
    )
    json_columns = [
        layout.fields[field.name]
        for field in CONTRACTS[layout.kind].fields
        if field.name in layout.fields and field.type in _JSON_TYPES
    ]
    stored, numbers = work / "rows.arrow", work / "rows.lines"
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with (
        stored.open("wb") as file,
        numbers.open("wb") as lines,
        pa.ipc.new_file(file, schema, options=options) as table,
    ):
        for rows, done in _blocks_of_rows(path, header, rejects):
            table.write_batch(_batch(rows, schema, json_columns))
            lines.write(array("q", rows.lines).tobytes())
            report(done)
    with pa.memory_map(str(stored)) as file:
        found = pa.ipc.open_file(file)
        batches = (found.get_batch(place) for place in range(found.num_record_batches))
        yield Table(
            reader=pa.RecordBatchReader.from_batches(schema, batches),
            layout=layout,
            value_of=lambda field, _, value: _value(field, value),
            rows=numbers,
        )


def _batch(rows: _Rows, schema: pa.Schema, json_columns: Sequence[int]) -> pa.RecordBatch:
    columns = list[Sequence[str]](zip(*rows.cells, strict=True)) or [()] * (len(schema) - 1)
    for place in json_columns:
        columns[place] = [_as_json(cell) for cell in columns[place]]
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.record_batch([*arrays, pa.array(rows.lines, pa.int64())], schema=schema)


def _value(field: Field, cell: str) -> str:
    """SQL of a cell as the contract writes it; what cannot be is left as text for the contract to refuse."""
    if field.type in _JSON_TYPES:
        return f"{cell}::JSON"
    if field.type in ("integer", "number"):
        return f"CASE WHEN regexp_full_match({cell}, '{_NUMBER}') THEN {cell}::JSON {_OTHERWISE.format(cell)}"
    if field.type == "boolean":
        cases = " ".join(
            f"WHEN lower({cell}) IN ({words}) THEN '{value}'::JSON" for value, words in _BOOLEANS.items()
        )
        return f"CASE {cases} {_OTHERWISE.format(cell)}"
    return cell


def _blocks_of_rows(path: Path, header: Header, rejects: RejectWriter) -> Iterator[tuple[_Rows, int]]:
    """The rows that fit the header, a block of the file at a time, and the offset reached."""
    number, waiting = 2, list[bytes]()
    size = path.stat().st_size
    with path.open("rb") as file:
        for offset, text, lacking in line_blocks(file, header.end, size):
            done = offset + len(text) + lacking + 1
            rows = None if waiting or lacking else _plain_rows(text, header, number)
            if rows is not None:
                number += len(rows.lines)
            else:
                lines = [*waiting, *lines_of(text, lacking)]
                rows, left = _checked_rows(lines, header, number, rejects, more=done < size)
                number += len(lines) - left
                waiting = lines[len(lines) - left :]
            yield rows, min(done, size)
    if waiting:
        rows, _ = _checked_rows(waiting, header, number, rejects, more=False)
        yield rows, size


def _plain_rows(block: bytes, header: Header, number: int) -> _Rows | None:
    """The rows of a block in which every line is a row that fits; None when one does not."""
    try:
        text = block.decode("utf-8").replace("\r\n", "\n").removesuffix("\r")
        if "\r" in text:
            return None
        lines = text.split("\n")
        cells: list[Sequence[str]] = (
            list(csv.reader(lines, delimiter=header.separator, strict=True))
            if '"' in text
            else [line.split(header.separator) for line in lines]
        )
    except (UnicodeDecodeError, csv.Error):
        return None
    if len(cells) != len(lines) or set(map(len, cells)) != {len(header.columns)}:
        return None
    return _Rows(cells=cells, lines=list(range(number, number + len(lines))))


def _checked_rows(
    lines: Sequence[bytes], header: Header, number: int, rejects: RejectWriter, *, more: bool
) -> tuple[_Rows, int]:
    """The rows that fit, one by one, and how many lines at the end wait for the rest of their row."""
    rows = _Rows(cells=[], lines=[])
    place = 0
    while place < len(lines):
        line = lines[place]
        reason = _unreadable(line)
        if reason is None:
            cells, used, open_ended = _row_at(lines, place, header.separator)
            if open_ended and more:
                return rows, len(lines) - place
            if len(cells) == len(header.columns):
                rows.cells.append(cells)
                rows.lines.append(number + place)
                place += used
                continue
            reason = Reason.NOT_A_ROW
        rejects.add(number + place, line_error(reason, line))
        place += 1
    return rows, 0


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


def _as_json(cell: str) -> str:
    """The cell itself where it is JSON, else a JSON string of it, which the contract then refuses."""
    if not cell:
        return "null"
    try:
        msgspec.json.decode(cell)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return json.dumps(cell)
    return cell
