"""What is missing for Spark is said in one sentence, with what to do; and how its SQL is translated."""

from __future__ import annotations

import os
import sys

import pytest

from recsys_roi.cli import main
from recsys_roi.errors import InputError, PilotError
from recsys_roi.evidence.counting import STATEMENTS, TABLES, statements
from recsys_roi.evidence.spark.dialect import statements_of
from recsys_roi.evidence.spark.session import check_java, java_version
from tests.real_logs import OPEN_BANDIT, logs


def script(folder, text):
    (folder / "bin").mkdir()
    java = folder / "bin" / "java"
    java.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    java.chmod(0o755)
    return folder


def test_without_pyspark(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    status = main(["evidence", "--engine", "spark", str(logs(OPEN_BANDIT)[0]), "--to", str(tmp_path / "to")])
    said = capsys.readouterr().err
    assert status == 1
    assert said.startswith(
        "recsys-roi: Counting with Spark needs the package pyspark, which is not installed."
    )
    assert "pip install 'recsys-roi[spark]'" in said
    assert said.count("\n") == 1


def test_without_java(monkeypatch, tmp_path):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="needs Java 17 or newer; there is none on this machine's path"):
        check_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(InputError, match=r"JAVA_HOME is .*, which has no bin/java"):
        check_java()


def test_with_a_java_that_is_too_old(monkeypatch, tmp_path):
    said = script(tmp_path, "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2")
    monkeypatch.setenv("JAVA_HOME", str(said))
    monkeypatch.setenv("PATH", os.environ["PATH"])
    with pytest.raises(InputError, match=r"needs Java 17 or newer; .* is Java 11"):
        check_java()


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_402"', 8),
        ('openjdk version "21" 2023-09-19', 21),
        ("command not understood", None),
    ],
)
def test_versions_of_java(said, version):
    assert java_version(said) == version


def test_a_statement_that_makes_no_table_is_refused():
    with pytest.raises(PilotError, match=r"a statement makes no table \(SELECT 1 AS one\)"):
        list(statements_of("CREATE TABLE a AS SELECT 1 AS one; SELECT 1 AS one"))


def test_every_statement_is_translated_and_none_numbers_all_rows_in_one_task():
    made = [one for name in STATEMENTS for one in statements_of(statements(name))]
    kept = {one.name for one in made if one.kept}
    assert kept == set(TABLES) - {"personal_data", "reject_names"}
    queries = [one.query for one in made if one.query is not None]
    assert not [query for query in queries if "OVER (ORDER BY" in query]
    assert {one.name for one in made if one.number} == {
        "users",
        "numbered_arms",
        "numbered_entries",
        "in_order",
        "cells",
        "item_numbers",
    }
    assert not [query for query in queries if "EPOCH_US" in query or "LENGTH(" in query]
