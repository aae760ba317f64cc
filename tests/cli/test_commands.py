"""Exit statuses and sentences: 0 done, 1 something in the input is wrong, 2 wrong usage."""

from __future__ import annotations

import csv
import errno
import gzip
import json
import socket

import pytest

from tests.real_logs import OPEN_BANDIT, logs

ARMS = ("--control", "random", "--candidate", "bts")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--kpi", "revenue"), "Unknown KPI 'revenue'. Known: revenue_per_"),
        (("--experiment", "x"), "Unknown experiment 'x'. Known: obd-all."),
        (("--control", "a"), "Unknown control variant 'a'. Known: bts, random."),
        (("--candidate", "a"), "Unknown candidate variant 'a'. Known: bts, random."),
        (("--surface", "home"), "Unknown surface 'home'. Known: none."),
        (("--set", "margin=2"), "Setting margin must be a number between 0 and 1; 2 was given."),
        (("--set", "margn=2"), "Unknown setting 'margn'. Known: margin"),
        (("--set", "margin"), "A setting is written name=value"),
        (("--control", "bts", "--candidate", "bts"), "Control and candidate are the same variant (bts)."),
    ],
)
def test_an_unknown_name_or_setting_is_said_and_never_replaced(run, arguments, said):
    status, out, err = run("review", *logs(OPEN_BANDIT), *arguments, "--format", "json")
    assert (status, out) == (1, "")
    assert err.startswith(f"recsys-roi: {said}")
    assert err.count("\n") == 1


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.jsonl", b"", "empty.jsonl: is empty"),
        ("blank.jsonl", b"\n\n", "blank.jsonl: is empty: it has only blank lines"),
        ("picture.jsonl", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "picture.jsonl: is a binary file"),
        ("notes.txt", b"hello\nthere\n", "notes.txt: is text, but neither JSON Lines nor CSV"),
        (
            "broken.jsonl.gz",
            gzip.compress(b"{}\n" * 9)[:-6],
            "broken.jsonl.gz: the .gz ends early or is damaged",
        ),
        ("wrong.jsonl", b'{"decision":"ship","control_variant":"a"}\n', "wrong.jsonl: looks like a decision"),
    ],
)
@pytest.mark.parametrize("command", [("review",), ("validate",), ("ingest", "--pilot", "p")])
def test_a_file_that_is_no_log(run, tmp_path, command, name, content, said):
    status, out, err = run(*command, write(tmp_path, name, content))
    assert (status, out) == (1, "")
    assert err.startswith(f"recsys-roi: {said}")
    assert "Traceback" not in err


def test_a_directory_is_read_for_its_logs_and_one_without_is_an_error(run, tmp_path):
    status, out, _ = run("review", OPEN_BANDIT, *ARMS)
    assert status == 0
    assert "obd-all" in out
    empty = tmp_path / "nothing"
    empty.mkdir()
    status, _, err = run("review", empty)
    assert status == 1
    assert "nothing: holds no log (it holds no file at all)" in err


def test_a_file_of_another_kind_is_said_once(run):
    status, _, err = run("validate", "--contract", "exposure.v1", logs(OPEN_BANDIT)[1])
    assert status == 1
    assert "holds outcome.v1 records (what the user did), not exposure.v1. Give it as outcome.v1." in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [(), ("review", "--format", "xml"), ("ingest", "x.jsonl"), ("review", "--made-at", "today")]
)
def test_wrong_usage_is_exit_2(run, arguments):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("usage: recsys-roi")


BAD = (
    b'{"request_id":"r1","user_id":"u1","ts":"2026-10-05T00:00:00Z","items":[{"item_id":"i","rank":1}]}\n'
    b'{"request_id":"","user_id":"u1","ts":"yesterday","items":[{"item_id":"i","rank":0}]}\n'
)


def test_validate_is_a_linter(run, tmp_path):
    rejects = tmp_path / "rejects.csv"
    status, out, err = run(
        "validate", write(tmp_path, "e.jsonl", BAD), "--rejects", rejects, "--format", "json"
    )
    assert (status, err) == (1, "")
    (found,) = json.loads(out)["files"]
    assert (found["lines"], found["accepted"], found["rejected"]) == (2, 1, 1)
    expected = [
        ("2", "request_id", "null_or_empty"),
        ("2", "ts", "bad_timestamp"),
        ("2", "items[0].rank", "out_of_range"),
    ]
    with rejects.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["field"], row["reason"]) for row in rows] == expected
    assert [(str(r["line"]), r["field"], r["reason"]) for r in found["rejects"]] == expected


def test_ingest_says_when_the_rejects_pass_the_limit_and_keeps_the_file(run, tmp_path):
    status, out, err = run("ingest", "--pilot", "p", write(tmp_path, "e.jsonl", BAD))
    assert status == 1
    assert "2 lines, 1 accepted, 1 rejected" in out
    assert "1 of 2 lines were rejected, more than the limit of 1 %" in err
    status, _, err = run("review", "--pilot", "p")
    assert status == 1
    assert "There are no assignments in these logs" in err


def test_a_pilot_that_is_not_there(run):
    status, _, err = run("review", "--pilot", "nowhere")
    assert status == 1
    assert err == "recsys-roi: Unknown pilot 'nowhere'. Known: none.\n"


def test_pilot_and_files_do_not_go_together(run):
    assert run("review", "--pilot", "p", *logs(OPEN_BANDIT))[0] == 2


def test_without_input_the_review_is_a_plan(run):
    status, out, _ = run("review", "--format", "json", "--set", "value_per_action=18")
    review = json.loads(out)
    assert status == 0
    assert (review["kpis"], review["experiment"], review["decision"]["decision"]) == ([], None, None)
    assert review["roi"]["basis"] == "assumed"
    status, out, _ = run("review")
    assert status == 0
    assert "every figure is assumed, not measured" in out


