"""What the manifest of an evidence folder says besides its files: what counted them, when, and what came out.

An evidence folder is a pilot that holds counts only: its rows stayed where they were counted.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from recsys_roi.logs.contracts import Kind, Reason

EngineName = Literal["duckdb", "spark"]
Hash = Annotated[str, StringConstraints(pattern="^blake3:[0-9a-f]{64}$")]


class Span(BaseModel):
    """Oldest and newest event of one kind of log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: AwareDatetime
    last: AwareDatetime


class CountedInput(BaseModel):
    """One file that was counted; its line counts stand in the manifest's own list of files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str  # as it was given
    hash: Hash
    rejected: dict[Reason, int]  # lines by reason; a line with several reasons stands under each


class DeclaredView(BaseModel):
    """One view whose evidence is kept, in the file with its number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: dict[str, Any]  # by name, as JSON has them; those at their default are left out
    hash: Hash  # of the file


class Declared(BaseModel):
    """The views that were declared, of which only the sums are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: Hash  # of the file of names
    views: Annotated[tuple[DeclaredView, ...], Field(min_length=1)]  # the first is what is shown unasked


class KeptRows(BaseModel):
    """The checked rows that stand beside the counts, so that folders can be merged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layout: str  # of the rows
    read_by: EngineName  # which made the hashes of the files: those of two engines cannot be compared
    salt: Hash | None = None  # a hash of the salt that user ids were hashed with; None: ids are plain


class Counted(BaseModel):
    """By what and when the counts were made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal["evidence.v1"] = "evidence.v1"
    layout: str  # of the tables of counts, or of the evidence of declared views
    engine: EngineName
    engine_version: str
    software: str  # version of this program
    made_at: AwareDatetime
    window: dict[Kind, Span]  # of the accepted lines; a kind without any is left out
    rows: dict[str, int]  # by table of counts
    inputs: tuple[CountedInput, ...]
    rows_deleted: AwareDatetime | None = None  # when their time was over; None: they were never here
    kept_rows: KeptRows | None = None  # None: there are counts only
    declared: Declared | None = None  # there are no counts, only the sums of these views
