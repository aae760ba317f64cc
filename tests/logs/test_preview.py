"""What a person sees before saying which column holds which field."""

import io
import json

import pytest

from recsys_roi.errors import LogError
from recsys_roi.logs.preview import preview
from tests.logs import shapes
from tests.logs.lines import EXPOSURE, OUTCOME, exposure, line_of, outcome

RENAMED = [
    {"uid" if key == "user_id" else key: value for key, value in outcome(number).items()} | {"day": "1"}
    for number in range(9)
]
SHAPES = {
    "csv": shapes.csv_text(RENAMED),
    "parquet": shapes.parquet_of(RENAMED),
    "jsonl": shapes.json_lines(RENAMED),
}


@pytest.mark.parametrize("form", SHAPES)
def test_columns_first_rows_and_what_is_missing(form):
    found = preview(("C:\\o", io.BytesIO(SHAPES[form])))
    assert (found.name, found.kind, found.format, found.packing) == ("o", OUTCOME, form, "none")
    assert found.columns == ("request_id", "uid", "item_id", "event_type", "ts", "value", "day")
    assert [row[0] for row in found.rows] == [f"req-{number}" for number in range(5)]
    assert found.rows[0][5] == "1.5"
    assert (found.missing, found.unknown) == (("user_id",), ("uid", "day"))
    assert found.fields[:2] == ("request_id", "user_id")


@pytest.mark.parametrize("form", SHAPES)
def test_a_mapping_is_seen_in_the_next_look(tmp_path, form):
    (tmp_path / "o").write_bytes(SHAPES[form])
    found = preview(tmp_path / "o", mapping={"user_id": "uid"})
    assert (found.missing, found.unknown) == ((), ("day",))


def test_a_table_whose_columns_do_not_say_which_log_it_is(tmp_path):
    (tmp_path / "o").write_bytes(b"a,b,c\n1,anna@example.org,3\n4,5,6\n")
    found = preview(tmp_path / "o")
    assert (found.kind, found.columns, found.fields) == (None, ("a", "b", "c"), ())
    assert found.rows == (("1", "[e-mail]", "3"), ("4", "5", "6"))
    again = preview(tmp_path / "o", EXPOSURE, {"request_id": "a", "item_id": "b"})
    assert again.missing == ("user_id", "ts", "rank")
    assert again.unknown == ("c",)


def test_records_whose_keys_say_nothing(tmp_path):
    (tmp_path / "o").write_bytes(b'{"a": {"b": 1}}\nbroken\n{"c": null}\n')
    found = preview(tmp_path / "o")
    assert (found.kind, found.columns) == (None, ("a", "c"))
    assert found.rows == (('{"b": 1}', ""), ("", ""))


def test_the_service_needs_no_mapping(tmp_path):
    record = {"schema_version": "v1", "occurred_at": "x", "request_id": "r", "served": []}
    (tmp_path / "o").write_bytes(json.dumps(record).encode())
    found = preview(tmp_path / "o")
    assert (found.kind, found.format, found.missing, found.unknown) == (EXPOSURE, "service", (), ())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"just text\n", "neither JSON Lines nor CSV"),
        (b"\x00\x01", "is a binary file"),
        (b"PAR1", "Parquet file is damaged"),
        (b'{"tenant": "t", "current": {}, "updated_at": "x"}', "has nothing to map"),
    ],
)
def test_what_cannot_be_mapped(tmp_path, data, sentence):
    (tmp_path / "o").write_bytes(data)
    with pytest.raises(LogError, match=sentence):
        preview(tmp_path / "o")


def test_a_kind_that_the_records_are_not(tmp_path):
    (tmp_path / "o").write_bytes(line_of(OUTCOME))
    with pytest.raises(LogError, match=r"holds outcome\.v1 records"):
        preview(tmp_path / "o", EXPOSURE)


def test_a_packed_table(tmp_path):
    (tmp_path / "o").write_bytes(shapes.pa.compress(shapes.csv_of([exposure(1)]), codec="zstd", asbytes=True))
    found = preview(tmp_path / "o")
    assert (found.kind, found.format, found.packing) == (EXPOSURE, "csv", "zst")
    assert found.columns[-3:] == ("item_id", "rank", "propensity")


def test_a_mapping_is_cut_to_what_speaks_of_the_file(tmp_path):
    (tmp_path / "o").write_bytes(SHAPES["csv"])
    given = {"user_id": "uid", "variant": "uid", "context.day": "day", "value": "price"}
    assert preview(tmp_path / "o").fitting(given) == {"user_id": "uid"}
    (tmp_path / "o").write_bytes(SHAPES["jsonl"])
    assert preview(tmp_path / "o").fitting(given) == {"user_id": "uid", "value": "price"}


def test_the_columns_of_a_struct_are_columns(tmp_path):
    (tmp_path / "o").write_bytes(shapes.parquet_of([exposure(1)], context="struct"))
    found = preview(tmp_path / "o")
    surface = found.columns.index("context.surface")
    assert found.rows[0][surface] == exposure(1)["context"]["surface"]
    assert (found.missing, found.unknown) == ((), ())


def test_a_report_is_not_to_be_mapped(tmp_path):
    (tmp_path / "o").write_bytes(b'{"decision":"ship","control_variant":"a"}\n')
    with pytest.raises(LogError, match="looks like a decision"):
        preview(tmp_path / "o")


def test_rows_longer_or_shorter_than_the_header_are_shown_under_it():
    seen = preview(("odd.csv", io.BytesIO(b"request_id,event_type,\nr1\nr2,2,3,4\nr3,2,3\n")), "outcome.v1")
    assert seen.columns == ("request_id", "event_type", "")
    assert seen.rows == (("r1", "", ""), ("r2", "2", "3"), ("r3", "2", "3"))


def test_bytes_that_are_no_text_are_no_table():
    with pytest.raises(LogError):
        preview(("holiday.jpg", io.BytesIO(bytes(range(256)) * 20)))
