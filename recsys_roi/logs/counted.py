"""What the manifest of an evidence folder says besides its files: what counted them, when, and what came out.

An evidence folder is a pilot that holds counts only: its rows stayed where they were counted.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from recsys_roi.logs.contracts import Kind, Reason

EngineName = Literal["duckdb", "spark"]


class Span(BaseModel):
    """Oldest and newest event of one kind of log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: AwareDatetime
    last: AwareDatetime


class CountedInput(BaseModel):
    """One file that was counted; its line counts stand in the manifest's own list of files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str  # as it was given
    hash: Annotated[str, StringConstraints(pattern="^blake3:[0-9a-f]{64}$")]
    rejected: dict[Reason, int]  # lines by reason; a line with several reasons stands under each


class Counted(BaseModel):
    """By what and when the counts were made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal["evidence.v1"] = "evidence.v1"
    layout: str  # of the tables of counts
    engine: EngineName
    engine_version: str
    software: str  # version of this program
    made_at: AwareDatetime
    window: dict[Kind, Span]  # of the accepted lines; a kind without any is left out
    rows: dict[str, int]  # by table of counts
    inputs: tuple[CountedInput, ...]
    rows_deleted: AwareDatetime | None = None  # when their time was over; None: they were never here
