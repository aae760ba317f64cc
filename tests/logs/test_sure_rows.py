"""Rows that are stored as they are read: the same as if each had been written as a line and checked."""

import json
import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys_roi.errors import LogError
from recsys_roi.logs import tables
from recsys_roi.logs.contracts import CONTRACTS, KINDS
from recsys_roi.logs.ingest import ingest_files, validate_files
from recsys_roi.logs.pilot import Pilot, temporary_pilot
from recsys_roi.logs.progress import StoppedError
from recsys_roi.logs.shapes import csv_rows, parquet_table, sure_rows
from tests.logs import shapes
from tests.logs.lines import OUTCOME, exposure, outcome

NOTHING, ANYTHING = 2.0, 0.0  # the share of the first rows that has to be sure

TEXTS = ["r", "ü€😀", "a b", " a ", "a,b", 'a"b', "a\\b", "a\nb", "x" * 70_000, "x" * 2000, "null", "1"]
BAD_TEXTS = ["", "a\x00b", "\x7f", "\u2028"]
TIMES = [
    "2026-01-02T03:04:05Z",
    "2026-01-02t03:04:05.1234567z",
    "2024-02-29T23:59:59.999999999+14:00",
    "2000-02-29T00:00:00Z",
    "1999-12-31T23:59:59-23:59",
    "1000-01-01T00:00:00Z",
    "2999-12-31T23:59:59.9-00:01",
    "0999-12-31T23:59:59Z",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
]
BAD_TIMES = [
    "",
    "2026-01-02",
    "2026-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2026-01-02 03:04:05Z",
    "2026-01-02T03:04:05+0100",
    "2026-01-02T03:04:05Z\n",
    " 2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05",
    "2026-01-02T03:04:60Z",
    "0000-02-29T00:00:00Z",
    "1767322800",
    "\x00",
]
NUMBERS = [
    "",
    "0",
    "1",
    "-1",
    "1.5",
    "0.1",
    "1e5",
    "1E-07",
    "-0",
    "-0.0",
    "0e0",
    "12345678901234567890",
    "1e300",
]
BAD_NUMBERS = [
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    "007",
    "+1",
    ".5",
    "1.",
    " 1",
    "1 ",
    "0x1",
    "1_0",
    "x",
    "9" * 400,
]
BOOLEANS = ["", "true", "TRUE", "0", "1", "False", "f", "yes", " true", "null"]
EVENTS = ["click", "conversion", "dwell", "start", "view", "", "Click", " click"]
ITEMS = [
    "[]",
    '[{"item_id":"a","rank":1}]',
    '[{"item_id": "a", "rank": 2, "propensity": 0.5}, {"item_id": "b", "rank": 1}]',
    '[{"item_id":"a","rank":1,"propensity":null,"logging_propensity":1e-05,"target_propensity":0}]',
    '[{"rank":1,"item_id":"a"}]',
    ' [ { "item_id" : "a" , "rank" : 1 } ] ',
    '[{"item_id":"\\u00fc\\ud83d\\ude00","rank":9223372036854775807}]',
    '[{"item_id":"a\\"b","rank":1}]',
    '[{"item_id":"a\\u0022b","rank":1}]',
    '[{"item_id":"a\\u0000b","rank":1}]',
    '[{"item_id":"a","rank":1.0}]',
    '[{"item_id":"a","rank":1,"propensity":-0.0}]',
    '[{"item_id":"a","rank":1,"propensity":12345678901234567890}]',
    '[{"item_id":"a","rank":999999999999999999}]',
    json.dumps([{"item_id": f"i{n}", "rank": n + 1} for n in range(600)]),
    json.dumps([{"item_id": "x" * 3000, "rank": 1}]),
]
BAD_ITEMS = [
    "",
    "null",
    "{}",
    "[1]",
    "[null]",
    "[[]]",
    '[{"item_id":"a"}]',
    '[{"item_id":"","rank":1}]',
    '[{"item_id":"a","rank":0}]',
    '[{"item_id":"a","rank":1.5}]',
    '[{"item_id":"a","rank":"1"}]',
    '[{"item_id":"a","rank":9223372036854775808}]',
    '[{"item_id":"a","rank":1,"rank":2}]',
    '[{"item_id":"a","rank":1,"r\\u0061nk":2}]',
    '[{"item_id":"a\\u0022","rank":1,"rank":1}]',
    '[{"item_id":"a","rank":1,"other":2}]',
    '[{"item_id":"a","rank":1,"propensity":-1}]',
    '[{"item_id":"a","rank":1,"propensity":1e999}]',
    '[{"item_id":"a","rank":1,"propensity":NaN}]',
    '[{"item_id":"\\ud800","rank":1}]',
    '[{"item_id":"a\tb","rank":1}]',
    '[{"item_id":"a","rank":1},]',
    '[{"item_id":"a","rank":1}] []',
    '[{"item_id":"a","rank":1}',
    "a, b",
    "[" * 3000,
]
CONTEXTS = ["", "{}", '{"a":"b"}', '{ "a" : "b", "" : "" }', '{"\\u00e9":"\\n"}', '{"a":"\\u0022"}', "null"]
BAD_CONTEXTS = [
    '{"a":1}',
    '{"a":null}',
    '{"a":"b","a":"c"}',
    '{"a":"\\u0022","a":"b"}',
    "[]",
    '"a"',
    "{",
    '{"a":"\\ud800"}',
]
OF_TYPE = {
    "string": (TEXTS, BAD_TEXTS),
    "timestamp": (TIMES, BAD_TIMES),
    "event_type": (EVENTS, []),
    "number": (NUMBERS, BAD_NUMBERS),
    "boolean": (BOOLEANS, []),
    "array of objects": (ITEMS, BAD_ITEMS),
    "object of strings": (CONTEXTS, BAD_CONTEXTS),
}
GOOD = {
    name: good[1] if name in ("number", "array of objects") else good[0]
    for name, (good, _) in OF_TYPE.items()
}


