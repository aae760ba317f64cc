"""The quick reading of a block of CSV gives what a strict reader does, or nothing."""

import csv

from hypothesis import example, given
from hypothesis import strategies as st

from recsys_roi.logs.shapes import csv_rows

HEADERS = {mark: csv_rows.read_header(f"a{mark}b\n".encode()) for mark in csv_rows.SEPARATORS}
QUOTED = st.text('a" ,;', max_size=4).map(lambda cell: '"' + cell.replace('"', '""') + '"')
ROWS = st.lists(st.lists(QUOTED | st.text("a ü", max_size=3), min_size=2, max_size=2), min_size=1, max_size=5)


def strictly(text, separator):
    try:
        return list(csv.reader(text.split("\n"), delimiter=separator, strict=True))
    except csv.Error:
        return None


def quickly(text, separator):
    found = csv_rows._plain_rows(text.encode(), HEADERS[separator], 2)
    return None if found is None else [list(row.values())[:-1] for row in found.to_pylist()]


@given(text=st.text('"",;|\t\n aü', max_size=30), separator=st.sampled_from(csv_rows.SEPARATORS))
@example(text='"a"b,c', separator=",")
@example(text='a"",b', separator=",")
@example(text='"a""",""""', separator=",")
@example(text='"a",b\n"c,d"', separator=",")
@example(text='"a\nb",c', separator=",")
@example(text='"a" ,b', separator=",")
def test_any_text(text, separator):
    found = quickly(text, separator)
    assert found is None or found == strictly(text, separator)


@given(rows=ROWS)
def test_well_written_rows_are_read_quickly(rows):
    text = "\n".join(map(",".join, rows))
    assert quickly(text, ",") == strictly(text, ",")
    assert quickly(text, ",") is not None
