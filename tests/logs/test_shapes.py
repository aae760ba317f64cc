"""The shapes that people have: the same content in each of them gives the same tables."""

import csv
import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys_roi.errors import InputError, LogError
from recsys_roi.logs.contracts import CONTRACTS, KINDS
from recsys_roi.logs.ingest import ingest_files, validate_files
from recsys_roi.logs.pilot import temporary_pilot
from recsys_roi.logs.recognise import recognise
from recsys_roi.logs.shapes import csv_rows
from recsys_roi.logs.shapes import lists as lists_of_rows
from tests.logs import shapes
from tests.logs.lines import EXPOSURE, MAKERS, OUTCOME, exposure, line_of, outcome


@pytest.fixture
def give(tmp_path):
    def given_file(name: str, data: bytes):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return given_file


def rows(path, kind="auto", mapping=None):
    with temporary_pilot() as pilot:
        (result,) = ingest_files(pilot, [path], kind, mapping=mapping)
        with pilot.connect() as connection:
            table = CONTRACTS[result.file.kind].table
            found = connection.sql(f"SELECT * EXCLUDE file_no FROM {table} ORDER BY row_no").fetchall()
    assert len(found) == result.file.records
    return found


def checked(path, kind="auto", mapping=None):
    (found,) = validate_files([path], kind, mapping=mapping)
    assert found.accepted + found.rejected == found.lines
    assert found.rejected == len({reject.line for reject in found.rejects})
    return found


def rejected(path, kind="auto", mapping=None):
    return [
        (reject.line, reject.field, reject.reason.value) for reject in checked(path, kind, mapping).rejects
    ]


