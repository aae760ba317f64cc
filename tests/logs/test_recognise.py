"""What a file is taken for, and the sentence when it is none of the three logs."""

import gzip
import json

import pytest

from recsys_roi.demo import write_demo
from recsys_roi.errors import LogError
from recsys_roi.logs.contracts import KINDS
from recsys_roi.logs.finding import logs_in, recognise
from recsys_roi.logs.ingest import validate_files
from tests.logs.lines import ASSIGNMENT, EXPOSURE, OUTCOME, exposure, line_of


@pytest.fixture
def sentence(tmp_path):
    """sentence(data, name, kind): what a person is told about a file of these bytes."""

    def said(data: bytes, name: str = "given.jsonl", kind: str = "auto") -> str:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(LogError) as caught:
            recognise(tmp_path / name, name, kind)
        assert str(caught.value).startswith(f"{name}: ")
        with pytest.raises(LogError, match=r"given|log"):
            validate_files([tmp_path / name], kind)
        return str(caught.value).removeprefix(f"{name}: ")

    return said


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_by_its_records(write, line, kind):
    path = write("a.jsonl", [line(kind, number) for number in range(3)])
    assert recognise(path, "a.jsonl").kind == kind
    packed = write("a.jsonl.gz", [line(kind, number) for number in range(3)])
    assert recognise(packed, "a.jsonl.gz").kind == kind


def test_the_name_decides_nothing(write, line):
    assert recognise(write("outcomes.csv", [line(EXPOSURE)]), "outcomes.csv").kind == EXPOSURE


def test_a_broken_start_does_not_hide_the_kind(write, line):
    lines = [b"# a comment", b"", b"\xff\xfe\xfd", b"null", b'{"other": 1}'] * 50 + [line(OUTCOME)]
    assert recognise(write("a.jsonl", lines), "a.jsonl").kind == OUTCOME


def test_most_records_decide(write, line):
    lines = [line(EXPOSURE, n) for n in range(5)] + [line(OUTCOME, n) for n in range(4)]
    assert recognise(write("a.jsonl", lines), "a.jsonl").kind == EXPOSURE