def taken_in(path, kind, share, monkeypatch):
    """Everything that is told and kept of a file."""
    monkeypatch.setattr(sure_rows, "_LEAST_SHARE", share)
    try:
        with temporary_pilot() as pilot:
            (result,) = ingest_files(pilot, [path], kind)
            with pilot.connect() as connection:
                found = connection.sql(
                    f"SELECT * EXCLUDE file_no FROM {CONTRACTS[kind].table} ORDER BY row_no"
                )
                rows = [repr(row) for row in found.fetchall()]
            rejects = [(one.line, one.field, one.reason, one.value) for one in pilot.rejects()]
        (checked,) = validate_files([path], kind)
        again = [(one.line, one.field, one.reason, one.value) for one in checked.rejects]
    except LogError as problem:
        return str(problem)
    assert again == rejects
    assert (checked.lines, checked.records, checked.extended) == (
        result.file.lines,
        result.file.records,
        result.file.extended,
    )
    return result.file, rows, rejects


def same_both_ways(path, kind, monkeypatch):
    expected = taken_in(path, kind, NOTHING, monkeypatch)
    assert taken_in(path, kind, ANYTHING, monkeypatch) == expected
    return expected


@st.composite
def csv_logs(draw):
    """(kind, rows of text): good cells, and some that are not or only seem so."""
    kind = draw(st.sampled_from(KINDS))
    fields = CONTRACTS[kind].fields
    strange = {
        field.name: st.sampled_from(OF_TYPE[field.type][0] + OF_TYPE[field.type][1]) | st.text(max_size=3)
        for field in fields
    }
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        row = {field.name: GOOD[field.type] for field in fields}
        changed = draw(st.lists(st.sampled_from(sorted(row)), max_size=2))
        rows.append(row | {name: draw(strange[name]) for name in changed})
    return kind, rows


RELAXED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@RELAXED
@given(log=csv_logs(), spread=st.booleans())
def test_csv(tmp_path, monkeypatch, log, spread):
    kind, rows = log
    if spread and kind != OUTCOME:
        rows = [
            {key: cell for key, cell in row.items() if key != "context"}
            | {"context.a": row["user_id"], "context.b": row["ts"]}
            for row in rows
        ]
    (tmp_path / "a.csv").write_bytes(csv_bytes(rows))
    same_both_ways(tmp_path / "a.csv", kind, monkeypatch)


def csv_bytes(rows):
    clean = [{key: cell.encode("utf-8", "replace").decode() for key, cell in row.items()} for row in rows]
    return shapes.csv_text(clean, end="\n")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name",
    ["string", "timestamp", "event_type", "number", "boolean", "array of objects", "object of strings"],
)
def test_every_cell_of_csv(tmp_path, monkeypatch, kind, name):
    """Each alone in a row among good ones."""
    fields = [field for field in CONTRACTS[kind].fields if field.type == name]
    if not fields:
        fields = list(CONTRACTS[kind].fields)[:1]
    good = {field.name: GOOD[field.type] for field in CONTRACTS[kind].fields}
    cells = [cell for some in OF_TYPE[fields[-1].type] for cell in some]
    rows = [row for cell in cells for row in (good | {fields[-1].name: cell}, good)]
    (tmp_path / "a.csv").write_bytes(csv_bytes(rows))
    file, _, _ = same_both_ways(tmp_path / "a.csv", kind, monkeypatch)
    assert file.accepted >= len(cells)


