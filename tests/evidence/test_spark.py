"""The evidence of both engines is equal: every table of counts, every rejected line, the whole review."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recsys_roi.cli import main
from recsys_roi.demo import write_demo
from recsys_roi.errors import InputError, LogError, NotCountedError
from recsys_roi.evidence import privacy_scan
from recsys_roi.evidence.counting import TABLES, counts_of
from recsys_roi.evidence.folder import is_evidence, keep_evidence, open_evidence
from recsys_roi.evidence.spark.counting import write_evidence
from recsys_roi.evidence.spark.inputs import find_inputs
from recsys_roi.evidence.spark.logs import check_logs
from recsys_roi.evidence.spark.place import Place
from recsys_roi.evidence.spark.session import own_session
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.contracts import EVENT_TYPES
from recsys_roi.logs.manifest import read_manifest
from recsys_roi.logs.pilot import pilot_folder
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario
from tests.evidence.conftest import SETTINGS
from tests.logs import shapes
from tests.real_logs import OPEN_BANDIT, logs

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
DEMO, BANDIT, BAD = "demo with every event type and many faults", "Open Bandit", "bad lines of all sorts"
SERVICE, TABLES_OF = "the service's own log, packed, CSV and other names", "tables with an item a row"
SCENARIOS = {
    DEMO: {"slice_keys": ("device", "segment"), "kpi": "ctr"},
    BANDIT: {"control": "random", "candidate": "bts", "kpi": "ctr", "slice_keys": ("day",)},
    BAD: {},
    SERVICE: {"slice_keys": ("device",)},
    TABLES_OF: {"slice_keys": ("device",)},
}
MAPPINGS = {
    SERVICE: {"event_type": "what", "variant": "arm"},
    TABLES_OF: {"rank": "place", "item_id": "product", "request_id": "list"},
}


def demo(folder):
    faults = ("schema_drift", "duplicate_requests", "two_arm_users", "personal_data", "low_join")
    write_demo(folder, requests=2500, seed=11, lift=0.05, faults=faults, pre_days=5)
    return [folder / f"{name}.jsonl" for name in ("exposures", "outcomes", "assignments")]


def bad_lines(folder):
    """Exposures with spoilt lines between good ones, outcomes as Parquet, packed assignments."""
    whole = folder / "whole"
    write_demo(whole, requests=1500, seed=3, lift=0.05)
    lines = (whole / "exposures.jsonl").read_bytes().splitlines()
    spoilt = [
        b"",
        b"\xff\xfe not text",
        b"[1, 2]",
        lines[7].replace(b'"rank":1', b'"rank":0'),
        lines[8].replace(b'"user_id"', b'"user_id":"twice","user_id"'),
        lines[9] + b"\r",  # a line that ends as on Windows is good
        lines[10][:-3],
        b'{"request_id":"x","colour":"red","items":[{"item_id":"","rank":1.5}]}',
    ]
    for number, line in enumerate(spoilt):
        lines.insert(50 + 180 * number, line)
    exposures = folder / "exposures 50%, [part] 1.jsonl"
    exposures.write_bytes(b"\xef\xbb\xbf" + b"\n".join(lines))  # no line feed at the end
    rows = [json.loads(line) for line in (whole / "outcomes.jsonl").read_bytes().splitlines()]
    for number in (3, 40, 41):
        rows[number]["user_id"] = ""
    rows[90]["event_type"] = "glance"
    times = pa.array([datetime.fromisoformat(row["ts"]) for row in rows], pa.timestamp("us", tz="UTC"))
    names = ("request_id", "user_id", "item_id", "event_type", "value")
    table = pa.table({name: [row.get(name) for row in rows] for name in names} | {"ts": times})
    pq.write_table(table, folder / "outcomes.parquet", row_group_size=100)
    packed = folder / "assignments.jsonl.gz"
    packed.write_bytes(gzip.compress((whole / "assignments.jsonl").read_bytes() + b"{}\n"))
    return [exposures, folder / "outcomes.parquet", packed]


def whole_demo(folder):
    """Records of a small demo, by log."""
    write_demo(folder / "whole", requests=1200, seed=5, lift=0.05)
    return {
        name: [json.loads(line) for line in (folder / "whole" / f"{name}.jsonl").read_bytes().splitlines()]
        for name in ("exposures", "outcomes", "assignments")
    }


def renamed(record, names):
    return {names.get(key, key): value for key, value in record.items()}


def of_service(record):
    """An exposure as the recommender service writes it."""
    context = dict(record["context"])
    kept = {key: record[key] for key in ("request_id", "latency_ms", "error") if key in record}
    own = {key: context.pop(key) for key in ("tenant_id", "surface", "segment") if key in context}
    session = context.pop("session_id")
    served = [item | {"score": 0.5} for item in record["items"]]
    return {"schema_version": "v1", "occurred_at": record["ts"], "served": served, **kept, **own} | {
        "context": context,
        "subject": {"user_id_hash": record["user_id"], "session_id": session},
    }


def zst(content):
    made = pa.BufferOutputStream()
    with pa.CompressedOutputStream(made, "zstd") as packed:
        packed.write(content)
    return made.getvalue().to_pybytes()


def service_and_csv(folder):
    """Exposures of the service with bad lines, outcomes as CSV and assignments as JSON under other names."""
    made = whole_demo(folder)
    lines = [json.dumps(of_service(record)).encode() for record in made["exposures"]]
    bad = [
        b"",
        b"{broken",
        lines[3].replace(b'"rank": 1,', b'"rank": 0,'),
        lines[4].replace(b"served", b"serves"),
    ]
    for number, line in enumerate(bad):
        lines.insert(40 + 200 * number, line)
    exposures = folder / "served.jsonl.zst"
    exposures.write_bytes(zst(b"\n".join(lines) + b"\n"))
    rows = [renamed(record, {"event_type": "what"}) | {"channel": "app"} for record in made["outcomes"]]
    rows[7]["what"] = "glance"
    rows[9]["item_id"] = "of two\nlines"
    text = shapes.csv_text(rows, separator=";").split(b"\r\n")
    text.insert(30, b"a;b")
    outcomes = folder / "outcomes.csv"
    outcomes.write_bytes(b"\r\n".join(text))
    arms = [renamed(record, {"variant": "arm"}) for record in made["assignments"]]
    arms[5]["user_id"] = ""
    assignments = folder / "arms.jsonl"
    assignments.write_bytes(shapes.json_lines(arms))
    return [exposures, outcomes, assignments]


def tables_with_an_item_a_row(folder):
    """Exposures as packed CSV and outcomes as Parquet under other names, assignments as CSV under its own."""
    made = whole_demo(folder)
    names = {"rank": "place", "item_id": "product", "request_id": "list"}
    rows = [renamed(row, names) for row in shapes.flat_rows(made["exposures"])]
    rows[12]["place"] = 0
    rows[31]["product"] = ""
    exposures = folder / "exposures.csv.gz"
    exposures.write_bytes(gzip.compress(shapes.csv_text(rows)))
    outcomes = folder / "outcomes.parquet"
    pq.write_table(pa.Table.from_pylist([renamed(row, names) for row in made["outcomes"]]), outcomes)
    assignments = folder / "assignments.csv"
    assignments.write_bytes(shapes.csv_of(made["assignments"]).replace(b"request_id", b"list"))
    return [exposures, outcomes, assignments]


MAKERS = {
    DEMO: demo,
    BANDIT: lambda _: logs(OPEN_BANDIT),
    BAD: bad_lines,
    SERVICE: service_and_csv,
    TABLES_OF: tables_with_an_item_a_row,
}


@pytest.fixture(scope="module", params=MAKERS)
def both(request, tmp_path_factory, spark):
    """What is counted, and the evidence of it by DuckDB and by Spark."""
    folder = tmp_path_factory.mktemp("evidence")
    files = MAKERS[request.param](folder)
    mapping = MAPPINGS.get(request.param, {})
    named = [part for field, column in mapping.items() for part in ("--map", f"{field}={column}")]
    main(["evidence", *map(str, files), *named, "--to", str(folder / "duckdb")])
    given = [literally(file) for file in files]
    write_evidence(spark, given, str(folder / "spark"), mapping=mapping, made_at=NOW)
    return request.param, open_evidence(folder / "duckdb"), open_evidence(folder / "spark")


def literally(path):
    """A path without what Spark would expand."""
    return "".join(f"\\{letter}" if letter in "*?[]{}\\" else letter for letter in str(path))


def rows_of(pilot, table):
    with counts_of(pilot).connect() as connection:
        types = connection.execute(f"DESCRIBE {table}").fetchall()
        return [kind[:2] for kind in types], connection.execute(
            f"SELECT * FROM {table} ORDER BY ALL"
        ).fetchall()


def rounded(found):
    """Numbers that are no counts, so that they can be compared to nine digits."""
    return [
        [pytest.approx(cell, rel=1e-9) if isinstance(cell, float) else cell for cell in row] for row in found
    ]


@pytest.mark.parametrize("table", TABLES)
def test_every_table_of_counts_is_equal(both, table):
    _, duckdb, spark = both
    types, rows = rows_of(duckdb, table)
    spark_types, spark_rows = rows_of(spark, table)
    assert spark_types == types
    assert [list(row) for row in spark_rows] == rounded(rows)
    assert spark.counted.rows[table] == duckdb.counted.rows[table] == len(rows)


def test_every_rejected_line_is_equal(both):
    _, duckdb, spark = both
    assert list(spark.rejects()) == list(duckdb.rejects())
    reasons = {pilot: [entry.rejected for entry in pilot.counted.inputs] for pilot in (duckdb, spark)}
    assert reasons[spark] == reasons[duckdb]


def test_the_review_is_equal_but_for_the_hashes_of_the_inputs(both):
    name, duckdb, spark = both
    scenario = Scenario.of(SCENARIOS[name])
    found = []
    for pilot in (duckdb, spark):
        review = evaluate(evidence_of(pilot, view_of(scenario)), scenario, as_of=NOW).model_dump(mode="json")
        for file in review["inputs"]["files"]:
            del file["hash"]
        found.append(review)
    assert found[1] == approximately(found[0])
    assert found[0]["kpis"]


def approximately(value):
    """The same with every number that is no count taken to nine digits."""
    if isinstance(value, dict):
        return {key: approximately(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(approximately, value))
    return pytest.approx(value, rel=1e-9, nan_ok=True) if isinstance(value, float) else value


def test_the_logs_have_what_they_are_there_for(both):
    name, duckdb, _ = both
    if name == DEMO:
        assert {row[0] for row in rows_of(duckdb, "event_types")[1]} == set(EVENT_TYPES)
        assert rows_of(duckdb, "personal_data")[1]
        assert duckdb.counted.rows["prior_events"] > 100
        assert rows_of(duckdb, "reject_days")[1]
    if name == BAD:
        assert len({reject.reason for reject in duckdb.rejects()}) >= 8
        assert [file.rejected for file in duckdb.files] == [7, 4, 1]
    if name == SERVICE:
        assert [(file.format, file.packing) for file in duckdb.files] == [
            ("service", "zst"),
            ("csv", "none"),
            ("jsonl", "none"),
        ]
        assert [file.rejected for file in duckdb.files] == [4, 2, 1]
        assert duckdb.files[1].notes
    if name == TABLES_OF:
        assert [file.records < file.accepted for file in duckdb.files] == [True, False, False]
        assert duckdb.files[0].rejected > 2


def test_what_is_said_of_the_files_is_equal_but_for_their_hashes(both):
    _, duckdb, spark = both
    for ours, theirs in zip(duckdb.files, spark.files, strict=True):
        notes = tuple(
            note for note in theirs.notes if not note.startswith("Its hash is a sum over its lines")
        )
        bom = tuple(
            note for note in ours.notes if "byte order mark" not in note
        )  # Spark passes it over unseen
        hashes = {"hash": ours.hash, "content_hash": ours.content_hash}
        assert replace(theirs, notes=notes, **hashes) == replace(ours, notes=bom)


def test_nothing_but_the_evidence_is_in_the_folder(both):
    _, _, spark = both
    names = {path.name for path in spark.folder.rglob("*") if path.is_file()}
    assert all(
        name.startswith("part-") or name == "manifest.json" or name.endswith(".jsonl") for name in names
    )
    assert {path.name for path in spark.folder.parent.iterdir() if path.name.startswith(".")} == set()
    counted = read_manifest(spark.folder).counted
    assert (counted.engine, counted.made_at) == ("spark", NOW)
    assert counted.engine_version.startswith("4.")


def test_it_is_kept_as_a_pilot_of_the_app(both, tmp_path):
    _, _, spark = both
    kept = keep_evidence(spark.folder, pilot_folder(tmp_path, "Kept"))
    assert list(kept.rejects()) == list(spark.rejects())
    assert rows_of(kept, "requests") == rows_of(spark, "requests")


def test_declared_views_are_those_of_the_counts(spark, tmp_path):
    given = [str(path) for path in logs(OPEN_BANDIT)]
    settings = {"control": "random", "candidate": "bts", "slice_keys": ("day",)}
    views = [view_of(Scenario.of(settings)), view_of(Scenario.of({**settings, "return_days": 2}))]
    write_evidence(spark, given, str(tmp_path / "views"), made_at=NOW, views=views)
    main(["evidence", *given, "--to", str(tmp_path / "counts")])
    declared, counted = open_evidence(tmp_path / "views"), open_evidence(tmp_path / "counts")
    for view in views:
        found, wanted = (asdict(evidence_of(pilot, view)) for pilot in (declared, counted))
        hashes = {one.pop("fingerprint") for one in (found, wanted)}
        assert len(hashes) == 2  # Spark's are sums over the lines
        for file in (*found["files"], *wanted["files"]):
            del file["hash"]
        assert found == approximately(wanted)
    with pytest.raises(NotCountedError):
        evidence_of(declared, view_of(Scenario.of({**settings, "return_days": 9})))
    assert {path.name for path in (tmp_path / "views").iterdir()} == {"manifest.json", "views"}
    assert declared.counted.engine == "spark"


def test_the_sample_that_is_looked_at_for_personal_data_is_equal(spark, tmp_path, monkeypatch):
    monkeypatch.setattr(privacy_scan, "MOST_SCANNED", 100)
    (tmp_path / "logs").mkdir()
    files = demo(tmp_path / "logs")
    main(["evidence", *map(str, files), "--to", str(tmp_path / "duckdb")])
    write_evidence(spark, list(map(str, files)), str(tmp_path / "spark"), made_at=NOW)
    duckdb, by_spark = (open_evidence(tmp_path / engine) for engine in ("duckdb", "spark"))
    for table in ("personal_data", "personal_data_scan"):
        assert rows_of(by_spark, table) == rows_of(duckdb, table)
    ((looked_at, held),) = rows_of(duckdb, "personal_data_scan")[1]
    assert 100 < looked_at < held // 4


def test_content_that_was_given_twice_counts_once(spark, tmp_path):
    (exposures, outcomes, assignments) = logs(OPEN_BANDIT)
    copy = tmp_path / "again.jsonl"
    copy.write_bytes(gzip.decompress(outcomes.read_bytes()))
    (tmp_path / "notes.txt").write_text("hello\nthere\n", encoding="utf-8")
    given = [str(exposures), str(outcomes), str(tmp_path), str(assignments)]
    session = own_session(spark)
    inputs = find_inputs(session, given)
    checked = check_logs(session, inputs.files, Place(session, str(tmp_path / "passing")))
    assert [file.name for file in checked.files] == [path.name for path in logs(OPEN_BANDIT)]
    assert checked.repeated == ("again.jsonl",)
    assert [entry.file for entry in inputs.passed_over] == ["notes.txt"]
    assert session.table("outcomes").count() == 80


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.jsonl", None, "cannot be read by Spark"),
        ("picture.jsonl", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "picture.jsonl: is a binary file"),
        (
            "table.csv",
            b"request_id,user_id,item_id,event_type\na,b,c,click\na,b,c,click\n",
            "looks like outcome.v1, but has no column for ts",
        ),
        ("packed.jsonl", gzip.compress(b"{}\n"), "is packed as .gz without being called so"),
        ("broken.parquet", b"PAR1 nothing", "broken.parquet: cannot be read by Spark"),
    ],
)
def test_what_cannot_be_counted_is_said(spark, tmp_path, name, content, said):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(LogError, match=said) as refused:
        write_evidence(spark, [str(tmp_path / name)], str(tmp_path / "to"), made_at=NOW)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "to").exists()


def test_a_key_that_no_line_has_is_said_and_nothing_written(spark, tmp_path):
    line = {"request_id": "r", "user_id": "u", "item_id": "i", "event_type": "click"}
    path = tmp_path / "outcomes.jsonl"
    path.write_text(json.dumps(line | {"ts": "2026-10-05T00:00:00Z", "price": 2}) + "\n", encoding="utf-8")
    to = tmp_path / "evidence"
    with pytest.raises(InputError) as refused:
        write_evidence(spark, [str(path)], str(to), mapping={"value": "prices"}, made_at=NOW)
    assert str(refused.value) == (
        "--map value=prices fits none of the files: no line has a key 'prices' (outcomes.jsonl). "
        "Nearest: price."
    )
    assert not to.exists()


def test_a_folder_that_is_there_is_not_written_into(spark, tmp_path):
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "mine").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="exists already"):
        write_evidence(spark, [str(path) for path in logs(OPEN_BANDIT)], str(tmp_path / "to"), made_at=NOW)
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["mine"]
    assert [path.name for path in tmp_path.iterdir()] == ["to"]


def test_a_killed_run_leaves_nothing_that_opens(tmp_path):
    to = tmp_path / "to"
    command = [sys.executable, "-c", "import sys; from recsys_roi.cli import main; sys.exit(main())"]
    command += ["evidence", "--engine", "spark", *map(str, logs(OPEN_BANDIT)), "--to", str(to)]
    settings = " ".join(f"--conf {name}={value}" for name, value in SETTINGS.items())
    environment = os.environ | {"PYSPARK_SUBMIT_ARGS": f"--master local[2] {settings} pyspark-shell"}
    run = subprocess.Popen(
        command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while run.poll() is None and not any(tmp_path.glob(".evidence-*/counts/*/*.parquet/part-*")):
        time.sleep(0.05)
    assert run.poll() is None, "it ended before it could be killed"
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert not to.exists()
    assert not any(is_evidence(path) for path in tmp_path.iterdir())
    assert list(tmp_path.glob(".evidence-*"))  # it was in the middle of it


def test_paths_of_a_local_folder_are_whole(both):
    _, _, spark = both
    assert all(entry.path.startswith("file:") for entry in spark.counted.inputs)
    assert all(Path(entry.path.removeprefix("file:")).is_file() for entry in spark.counted.inputs)
