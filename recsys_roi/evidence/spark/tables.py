"""Runs the statements of this product's SQL files on Spark, each table where all tasks can read it."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from recsys_roi.evidence.spark.dialect import Statement, statements_of
from recsys_roi.evidence.spark.place import Place

_BITS = 33  # of a row's place in its partition, in Spark's monotonically_increasing_id
_PLACE = "place_in_order"


class Tables:
    """Views of a session over Parquet files: those of the counts, and those that are there for a while."""

    def __init__(self, session: SparkSession, kept: Place, passing: Place) -> None:
        """`kept` is the folder of the counts, `passing` one for all other tables."""
        self._session = session
        self._kept = kept
        self._passing = passing

    def run(self, text: str) -> None:
        """Every statement of a file of SQL, in order."""
        for statement in statements_of(text):
            self._run(statement)

    def _run(self, statement: Statement) -> None:
        if statement.query is None:
            self._session.catalog.dropTempView(statement.name)
            (self._passing / statement.name).delete()
            return
        rows = self._session.sql(statement.query)
        if statement.is_view:
            rows.createOrReplaceTempView(statement.name)
        elif statement.number is not None:
            self._numbered(rows, statement).createOrReplaceTempView(statement.name)
        else:
            self.add(statement.name, rows, kept=statement.kept, order=statement.order)

    def add(self, name: str, rows: DataFrame, *, kept: bool = True, order: tuple[str, ...] = ()) -> None:
        """Write a table and make it a view; whole numbers of counts are all of 64 bits, as DuckDB's are."""
        if kept:
            rows = rows.select(
                *(
                    rows[column].cast("bigint") if kind == "int" else rows[column]
                    for column, kind in rows.dtypes
                )
            )
        if order:
            rows = rows.orderBy(*(rows[column].asc_nulls_last() for column in order))
        place = self._kept / f"{name}.parquet" if kept else self._passing / name
        rows.write.parquet(str(place), compression="zstd" if kept else "lz4")
        self._session.read.schema(rows.schema).parquet(str(place)).createOrReplaceTempView(name)

    def _numbered(self, rows: DataFrame, statement: Statement) -> DataFrame:
        """Numbered from 1 over all rows in order, without putting them all into one task.

        Each task numbers its own rows, and begins where those before it end.
        """
        ordered = rows.orderBy(*(rows[column].asc_nulls_last() for column in statement.order))
        self.add(
            f"{statement.name}_{_PLACE}",
            ordered.withColumn(_PLACE, F.monotonically_increasing_id()),
            kept=False,
        )
        placed = self._session.table(f"{statement.name}_{_PLACE}")
        task = F.shiftright(_PLACE, _BITS)
        sizes = sorted(
            (row.task, row.n)
            for row in placed.groupBy(task.alias("task")).agg(F.count("*").alias("n")).collect()
        )
        before, starts = 0, []
        for number, size in sizes:
            starts.append((number, before))
            before += size
        offsets = F.broadcast(self._session.createDataFrame(starts, "task BIGINT, before BIGINT"))
        place = F.col(_PLACE).bitwiseAND((1 << _BITS) - 1)
        return (
            placed.withColumn("task", task)
            .join(offsets, "task")
            .withColumn(str(statement.number), F.col("before") + place + 1)
            .drop("task", "before", _PLACE)
        )
