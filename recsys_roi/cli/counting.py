"""`recsys-roi evidence`: logs counted into an evidence folder by an engine, or such folders merged."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from recsys_roi.cli.commands import rejects_status
from recsys_roi.cli.declaring import declared_views
from recsys_roi.cli.progress import counting_progress
from recsys_roi.cli.sources import check_map, evidence_folder, ingested, mapping_of, sources
from recsys_roi.errors import InputError
from recsys_roi.evidence.declaring import fill_with_views
from recsys_roi.evidence.folder import fill_folder, new_folder, open_evidence
from recsys_roi.evidence.kept_rows import rows_here
from recsys_roi.evidence.merging import fill_merged
from recsys_roi.evidence.spark.session import spark_session
from recsys_roi.evidence.view import View
from recsys_roi.logs.counted import KeptRows
from recsys_roi.logs.hashing import shared_salt
from recsys_roi.logs.pilot import LogFile, Pilot, temporary_pilot
from recsys_roi.render import plain, words

PRIVATE, SHARED = 0o700, 0o777  # a folder with user ids, and one without
_OF_ROWS = (
    "Its rows hold user ids as {ids}: keep the folder as you keep logs. What is done in a pilot does not "
    "reach it; recsys-roi forget --evidence {to} and retain --evidence {to} do."
)


def evidence(arguments: argparse.Namespace) -> int:
    """Writes the evidence folder; too many rejected lines are exit 1, and it is written all the same."""
    views = declared_views(arguments)
    _check(arguments, views)
    files = _by_spark(arguments, views) if arguments.engine == "spark" else _by_duckdb(arguments, views)
    held = f" with {words.counted(len(views), 'declared view')}" if views else ""
    print(f"Wrote {arguments.to}{held}. Open it with: recsys-roi review {arguments.to}")
    return rejects_status(files)


def _check(arguments: argparse.Namespace, views: Sequence[View]) -> None:
    """What cannot be asked for together."""
    if arguments.with_rows and views:
        raise InputError("Declared views are kept without any row. Leave out --with-rows, or the views.")
    if arguments.hash_ids is not None and (arguments.merge or not arguments.with_rows):
        raise InputError(
            "--hash-ids is for the rows that --with-rows keeps of logs; counts hold no user ids."
        )
    if arguments.merge and (arguments.named or arguments.contract != "auto"):
        raise InputError("--map and --contract are for logs; evidence folders have been read already.")


def _by_spark(arguments: argparse.Namespace, views: Sequence[View]) -> tuple[LogFile, ...]:
    mapping = mapping_of(arguments.named)
    salt = None if arguments.hash_ids is None else shared_salt(arguments.hash_ids)
    to, with_rows = arguments.to, arguments.with_rows
    with spark_session() as session:
        from recsys_roi.evidence.spark.counting import merge_evidence, write_evidence  # noqa: PLC0415 - needs pyspark

        if arguments.merge:
            written = merge_evidence(
                session, arguments.files, to, made_at=_now(), views=views, with_rows=with_rows
            )
        else:
            written = write_evidence(
                session,
                arguments.files,
                to,
                kind=arguments.contract,
                mapping=mapping,
                made_at=_now(),
                views=views,
                with_rows=with_rows,
                salt=salt,
            )
    for entry in written.passed_over:
        print(f"Passed over {entry.file}: {entry.reason}", file=sys.stderr)
    for file in () if arguments.merge else written.files:
        print(plain.ingest_line(file, added=True))
    for name in written.repeated:
        print(f"{name}: has the content of a file before it, so it was not counted again.")
    _say_rows(written.rows, to)
    return written.files


def _say_rows(rows: KeptRows | None, to: str) -> None:
    """What a folder with rows asks of whoever keeps it."""
    if rows is not None:
        print(_OF_ROWS.format(ids="plain text" if rows.salt is None else "salted hashes", to=to))


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _by_duckdb(arguments: argparse.Namespace, views: Sequence[View]) -> tuple[LogFile, ...]:
    to = Path(arguments.to)
    arguments.files = [Path(given) for given in arguments.files]
    fill = _merge if arguments.merge else _count
    with new_folder(to, mode=PRIVATE if arguments.with_rows else SHARED) as work:
        if not arguments.merge and (counted := evidence_folder(arguments)) is not None:
            if not views:
                raise InputError(f"{counted} is counted already. Declare the views to take from it (--view).")
            fill_with_views(work, open_evidence(counted), views)
        elif views:
            with TemporaryDirectory(prefix=".", dir=work) as passing:
                fill(arguments, Path(passing))
                fill_with_views(work, open_evidence(Path(passing)), views)
        else:
            fill(arguments, work)
    written = Pilot(to.absolute())
    _say_rows(None if written.counted is None else written.counted.kept_rows, arguments.to)
    return written.files


def _merge(arguments: argparse.Namespace, work: Path) -> None:
    """The counts of all rows of the evidence folders that are named, into the folder `work`."""
    with counting_progress() as on_step:
        fill_merged(work, arguments.files, made_at=_now(), with_rows=arguments.with_rows, on_step=on_step)


def _count(arguments: argparse.Namespace, work: Path) -> None:
    """The counts of the logs that are named, into the folder `work`."""
    chosen = sources(arguments)
    paths: dict[str, str] = {}
    with temporary_pilot(work) as pilot:
        if arguments.hash_ids is not None:
            pilot.hash_ids(shared_salt(arguments.hash_ids))
        found = []
        for source, result in zip(chosen, ingested(pilot, chosen), strict=True):
            print(plain.ingest_line(result.file, added=result.added))
            found.append(result.file)
            if result.added and isinstance(result.file, LogFile):
                paths[result.file.hash] = str(source.path)
        check_map(chosen, found)
        rows = rows_here(pilot) if arguments.with_rows else None
        with counting_progress() as on_step:
            fill_folder(work, pilot, paths, made_at=_now(), rows=rows, on_step=on_step)
