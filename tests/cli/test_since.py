"""`review --since`: what has changed since a saved review, against figures counted apart."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.real_logs import OPEN_BANDIT, logs

ARMS = ("--control", "random", "--candidate", "bts")


@pytest.fixture
def two_days(run, tmp_path):
    """A pilot with the exposures and assignments of the first days; the later exposures as a file to add."""
    exposures, outcomes, assignments = logs(OPEN_BANDIT)
    with gzip.open(exposures, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    lines.sort(key=lambda line: json.loads(line)["ts"])
    cut = len(lines) * 3 // 4
    first, rest = tmp_path / "first.jsonl", tmp_path / "rest.jsonl"
    first.write_text("".join(lines[:cut]), encoding="utf-8")
    rest.write_text("".join(lines[cut:]) + "{broken\n", encoding="utf-8")
    run("ingest", "--pilot", "p", first, outcomes, assignments)
    return first, rest, cut, len(lines)


def changed(out):
    head, _, _ = out.partition("\n\n")
    title, *lines = head.splitlines()
    assert title.startswith("CHANGED SINCE 2026-11-2")
    return [line.removeprefix("- ") for line in lines]


def test_what_new_files_changed_is_said_first(run, two_days, tmp_path):
    _, rest, cut, whole = two_days
    saved = tmp_path / "last.json"
    assert run("export", "--pilot", "p", *ARMS, "--made-at", "2026-11-24T09:00:00Z", "--to", saved)[0] == 0
    run("ingest", "--pilot", "p", rest)
    status, out, _ = run("review", "--pilot", "p", *ARMS, "--since", saved)
    assert status == 0
    lines = changed(out)
    assert f"New: rest.jsonl, with {whole - cut + 1:,} lines." in lines
    other = 80 + 20_000
    assert f"Lines: {cut + other:,}, 0 rejected -> {whole + other + 1:,}, 1 rejected" in lines
    assert any(line.startswith("Users: ") and " -> " in line for line in lines)
    assert any(line.startswith("Lift in ") and " -> " in line for line in lines)
    assert "The decision is the same (HOLD), for another reason." in lines
    assert not any("ettings differ" in line for line in lines)


def test_the_same_files_and_other_settings_are_said(run, two_days, tmp_path):
    saved = tmp_path / "last.json"
    run("export", "--pilot", "p", *ARMS, "--made-at", "2026-11-24T09:00:00Z", "--to", saved)
    _, out, _ = run("review", "--pilot", "p", *ARMS, "--set", "margin=0.3", "--since", saved)
    assert "The files are the same." in changed(out)
    assert "The decision is the same: HOLD." in changed(out)
    assert any(line.startswith("Settings differ: ") for line in changed(out))


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        (b"{}", (), "last.json: is no saved review"),
        (b"no", (), "last.json: is not JSON, so it is no saved review."),
        (b"{}", ("--format", "json"), "--since is for text"),
        (None, (), "last.json: No such file or directory."),
    ],
)
def test_what_is_no_saved_review(run, tmp_path, content, more, said):
    if content is not None:
        (tmp_path / "last.json").write_bytes(content)
    status, out, err = run("review", "--since", tmp_path / "last.json", *more)
    assert (status, out) == (1, "")
    assert said in err
    assert err.count("\n") == 1
