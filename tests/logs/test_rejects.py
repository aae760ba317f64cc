"""The rejected lines as CSV: complete, masked, and safe to open in a spreadsheet."""

import csv
import io

import pytest

from recsys_roi.logs.contracts import Reason
from recsys_roi.logs.ingest import validate_files
from recsys_roi.logs.rejects import Reject, RejectGroup, grouped, rejects_csv
from tests.logs.lines import OUTCOME, line_of


def read(pieces):
    return list(csv.DictReader(io.StringIO("".join(pieces), newline="")))


def reject(**changes):
    return Reject(
        **({"file": "a", "line": 1, "field": "f", "reason": Reason.WRONG_TYPE, "value": "v"} | changes)
    )


def test_columns_and_values_survive_quoting():
    value = 'a "quoted", value\r\nwith lines\x00'
    assert read(rejects_csv([reject(file="x,y", line=7, value=value)])) == [
        {"file": "x,y", "line": "7", "field": "f", "reason": "wrong_type", "value": value}
    ]


def test_no_rejects_are_a_header():
    assert "".join(rejects_csv([])) == "file,line,field,reason,value\r\n"


@pytest.mark.parametrize("start", list("=+-@\t\r\n"))
@pytest.mark.parametrize("column", ["file", "field", "value"])
def test_no_cell_starts_a_formula(start, column):
    (row,) = read(rejects_csv([reject(**{column: f'{start}HYPERLINK("http://x","y")'})]))
    assert row[column] == f'\'{start}HYPERLINK("http://x","y")'


def test_many_rejects_come_in_pieces_and_none_is_lost():
    pieces = list(rejects_csv(reject(line=n, value="x" * 200) for n in range(20_000)))
    assert len(pieces) > 2
    assert [int(row["line"]) for row in read(pieces)] == list(range(20_000))


def test_personal_data_is_masked_before_it_is_kept(write):
    bad = [
        line_of(OUTCOME, 1, event_type="mail to anna.b@example.org"),
        line_of(OUTCOME, 2, **{"+49 170 1234567": "4111 1111 1111 1111"}),
        b'{"user": "anna.b@example.org", ',
    ]
    (found,) = validate_files([write("o.jsonl", [line_of(OUTCOME), *bad])])
    assert [(r.field, r.value) for r in found.rejects] == [
        ("event_type", "mail to [e-mail]"),
        ("[phone]", "[card]"),
        ("", '{"user": "[e-mail]", '),
    ]
    assert "anna" not in "".join(rejects_csv(found.rejects))


def test_rejects_are_grouped_by_reason_and_field_with_their_lines_and_first_examples():
    places = [(1, "items[0].rank"), (1, "items[3].rank"), (2, "items[0].rank"), (9, "items[12].rank")]
    ranks = [reject(line=line, field=field) for line, field in places]
    others = [reject(file="b", line=1, field="ts", reason=Reason.BAD_TIMESTAMP), reject(line=9, field="ts")]
    assert grouped([*ranks, *others], examples=2) == (
        RejectGroup(
            reason=Reason.WRONG_TYPE, field="items[].rank", errors=4, lines=3, examples=tuple(ranks[:2])
        ),
        RejectGroup(reason=Reason.BAD_TIMESTAMP, field="ts", errors=1, lines=1, examples=(others[0],)),
        RejectGroup(reason=Reason.WRONG_TYPE, field="ts", errors=1, lines=1, examples=(others[1],)),
    )
    assert grouped([]) == ()