def zst(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


# Blank lines are rejected and tell apart what would otherwise be the same content packed in another way.
WRITERS = {
    "gz": ("a.jsonl.gz", lambda records: gzip.compress(shapes.json_lines(records) + b"\n")),
    "zst": ("a.jsonl.zst", lambda records: zst(shapes.json_lines(records) + b"\n\n")),
    "zst of two frames": (
        "a.zst",
        lambda records: zst(shapes.json_lines(records[:1])) + zst(shapes.json_lines(records[1:]) + b" \n"),
    ),
    "csv": ("a.csv", shapes.csv_of),
    "csv, other names and ends": (
        "a.csv",
        lambda records: shapes.csv_of(records, "context_", separator=";", end="\n", quoting=csv.QUOTE_ALL),
    ),
    "tsv": ("a.tsv", lambda records: b"\xef\xbb\xbf" + shapes.csv_of(records, separator="\t")),
    "csv.gz": ("a.csv.gz", lambda records: gzip.compress(shapes.csv_of(records) + b"\n")),
    "csv.zst": ("a.csv.zst", lambda records: zst(shapes.csv_of(records) + b"\n\n")),
    "csv with JSON cells": ("a.csv", shapes.csv_with_json_cells),
    "parquet": ("a.parquet", shapes.parquet_of),
    "parquet, struct and text": (
        "a.parquet",
        lambda records: shapes.parquet_of(records, context="struct", times="text"),
    ),
    "parquet, flat": ("a.parquet", lambda records: shapes.parquet_of(records, context="flat")),
    "parquet, a row an item": (
        "a.parquet",
        lambda records: shapes.parquet_of(records, context="flat", items="rows"),
    ),
}

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
contexts = st.dictionaries(st.sampled_from(shapes.CONTEXT_KEYS), texts, min_size=1)
times = st.datetimes().map(lambda moment: moment.isoformat() + "Z") | st.just("2026-01-02T03:04:05.25+02:00")
items = st.lists(
    st.fixed_dictionaries(
        {"item_id": texts, "rank": st.integers(1, 2**63 - 1)},
        optional={"propensity": st.floats(0, 1e9), "target_propensity": st.integers(0, 9)},
    ),
    max_size=3,
    unique_by=lambda item: (item["item_id"], item["rank"]),
)


@st.composite
def logs(draw):
    """(kind, records): what any shape can hold, each request once."""
    kind = draw(st.sampled_from(KINDS))
    required, optional = {"user_id": texts, "ts": times}, {}
    if kind == EXPOSURE:
        required |= {"items": items}
        optional = {"context": contexts, "latency_ms": st.floats(0, 1e6), "error": st.booleans()}
    elif kind == OUTCOME:
        required |= {"item_id": texts, "event_type": st.sampled_from(["click", "dwell"])}
        optional = {"value": st.floats(allow_nan=False, allow_infinity=False)}
    else:
        required |= {"experiment_id": texts, "variant": texts}
        optional = {"context": contexts}
    records = draw(st.lists(st.fixed_dictionaries(required, optional=optional), min_size=1, max_size=5))
    return kind, [{"request_id": f"r{number}"} | record for number, record in enumerate(records)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=logs())
def test_the_same_content_gives_the_same_table(give, log):
    kind, records = log
    paths = [give("a.jsonl", shapes.json_lines(records) + b"{}\n")]
    paths += [give(f"{number}", write(records)) for number, (_, write) in enumerate(WRITERS.values())]
    with temporary_pilot() as pilot:
        for path in paths:
            ingest_files(pilot, [path], kind)
        with pilot.connect() as connection:
            one = f"SELECT * EXCLUDE file_no FROM {CONTRACTS[kind].table} WHERE file_no = ? ORDER BY row_no"
            tables = [
                connection.execute(one, [number]).fetchall() for number in range(1, len(pilot.files) + 1)
            ]
    assert len(tables) > len(WRITERS) - 3  # without items or context some of the files are the same bytes
    assert all(table == tables[0] for table in tables)
    assert len(tables[0]) == len(records)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", WRITERS)
def test_kind_format_and_packing_are_recognised_by_what_is_in_the_file(give, kind, shape):
    name, write = WRITERS[shape]
    path = give("file", write([MAKERS[kind](number) for number in range(5)]))
    found = recognise(path, "file")
    ending = name.rpartition(".")[2]
    form = {"csv": "csv", "tsv": "csv", "parquet": "parquet"}.get(name.split(".")[1], "jsonl")
    assert (found.kind, found.format) == (kind, "jsonl" if name == "a.zst" else form)
    assert found.packing == (ending if ending in ("gz", "zst") else "none")


def test_what_the_pilot_keeps_of_a_table(give, tmp_path):
    records = [exposure(number) for number in range(4)]
    with temporary_pilot() as pilot:
        (result,) = ingest_files(pilot, [give("a.csv", shapes.csv_of(records))])
        assert pilot.files == (result.file,)
        file = result.file
        assert (file.format, file.packing, file.kind) == ("csv", "none", EXPOSURE)
        assert (file.lines, file.accepted, file.records, file.null_for_absent) == (8, 8, 4, 0)
        (again,) = ingest_files(pilot, [give("b.csv.gz", gzip.compress(shapes.csv_of(records)))])
        assert not again.added


HEADER = b"request_id,user_id,item_id,event_type,ts,value\n"
GOOD = b"r%d,u,i,click,2026-01-02T03:04:05Z,1.5\n"
CSV_DEFECTS = [
    (b"", [("", "blank_line")]),
    (b" \t\r", [("", "blank_line")]),
    (b"r,u,i,click,2026-01-02T03:04:05Z", [("", "not_a_row")]),
    (b"r,u,i,click,2026-01-02T03:04:05Z,1,2", [("", "not_a_row")]),
    (b'r,u,"i,click,2026-01-02T03:04:05Z,1', [("", "not_a_row")]),
    (b'r,u,"i"x,click,2026-01-02T03:04:05Z,1', [("", "not_a_row")]),
    (b"r,u\xff,i,click,2026-01-02T03:04:05Z,1", [("", "not_utf8")]),
    (b"r,u,i,click,2026-01-02T03:04:05Z,1" + b" " * 16 * 2**20, [("", "line_too_long")]),
    (b",u,i,click,2026-01-02T03:04:05Z,1", [("request_id", "null_or_empty")]),
    (
        b",,,,,",
        [(name, "null_or_empty") for name in ("request_id", "user_id", "item_id", "event_type", "ts")],
    ),
    (b"r,u,i,view,2026-01-02T03:04:05Z,1", [("event_type", "unknown_event_type")]),
    (b"r,u,i,click,2026-01-02 03:04:05Z,1", [("ts", "bad_timestamp")]),
    (b"r,u,i,click,1767322800,x", [("ts", "bad_timestamp"), ("value", "wrong_type")]),
    (b"r,u,i,click,2026-01-02T03:04:05Z,007", [("value", "wrong_type")]),
    (b"r,u,i,click,2026-01-02T03:04:05Z,NaN", [("value", "wrong_type")]),
    (b"r,u,i,click,2026-01-02T03:04:05Z,1e999", [("value", "out_of_range")]),
    (b"r,u,i,click,2026-01-02T03:04:05Z, 1", [("value", "wrong_type")]),
]


@pytest.mark.parametrize("defect", CSV_DEFECTS)
@pytest.mark.parametrize("quoted", [False, True])
def test_a_bad_row_is_rejected_under_its_line_and_the_rest_is_kept(give, defect, quoted):
    text, errors = defect
    rest = b"".join(GOOD % number for number in range(3))
    if quoted:
        rest = rest.replace(b"i,", b'"i",')
    data = HEADER + (GOOD % 9) + text + b"\n" + rest + text
    expected = [(line, *error) for line in (3, 7) for error in errors]
    if not text:
        expected = [(3, "", "blank_line")]
    assert rejected(give("a.csv", data)) == expected
    assert [row[0] for row in rows(give("a.csv", data))] == ["r9", "r0", "r1", "r2"]


def test_the_value_of_a_cell_is_shown_as_it_stands(give):
    data = HEADER + b"r,u,i,click,2026-01-02T03:04:05Z,1e999\nr,u,i,view anna@example.org,nope,007\n"
    found = [(reject.line, reject.field, reject.value) for reject in checked(give("a.csv", data)).rejects]
    assert found == [
        (2, "value", "1e999"),
        (3, "event_type", "view [e-mail]"),
        (3, "ts", "nope"),
        (3, "value", "007"),
    ]


def test_rows_over_several_lines_keep_their_line_numbers(give):
    data = (
        HEADER
        + b'r1,u,"i\nwith\r\nlines",click,2026-01-02T03:04:05Z,\n'
        + b"r2,u,i,click,bad,\n"
        + b'r3,u,"two ""quotes"", and, commas",click,2026-01-02T03:04:05Z,2\n'
        + b'r4,u,"never closed,click,2026-01-02T03:04:05Z,2\n'
        + b"r5,u,i,click,2026-01-02T03:04:05Z,2\n"
        + b'r6,u,"open\nat the end,click'
    )
    assert rejected(give("a.csv", data)) == [
        (5, "ts", "bad_timestamp"),
        (7, "", "not_a_row"),
        (9, "", "not_a_row"),
        (10, "", "not_a_row"),
    ]
    found = rows(give("a.csv", data))
    assert [(row[0], row[2]) for row in found] == [
        ("r1", "i\nwith\r\nlines"),
        ("r3", 'two "quotes", and, commas'),
        ("r5", "i"),
    ]


def test_a_row_of_several_lines_across_the_blocks_of_reading(give):
    rows_of_lines = [
        f'r{n},u,"{"x" * 50}\n{"y" * 50}",click,2026-01-02T03:04:05Z,{"" if n % 7 else "bad"}\n'
        for n in range(6000)
    ]
    path = give("a.csv", HEADER + "".join(rows_of_lines).encode())
    assert rejected(path) == [(2 + 2 * n, "value", "wrong_type") for n in range(0, 6000, 7)]
    assert checked(path).lines == 6000


def test_booleans_numbers_and_empty_cells(give):
    data = (
        b"request_id,user_id,ts,item_id,rank,latency_ms,error,context.device\n"
        b"r1,u,2026-01-02T03:04:05Z,,,12,TRUE,\n"
        b"r2,u,2026-01-02T03:04:05Z,a,1.0,-0.5e1,0,ios\n"
        b"r3,u,2026-01-02T03:04:05Z,a,1,,f,ios\n"
        b"r4,u,2026-01-02T03:04:05Z,a,,,False,ios\n"
        b"r5,u,2026-01-02T03:04:05Z,,2,1e2,1,\n"
    )
    assert rejected(give("a.csv", data)) == [
        (3, "latency_ms", "out_of_range"),
        (4, "error", "wrong_type"),
        (5, "rank", "null_or_empty"),
        (6, "item_id", "null_or_empty"),
    ]
    assert [row[3:7] for row in rows(give("a.csv", data))] == [([], None, 12.0, True)]


ITEMS = b"request_id,user_id,ts,item_id,rank\n"
TIME = b"2026-01-02T03:04:05Z"


def lists(path):
    return [(row[0], [(item["item_id"], item["rank"]) for item in row[3]]) for row in rows(path)]


def test_rows_of_one_list_need_not_follow_one_another(give):
    data = ITEMS + b"".join(
        b"%s,u,%s,%s\n" % (request, TIME, item)
        for request, item in [(b"a", b"x,1"), (b"b", b"p,1"), (b"a", b"y,2"), (b"b", b"q,2"), (b"a", b"z,3")]
    )
    assert lists(give("a.csv", data)) == [
        ("a", [("x", 1), ("y", 2), ("z", 3)]),
        ("b", [("p", 1), ("q", 2)]),
    ]


def test_a_list_logged_again_is_a_list_again(give):
    once = b"a,u,%s,x,1\na,u,%s,y,2\n" % (TIME, TIME)
    empty = b"b,u,%s,,\n" % TIME
    later = once.replace(TIME, b"2026-01-02T03:04:06Z")
    data = ITEMS + once + empty + once + empty + later
    assert lists(give("a.csv", data)) == [
        ("a", [("x", 1), ("y", 2)]),
        ("b", []),
        ("a", [("x", 1), ("y", 2)]),
        ("b", []),
        ("a", [("x", 1), ("y", 2)]),
    ]


@pytest.mark.parametrize(("block", "held"), [(2**20, 100_000), (1, 100_000), (40, 1), (90, 0), (7, 2)])
def test_a_list_with_a_bad_row_is_rejected_whole(give, monkeypatch, block, held):
    """However the file is cut into blocks, and however soon a list is given up that may go on."""
    monkeypatch.setattr(csv_rows, "_BLOCK", block)
    monkeypatch.setattr(lists_of_rows, "_MOST", held)
    data = (
        ITEMS
        + b"a,u,%s,x,1\n" % TIME
        + b"b,u,%s,p,1\n" % TIME
        + b"a,u,%s,y,0\n" % TIME
        + b"\n"
        + b"b,,%s,q,2\n" % TIME
        + b"c,,%s,q,x\n" % TIME
        + b"a,u,%s,z,3\n" % TIME
    )
    assert rejected(give("a.csv", data)) == [
        (2, "", "rest_of_request"),
        (4, "rank", "out_of_range"),
        (5, "", "blank_line"),
        (6, "user_id", "null_or_empty"),
        (7, "user_id", "null_or_empty"),
        (7, "rank", "wrong_type"),
        (8, "", "rest_of_request"),
    ]
    assert lists(give("a.csv", data)) == [("b", [("p", 1)])]


@pytest.mark.parametrize("block", [1, 30, 100, 2**20])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_where_the_blocks_of_reading_end_changes_nothing(give, monkeypatch, block, quoting):
    records = [exposure(number) for number in range(40)]
    records[7]["user_id"] = 'a "quoted" user,\r\nof two lines'
    expected = rows(give("a.jsonl", shapes.json_lines(records)))
    monkeypatch.setattr(csv_rows, "_BLOCK", block)
    assert rows(give("a.csv", shapes.csv_of(records, quoting=quoting))) == expected


def test_lists_of_parquet_rows_that_do_not_follow_one_another(give):
    columns = {
        "request_id": ["a", "b", "a", "a", "b"],
        "user_id": ["u"] * 5,
        "ts": ["2026-01-02T03:04:05Z"] * 5,
        "item_id": ["x", None, "y", "x", "p"],
        "rank": [1, None, 2, 1, 0],
        "latency_ms": [1.0, None, 1.0, 1.0, None],
        "context": pa.array([[("k", "v")]] * 5, pa.map_(pa.string(), pa.string())),
    }
    path = give("a.parquet", parquet(columns))
    assert lists(path) == [("a", [("x", 1), ("y", 2)]), ("a", [("x", 1)])]
    assert rejected(path) == [(2, "", "rest_of_request"), (5, "rank", "out_of_range")]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ('[{"item_id":"a","rank":1},]', "items wrong_type"),
        ("a, b", "items wrong_type"),
        ('[{"item_id":"a","rank":1,"rank":2}]', "items[0].rank duplicate_key"),
        ('[{"item_id":"a","rank":"1"}]', "items[0].rank wrong_type"),
        ('[{"item_id":"a","rank":1e999}]', "items[0].rank out_of_range"),
        ("[NaN]", "items wrong_type"),
        ("", "items null_or_empty"),
    ],
)
def test_json_in_a_cell_is_held_to_the_contract(give, cell, reason):
    good = {"request_id": "r", "user_id": "u", "ts": TIME.decode(), "items": '[\n {"item_id":"a","rank":1}]'}
    data = shapes.csv_text([good, good | {"items": cell}])
    (error,) = rejected(give("a.csv", data))
    assert f"{error[1]} {error[2]}" == reason
    assert error[0] == 4


