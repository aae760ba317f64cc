"""Lines as they really come: what is kept, what is rejected, under which line number. Nothing is lost."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys_roi.errors import LogError
from recsys_roi.logs.checking import errors_of
from recsys_roi.logs.contracts import CONTRACTS, KINDS
from recsys_roi.logs.ingest import ingest_files, validate_files
from recsys_roi.logs.pilot import temporary_pilot
from recsys_roi.logs.screening import PARALLEL_FROM, screen, screen_range
from tests.logs.lines import ASSIGNMENT, EXPOSURE, OUTCOME, good_lines, line_of, spoiled_lines

GOOD = [line_of(OUTCOME, number) for number in range(4)]
BOM = b"\xef\xbb\xbf"


def checked(path, kind="auto"):
    (found,) = validate_files([path], kind)
    assert found.accepted + found.rejected == found.lines
    assert found.rejected == len({reject.line for reject in found.rejects})
    return found


def rejected(path, kind="auto"):
    return [(reject.line, reject.field, reject.reason.value) for reject in checked(path, kind).rejects]


def rows(path, kind="auto", columns="*"):
    with temporary_pilot() as pilot:
        (result,) = ingest_files(pilot, [path], kind)
        with pilot.connect() as connection:
            table = CONTRACTS[result.file.kind].table
            return connection.sql(f"SELECT {columns} FROM {table} ORDER BY file_no, row_no").fetchall()


@pytest.fixture
def file(tmp_path):
    def made(data: bytes, name: str = "a.jsonl"):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return made


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("start", [b"", BOM])
@pytest.mark.parametrize("last", [b"", b"\n"])
def test_line_numbers_are_those_of_the_file(file, start, end, last):
    lines = [GOOD[0], b"", GOOD[1], b"{", GOOD[2], b" \t", GOOD[3]]
    data = start + end.join(lines) + last
    expected = [(2, "", "blank_line"), (4, "", "not_json"), (6, "", "blank_line")]
    found = checked(file(data))
    assert (found.lines, found.accepted, found.rejected) == (7, 4, 3)
    assert rejected(file(data)) == expected
    assert rejected(file(gzip.compress(data), "a.jsonl.gz")) == expected
    assert rows(file(data), columns="request_id, row_no") == [(f"req-{n}", n) for n in range(4)]


def test_mixed_line_ends_and_a_blank_end(file):
    data = GOOD[0] + b"\r\n" + GOOD[1] + b"\n" + GOOD[2] + b"\r\r\n" + GOOD[3] + b"\n\n\n"
    assert rejected(file(data)) == [(5, "", "blank_line"), (6, "", "blank_line")]


def test_a_byte_order_mark_is_passed_over_and_said(file):
    found = checked(file(BOM + GOOD[0]))
    assert (found.lines, found.rejected) == (1, 0)
    assert found.notes == ("It starts with a byte order mark, which was passed over.",)
    assert rejected(file(GOOD[0] + b"\n" + BOM + GOOD[1])) == [(2, "", "not_json")]


def test_only_a_line_feed_ends_a_line(file):
    strange = json.dumps(dict(json.loads(GOOD[0]), item_id="a\u2028b\u0085c\x0bd"), ensure_ascii=False)
    data = strange.encode() + b"\n" + GOOD[1] + b"\r" + GOOD[2] + b"\n"
    assert rejected(file(data)) == [(2, "", "not_json")]
    assert rows(file(data), columns="item_id") == [("a\u2028b\u0085c\x0bd",)]


BROKEN = [
    (b"\xff\xfe" + GOOD[0], "", "not_utf8"),
    (GOOD[0].replace(b"req-0", b"req-\xc3"), "", "not_utf8"),
    (GOOD[0].replace(b"req-0", b"\xed\xa0\x80"), "", "not_utf8"),
    (GOOD[0].replace(b"req-0", b"\\ud800"), "request_id", "not_utf8"),
    (GOOD[0].replace(b"req-0", b"a\x00b"), "", "not_json"),
    (b"\x00" * 20, "", "not_json"),
    (GOOD[0].replace(b"1.5", b"NaN"), "", "not_json"),
    (GOOD[0].replace(b"1.5", b"-Infinity"), "", "not_json"),
    (GOOD[0].replace(b"1.5", b"1e999"), "value", "out_of_range"),
    (GOOD[0].replace(b"1.5", b"9" * 400), "value", "out_of_range"),
    (GOOD[0].replace(b"1.5", b"1.5,"), "", "not_json"),
    (GOOD[0] + GOOD[0], "", "not_json"),
    (GOOD[0][:-1], "", "not_json"),
    (b"[" + GOOD[0] + b"]", "", "not_object"),
    (GOOD[0][:-1] + b', "value": 1.5}', "value", "duplicate_key"),
    (GOOD[0][:-1] + b', "val\\u0075e": 1.5}', "value", "duplicate_key"),
    (GOOD[0].replace(b"1.5", b'{"a": 1}'), "value", "wrong_type"),
]


@pytest.mark.parametrize("bad", BROKEN)
def test_one_broken_line_is_rejected_and_the_rest_is_kept(file, bad):
    text, field, reason = bad
    data = b"\n".join([GOOD[0], text, GOOD[1], text, GOOD[2]])
    expected = [(2, field, reason), (4, field, reason)]
    assert rejected(file(data)) == expected
    assert [row[0] for row in rows(file(data))] == ["req-0", "req-1", "req-2"]


def test_keys_written_twice_at_any_depth(file):
    good = [line_of(EXPOSURE, number) for number in range(3)]
    twice = [
        good[0][:-1] + b', "user_id": "other"}',
        good[0][:-1] + b', "error": null}',
        good[0].replace(b'"rank": 2', b'"rank": 2, "rank": 2'),
        good[0].replace(b'"rank": 1', b'"rank": 1, "propensity": null'),
        good[0].replace(b'"surface": "home"', b'"surface": "home", "surface": "home"'),
        good[0].replace(b'"surface": "home"', b'"surface": "home", "surf\\u0061ce": "cart"'),
    ]
    data = b"\n".join([good[0], *twice, good[1], b"{", good[2]])
    assert rejected(file(data)) == [
        (2, "user_id", "duplicate_key"),
        (3, "error", "duplicate_key"),
        (4, "items[1].rank", "duplicate_key"),
        (5, "items[0].propensity", "duplicate_key"),
        (6, "context.surface", "duplicate_key"),
        (7, "context.surface", "duplicate_key"),
        (9, "", "not_json"),
    ]
    assert rows(file(data), columns="request_id") == [("req-0",), ("req-1",), ("req-2",)]


def test_a_rejected_line_does_not_count_in_the_notes(file):
    good = line_of(OUTCOME, 1, event_type="dwell", value=None)
    data = b"\n".join([good, good[:-1] + b', "value": null}', good[:-1] + b', "x": 1}'])
    found = checked(file(data))
    assert (found.accepted, found.extended, found.null_for_absent) == (1, 1, 1)


def test_nulls_and_extended_events_are_counted(file):
    lines = [
        line_of(EXPOSURE, items=[{"item_id": "null", "rank": 1}]),
        line_of(EXPOSURE, items=[{"item_id": "a", "rank": 1.0, "target_propensity": None}]),
        line_of(EXPOSURE, context=None, latency_ms=None),
        line_of(EXPOSURE, error=None, context={}),
    ]
    assert checked(file(b"\n".join(lines))).null_for_absent == 3
    assert checked(file(line_of(ASSIGNMENT, context=None))).null_for_absent == 1
    assert checked(file(b"\n".join(GOOD))).extended == 0
    extended = [line_of(OUTCOME, event_type=name) for name in ("dwell", "start", "click", "conversion")]
    assert checked(file(b"\n".join(extended))).extended == 2


def test_a_line_of_20_megabytes(file):
    huge = line_of(OUTCOME, 9, item_id="x" * (20 * 2**20))
    data = b"\n".join([GOOD[0], huge, GOOD[1], huge])
    found = checked(file(data))
    assert [(reject.line, reject.reason.value) for reject in found.rejects] == [
        (2, "line_too_long"),
        (4, "line_too_long"),
    ]
    assert all(len(reject.value) == 200 for reject in found.rejects)
    assert [row[0] for row in rows(file(data))] == ["req-0", "req-1"]


@pytest.mark.parametrize("extra", [0, 1])
def test_the_longest_line_that_is_read(file, extra):
    size = len(line_of(OUTCOME, 9, item_id=""))
    longest = line_of(OUTCOME, 9, item_id="x" * (16 * 2**20 - size + extra))
    data = longest + b"\n" + GOOD[0] + b"\n"
    assert rejected(file(data)) == ([(1, "", "line_too_long")] if extra else [])
    assert len(rows(file(data))) == 2 - extra


def test_every_error_of_a_line_is_kept(file):
    bad = b'{"request_id": "", "ts": 5, "items": [{"item_id": "a", "rank": 0, "x": 1}], "latency_ms": -1}'
    assert rejected(file(line_of(EXPOSURE) + b"\n" + bad)) == [
        (2, "request_id", "null_or_empty"),
        (2, "user_id", "missing_field"),
        (2, "ts", "wrong_type"),
        (2, "items[0].rank", "out_of_range"),
        (2, "items[0].x", "unknown_key"),
        (2, "latency_ms", "out_of_range"),
    ]


def test_a_log_of_which_no_line_is_good(file):
    data = b"".join(line_of(OUTCOME, n, value="free") + b"\n" for n in range(3))
    assert rejected(file(data)) == [(n, "value", "wrong_type") for n in (1, 2, 3)]
    assert rows(file(data)) == []


def test_values_arrive_as_they_were_written(file):
    data = line_of(
        EXPOSURE,
        ts="2026-03-01t01:30:00.1234567+02:00",
        user_id="x\u0000\U0001f600",
        items=[{"item_id": "1", "rank": 2.0, "propensity": 1, "target_propensity": None}],
        context={"": "", "a\u0000": "b", "device": "ios"},
        latency_ms=10**30,
        error=None,
    )
    (row,) = rows(file(data))
    assert row == (
        "req-0",
        "x\u0000\U0001f600",
        datetime.fromisoformat("2026-02-28T23:30:00.123456"),
        [
            {
                "item_id": "1",
                "rank": 2,
                "propensity": 1.0,
                "logging_propensity": None,
                "target_propensity": None,
            }
        ],
        {"": "", "a\u0000": "b", "device": "ios"},
        1e30,
        None,
        1,
        0,
    )


def test_no_items_no_context_and_no_context_entries_are_told_apart(file):
    lines = [line_of(EXPOSURE, items=[], context={}), line_of(EXPOSURE, items=[])]
    lines[1] = lines[1].replace(b', "context": {"surface": "home"}', b"")
    assert rows(file(b"\n".join(lines)), columns="items, context") == [([], {}), ([], None)]


def expected_row(kind, text):
    """What the row of a good line must hold, read by Python alone."""
    record = json.loads(text)
    moment = record["ts"].upper().replace("Z", "+00:00")
    whole, _, rest = moment.partition(".")
    digits = rest.partition("+")[0].partition("-")[0]
    parsed = datetime.fromisoformat(whole + rest[len(digits) :]) + timedelta(
        microseconds=int(digits[:6].ljust(6, "0") if digits else 0)
    )
    record["ts"] = parsed.astimezone(UTC).replace(tzinfo=None)
    if "items" in record:
        empty = dict.fromkeys(("propensity", "logging_propensity", "target_propensity"))
        record["items"] = [empty | item for item in record["items"]]
    return tuple(record.get(field.name) for field in CONTRACTS[kind].fields)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(KINDS).flatmap(
        lambda kind: st.tuples(
            st.just(kind),
            st.lists(
                good_lines(kind) | spoiled_lines([kind]).map(lambda case: case[1]) | st.binary(max_size=9),
                min_size=1,
                max_size=12,
            ),
        )
    ),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
)
def test_whatever_the_lines_hold_none_is_lost(tmp_path, case, end, ended):
    kind, texts = case
    data = end.join([line_of(kind), *texts]) + (end if ended else b"")
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    (tmp_path / "a.jsonl").write_bytes(data)
    good = [text for text in lines if not errors_of(kind, text)]
    expected = [
        (number, error.field, error.reason.value)
        for number, text in enumerate(lines, start=1)
        for error in errors_of(kind, text)
    ]
    assert rejected(tmp_path / "a.jsonl", kind) == expected
    columns = ", ".join(field.name for field in CONTRACTS[kind].fields)
    assert rows(tmp_path / "a.jsonl", kind, columns) == [expected_row(kind, text) for text in good]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from(["auto", *KINDS]))
def test_any_bytes_end_in_a_report_or_in_an_error_of_ours(tmp_path, data, kind):
    (tmp_path / "a").write_bytes(data)
    try:
        found = checked(tmp_path / "a", kind)
    except LogError:
        return
    assert found.lines == data.count(b"\n") + (not data.endswith(b"\n"))


def test_a_large_log_on_several_cores_equals_one_core(tmp_path):
    path = tmp_path / "large.jsonl"
    bad = {7: b"", 60_000: b"{", 120_001: line_of(ASSIGNMENT, 5, variant=""), 199_999: b"\xff"}
    with path.open("wb") as file:
        for number in range(260_000):
            file.write(bad.get(number, line_of(ASSIGNMENT, number, context={"a": "x" * 20})) + b"\n")
    size = path.stat().st_size
    assert size > PARALLEL_FROM
    found = screen(path, ASSIGNMENT, 0, size)
    assert found == screen_range(path, ASSIGNMENT, 0, size)
    assert found.lines == 260_000
    assert [line for line, _, _ in found.triples()] == sorted(bad)


def test_a_file_that_changes_while_it_is_read_is_not_kept(file):
    path = file(b"\n".join(GOOD))

    def grow(progress):
        if progress.step == "checking":
            with path.open("ab") as log:
                log.write(b"\n" + GOOD[0])

    with pytest.raises(LogError, match=r"changed while it was read, so nothing of it was kept"):
        validate_files([path], on_progress=grow)
