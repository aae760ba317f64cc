"""Days merged by Spark and by DuckDB, whichever of them read the logs, are all files counted at once."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recsys_roi.cli import main
from recsys_roi.demo import write_demo
from recsys_roi.errors import InputError, PilotError
from recsys_roi.evidence.counting import TABLES, counts_of
from recsys_roi.evidence.folder import open_evidence
from recsys_roi.evidence.kept_rows import ROWS
from recsys_roi.evidence.spark.counting import merge_evidence, write_evidence
from recsys_roi.evidence.view import View
from recsys_roi.logs.hashing import shared_salt

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
KINDS = ("exposures", "outcomes", "assignments")
BAD = b'{"request_id": "x", "colour": "red"}\n{broken\n'


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Two spans of days of a demo: its files; the second has bad lines, and outcomes of none that is good."""
    folder = tmp_path_factory.mktemp("logs")
    write_demo(folder / "whole", requests=1500, seed=9, lift=0.05, faults=("duplicate_requests",), pre_days=2)
    made = [[], []]
    for kind in KINDS:
        lines = sorted(
            (folder / "whole" / f"{kind}.jsonl").read_bytes().splitlines(keepends=True), key=moment
        )
        half = len(lines) // 2
        for number, some in enumerate((lines[:half], lines[half:])):
            file = folder / f"{kind}-{number}.jsonl"
            file.write_bytes(b"".join(some[:100] + [BAD] * number + some[100:]))
            made[number].append(str(file))
    nothing = folder / "nothing-good.jsonl"
    nothing.write_bytes(b'{"request_id": "x", "event_type": "glance", "item_id": "a"}\n' * 3)
    made[1].append(str(nothing))
    return made


def moment(line):
    return json.loads(line)["ts"]


@pytest.fixture(scope="module")
def by_spark(days, spark):
    """A folder with rows for each span, read by Spark."""
    folders = []
    for number, files in enumerate(days):
        folders.append(str(tmp_of(days) / f"by spark {number}"))
        write_evidence(spark, files, folders[-1], made_at=NOW, with_rows=True)
    return folders


@pytest.fixture(scope="module")
def by_duckdb(days):
    """The same, read on this machine."""
    folders = []
    for number, files in enumerate(days):
        folders.append(str(tmp_of(days) / f"by duckdb {number}"))
        main(["evidence", *files, "--with-rows", "--to", folders[-1]])
    return folders


@pytest.fixture(scope="module")
def at_once(days):
    """All files counted at once on this machine."""
    main(["evidence", *days[0], *days[1], "--to", str(tmp_of(days) / "at once")])
    return open_evidence(tmp_of(days) / "at once")


def tmp_of(days):
    return Path(days[0][0]).parent


def assert_equal(merged, at_once):
    for table in TABLES:
        assert rows_of(merged, table) == rows_of(at_once, table), table
    assert list(merged.rejects()) == list(at_once.rejects())
    assert [entry.rejected for entry in merged.counted.inputs] == [
        entry.rejected for entry in at_once.counted.inputs
    ]
    assert merged.counted.rows == at_once.counted.rows
    assert merged.counted.window == at_once.counted.window


def rows_of(pilot, table):
    with counts_of(pilot).connect() as connection:
        found = connection.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall()
    return [
        [pytest.approx(cell, rel=1e-9) if isinstance(cell, float) else cell for cell in row] for row in found
    ]


@pytest.mark.parametrize("read_by", ["spark", "duckdb"])
@pytest.mark.parametrize("merged_by", ["spark", "duckdb"])
def test_days_are_all_files_at_once(request, spark, at_once, tmp_path, read_by, merged_by):
    folders = request.getfixturevalue(f"by_{read_by}")
    to = tmp_path / "merged"
    if merged_by == "spark":
        written = merge_evidence(spark, folders, str(to), made_at=NOW, with_rows=True)
        assert [file.name for file in written.files] == [file.name for file in at_once.files]
    else:
        main(["evidence", "--merge", *folders, "--with-rows", "--to", str(to)])
    merged = open_evidence(to)
    assert_equal(merged, at_once)
    assert merged.counted.kept_rows.read_by == read_by
    assert stat.S_IMODE(to.stat().st_mode) & 0o077 == 0
    again = tmp_path / "again"
    main(["evidence", "--merge", str(to), "--to", str(again)])
    assert_equal(open_evidence(again), at_once)


def test_views_and_one_file_in_two_folders(spark, by_spark, tmp_path):
    merge_evidence(spark, by_spark, str(tmp_path / "views"), made_at=NOW, views=[View(return_days=3)])
    assert {path.name for path in (tmp_path / "views").iterdir()} == {"manifest.json", "views"}
    with pytest.raises(InputError, match="both hold the file"):
        merge_evidence(spark, [by_spark[0], by_spark[0]], str(tmp_path / "to"), made_at=NOW)
    assert not (tmp_path / "to").exists()


def test_what_cannot_be_merged_is_said(spark, by_spark, by_duckdb, tmp_path):
    with pytest.raises(InputError, match="is no evidence folder, or is damaged"):
        merge_evidence(spark, [str(tmp_path / "none")], str(tmp_path / "to"), made_at=NOW)
    with pytest.raises(InputError, match="whose hashes of files differ"):
        merge_evidence(spark, [by_spark[0], by_duckdb[1]], str(tmp_path / "to"), made_at=NOW)
    shutil.copytree(by_duckdb[0], tmp_path / "broken")
    first, other = sorted((tmp_path / "broken" / ROWS).glob("*.parquet"))[:2]
    first.write_bytes(other.read_bytes())
    with pytest.raises(PilotError):
        merge_evidence(spark, [str(tmp_path / "broken")], str(tmp_path / "to"), made_at=NOW)
    assert not (tmp_path / "to").exists()


def test_hashed_ids_are_those_of_this_machine(spark, days, tmp_path):
    salt = shared_salt(tmp_path / "salt")
    write_evidence(spark, days[1], str(tmp_path / "spark"), made_at=NOW, with_rows=True, salt=salt)
    hashed = ("--hash-ids", str(tmp_path / "salt"))
    main(["evidence", *days[1], "--with-rows", *hashed, "--to", str(tmp_path / "duckdb")])
    by_spark, by_duckdb = (open_evidence(tmp_path / name) for name in ("spark", "duckdb"))
    assert_equal(by_spark, by_duckdb)
    assert by_spark.counted.kept_rows.salt == by_duckdb.counted.kept_rows.salt is not None
    held = {reject.value for reject in by_spark.rejects()}
    assert "[not kept]" in held