TABLE_REFUSALS = {
    "no field for a user": (
        b"request_id,uid,item_id,event_type,ts\n",
        "looks like outcome.v1, but has no column for user_id. Its columns: request_id, uid, item_id, "
        "event_type, ts. Say which column holds it (map user_id=COLUMN).",
    ),
    "no items": (
        b"request_id,user_id,ts,latency_ms\n",
        "looks like exposure.v1, but has no column for items (a list of items in one column, or item_id and "
        "rank with one row an item). Its columns: request_id, user_id, ts, latency_ms. "
        "Say which column holds it (map items=COLUMN).",
    ),
    "a column twice": (
        b"request_id,user_id,ts,item_id,event_type,ts\n",
        "has two columns called ts. Rename one of them.",
    ),
    "items twice": (
        b"request_id,user_id,ts,items,item_id,rank\n",
        "has both a column for items and columns for one item (item_id, rank). Leave one.",
    ),
    "context twice": (
        b"request_id,user_id,ts,items,context,context.device\n",
        "has both a column for context and columns for its keys. Leave one.",
    ),
    "no kind": (
        b"request_id,user_id,ts\n",
        "is a CSV table, but its columns do not say which of the three logs it is (request_id, user_id, ts). "
        "Give the kind, and say which column holds which field (map FIELD=COLUMN).",
    ),
}


