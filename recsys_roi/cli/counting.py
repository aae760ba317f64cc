"""`recsys-roi evidence`: logs counted into an evidence folder by the engine that is named."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from recsys_roi.cli.commands import rejects_status
from recsys_roi.cli.sources import ingested, sources
from recsys_roi.errors import InputError
from recsys_roi.evidence.folder import fill_folder, new_folder
from recsys_roi.evidence.spark.session import spark_session
from recsys_roi.logs.pilot import LogFile, Pilot, temporary_pilot
from recsys_roi.render import plain


def evidence(arguments: argparse.Namespace) -> int:
    """Writes the evidence folder; too many rejected lines are exit 1, and it is written all the same."""
    files = _by_spark(arguments) if arguments.engine == "spark" else _by_duckdb(arguments)
    print(f"Wrote {arguments.to}. Open it with: recsys-roi review {arguments.to}")
    return rejects_status(files)


def _by_spark(arguments: argparse.Namespace) -> tuple[LogFile, ...]:
    if arguments.named:
        raise InputError(
            "--map is for logs that are counted on this machine; Spark reads the contract's own names."
        )
    with spark_session() as session:
        from recsys_roi.evidence.spark.counting import write_evidence  # noqa: PLC0415 - needs pyspark

        written = write_evidence(
            session, arguments.files, arguments.to, kind=arguments.contract, made_at=_now()
        )
    for entry in written.passed_over:
        print(f"Passed over {entry.file}: {entry.reason}", file=sys.stderr)
    for file in written.files:
        print(plain.ingest_line(file, added=True))
    for name in written.repeated:
        print(f"{name}: has the content of a file before it, so it was not counted again.")
    return written.files


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _by_duckdb(arguments: argparse.Namespace) -> tuple[LogFile, ...]:
    to = Path(arguments.to)
    arguments.files = [Path(given) for given in arguments.files]
    chosen = sources(arguments)
    paths: dict[str, str] = {}
    with new_folder(to) as work, temporary_pilot(work) as pilot:
        for source, result in zip(chosen, ingested(pilot, chosen), strict=True):
            print(plain.ingest_line(result.file, added=result.added))
            if result.added and isinstance(result.file, LogFile):
                paths[result.file.hash] = str(source.path)
        fill_folder(work, pilot, paths, made_at=_now())
    return Pilot(to.absolute()).files
