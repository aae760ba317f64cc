"""A Spark session, or a sentence that says what is missing for one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from recsys_roi.errors import InputError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JAVA_NEEDED = 17
ELSE_HERE = "Or count on this machine, which needs neither: --engine duckdb"
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",  # days are calendar days in UTC
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "5000",  # lines may be long
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
}
"""What the counts depend on; whatever else a cluster is set to stays as it is."""


@contextmanager
def spark_session() -> Iterator[SparkSession]:
    """The session that spark-submit has begun, else one of this machine (or as spark-defaults.conf says).

    Raises InputError where pyspark, sqlglot or a Java that is new enough is missing.
    """
    check_packages()
    if "PYSPARK_GATEWAY_PORT" not in os.environ:  # else spark-submit has found a Java and a Python already
        check_java()
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("recsys-roi evidence").config(
        "spark.ui.showConsoleProgress", "false"
    )
    begun = SparkSession.getActiveSession() is None
    try:
        session = builder.getOrCreate()
    except Exception as problem:
        raise InputError(f"Spark did not begin: {first_line(problem)} {ELSE_HERE}") from problem
    try:
        yield session
    finally:
        if begun:
            session.stop()


def own_session(session: SparkSession) -> SparkSession:
    """A session on the same cluster with the settings that counting needs, and views of its own."""
    own = session.newSession()
    for name, value in SETTINGS.items():
        own.conf.set(name, value)
    return own


def check_packages() -> None:
    """InputError where pyspark or sqlglot is not installed."""
    try:
        import pyspark
        import sqlglot
    except ImportError as problem:
        raise InputError(
            f"Counting with Spark needs the package {problem.name}, which is not installed. Install it with: "
            f"pip install 'recsys-roi[spark]'. {ELSE_HERE}"
        ) from problem
    _ = pyspark, sqlglot


def check_java() -> None:
    """InputError where there is no Java, or one that this Spark does not run on."""
    home = os.environ.get("JAVA_HOME", "").strip()
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).is_file():
        where = (
            f"JAVA_HOME is {home}, which has no bin/java" if home else "there is none on this machine's path"
        )
        raise InputError(
            f"Counting with Spark needs Java {JAVA_NEEDED} or newer; {where}. Install one (Debian: "
            f"openjdk-17-jre-headless). {ELSE_HERE}"
        )
    asked = subprocess.run([java, "-version"], capture_output=True, check=False, text=True)  # noqa: S603 - no shell
    found = java_version(asked.stderr)
    if found is not None and found < JAVA_NEEDED:
        raise InputError(
            f"Counting with Spark needs Java {JAVA_NEEDED} or newer; {java} is Java {found}. Name a newer "
            f"one in JAVA_HOME. {ELSE_HERE}"
        )


def java_version(said: str) -> int | None:
    """The major version in what `java -version` prints; None where it says none."""
    found = re.search(r'version "(?:1\.)?([0-9]+)', said)
    return int(found[1]) if found else None


def first_line(problem: BaseException) -> str:
    """What an error of Spark says first; the rest is a trace of Java."""
    java = getattr(problem, "java_exception", None)
    said = str(problem if java is None else java.getMessage())
    return said.strip().partition("\n")[0][:400]
