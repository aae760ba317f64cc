"""What every part of a review is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A frozen part of the review; unknown keys are refused when a saved review is opened."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
