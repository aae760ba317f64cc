"""`recsys-roi evidence`: logs counted into an evidence folder by the engine that is named."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from recsys_roi.cli.commands import rejects_status
from recsys_roi.cli.sources import ingested, sources
from recsys_roi.evidence.folder import fill_folder, new_folder
from recsys_roi.logs.pilot import LogFile, Pilot, temporary_pilot
from recsys_roi.render import plain


def evidence(arguments: argparse.Namespace) -> int:
    """Writes the evidence folder; too many rejected lines are exit 1, and it is written all the same."""
    written = _by_duckdb(arguments)
    print(f"Wrote {arguments.to}. Open it with: recsys-roi review {arguments.to}")
    return rejects_status(written.files)


def _by_duckdb(arguments: argparse.Namespace) -> Pilot:
    arguments.files = [Path(given) for given in arguments.files]
    chosen = sources(arguments)
    made_at = datetime.now(UTC).replace(microsecond=0)
    paths: dict[str, str] = {}
    with new_folder(arguments.to) as work, temporary_pilot(work) as pilot:
        for source, result in zip(chosen, ingested(pilot, chosen), strict=True):
            print(plain.ingest_line(result.file, added=result.added))
            if result.added and isinstance(result.file, LogFile):
                paths[result.file.hash] = str(source.path)
        fill_folder(work, pilot, paths, made_at=made_at)
    return Pilot(arguments.to.absolute())