EMPTY = "is empty: it has no line. Check that the export finished."
CONVERT = "Convert it to JSON Lines (one JSON object a line), CSV or Parquet."
REFUSED = {
    "empty": (b"", EMPTY),
    "only a byte order mark": (b"\xef\xbb\xbf", EMPTY),
    "empty in .gz": (gzip.compress(b""), EMPTY),
    "blank lines": (b"\n \r\n\n", "is empty: it has only blank lines. Check that the export finished."),
    "binary": (b"\x00\x01\x02\x03" * 50, f"is a binary file, not a log. {CONVERT}"),
    "latin-1": (b"caf\xe9 au lait\n", f"is not UTF-8 text. {CONVERT}"),
    "text": (b"just some words\n", f"is text, but neither JSON Lines nor CSV with a header. {CONVERT}"),
    "HTML": (b"<html></html>", f"looks like HTML or XML, not a log. {CONVERT}"),
    "UTF-16": (
        json.dumps(exposure()).encode("utf-16"),
        "is UTF-16 text. Save it as UTF-8.",
    ),
    "UTF-16, big end first": (
        b"\xfe\xff" + json.dumps(exposure()).encode("utf-16-be"),
        "is UTF-16 text. Save it as UTF-8.",
    ),
    "JSON array": (
        json.dumps([exposure(), exposure(1)], indent=1).encode(),
        "looks like one JSON array, not JSON Lines. Write one object a line (jq -c '.[]').",
    ),
    "JSON array on one line": (
        json.dumps([exposure(), exposure(1)]).encode(),
        "looks like one JSON array, not JSON Lines. Write one object a line (jq -c '.[]').",
    ),
    "broken JSON": (
        b'{"request_id": "a", "user_id"\n',
        "looks like broken JSON, or one document over several lines. Write one object a line (jq -c .).",
    ),
    "records over several lines": (
        (json.dumps(exposure(), indent=2) + "\n" + json.dumps(exposure(1), indent=2)).encode(),
        "looks like broken JSON, or one document over several lines. Write one object a line (jq -c .).",
    ),
    "other records": (
        b'{"name": "x", "mail": "anna.b@example.org"}\n' * 3,
        "holds JSON, but its records are none of exposure.v1, outcome.v1 and assignment.v1 "
        "(keys found: mail, name). Check which file was exported, or map its keys to fields.",
    ),
    "hostile keys": (
        b'{"anna.b@example.org": 1}\n',
        "holds JSON, but its records are none of exposure.v1, outcome.v1 and assignment.v1 "
        "(keys found: [e-mail]). Check which file was exported, or map its keys to fields.",
    ),
    "decision": (
        json.dumps({"decision": "ship", "reason": "", "control_variant": "a"}, indent=1).encode(),
        "looks like a decision of recsys-eval (decision.v1), not one of the three logs. "
        "Give the logs it was made from.",
    ),
    "review": (
        json.dumps({"kpis": [], "guardrails": [], "made_at": "x"}).encode(),
        "looks like a review made by this product, not one of the three logs. "
        "Give the logs it was made from.",
    ),
    "settings of a scenario": (
        json.dumps({"margin": 0.3, "horizon": 12}, indent=1).encode(),
        "is one JSON document (keys found: horizon, margin), not one of the three logs.",
    ),
    "one record over several lines": (
        json.dumps(exposure(), indent=1).encode(),
        "looks like broken JSON, or one document over several lines. Write one object a line (jq -c .).",
    ),
    "bzip2": (b"BZh91AY&SY", "is compressed with bzip2, which is not read. Unpack it first (bunzip2)."),
    "xz": (b"\xfd7zXZ\x00\x00", "is compressed with xz, which is not read. Unpack it first (unxz)."),
    "zip": (
        b"PK\x03\x04\x14\x00",
        "is a zip archive or an Office document, which is not read. Unpack it and give the logs in it.",
    ),
    "SQLite": (b"SQLite format 3\x00", f"is an SQLite database, not a log. {CONVERT}"),
    "PDF": (b"%PDF-1.7", "is a PDF document, not a log."),
    "gz in gz": (
        gzip.compress(gzip.compress(json.dumps(exposure()).encode())),
        "holds another archive inside the .gz. Unpack it and give the logs in it.",
    ),
    "tar in gz": (
        gzip.compress(b"log.jsonl".ljust(257, b"\0") + b"ustar\x0000" + bytes(300)),
        "holds another archive inside the .gz. Unpack it and give the logs in it.",
    ),
    "truncated gz": (
        gzip.compress(b"".join(line_of(EXPOSURE, n) + b"\n" for n in range(9)))[:60],
        "the .gz ends early or is damaged, so nothing of it was kept. Fetch the file again.",
    ),
    "damaged gz": (
        b"\x1f\x8b\x08\x00 this is not deflate",
        "the .gz ends early or is damaged, so nothing of it was kept. Fetch the file again.",
    ),
    "only the magic of gz": (
        b"\x1f\x8b",
        "the .gz ends early or is damaged, so nothing of it was kept. Fetch the file again.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_log_is_refused_with_a_sentence(sentence, case):
    data, expected = REFUSED[case]
    assert sentence(data) == expected


def test_the_known_truth_of_the_demo_is_passed_over_beside_its_logs(tmp_path):
    write_demo(tmp_path, requests=1000, seed=1, lift=0.05)
    found = logs_in(tmp_path)
    assert [path.name for path in found.files] == ["assignments.jsonl", "exposures.jsonl", "outcomes.jsonl"]
    assert [(entry.file, entry.reason) for entry in found.passed_over] == [
        (
            "truth.json",
            "is the demo's known truth, which results can be checked against, not one of the three logs.",
        )
    ]


@pytest.mark.parametrize("case", ["empty", "binary", "UTF-16", "gz in gz", "truncated gz"])
def test_a_given_kind_does_not_force_what_cannot_be_read(sentence, case):
    data, expected = REFUSED[case]
    assert sentence(data, kind=EXPOSURE) == expected


def test_a_file_of_another_kind_is_said_once(sentence):
    data = b"".join(line_of(OUTCOME, n) + b"\n" for n in range(100))
    assert sentence(data, kind=EXPOSURE) == (
        "holds outcome.v1 records (what the user did), not exposure.v1. Give it as outcome.v1."
    )
    assert sentence(line_of(ASSIGNMENT), kind=OUTCOME) == (
        "holds assignment.v1 records (who was in which arm), not outcome.v1. Give it as assignment.v1."
    )


def test_a_given_kind_decides_where_the_records_do_not(write):
    path = write("a.jsonl", [b'{"request_id": "r"}', b"broken"])
    assert recognise(path, "a.jsonl", OUTCOME).kind == OUTCOME
