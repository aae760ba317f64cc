"""Logs under other names: `--map field=column`, on every command that reads files."""

from __future__ import annotations

import csv
import gzip
import json

import pytest

from tests.real_logs import OPEN_BANDIT, logs

ARMS = ("--control", "random", "--candidate", "bts")
FIXED = ("--made-at", "2026-11-24T09:00:00Z")
NAMES = {
    "request_id": "impression",
    "user_id": "visitor",
    "ts": "time",
    "event_type": "what",
    "variant": "arm",
}
CLICK_COLUMNS, CLICK = "request_id,user_id,item_id,event_type", "r,u,i,click,2026-10-05T00:00:00Z"
MAPPED = [part for field, column in NAMES.items() for part in ("--map", f"{field}={column}")]


def records(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def renamed(record):
    return {NAMES.get(name, name): value for name, value in record.items()}


@pytest.fixture
def other_names(tmp_path):
    """The real logs as a shop might export them: exposures as JSON Lines, the others as CSV."""
    folder = tmp_path / "export"
    folder.mkdir()
    exposures, outcomes, assignments = logs(OPEN_BANDIT)
    with (folder / "exposures.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(renamed(record)) + "\n" for record in records(exposures))
    for name, path in (("outcomes", outcomes), ("assignments", assignments)):
        rows = [{**renamed(record), "shop": "7"} for record in records(path)]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*dict.fromkeys(key for row in rows for key in row)])
            writer.writeheader()
            writer.writerows(rows)
    return folder


def without_files(text):
    review = json.loads(text)
    review["inputs"].pop("files")
    return review


def test_logs_under_other_names_give_the_review_of_the_logs(run, other_names):
    _, plain, _ = run("review", *logs(OPEN_BANDIT), *ARMS, *FIXED, "--format", "json")
    status, out, err = run("review", other_names, *MAPPED, *ARMS, *FIXED, "--format", "json")
    assert (status, err) == (0, "")
    assert without_files(out) == without_files(plain)


def test_a_mapping_goes_to_the_files_it_fits(run, other_names):
    status, out, _ = run("ingest", "--pilot", "p", *sorted(other_names.iterdir()), *MAPPED)
    assert status == 0
    assert [line.split(", ")[0] for line in out.splitlines()] == [
        "assignments.csv: assignment.v1",
        "exposures.jsonl: exposure.v1",
        "outcomes.csv: outcome.v1",
    ]
    assert ", 0 rejected" in out.splitlines()[2]


def test_validate_says_what_no_field_holds(run, other_names):
    status, out, _ = run("validate", other_names / "outcomes.csv", *MAPPED[:-2])
    assert status == 0
    assert "80 lines, 80 accepted, 0 rejected" in out
    assert "left out: shop" in out


def test_without_the_mapping_nothing_is_kept_and_the_columns_are_said(run, other_names):
    status, out, err = run("ingest", "--pilot", "p", other_names / "assignments.csv")
    assert (status, out) == (1, "")
    assert "looks like assignment.v1, but has no column for variant" in err
    assert "arm" in err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--map", "colour=farbe"), "Unknown field in --map 'colour'. Known: request_id, user_id, ts"),
        (("--map", "context.=farbe"), "Unknown field in --map 'context.'"),
        (("--map", "ts"), "--map takes field=column; 'ts' was given."),
        (("--map", "ts="), "--map takes field=column; 'ts=' was given."),
        (("--map", "=time"), "--map takes field=column; '=time' was given."),
        (("--map", "ts=time", "--map", "ts=day"), "--map names ts twice ('time' and 'day')."),
        (
            ("--map", "ts=day"),
            "--map ts=day fits none of the files: none that can have ts has a column 'day' (outcomes.csv).",
        ),
        (
            ("--map", "ts=tss"),
            "--map ts=tss fits none of the files: none that can have ts has a column 'tss' (outcomes.csv). "
            "Nearest: ts.",
        ),
        (("--map", "latency_ms=ms"), "--map latency_ms=ms fits none of the files"),
    ],
)
@pytest.mark.parametrize("command", [("validate",), ("review",), ("ingest", "--pilot", "p")])
def test_a_mapping_that_cannot_be_is_said(run, tmp_path, command, given, said):
    path = tmp_path / "outcomes.csv"
    path.write_text(f"{CLICK_COLUMNS},ts\n{CLICK}\n", encoding="utf-8")
    status, out, err = run(*command, path, *given)
    assert (status, out) == (1, "")
    assert err.startswith(f"recsys-roi: {said}")
    assert err.count("\n") == 1