@pytest.mark.parametrize("case", TABLE_REFUSALS)
def test_a_table_that_lacks_a_column_is_said_once(give, case):
    header, sentence = TABLE_REFUSALS[case]
    with pytest.raises(LogError) as caught:
        validate_files([give("a.csv", header + b"x\n" * 5)])
    assert str(caught.value) == f"a.csv: {sentence}"


def test_columns_that_are_no_field_are_left_out_and_said(give):
    data = b"day," + HEADER[:-1] + b",anna@example.org\n1," + (GOOD % 1)[:-1] + b",x\n"
    found = checked(give("a.csv", data))
    assert found.notes == ("Columns that are no field of the contract were left out: day, [e-mail].",)
    assert len(rows(give("a.csv", data))) == 1


def test_a_header_alone_is_an_empty_log(give):
    assert checked(give("a.csv", HEADER)).lines == 0
    assert rows(give("a.csv", HEADER)) == []
    assert rows(give("b.csv", ITEMS)) == []


def parquet(columns):
    made = io.BytesIO()
    pq.write_table(pa.table(columns), made)
    return made.getvalue()


OUTCOME_COLUMNS = {
    "request_id": ["r1", "r2", "r3"],
    "user_id": ["u", "u", "u"],
    "item_id": ["i", "i", "i"],
    "event_type": ["click", "click", "click"],
    "ts": pa.array([1767322800_000000] * 3, pa.timestamp("us", "UTC")),
    "value": [1.0, 2.0, 3.0],
}


