"""The same logs as tables: CSV with the lists as JSON in their cells, and Parquet."""

from __future__ import annotations

from pathlib import Path

import duckdb

from recsys_roi.logs import tables
from recsys_roi.logs.contracts import CONTRACTS, KINDS

NAMES = ("exposures", "outcomes", "assignments")  # in the order of KINDS
_MOMENT = "%Y-%m-%dT%H:%M:%S.%gZ"


def write_tables(logs: Path) -> None:
    """Beside NAME.jsonl in `logs`: NAME.csv and NAME.parquet with the same records."""
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, kind in zip(NAMES, KINDS, strict=True):
            fields = CONTRACTS[kind].fields
            types = {
                field.name: "TIMESTAMPTZ" if field.type == "timestamp" else tables.sql_type(field)
                for field in fields
            }
            path = str(logs / f"{name}.jsonl")
            records = connection.read_json(path, columns=types, format="newline_delimited")
            _without_empty(records, types).write_parquet(str(logs / f"{name}.parquet"))
            _as_text(records, types).write_csv(str(logs / f"{name}.csv"))


def _without_empty(records: duckdb.DuckDBPyRelation, types: dict[str, str]) -> duckdb.DuckDBPyRelation:
    """Items with the two fields that the demo writes alone."""
    return records.project(", ".join(_items(name) if name == "items" else name for name in types))


def _items(name: str) -> str:
    return f"list_transform({name}, lambda item: {{'item_id': item.item_id, 'rank': item.rank}}) AS {name}"


def _as_text(records: duckdb.DuckDBPyRelation, types: dict[str, str]) -> duckdb.DuckDBPyRelation:
    """Times as RFC 3339, lists and contexts as JSON."""

    def cell(name: str) -> str:
        if name == "items":
            return f"to_json({_items(name).removesuffix(' AS items')}) AS items"
        if name == "context":
            return "to_json(context) AS context"
        return f"strftime(ts, '{_MOMENT}') AS ts" if name == "ts" else name

    return records.project(", ".join(map(cell, types)))