def broken(column):
    """A column of text in which every value that holds ~ is no UTF-8."""
    values = [None if value is None else value.encode().replace(b"~", b"\xff") for value in column]
    return pa.array(values, pa.binary()).view(pa.string())


SIZES = {
    "int8": (pa.int8(), [1, 0, -1, 127, None]),
    "uint64": (pa.uint64(), [1, 0, 2**63 - 1, 2**63, 2**64 - 1, None]),
    "int64": (pa.int64(), [1, 0, -5, 2**53 + 1, 2**63 - 1, -(2**63), None]),
    "float32": (
        pa.float32(),
        [1.0, 0.1, 1e-7, 16777217.0, -0.0, float("nan"), float("inf"), -1.5, 3.4e38, None],
    ),
    "float64": (
        pa.float64(),
        [1.0, 0.1, 1e-300, 2.0**53, 1e19, -0.0, float("nan"), float("-inf"), -1.5, None],
    ),
    "decimal": (pa.decimal128(20, 4), [1, 0, 7, None]),
    "nothing": (pa.null(), [None]),
}
TEXT_TYPES = {
    "string": pa.string(),
    "large": pa.large_string(),
    "dictionary": pa.dictionary(pa.int32(), pa.string()),
    "view": pa.string_view(),
}
MOMENTS = [
    0,
    1,
    -1,
    1767322800,
    -30610224000,
    -30610224001,
    253370764799,
    253370764800,
    253402300800,
    -62135596801,
]


def several(draw, values, rows):
    """The first of them is the usual one."""
    return draw(st.lists(st.just(values[0]) | st.sampled_from(values), min_size=rows, max_size=rows))


def texts_of(draw, field, rows, *, usual):
    if field.type == "string" and draw(st.integers(0, 5)) == 0:
        kind, values = SIZES[draw(st.sampled_from(["int8", "int64", "uint64"]))]
        return pa.array(several(draw, values, rows), kind)
    good, bad = OF_TYPE[field.type]
    values = several(draw, [good[0], good[1]] if usual else [*good, *bad, "~", None], rows)
    form = draw(st.sampled_from(["broken", *TEXT_TYPES]))
    return broken(values) if form == "broken" else pa.array(values, pa.string()).cast(TEXT_TYPES[form])


def moments_of(draw, field, rows, *, usual):
    if draw(st.booleans()):
        return texts_of(draw, field, rows, usual=usual)
    unit, scale = draw(st.sampled_from([("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)]))
    moments = several(draw, [1767322800] if usual else [1767322800, *MOMENTS, None], rows)
    ticks = [None if moment is None else moment * scale + (scale > 1) * 123 for moment in moments]
    ticks = [tick if tick is not None and abs(tick) < 2**62 else None for tick in ticks]
    return pa.array(ticks, pa.timestamp(unit, draw(st.sampled_from(["UTC", "Europe/Paris"]))))


def numbers_of(draw, field, rows, *, usual):
    usual_forms = ["int64", "uint64", "float64", "float32", "int8"]
    form = draw(
        st.sampled_from(usual_forms if usual or field.required else [*usual_forms, "decimal", "nothing"])
    )
    kind, values = SIZES[form]
    return pa.array(several(draw, values[:1] if usual else values, rows), kind)


def booleans_of(draw, field, rows, *, usual):
    return pa.array(several(draw, [True, False, None], rows), pa.bool_())


def offsets_of(lengths):
    offsets = [0]
    for length in lengths:
        offsets.append(offsets[-1] + (length or 0))
    return offsets, pa.array([length is None for length in lengths], pa.bool_())


def contexts_of(draw, field, rows, *, usual):
    pairs = [[("a", "b")], None, [], [("a", "b"), ("c", "")], [("", "x")]]
    many = [(f"{n}", "") for n in range(600)]
    if not usual:
        pairs += [[("a", None)], [("a", "~")], [("a", "b\x00")], [("a", "x" * 2000)], many]
    chosen = several(draw, pairs, rows)
    flat = [pair for entries in chosen for pair in entries or []]
    offsets, none = offsets_of([None if entries is None else len(entries) for entries in chosen])
    keys, values = (broken(column) for column in (zip(*flat, strict=True) if flat else ((), ())))
    return pa.MapArray.from_arrays(pa.array(offsets, pa.int32()), keys, values, mask=none)


def items_of(draw, field, rows, *, usual):
    offsets, none = offsets_of(several(draw, [0, 1, 2] if usual else [0, 1, 2, 600, None], rows))
    entries = offsets[-1]
    inner = {"other": pa.nulls(entries, pa.int32())}
    for item in field.fields:
        if item.required or draw(st.booleans()):
            one = draw(columns_of(item, min(entries, 5)))
            one = one.cast(pa.string()) if one.type == pa.string_view() else one
            inner[item.name] = one.take(pa.array([n % 5 for n in range(entries)], pa.int32()))
    lacks = pa.array([not usual and n % 7 == 6 for n in range(entries)], pa.bool_())
    structs = pa.StructArray.from_arrays(list(inner.values()), names=list(inner), mask=lacks)
    if draw(st.booleans()):
        return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), structs, mask=none)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), structs, mask=none)


