"""The files that a command line names: found, and the names of their fields settled before any is read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from recsys_roi.cli.progress import progress
from recsys_roi.errors import InputError, LogError, UnknownNameError
from recsys_roi.evidence.folder import is_evidence
from recsys_roi.logs.contracts import KINDS
from recsys_roi.logs.documents import Document
from recsys_roi.logs.finding import logs_in
from recsys_roi.logs.ingest import IngestResult, Validation, ingest_files, validate_files
from recsys_roi.logs.manifest import LogFile
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.preview import Mapped, Read, check_fits_some, preview, unread
from recsys_roi.logs.reading import display_name
from recsys_roi.logs.recognise import KindOrAuto
from recsys_roi.logs.shapes.layout import mappable_fields


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One file, and what its fields are called where they have other names."""

    path: Path
    kind: KindOrAuto
    mapping: Mapping[str, str]  # {field: column or key}


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
    if not mapping:
        return [Source(path=path, kind=kind, mapping={}) for path in files]
    fits = [_fitting(path, kind, mapping) for path in files]
    check_fits_some(mapping, fits)
    return [Source(path=path, kind=kind, mapping=one.mapping) for path, one in zip(files, fits, strict=True)]


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


def _fitting(path: Path, kind: KindOrAuto, mapping: dict[str, str]) -> Mapped:
    """What of the mapping speaks of this file, so that files of several kinds can be given together."""
    try:
        seen = preview(path, kind, mapping)
    except LogError:  # the reading says what is wrong with it; a manifest has nothing to map
        return Mapped(name=display_name(path), mapping={}, columns=())
    fits = mapping if seen.kind is None else seen.fitting(mapping)
    return Mapped(name=seen.name, mapping=fits, columns=seen.columns)


def unread_of(chosen: Sequence[Source], found: Sequence[LogFile | Document | Validation]) -> str:
    """What is said of --map where no line of any file has the key; nothing where every key was found."""
    return unread(
        [
            Read(name=one.file, mapping=source.mapping, absent=dict(one.absent))
            if isinstance(one, Validation)
            else Read(name=one.name, mapping=source.mapping, absent=dict(one.absent))
            for source, one in zip(chosen, found, strict=True)
            if isinstance(one, LogFile | Validation)
        ]
    )


def check_map(chosen: Sequence[Source], found: Sequence[LogFile | Document | Validation]) -> None:
    """InputError where no line of any file has a key that --map names."""
    if said := unread_of(chosen, found):
        raise InputError(said)


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
