"""`validate --format github`: errors beside the lines of a pull request, and a clear exit status."""

import json
import re

import pytest

from recsys_roi.render.github import ANNOTATED, command

# As the documentation of GitHub Actions has it: ::error file={name},line={line}::{message}
COMMAND = re.compile(r"::(error|notice) file=([^:,\r\n]+)(?:,line=([0-9]+))?::([^\r\n]+)")
UNESCAPE = (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
GOOD = {"request_id": "r", "user_id": "u", "ts": "2026-10-05T00:00:00Z", "items": []}


def read(line):
    level, file, number, message = COMMAND.fullmatch(line).groups()
    for written, letter in UNESCAPE:
        file, message = file.replace(written, letter), message.replace(written, letter)
    return level, file, number and int(number), message


def write(folder, name, *records):
    path = folder / name
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_clean_file_is_exit_0_and_one_notice(run, tmp_path):
    path = write(tmp_path, "exposures.jsonl", GOOD, {**GOOD, "request_id": "s"})
    status, out, err = run("validate", "--format", "github", path)
    assert (status, err) == (0, "")
    assert [read(line) for line in out.splitlines()] == [
        ("notice", str(path), None, "exposure.v1: 2 of 2 lines accepted, 0 rejected.")
    ]


def test_every_error_names_its_file_and_line(run, tmp_path):
    path = write(
        tmp_path, "exposures.jsonl", GOOD, {**GOOD, "ts": "yesterday", "colour": "red"}, GOOD, "{broken"
    )
    status, out, _ = run("validate", "--format", "github", path)
    assert status == 1
    found = [read(line) for line in out.splitlines()]
    assert {file for _, file, _, _ in found} == {str(path)}
    errors = [(level, line, message) for level, _, line, message in found if line]
    assert [(level, line) for level, line, _ in errors] == [("error", 2), ("error", 2), ("error", 4)]
    assert errors[0][2] == "ts: not an RFC 3339 date-time with an offset or Z (found 'yesterday')"
    assert errors[1][2] == "colour: the contract has no such key (found 'red')"
    assert found[-1][0] == "error"
    assert found[-1][3].startswith("exposure.v1: 2 of 4 lines accepted, 2 rejected.")


def test_a_file_of_errors_is_counted_but_not_told_line_by_line(run, tmp_path):
    path = write(tmp_path, "exposures.jsonl", *[{**GOOD, "ts": "x"}] * 500)
    _, out, _ = run("validate", "--format", "github", path)
    assert len(out.splitlines()) == ANNOTATED + 1
    assert "0 of 500 lines accepted, 500 rejected" in out


def test_a_file_that_cannot_be_read_keeps_no_other_from_being_looked_at(run, tmp_path):
    empty, good = write(tmp_path, "a.jsonl"), write(tmp_path, "b.jsonl", GOOD)
    status, out, _ = run("validate", "--format", "github", empty, good)
    assert status == 1
    found = [read(line) for line in out.splitlines()]
    assert [(level, file) for level, file, _, _ in found] == [("error", str(empty)), ("notice", str(good))]


@pytest.mark.parametrize(
    "name", ["a,line=9::b.jsonl", "100%.jsonl", "new\nline.jsonl", "::set-output name=x::y.jsonl"]
)
def test_a_file_name_cannot_write_a_command(run, tmp_path, name):
    path = write(tmp_path, name, {**GOOD, "ts": "\n::error file=other::owned %0A"})
    status, out, _ = run("validate", "--format", "github", path)
    assert status == 1
    found = [read(line) for line in out.splitlines()]
    assert [(level, file, line) for level, file, line, _ in found] == [
        ("error", str(path), 1),
        ("error", str(path), None),
    ]
    assert "owned %0A" in found[0][3]


def test_a_terminal_cannot_be_written_to():
    assert "\x1b" not in command("error", "a\x1b[31m", file="b\x1b[31m")