def test_bad_rows_of_parquet_are_rejected_under_their_number(give):
    columns = OUTCOME_COLUMNS | {
        "user_id": ["u", None, "u"],
        "event_type": ["click", "", "view"],
        "value": pa.array([float("nan"), 2, float("inf")]),
    }
    assert rejected(give("a.parquet", parquet(columns))) == [
        (1, "value", "wrong_type"),
        (2, "user_id", "null_or_empty"),
        (2, "event_type", "null_or_empty"),
        (3, "event_type", "unknown_event_type"),
        (3, "value", "wrong_type"),
    ]


def test_types_of_parquet_that_hold_the_same(give):
    columns = OUTCOME_COLUMNS | {
        "user_id": pa.array([1, 2, 2**63 - 1]),
        "item_id": pa.array(["a", "b", "a"]).dictionary_encode(),
        "event_type": pa.array(["click"] * 3, pa.large_string()),
        "ts": pa.array([1767322800_123456789] * 3, pa.timestamp("ns", "Europe/Paris")),
        "value": pa.array([1, None, 3], pa.int32()),
    }
    path = give("a.parquet", parquet(columns))
    found = checked(path)
    assert found.notes == ("The column user_id holds whole numbers, which were read as text.",)
    assert found.null_for_absent == 0
    assert [(row[1], row[2], str(row[4]), row[5]) for row in rows(path)] == [
        ("1", "a", "2026-01-02 03:00:00.123456", 1.0),
        ("2", "b", "2026-01-02 03:00:00.123456", None),
        ("9223372036854775807", "a", "2026-01-02 03:00:00.123456", 3.0),
    ]