MADE = {
    "string": texts_of,
    "event_type": texts_of,
    "timestamp": moments_of,
    "integer": numbers_of,
    "number": numbers_of,
    "boolean": booleans_of,
    "object of strings": contexts_of,
    "array of objects": items_of,
}


@st.composite
def columns_of(draw, field, rows):
    """A column for a field, of one of the types that may hold it, now and then with strange values."""
    return MADE[field.type](draw, field, rows, usual=draw(st.integers(0, 5)) > 0)


@st.composite
def parquet_logs(draw):
    kind = draw(st.sampled_from(KINDS))
    rows = draw(st.integers(1, 6))
    columns = {}
    for field in CONTRACTS[kind].fields:
        if field.required or draw(st.booleans()):
            columns[field.name] = draw(columns_of(field, rows))
    if kind != OUTCOME and "context" not in columns and draw(st.booleans()):
        for key in ("device", "é"):
            text = next(field for field in CONTRACTS[kind].fields if field.type == "string")
            columns[f"context.{key}"] = draw(columns_of(text, rows))
    if "context" not in columns and kind != OUTCOME and draw(st.booleans()):
        columns = {name: column for name, column in columns.items() if not name.startswith("context.")}
        columns["context"] = pa.StructArray.from_arrays(
            [pa.array(["x", None, ""][n % 3] for n in range(rows)), pa.array(["y"] * rows)],
            names=["device", "ü"],
            mask=pa.array([n % 4 == 3 for n in range(rows)], pa.bool_()),
        )
    return kind, pa.table(columns)


@RELAXED
@given(log=parquet_logs())
def test_parquet(tmp_path, monkeypatch, log):
    kind, table = log
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=4)
    same_both_ways(tmp_path / "a.parquet", kind, monkeypatch)


def test_rows_that_the_checker_accepts_come_between_the_others_in_their_order(tmp_path, monkeypatch):
    """Under their place in the file, however many of one kind follow one another."""
    monkeypatch.setattr(csv_rows, "_BLOCK", 300)
    records = [outcome(number, value=1e-200 if number % 7 in (2, 3, 6) else 1.5) for number in range(100)]
    lines = shapes.csv_of(records, end="\n").splitlines(keepends=True)
    for place, text in ((99, b"\n"), (50, b"r,u,i,view,2026-01-02T03:04:05Z,x\n"), (1, b"a,b\n")):
        lines.insert(place, text)
    (tmp_path / "a.csv").write_bytes(b"".join(lines))
    file, rows, rejects = same_both_ways(tmp_path / "a.csv", OUTCOME, monkeypatch)
    assert (file.lines, file.accepted, len(rows)) == (103, 100, 100)
    assert [row.split("'")[1] for row in rows] == [record["request_id"] for record in records]
    assert [reject[:2] for reject in rejects] == [
        (2, ""),
        (52, "event_type"),
        (52, "value"),
        (102, ""),
    ]