def json_lines(folder, name, **more):
    record = {"request_id": "r", "user_id": "u", "item_id": "i", "event_type": "click"}
    path = folder / name
    path.write_text(json.dumps(record | more) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        (("validate",), ""),
        (("review",), ""),
        (("evidence", "--to", "counted"), ""),
        (
            ("ingest", "--pilot", "p"),
            " The files are in the pilot p all the same: take them out on the page Logs, or delete the "
            "pilot, and add them again with the right key.",
        ),
    ],
)
def test_a_key_that_no_line_has_is_said(run, tmp_path, monkeypatch, command, kept):
    monkeypatch.chdir(tmp_path)
    first = json_lines(tmp_path, "a.jsonl", ts="2026-10-05T00:00:00Z", Value_EUR=2)
    second = json_lines(tmp_path, "b.jsonl", ts="2026-10-06T00:00:00Z", Value_EUR=2)
    status, _, err = run(*command, first, second, "--map", "value=value_eu")
    assert status == 1
    assert err == (
        "recsys-roi: --map value=value_eu fits none of the files: no line has a key 'value_eu' "
        f"(a.jsonl, b.jsonl). Nearest: Value_EUR.{kept}\n"
    )
    assert not (tmp_path / "counted").exists()


def test_a_key_that_some_files_have_is_said_of_the_others(run, tmp_path):
    first = json_lines(tmp_path, "a.jsonl", ts="2026-10-05T00:00:00Z", worth=2)
    second = json_lines(tmp_path, "b.jsonl", ts="2026-10-06T00:00:00Z")
    named = ("--map", "value=worth", "--map", "ts=time")
    status, out, err = run("validate", first, second, *named[:2])
    assert (status, err) == (0, "")
    assert out.count("No line has the key 'worth', which value should be read from.") == 1
    status, out, err = run("ingest", "--pilot", "p", first, second, *named)
    assert out.splitlines() == [
        "a.jsonl: outcome.v1, 1 line, 1 accepted, 0 rejected, no line with 'time' for ts",
        "b.jsonl: outcome.v1, 1 line, 1 accepted, 0 rejected, no line with 'worth' for value, "
        "no line with 'time' for ts",
    ]
    assert status == 1
    assert "--map ts=time fits none of the files: no line has a key 'time' (a.jsonl, b.jsonl)." in err
    assert "worth" not in err


def test_a_key_far_down_or_of_an_item_is_found(run, tmp_path):
    path = tmp_path / "exposures.jsonl"
    item = {"item_id": "i", "rank": 1}
    lines = [
        {"request_id": f"r{n}", "user_id": "u", "ts": "2026-10-05T00:00:00Z", "items": [item]}
        for n in range(200)
    ]
    lines[-1] = lines[-1] | {"site": "shop", "items": [{"product": "i", "rank": 1}]}
    path.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    status, _, err = run("validate", path, "--map", "item_id=product", "--map", "context.surface=site")
    assert (status, err) == (0, "")
    status, _, err = run("validate", path, "--map", "item_id=site", "--map", "context.surface=product")
    assert status == 1
    assert "no line has a key 'site'" in err
    assert "no line has a key 'product'" in err


def test_a_column_name_with_an_equals_sign(run, tmp_path):
    path = tmp_path / "outcomes.csv"
    path.write_text(f"{CLICK_COLUMNS},a=b\n{CLICK}\n", encoding="utf-8")
    status, out, _ = run("validate", path, "--map", "ts=a=b")
    assert status == 0
    assert "1 line, 1 accepted, 0 rejected" in out


def test_the_kind_is_given_where_the_columns_do_not_say_it(run, tmp_path):
    path = tmp_path / "some.csv"
    path.write_text("a,b,c,d\nr,u,2026-10-05T00:00:00Z,[]\ns,u,2026-10-05T00:00:00Z,[]\n", encoding="utf-8")
    status, _, err = run("ingest", "--pilot", "p", path)
    assert status == 1
    assert "its columns do not say which of the three logs it is (a, b, c, d)" in err
    named = ("--map", "request_id=a", "--map", "user_id=b", "--map", "ts=c", "--map", "items=d")
    status, out, _ = run("ingest", "--pilot", "p", path, "--contract", "exposure.v1", *named)
    assert (status, out) == (0, "some.csv: exposure.v1, 2 lines, 2 accepted, 0 rejected\n")


@pytest.mark.parametrize("given", [("--map", "ts=time"), ("--contract", "outcome.v1")])
def test_a_pilot_has_read_its_files_already(run, given):
    run("ingest", "--pilot", "p", *logs(OPEN_BANDIT))
    status, _, err = run("review", "--pilot", "p", *given)
    assert status == 1
    assert "--map and --contract are for FILE" in err