EXPOSURE_COLUMNS = {
    "request_id": ["r"],
    "user_id": ["u"],
    "ts": ["2026-01-02T03:04:05Z"],
    "items": [[{"item_id": "a", "rank": 1, "score": 0.5}]],
}
PARQUET_REFUSALS = [
    (
        OUTCOME_COLUMNS | {"ts": pa.array([1] * 3, pa.timestamp("us"))},
        "the column ts holds time without a time zone; ts is time with a time zone. "
        "Write it in UTC, marked as such.",
    ),
    (OUTCOME_COLUMNS | {"ts": [1, 2, 3]}, "the column ts holds whole number; ts is time with a time zone."),
    (OUTCOME_COLUMNS | {"user_id": [1.5, 2.5, 3.5]}, "the column user_id holds number; user_id is text."),
    (OUTCOME_COLUMNS | {"value": ["1", "2", "3"]}, "the column value holds text; value is number."),
    (
        EXPOSURE_COLUMNS | {"items": [["a", "b"]]},
        "the column items is no list of structs with item_id and rank.",
    ),
    (
        EXPOSURE_COLUMNS | {"items": [[{"item_id": "a", "rank": "1"}]]},
        "the column items.rank holds text; rank is whole number.",
    ),
    (EXPOSURE_COLUMNS | {"error": ["no"]}, "the column error holds text; error is true or false."),
    (
        EXPOSURE_COLUMNS | {"context": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64()))},
        "the column context is neither a map nor a struct of text.",
    ),
]


@pytest.mark.parametrize("case", PARQUET_REFUSALS)
def test_a_column_of_a_wrong_type_is_said_once(give, case):
    columns, sentence = case
    with pytest.raises(LogError) as caught:
        validate_files([give("a.parquet", parquet(columns))])
    assert str(caught.value) == f"a.parquet: {sentence}"


def test_what_stands_in_the_items_besides_is_left_out_and_said(give):
    columns = EXPOSURE_COLUMNS | {"context": [{"device": "ios", "surface": None}], "day": [1]}
    path = give("a.parquet", parquet(columns))
    assert checked(path).notes == (
        "Columns that are no field of the contract were left out: day, items.score.",
    )
    (row,) = rows(path)
    assert row[3][0]["item_id"] == "a"
    assert row[4] == {"device": "ios"}


def test_an_empty_parquet_file(give):
    empty = pa.table({name: pa.array([], pa.string()) for name in OUTCOME_COLUMNS if name != "value"})
    made = io.BytesIO()
    pq.write_table(empty, made)
    assert rows(give("a.parquet", made.getvalue())) == []


def test_damaged_parquet_is_a_sentence(give):
    whole = parquet(OUTCOME_COLUMNS)
    sentence = (
        r"a\.parquet: the Parquet file is damaged or not whole, so nothing of it was kept\. Fetch it again\."
    )
    for data in (whole[:-20], whole[:40], b"PAR1", whole[:30] + b"\xff" * 40 + whole[70:]):
        with pytest.raises(LogError, match=sentence):
            validate_files([give("a.parquet", data)])
    packed = give("a.parquet.gz", gzip.compress(whole))
    with pytest.raises(
        LogError, match=r"holds Parquet inside the \.gz\. Unpack it; Parquet is packed in itself\."
    ):
        validate_files([packed])


def test_damaged_zst_is_a_sentence(give):
    whole = zst(shapes.json_lines([outcome(number) for number in range(50)]))
    sentence = (
        r"a\.zst: the \.zst ends early or is damaged, so nothing of it was kept\. Fetch the file again\."
    )
    for data in (whole[:-3], whole[:9], whole + b"more"):
        with pytest.raises(LogError, match=sentence):
            validate_files([give("a.zst", data)])
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
    assert checked(give("a.zst", skippable + whole)).lines == 50


def test_an_archive_made_to_fill_the_disk_is_stopped(give, monkeypatch):
    monkeypatch.setattr("recsys_roi.logs.unpacking.GROWTH_FREE", 2**20)
    bomb = line_of(OUTCOME) + b"\n" + b" " * 2**23
    for data in (gzip.compress(bomb), zst(bomb)):
        with pytest.raises(LogError, match="unpacks to more than 500 times its size, which no log does"):
            validate_files([give("a.packed", data)])
    assert checked(give("a.gz", gzip.compress((line_of(OUTCOME) + b"\n") * 2000))).lines == 2000