def test_export_writes_what_review_prints(run, tmp_path):
    fixed = ("--made-at", "2026-11-24T09:00:00Z")
    _, printed, _ = run("review", *logs(OPEN_BANDIT), *ARMS, *fixed, "--format", "json")
    target = tmp_path / "review.json"
    status, out, _ = run("export", *logs(OPEN_BANDIT), *ARMS, *fixed, "--to", target)
    assert (status, out) == (0, f"Wrote {target}.\n")
    assert target.read_text(encoding="utf-8") == printed
    note = tmp_path / "note.md"
    assert run("export", *logs(OPEN_BANDIT), *ARMS, *fixed, "--to", note)[0] == 0
    text = note.read_text(encoding="utf-8")
    assert text.startswith("# HOLD")
    assert "0.420 %" in text
    status, _, err = run("export", *logs(OPEN_BANDIT), *ARMS, "--to", tmp_path / "review.docx")
    assert status == 1
    assert "cannot be written in this format" in err


def test_check_fails_when_integrity_fails(run, tmp_path):
    run("ingest", "--pilot", "good", *logs(OPEN_BANDIT))
    status, out, _ = run("check", "--pilot", "good")
    assert status == 0
    assert "Passed: Split of users as planned" in out
    # Half of the candidate's assignments are lost on the way.
    with gzip.open(OPEN_BANDIT / "assignments.jsonl.gz", "rt", encoding="utf-8") as file:
        kept = [line for number, line in enumerate(file) if '"random"' in line or number % 2]
    lost = write(tmp_path, "assignments.jsonl", "".join(kept).encode())
    exposures, outcomes, _ = logs(OPEN_BANDIT)
    run("ingest", "--pilot", "bad", exposures, outcomes, lost)
    status, out, _ = run("check", "--pilot", "bad")
    assert status == 1
    assert out.startswith("Failed: Split of users as planned")


def test_a_port_that_is_taken_is_said(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        status, _, err = run("app", "--port", taken.getsockname()[1])
    assert status == 1
    assert "is taken" in err


@pytest.mark.parametrize("port", ["0", "99999", "-1", "http"])
def test_a_port_that_is_none_is_wrong_usage(run, port):
    status, _, err = run("app", f"--port={port}")
    assert status == 2
    assert "must be a whole number from 1 to 65535" in err


def test_an_address_of_another_machine_is_no_taken_port(run, monkeypatch):
    monkeypatch.setenv("RECSYS_ROI_AUTH", "proxy")
    monkeypatch.setenv("RECSYS_ROI_PROXY_HEADER", "X-Remote-User")
    monkeypatch.setenv("RECSYS_ROI_PROXY_SECRET", "x" * 32)
    status, _, err = run("app", "--address", "192.0.2.1")  # RFC 5737: nobody's
    assert status == 1
    assert "192.0.2.1 is no address of this machine" in err


@pytest.mark.parametrize("given", ["yesterday", "2026-11-24", "2026-11-24T09:00:00"])
def test_a_moment_without_its_offset_is_wrong_usage_in_words(run, given):
    status, _, err = run("review", "--made-at", given)
    assert status == 2
    assert "--made-at: must be a time with its offset, such as 2026-11-24T09:00:00Z" in err


NESTED = b"[" * 100_000


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("evidence", OPEN_BANDIT, "--to", "out", "--views"), "nested too deep"),
        (("plan", "--pilot", "p", "--who", "Anna", "--open"), "is no locked plan"),
        (("review", "--scenario"), "nested too deep"),
        (("review", "--since"), "is no saved review"),
    ],
)
def test_a_document_that_is_nested_without_end_is_a_sentence(run, tmp_path, command, said):
    status, _, err = run(*command, write(tmp_path, "deep.json", NESTED))
    assert status == 1
    assert said in err


def test_a_setting_that_is_nested_without_end_is_a_sentence(run):
    status, _, err = run("review", "--set", f"slice_keys={NESTED.decode()}")
    assert status == 1
    assert "Setting slice_keys must be a list of different names" in err


def test_what_has_no_member_and_no_days_is_said(run):
    assert run("members", "--pilot", "home")[:2] == (
        0,
        "home has no members. Add its owner with --add PERSON --role owner.\n",
    )
    assert run("retain")[:2] == (0, "Nothing was deleted: days are set for no pilot.\n")


def test_an_evidence_folder_has_no_lines_to_validate(run, tmp_path):
    folder = tmp_path / "counted"
    assert run("evidence", *logs(OPEN_BANDIT), "--to", folder)[0] == 0
    status, out, err = run("validate", folder)
    assert (status, out) == (1, "")
    assert "is an evidence folder, which holds counts and no lines" in err


def test_rejected_lines_that_cannot_be_written_leave_what_stood_there(run, tmp_path, monkeypatch):
    target = write(tmp_path, "rejects.csv", b"before")
    log = write(tmp_path, "bad.jsonl", b'{"request_id": "r"}\n' * 3)

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("recsys_roi.whole_file.os.fsync", full)
    status, _, err = run("validate", log, "--contract", "exposure.v1", "--rejects", target)
    assert status == 1
    assert "rejects.csv: the rejected lines could not be written: no room is left" in err
    assert target.read_bytes() == b"before"


def test_a_hostile_file_name_cannot_write_to_the_terminal(run, tmp_path):
    status, _, err = run("review", write(tmp_path, "a\x1b[31m\nb.jsonl", b""))
    assert status == 1
    assert "\x1b" not in err
    assert err.count("\n") == 1
