"""The files that a command line names: found, and the names of their fields settled before any is read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from recsys_roi.cli.progress import progress
from recsys_roi.errors import InputError, LogError, UnknownNameError
from recsys_roi.evidence.folder import is_evidence
from recsys_roi.logs.contracts import KINDS
from recsys_roi.logs.finding import logs_in
from recsys_roi.logs.ingest import IngestResult, Validation, ingest_files, validate_files
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.preview import check_fits_some, preview
from recsys_roi.logs.recognise import KindOrAuto
from recsys_roi.logs.shapes.layout import mappable_fields


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One file, and what its fields are called where they have other names."""

    path: Path
    kind: KindOrAuto
    mapping: dict[str, str]  # {field: column or key}


def evidence_folder(arguments: argparse.Namespace) -> Path | None:
    """The evidence folder that is named in place of logs; None for logs."""
    given: list[Path] = arguments.files
    folders = [path for path in given if is_evidence(path)]
    if not folders:
        return None
    if len(given) > 1 and folders == given:
        raise InputError(
            "Several evidence folders are no logs. Where they hold rows, make one of them first: recsys-roi "
            "evidence --merge DIR DIR --to DIR"
        )
    if len(given) > 1:
        raise InputError(f"{folders[0]} is an evidence folder; it stands alone, without other files.")
    if arguments.named or arguments.contract != "auto":
        raise InputError("--map and --contract are for logs; an evidence folder has been read already.")
    return folders[0]


def sources(arguments: argparse.Namespace) -> list[Source]:
    """The files named, and the logs in the folders and patterns named; what is no log there is said."""
    mapping = mapping_of(arguments.named)
    files: list[Path] = []
    for given in arguments.files:
        found = logs_in(given, mapping=mapping)
        files += found.files
        for entry in found.passed_over:
            print(f"Passed over {entry.file}: {entry.reason}", file=sys.stderr)
    kind: KindOrAuto = arguments.contract
    chosen = [
        Source(path=path, kind=kind, mapping=_fitting(path, kind, mapping) if mapping else {})
        for path in files
    ]
    check_fits_some(mapping, {field for source in chosen for field in source.mapping})
    return chosen


def mapping_of(pairs: Sequence[str]) -> dict[str, str]:
    """field=column of the command line; InputError for what is none, for an unknown field, for one twice."""
    known = tuple(dict.fromkeys(field for kind in KINDS for field in mappable_fields(kind)))
    mapping: dict[str, str] = {}
    for pair in pairs:
        field, _, column = pair.partition("=")
        if not field or not column:
            raise InputError(f"--map takes field=column; {pair!r} was given.")
        if field not in known and not (field.startswith("context.") and field != "context."):
            raise UnknownNameError("field in --map", field, (*known, "context.KEY"))
        if field in mapping:
            raise InputError(
                f"--map names {field} twice ({mapping[field]!r} and {column!r}). Give each field once."
            )
        mapping[field] = column
    return mapping


def _fitting(path: Path, kind: KindOrAuto, mapping: dict[str, str]) -> dict[str, str]:
    """What of the mapping speaks of this file, so that files of several kinds can be given together."""
    try:
        seen = preview(path, kind, mapping)
    except LogError:  # the reading says what is wrong with it; a manifest has nothing to map
        return {}
    return mapping if seen.kind is None else seen.fitting(mapping)


def ingested(pilot: Pilot, chosen: Sequence[Source]) -> Iterator[IngestResult]:
    """Each file, as it gets into the pilot."""
    for source in chosen:
        with progress() as report:
            (result,) = ingest_files(pilot, [source.path], source.kind, report, mapping=source.mapping)
        yield result


def validated(source: Source) -> Validation:
    """One file under its contract."""
    with progress() as report:
        (found,) = validate_files([source.path], source.kind, report, mapping=source.mapping)
    return found
