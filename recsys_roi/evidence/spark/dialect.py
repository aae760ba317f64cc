"""The statements of this product's SQL files as Spark takes them: DuckDB's text, translated by sqlglot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from recsys_roi.errors import PilotError

NUMBERED = "place_in_order"  # the column that a numbering over all rows is added from


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One statement that makes a table or view, or drops one."""

    name: str
    query: str | None  # Spark's SQL; None drops the table
    kept: bool  # a table of counts; the others are there for later statements only
    is_view: bool
    order: tuple[str, ...]  # columns that the rows are put in order by
    number: str | None  # the column that numbers all rows in that order from 1, to be added to the query


def statements_of(text: str) -> Iterator[Statement]:
    """The statements of a file of SQL in their order."""
    for parsed in sqlglot.parse(text, read="duckdb"):
        if isinstance(parsed, exp.Drop):
            yield Statement(name=_name(parsed), query=None, kept=False, is_view=False, order=(), number=None)
        elif isinstance(parsed, exp.Create):
            yield _creation(parsed)
        elif parsed is not None:
            raise PilotError(
                f"Spark cannot count with this version: a statement makes no table ({parsed.sql()[:80]}). "
                "Install the version again, or count on this machine: --engine duckdb"
            )


def _name(parsed: exp.Expression) -> str:
    table = parsed.find(exp.Table)
    return "" if table is None else table.name


def _creation(parsed: exp.Create) -> Statement:
    query = parsed.expression.transform(_as_spark)
    number, order = _numbering(query)
    if number is None:
        order = _order(query)
    return Statement(
        name=_name(parsed),
        query=query.sql(dialect="spark", comments=False),
        kept=parsed.find(exp.TemporaryProperty) is None,
        is_view=parsed.kind == "VIEW",
        order=order,
        number=number,
    )


def _numbering(query: exp.Expression) -> tuple[str | None, tuple[str, ...]]:
    """Takes a row_number over all rows out of a query, since Spark would put them all into one task."""
    for projection in list(query.args.get("expressions", ())):
        window = projection.this
        if isinstance(window, exp.Window) and not window.args.get("partition_by"):
            ordered = window.args["order"].expressions
            projection.pop()
            return projection.alias, tuple(entry.this.name for entry in ordered)
    return None, ()


def _order(query: exp.Expression) -> tuple[str, ...]:
    """Takes the order of the rows out of a query: the writer sees to it, and small tables need none."""
    order = query.args.get("order")
    if order is None:
        return ()
    query.set("order", None)
    names = tuple(entry.this.name for entry in order.expressions)
    return (
        ()
        if any(
            isinstance(entry.this, exp.All) or entry.this.name.upper() == "ALL" for entry in order.expressions
        )
        else names
    )


def _as_spark(node: exp.Expression) -> exp.Expression:
    """What sqlglot leaves or would translate into something else than DuckDB means."""
    if isinstance(node, exp.Length):  # in these files always of a list
        return exp.Anonymous(this="size", expressions=[node.this])
    if isinstance(node, exp.DateDiff):  # in these files always days since the epoch
        return exp.cast(exp.Anonymous(this="unix_date", expressions=[exp.cast(node.this, "date")]), "bigint")
    if isinstance(node, exp.Anonymous) and node.name.lower() == "epoch_us":
        return exp.Anonymous(this="unix_micros", expressions=node.expressions)
    if isinstance(node, exp.Order) and isinstance(node.parent, exp.Sum):
        summed: exp.Expression = node.this
        return summed  # a sum in a fixed order; Spark's differs in the last digits
    return node