def test_a_mapping_of_columns_is_used_and_kept(give, tmp_path):
    records = [exposure(number) for number in range(3)]
    names = {"user_id": "uid", "ts": "when", "item_id": "sku", "context.surface": "page", "error": "failed"}
    renamed = [
        {{"context.surface": "page"}.get(key, names.get(key, key)): value for key, value in row.items()}
        for row in shapes.flat_rows(records)
    ]
    expected = rows(give("a.jsonl", shapes.json_lines(records)))
    table = give("a.csv", shapes.csv_text(renamed))
    assert rows(table, mapping=names) == expected
    with temporary_pilot() as pilot:
        (result,) = ingest_files(pilot, [table], mapping=names)
        assert dict(result.file.mapping) == names
        assert dict(pilot.files[0].mapping) == names
        mapped = pilot.fingerprint
    with temporary_pilot() as pilot:
        ingest_files(pilot, [table], EXPOSURE, mapping=names | {"latency_ms": "rank", "rank": "latency_ms"})
        assert pilot.fingerprint != mapped


def test_a_mapping_of_keys_of_json_lines(give):
    records = [exposure(number, ts="2026-01-02T03:04:05Z") for number in range(3)]
    renamed = [
        {
            "req": record["request_id"],
            "user_id": "not this one",
            "who": record["user_id"],
            "ts": record["ts"],
            "items": [{"sku": item["item_id"], "rank": item["rank"]} for item in record["items"]],
            "page": "home",
            "context": {"device": "ios"},
            "extra": 1,
        }
        for record in records
    ]
    mapping = {"request_id": "req", "user_id": "who", "item_id": "sku", "context.surface": "page"}
    lines = [json.dumps(record).encode() for record in renamed]
    lines += [b"", b"{", lines[0][:-1] + b', "ts": "x"}', lines[0].replace(b'"sku"', b'"SKU"')]
    path = give("a.jsonl", b"\n".join(lines))
    found = checked(path, EXPOSURE, mapping)
    assert found.notes == ("Keys that are no field of exposure.v1 were left out: extra.",)
    errors = [(reject.line, reject.field, reject.reason.value) for reject in found.rejects]
    assert [error for error in errors if error[2] != "unknown_key"] == [
        (4, "", "blank_line"),
        (5, "", "not_json"),
        (6, "ts", "duplicate_key"),
        (6, "request_id", "missing_field"),
        (6, "items[0].item_id", "missing_field"),
        (6, "items[1].item_id", "missing_field"),
        (6, "ts", "bad_timestamp"),
        (7, "items[0].item_id", "missing_field"),
        (7, "items[1].item_id", "missing_field"),
    ] or sorted({error[0] for error in errors}) == [4, 5, 6, 7]
    kept = rows(path, EXPOSURE, mapping)
    assert [(row[0], row[1], row[4]) for row in kept] == [
        (record["request_id"], record["user_id"], {"device": "ios", "surface": "home"}) for record in records
    ]


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        (
            {"user": "uid"},
            "The mapping names 'user', which outcome.v1 has not. Its fields: request_id, user_id, ",
        ),
        ({"context.device": "uid"}, "The mapping names 'context.device', which outcome.v1 has not."),
        ({"user_id": "nobody"}, "a.csv: has no column 'nobody', which user_id should be read from."),
    ],
)
def test_a_mapping_that_fits_nothing_is_said(give, mapping, sentence):
    with pytest.raises(InputError) as caught:
        validate_files([give("a.csv", HEADER + GOOD % 1)], mapping=mapping)
    assert str(caught.value).startswith(sentence)


SERVICE = {
    "schema_version": "v1",
    "occurred_at": "2026-01-02T03:04:05Z",
    "tenant_id": "shop",
    "request_id": "r1",
    "surface": "home",
    "segment": "new",
    "user_id_hash": "5f2b",
    "session_id": "s1",
    "served": [{"item_id": "a", "rank": 1, "score": 0.9}, {"item_id": "b", "rank": 2}],
}
SERVICE_OLDER = {
    "schema_version": "v1",
    "timestamp": "2026-01-02T03:04:05Z",
    "tenant_id": "shop",
    "request_id": "r1",
    "surface": "home",
    "segment": "new",
    "algo_version": "7",
    "experiment": {"id": "e", "variant": "b"},
    "subject": {"user_id_hash": "5f2b", "session_id_hash": "s1"},
    "context": {"locale": "en"},
    "items": [{"item_id": "a", "rank": 1, "score": 0.9}, {"item_id": "b", "rank": 2}],
}


