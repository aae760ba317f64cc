"""What a file was read as, in words."""

from __future__ import annotations

from collections.abc import Iterable

from recsys_roi.logs.ingest import IngestResult
from recsys_roi.logs.manifest import LogFile
from recsys_roi.logs.recognise import FORMATS, Format
from recsys_roi.logs.unpacking import Packing
from recsys_roi.numerals import full


def format_text(form: Format, packing: Packing) -> str:
    """ "CSV", or "CSV in .gz"."""
    return FORMATS[form] + ("" if packing == "none" else f" in .{packing}")


def mapping_text(mapping: Iterable[tuple[str, str]]) -> str:
    """ "ts from time, user_id from visitor"."""
    return ", ".join(f"{field} from {column}" for field, column in mapping)


def result_text(result: IngestResult, named_as: str | None) -> str:
    """What became of a file; `named_as` is the earlier file whose names of fields were taken."""
    file = result.file
    if not result.added:
        return f"{file.name} is in the pilot already, so it was not counted again."
    if not isinstance(file, LogFile):
        return f"{file.name}: {file.said}."
    rejected = f", {full(file.rejected)} rejected (listed below)" if file.rejected else ", none rejected"
    counts = f"{full(file.lines)} lines, {full(file.accepted)} accepted{rejected}."
    as_before = f" as in {named_as}" if named_as else ""
    named = [f"Read{as_before}, with {mapping_text(file.mapping)}."] if file.mapping else []
    read_as = f"{file.name}: {file.kind}, {format_text(file.format, file.packing)}, {counts}"
    return " ".join([read_as, *named, *file.notes])
