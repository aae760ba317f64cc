"""The files of a pilot: how many lines they have, what each was read as, what was set right in it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from recsys_roi.dashboard import layout
from recsys_roi.dashboard.file_text import format_text, mapping_text
from recsys_roi.evidence.declared import declared_sentences
from recsys_roi.logs.documents import Document
from recsys_roi.logs.pilot import LogFile, Pilot
from recsys_roi.numerals import full
from recsys_roi.render import words
from recsys_roi.review.document import Review
from recsys_roi.verdict.check import percent_of, telling_percent

HASH_SHOWN = 12  # characters after the algorithm's name


def tiles(pilot: Pilot, review: Review | None) -> None:
    """Lines, accepted, rejected (accepted + rejected = lines), and the outcomes that found their exposure."""
    lines, accepted, rejected = (
        sum(getattr(file, count) for file in pilot.files) for count in ("lines", "accepted", "rejected")
    )
    check = review.check("outcome_join_rate") if review else None
    joined = None if check is None else check.value
    layout.tiles(
        [
            words.Tile(label="Lines", value=full(lines), note=words.counted(len(pilot.files), "file")),
            words.Tile(label="Accepted", value=full(accepted), note=_share(accepted, lines)),
            words.Tile(label="Rejected", value=full(rejected), note=_share(rejected, lines)),
            words.Tile(
                label="Joined",
                value="Cannot tell" if joined is None else telling_percent(joined),
                note="of outcomes" if joined is not None else "no outcomes" if review else "no review yet",
            ),
        ]
    )


def _share(part: int, whole: int) -> str:
    return "" if whole == 0 else f"{percent_of(part, whole)} of all"


def table(pilot: Pilot) -> None:
    """One row a file."""
    if pilot.counted is not None and pilot.counted.rows_deleted is not None:
        layout.quiet(f"The rows were deleted on {pilot.counted.rows_deleted:%Y-%m-%d}; their counts stay.")
    if declared := declared_sentences(pilot):
        layout.say("Only declared views were counted; any other is said to be not counted.")
        layout.table(pd.DataFrame([{"View": n, "Settings": text} for n, text in enumerate(declared, 1)]))
    rows = [_log(file) for file in pilot.files] + [_document(kept) for kept in pilot.documents]
    layout.table(pd.DataFrame(rows))


def _log(file: LogFile) -> dict[str, str]:
    return {
        "File": file.name,
        "Read as": f"{file.kind}, {format_text(file.format, file.packing)}",
        "Lines": full(file.lines),
        "Accepted": full(file.accepted),
        "Rejected": full(file.rejected),
        "Notes": " ".join(_notes(file)),
        "Hash (blake3)": _short(file.hash),
    }


def _notes(file: LogFile) -> Iterator[str]:
    if file.extended:
        yield f"{full(file.extended)} of the extended event types."
    if file.null_for_absent:
        yield f"{full(file.null_for_absent)} with null for absent."
    if file.records != file.accepted:
        yield f"{full(file.records)} records, a row an item."
    if file.mapping:
        yield f"Read with {mapping_text(file.mapping)}."
    if file.forgotten:
        yield f"{full(file.forgotten)} rows of forgotten users were taken out since."
    yield from file.notes


def _document(kept: Document) -> dict[str, str]:
    return {
        "File": kept.name,
        "Read as": f"{kept.kind}, JSON",
        "Lines": "",
        "Accepted": "",
        "Rejected": "",
        "Notes": kept.noted,
        "Hash (blake3)": _short(kept.hash),
    }


def _short(file_hash: str) -> str:
    return file_hash.removeprefix("blake3:")[:HASH_SHOWN]
