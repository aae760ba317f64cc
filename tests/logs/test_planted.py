"""One defect of each kind planted among 100,000 good lines: line numbers and reasons equal the truth."""

import gzip
import json

import pytest

from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot
from tests.logs import shapes
from tests.logs.lines import EXPOSURE, OUTCOME, exposure, outcome

GOOD = 100_000
TOO_LONG = 16 * 2**20 + 1


def changed(make, **changes):
    return json.dumps(make(0, **changes)).encode()


def cut(make, end):
    return json.dumps(make(0)).encode()[:end]


EXPOSURE_DEFECTS = [
    (b"", "", "blank_line"),
    (b" \t\r", "", "blank_line"),
    (b"not json", "", "not_json"),
    (cut(exposure, -1), "", "not_json"),
    (json.dumps(exposure(0)).encode() * 2, "", "not_json"),
    (changed(exposure, latency_ms=float("nan")), "", "not_json"),
    (changed(exposure, latency_ms=float("inf")), "", "not_json"),
    (b"\x00" * 40, "", "not_json"),
    (b"[1]", "", "not_object"),
    (b"null", "", "not_object"),
    (changed(exposure).replace(b"req-0", b"req-\xff"), "", "not_utf8"),
    (changed(exposure).replace(b"req-0", b"\\ud800"), "request_id", "not_utf8"),
    (changed(exposure, user_id="x" * TOO_LONG), "", "line_too_long"),
    (cut(exposure, -1) + b', "ts": "2026-01-02T03:04:05Z"}', "ts", "duplicate_key"),
    (changed(exposure).replace(b'"rank": 2', b'"rank": 2, "rank": 2'), "items[1].rank", "duplicate_key"),
    (changed(exposure).replace(b'": "home"', b'": "a", "surface": "b"'), "context.surface", "duplicate_key"),
    (changed(exposure).replace(b'"user_id"', b'"uid"'), "user_id", "missing_field"),
    (changed(exposure, user_id=None), "user_id", "null_or_empty"),
    (changed(exposure, user_id=""), "user_id", "null_or_empty"),
    (changed(exposure, user_id=7), "user_id", "wrong_type"),
    (changed(exposure, context={"a": {"b": "c"}}), "context.a", "wrong_type"),
    (changed(exposure, items="a"), "items", "wrong_type"),
    (changed(exposure, items=[{"item_id": "a", "rank": "1"}]), "items[0].rank", "wrong_type"),
    (changed(exposure, items=[{"item_id": "a", "rank": 1.5}]), "items[0].rank", "wrong_type"),
    (changed(exposure, items=[{"item_id": "a", "rank": 2**64}]), "items[0].rank", "out_of_range"),
    (changed(exposure, items=[{"item_id": "a", "rank": 0}]), "items[0].rank", "out_of_range"),
    (changed(exposure, latency_ms=-0.1), "latency_ms", "out_of_range"),
    (changed(exposure).replace(b'"latency_ms": 12.5', b'"latency_ms": 1e999'), "latency_ms", "out_of_range"),
    (changed(exposure, error="no"), "error", "wrong_type"),
    (changed(exposure, extra=1), "extra", "unknown_key"),
    (changed(exposure, ts="2026-02-30T00:00:00Z"), "ts", "bad_timestamp"),
    (changed(exposure, ts="2026-01-02T03:04:05"), "ts", "bad_timestamp"),
    (changed(exposure, ts="2026-01-02 03:04:05Z"), "ts", "bad_timestamp"),
    (changed(exposure, ts="2026-01-02T03:04:05+0100"), "ts", "bad_timestamp"),
    (changed(exposure, ts=1767322800), "ts", "wrong_type"),
]  # fmt: skip
ROW = "r,u,i,click,2026-01-02T03:04:05Z,1"
CSV_DEFECTS = [
    (b"", "", "blank_line"),
    (b"r,u,i,click", "", "not_a_row"),
    (b"r,u,i,click,2026-01-02T03:04:05Z,1,2", "", "not_a_row"),
    (b'r,"u,i,click,2026-01-02T03:04:05Z,1', "", "not_a_row"),
    (b"r,\xff,i,click,2026-01-02T03:04:05Z,1", "", "not_utf8"),
    (ROW.encode() + b"1" * TOO_LONG, "", "line_too_long"),
    (ROW.replace("u", "").encode(), "user_id", "null_or_empty"),
    (ROW.replace("click", "view").encode(), "event_type", "unknown_event_type"),
    (ROW.replace("T", " ").encode(), "ts", "bad_timestamp"),
    (ROW.replace("Z,1", "Z,free").encode(), "value", "wrong_type"),
    (ROW.replace("Z,1", "Z,NaN").encode(), "value", "wrong_type"),
    (ROW.replace("Z,1", "Z,1e999").encode(), "value", "out_of_range"),
]


def planted(good: list[bytes], defects, first_line: int):
    """(the lines with the defects spread among them, the truth about the defects)."""
    places = range(1357, len(good), len(good) // (len(defects) + 1))[: len(defects)]
    lines, truth = list(good), []
    for place, (text, field, reason) in reversed(list(zip(places, defects, strict=True))):
        lines.insert(place, text)
        truth.append((place, field, reason))
    # Each defect before this one has moved it by one line.
    found = [(place + moved + first_line, *rest) for moved, (place, *rest) in enumerate(reversed(truth))]
    return lines, found


def taken_in(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    pilot = Pilot.create_or_open(tmp_path / f"pilot of {name}")
    (result,) = ingest_files(pilot, [tmp_path / name])
    with pilot.connect() as connection:
        table = "exposures" if result.file.kind == EXPOSURE else "outcomes"
        (rows,) = connection.sql(f"SELECT count(*), count(DISTINCT request_id) FROM {table}").fetchall()
    rejects = [(reject.line, reject.field, reject.reason.value) for reject in pilot.rejects()]
    return (
        result.file,
        rows,
        [reject for reject in rejects if reject[2] != "unknown_key" or reject[1] == "extra"],
    )


@pytest.fixture(scope="module")
def exposures():
    return planted([json.dumps(exposure(n)).encode() for n in range(GOOD)], EXPOSURE_DEFECTS, first_line=1)


@pytest.mark.parametrize("packing", ["plain", "gz"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_json_lines(tmp_path, exposures, packing, end):
    lines, truth = exposures
    data = end.join(lines) + end
    name = "e.jsonl" if packing == "plain" else "e.jsonl.gz"
    file, rows, rejects = taken_in(tmp_path, name, gzip.compress(data, 1) if packing == "gz" else data)
    assert rejects == truth
    assert (file.lines, file.accepted, file.rejected) == (GOOD + len(truth), GOOD, len(truth))
    assert rows == (GOOD, GOOD)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv(tmp_path, end):
    header, *good = shapes.csv_of([outcome(n) for n in range(GOOD)], end="\n").splitlines()
    lines, truth = planted(good, CSV_DEFECTS, first_line=2)
    data = end.encode().join([header, *lines]) + end.encode()
    file, rows, rejects = taken_in(tmp_path, "o.csv", data)
    assert rejects == truth
    assert (file.lines, file.accepted, file.rejected) == (GOOD + len(truth), GOOD, len(truth))
    assert (file.kind, rows) == (OUTCOME, (GOOD, GOOD))
