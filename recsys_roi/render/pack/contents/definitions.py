"""What the terms of a report mean, for a reader who was not in the room."""

from __future__ import annotations

from recsys_roi.render.words.glossary import GLOSSARY

TERMS = (
    *("SHIP, HOLD, ROLL BACK", "Preliminary", "Lift", "Likely between", "Planned end date"),
    *("Measured and counted", "Measured and assumed", "Guardrail", "Slice", "Value (NPV)", "Return (ROI)"),
    *("Break-even", "Payback", "Waiting", "Cannot tell"),
)
DEFINITIONS: tuple[tuple[str, str], ...] = tuple((term, GLOSSARY[term]) for term in TERMS)