@pytest.mark.parametrize("strange", [0.05, 0.5])
def test_a_table_of_which_few_rows_are_sure_is_read_as_lines(tmp_path, monkeypatch, strange):
    """The share of the first rows decides; either way every row is there."""
    used = []
    run = sure_rows._Parting.run
    monkeypatch.setattr(sure_rows._Parting, "run", lambda *given: (used.append(1), run(*given)))
    values = [1e-200 if number < 200 * strange else 1.5 for number in range(200)]
    records = [outcome(number, value=value) for number, value in enumerate(values)]
    (tmp_path / "a.csv").write_bytes(shapes.csv_of(records))
    with temporary_pilot() as pilot:
        (result,) = ingest_files(pilot, [tmp_path / "a.csv"])
        with pilot.connect() as connection:
            kept = connection.sql("SELECT value FROM outcomes ORDER BY row_no").fetchall()
    assert [value for (value,) in kept] == values
    assert result.file.accepted == 200
    assert bool(used) == (strange < 0.1)


def kept_hashed(tmp_path, data, table, column):
    """A column of each of these files, in a pilot that keeps ids as hashes."""
    pilot = Pilot.create_or_open(tmp_path / "pilot")
    pilot.hash_ids()
    for name, text in data.items():
        (tmp_path / name).write_bytes(text)
        ingest_files(pilot, [tmp_path / name])
    with pilot.connect() as connection:
        rows = connection.table(table).order("file_no, row_no").project(f"file_no, {column}").fetchall()
    return [[value for file_no, value in rows if file_no == number] for number in range(1, len(data) + 1)]


def test_ids_are_kept_as_the_same_hashes_in_every_format(tmp_path):
    records = [outcome(number, value=1e-200 if number == 3 else 1.5) for number in range(20)]
    data = {
        "a.jsonl": shapes.json_lines(records),
        "a.csv": shapes.csv_of(records),
        "a.parquet": shapes.parquet_of(records),
    }
    ids = kept_hashed(tmp_path, data, "outcomes", "user_id")
    assert ids[0] == ids[1] == ids[2]
    assert all(len(user) == 64 for user in ids[0])


def test_ids_of_sessions_are_kept_as_the_same_hashes_in_every_format(tmp_path):
    records = [exposure(number) for number in range(20)]
    for number, record in enumerate(records):
        record["context"] = {"surface": "home"} | ({"session_id": f"u{number}-1"} if number % 3 else {})
    data = {
        "a.jsonl": shapes.json_lines(records),
        "a.csv": shapes.csv_with_json_cells(records),
        "a.parquet": shapes.parquet_of(records),
        "b.csv": shapes.csv_of(
            [
                {name: value for name, value in one.items() if name != "context"}
                | {"context.session_id": "u-1"}
                for one in records
            ]
        ),
    }
    kept = kept_hashed(tmp_path, data, "exposures", "context")
    assert kept[0] == kept[1] == kept[2]
    assert [len(context.get("session_id", "")) for context in kept[0]] == [0, 64, 64] * 6 + [0, 64]
    assert {len(context["session_id"]) for context in kept[3]} == {64}


def test_a_problem_of_reading_is_told_as_it_is(tmp_path, monkeypatch):
    """Not as DuckDB tells of it, which asks for the rows."""
    (tmp_path / "a.parquet").write_bytes(shapes.parquet_of([exposure(number) for number in range(40)]))
    rows_of = parquet_table.rows_of

    def rows(*given):
        for place, row in enumerate(rows_of(*given)):
            if place == 1:
                raise LogError("a.parquet", "stops here.")
            yield row

    monkeypatch.setattr(sure_rows, "_LOOK_AT", 1)
    monkeypatch.setattr(parquet_table, "_BATCH", 3)
    monkeypatch.setattr(parquet_table, "rows_of", rows)
    with temporary_pilot() as pilot:
        with pytest.raises(LogError, match=r"^a\.parquet: stops here\.$"):
            ingest_files(pilot, [tmp_path / "a.parquet"])
        assert pilot.files == ()


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_progress_is_told_in_the_callers_thread_and_can_stop_it(tmp_path, monkeypatch, name):
    records = [exposure(number) for number in range(20_000)]
    write = shapes.csv_with_json_cells if name == "a.csv" else shapes.parquet_of
    (tmp_path / name).write_bytes(write(records))
    monkeypatch.setattr(tables, "_LOOK_EVERY", 0.001)
    seen = []

    def heard(progress):
        seen.append((threading.current_thread(), progress.step, progress.done))
        if progress.step == "converting" and progress.done:
            raise StoppedError

    with temporary_pilot() as pilot:
        with pytest.raises(StoppedError):
            ingest_files(pilot, [tmp_path / name], on_progress=heard)
        assert pilot.files == ()
    assert {thread for thread, _, _ in seen} == {threading.current_thread()}
