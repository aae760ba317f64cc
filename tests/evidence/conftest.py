"""One Spark for the whole test run, small and without anything that is to make large jobs fast."""

import sys

import pytest

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.default.parallelism": "2",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.files.maxPartitionBytes": str(512 * 1024),  # so that files are read in several blocks
}


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """A Spark of two tasks at a time in this process's own Java."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - other tests of the room need no Java

    from recsys_roi.evidence.spark.session import check_java  # noqa: PLC0415

    check_java()
    builder = SparkSession.builder.master("local[2]").appName("tests")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    builder = builder.config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        yield session
        session.stop()
