"""Whatever bytes come: a report in which no line is lost, or an error of ours."""

import csv
import gzip
import io

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys_roi.errors import LogError
from recsys_roi.logs.contracts import KINDS
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot
from recsys_roi.logs.preview import preview
from tests.logs import shapes
from tests.logs.lines import EXPOSURE, MAKERS

RELAXED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FORMATS = {
    "jsonl": shapes.json_lines,
    "gz": lambda records: gzip.compress(shapes.json_lines(records), mtime=1),
    "zst": lambda records: pa.compress(shapes.json_lines(records), codec="zstd", asbytes=True),
    "csv": shapes.csv_of,
    "quoted csv": lambda records: shapes.csv_of(records, quoting=csv.QUOTE_ALL),
    "csv with JSON cells": shapes.csv_with_json_cells,
    "parquet": shapes.parquet_of,
    "parquet rows": lambda records: shapes.parquet_of(records, context="flat", items="rows"),
}
PATCHES = [
    b"",
    b'"',
    b"\n",
    b",",
    b"\x00",
    b"\xff",
    b"{",
    b"}",
    b"\\",
    b"null",
    b'""',
    b"\r\n",
    b"1e999",
    b"{}",
    b"[]",
]


def taken_in(tmp_path, data, kind):
    """(lines, rejected lines, rows of the table) of a file of these bytes; None when it is refused."""
    (tmp_path / "given").write_bytes(data)
    with temporary_pilot() as pilot:
        try:
            (result,) = ingest_files(pilot, [tmp_path / "given"], kind)
        except LogError:
            assert pilot.files == ()
            return None
        file = result.file
        lines = {reject.line for reject in pilot.rejects()}
        with pilot.connect() as connection:
            counts = [
                connection.sql(f"SELECT count(*) FROM {t}").fetchall()[0][0]
                for t in ("exposures", "outcomes", "assignments")
            ]
    assert file.accepted + file.rejected == file.lines
    assert len(lines) == file.rejected
    assert sum(counts) == file.records
    return file


@st.composite
def damaged(draw):
    """(kind, bytes of a log in some format with a few bytes replaced, dropped or added)."""
    kind = draw(st.sampled_from(KINDS))
    records = [MAKERS[kind](number) for number in range(draw(st.integers(1, 4)))]
    data = FORMATS[draw(st.sampled_from(sorted(FORMATS)))](records)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        patch = draw(st.sampled_from(PATCHES) | st.binary(max_size=3))
        data = data[:at] + patch + data[at + draw(st.integers(0, 4)) :]
    return kind, data


@RELAXED
@given(damaged(), st.booleans())
def test_a_damaged_log_of_any_format(tmp_path, case, forced):
    kind, data = case
    taken_in(tmp_path, data, kind if forced else "auto")


cells = st.text(st.sampled_from('ab,;"\n\r\t \x00é{}[]1.'), max_size=6)


@RELAXED
@given(st.lists(st.lists(cells, min_size=1, max_size=8), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_rows_of_any_cells_are_all_there(tmp_path, rows, end):
    """What Python's own writer writes is read back as so many rows, whatever is in them."""
    header = ["request_id", "user_id", "item_id", "event_type", "ts", "value"]
    good = ["r", "u", "i", "click", "2026-01-02T03:04:05Z", "1"]
    text = io.StringIO(newline="")
    # With a line feed as its line end, the writer would leave a carriage return without quotation marks.
    quoting = csv.QUOTE_ALL if end == "\n" else csv.QUOTE_MINIMAL
    csv.writer(text, lineterminator=end, quoting=quoting).writerows(
        [header, *([*row, *good][:6] for row in rows), good]
    )
    file = taken_in(tmp_path, text.getvalue().encode(), "outcome.v1")
    assert file is not None
    assert file.lines == len(rows) + 1
    assert file.accepted >= 1


@RELAXED
@given(st.binary(max_size=200))
def test_any_text_under_the_header_of_a_table(tmp_path, body):
    data = b"request_id,user_id,ts,item_id,rank\nr,u,2026-01-02T03:04:05Z,i,1\n" + body
    file = taken_in(tmp_path, data, EXPOSURE)
    assert file is not None
    assert file.lines <= data.count(b"\n") + 1


@RELAXED
@given(
    st.binary(max_size=100),
    st.sampled_from([b"", b"PAR1", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd", b"a,b\n", b'{"a":1}\n']),
)
def test_a_look_at_any_bytes(tmp_path, data, start):
    (tmp_path / "given").write_bytes(start + data)
    try:
        found = preview(tmp_path / "given")
    except LogError:
        return
    assert found.columns


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_cut_at_any_place(tmp_path, form):
    """Cut in the middle of a line or a page: what is before the cut is there, or the file is refused."""
    data = FORMATS[form]([MAKERS[EXPOSURE](number) for number in range(3)])
    for end in range(0, len(data), max(1, len(data) // 25)):
        taken_in(tmp_path, data[:end], EXPOSURE)