@pytest.mark.parametrize(
    ("record", "more"), [(SERVICE, {}), (SERVICE_OLDER, {"algo_version": "7", "locale": "en"})]
)
def test_the_exposure_log_of_the_service_itself(give, record, more):
    wrong = [
        record | {"request_id": ""},
        record | {"items": [{"item_id": "a", "rank": 0, "score": 1}], "served": [{"item_id": "", "rank": 1}]},
        record | {"who": 1},
        {key: value for key, value in record.items() if key not in ("user_id_hash", "session_id", "subject")},
        record | {"user_id": 5, "user_id_hash": "", "session_id": "", "subject": {}},
        record | {"tenant_id": 3},
    ]
    empty = {key: value for key, value in record.items() if key not in ("items", "served")}
    path = give("a.jsonl", shapes.json_lines([record, *wrong, empty]) + b"broken\n")
    assert recognise(path, "a").format == "service"
    found = checked(path)
    assert "recommender service's own exposure log" in found.notes[0]
    errors = [(reject.line, reject.field, reject.reason.value) for reject in found.rejects]
    assert errors == [
        (2, "request_id", "null_or_empty"),
        (3, "items[0].item_id", "null_or_empty"),
        (4, "who", "unknown_key"),
        (5, "user_id", "missing_field"),
        (6, "user_id", "wrong_type"),
        (7, "context.tenant_id", "wrong_type"),
        (9, "", "not_json"),
    ]
    context = {"tenant_id": "shop", "surface": "home", "segment": "new", "session_id": "s1"} | more
    first, last = rows(path)
    assert first[:2] == ("r1", "5f2b")
    assert [(item["item_id"], item["rank"]) for item in first[3]] == [("a", 1), ("b", 2)]
    assert first[4] == last[4] == context
    assert last[3] == []


def manifest(**changes):
    return {
        "tenant_id": "shop",
        "version": "2026-01-02",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-02T05:00:00+02:00",
        "artifacts": [{"name": "popularity"}, {"name": "similar"}],
    } | changes


@pytest.mark.parametrize("indent", [None, 2])
def test_an_artifact_manifest_is_kept_for_the_freshness_check(give, indent):
    older = {
        "v": 1,
        "tenant": "shop",
        "surface": "home",
        "current": {"a": "x"},
        "updated_at": "2026-01-03T00:00:00Z",
    }
    with temporary_pilot() as pilot:
        before = pilot.fingerprint
        new, old = ingest_files(
            pilot,
            [
                give("manifest.json", json.dumps(manifest(), indent=indent).encode()),
                give("old.json", json.dumps(older, indent=indent).encode()),
            ],
        )
        assert pilot.documents == (new.file, old.file)
        assert (new.file.tenant, new.file.version, new.file.artifacts) == ("shop", "2026-01-02", 2)
        assert new.file.updated_at.isoformat() == "2026-01-02T03:00:00+00:00"
        assert (old.file.tenant, old.file.surface, old.file.version, old.file.artifacts) == (
            "shop",
            "home",
            "1",
            1,
        )
        assert pilot.files == ()
        assert pilot.fingerprint == before
        (again,) = ingest_files(pilot, [give("m.json", json.dumps(manifest(), indent=indent).encode())])
        assert (again.added, again.file) == (False, new.file)
        assert pilot.remove_file(new.file.hash) == new.file
        assert pilot.documents == (old.file,)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"updated_at": "yesterday"}, "updated_at is wrong"),
        ({"updated_at": "2026-01-02T05:00:00"}, "updated_at is wrong"),
        ({"updated_at": None, "created_at": None}, "has neither updated_at nor created_at"),
        ({"tenant_id": 5}, "tenant_id is wrong"),
        ({"artifacts": "all"}, "artifacts"),
    ],
)
def test_a_manifest_that_says_too_little(give, changes, sentence):
    path = give("manifest.json", json.dumps(manifest(**changes)).encode())
    with temporary_pilot() as pilot, pytest.raises(LogError, match=sentence):
        ingest_files(pilot, [path])
    with pytest.raises(
        LogError, match=r"is an artifact manifest \(manifest\.v1\), which has no lines to check"
    ):
        validate_files([path])
