"""The same records as JSON Lines, CSV and Parquet, written by the standard library and pyarrow."""

import csv
import io
import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq

CONTEXT_KEYS = ("surface", "device", 'weird key, with "quotes" and ünicode')
ITEM_FIELDS = ("item_id", "rank", "propensity", "logging_propensity", "target_propensity")
NO_ITEM = {"item_id": None, "rank": None}
TYPES = {
    "latency_ms": pa.float64(),
    "value": pa.float64(),
    "error": pa.bool_(),
    "rank": pa.int64(),
    "propensity": pa.float64(),
    "logging_propensity": pa.float64(),
    "target_propensity": pa.float64(),
}


def json_lines(records):
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def _cell(value):
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, bool | int | float) else value


def flat_rows(records, prefix="context."):
    """Rows of a table: one a record, or one an item where the records have items."""
    rows = []
    for record in records:
        shared = {key: value for key, value in record.items() if key not in ("items", "context")}
        shared |= {prefix + key: value for key, value in (record.get("context") or {}).items()}
        rows += [shared | item for item in record["items"] or [NO_ITEM]] if "items" in record else [shared]
    return rows


def csv_text(rows, separator=",", end="\r\n", quoting=csv.QUOTE_MINIMAL):
    columns = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().encode()


def csv_of(records, prefix="context.", **settings):
    return csv_text(flat_rows(records, prefix), **settings)


def csv_with_json_cells(records):
    """One row a record: items and context as JSON in their cells."""
    rows = [
        {
            key: json.dumps(value, ensure_ascii=False) if key in ("items", "context") else value
            for key, value in record.items()
        }
        for record in records
    ]
    return csv_text(rows)


def _moment(text):
    return datetime.fromisoformat(text.upper().replace("Z", "+00:00")).astimezone(UTC)


def parquet_of(records, *, context="map", times="timestamp", items="list"):
    """A table whose context is a map, a struct or flat columns; whose times are timestamps or text."""
    rows = flat_rows(records) if items == "rows" else [dict(record) for record in records]
    types = {}
    for row in rows:
        if times == "timestamp":
            row["ts"] = _moment(row["ts"])
            types["ts"] = pa.timestamp("us", "UTC")
        if "context" in row and context == "map":
            row["context"] = None if row["context"] is None else list(row["context"].items())
            types["context"] = pa.map_(pa.string(), pa.string())
        elif "context" in row and context == "struct":
            types["context"] = pa.struct([(key, pa.string()) for key in CONTEXT_KEYS])
        elif "context" in row:
            row |= {f"context_{key}": value for key, value in (row.pop("context") or {}).items()}
    if items == "list":
        types["items"] = pa.list_(pa.struct([(name, TYPES.get(name, pa.string())) for name in ITEM_FIELDS]))
    columns = list(dict.fromkeys(key for row in rows for key in row))
    arrays = [
        pa.array([row.get(column) for row in rows], types.get(column, TYPES.get(column, pa.string())))
        for column in columns
    ]
    made = io.BytesIO()
    pq.write_table(pa.table(arrays, names=columns), made, row_group_size=3)
    return made.getvalue()
