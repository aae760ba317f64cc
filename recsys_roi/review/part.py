"""What every part of a review is, and how it writes a moment."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A frozen part of the review; unknown keys are refused when a saved review is opened."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def moment_text(moment: datetime) -> str:
    """RFC 3339 in UTC: "2026-11-24T09:00:00Z"."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
