"""Who is told when: the cues of the risk register by role."""

from __future__ import annotations

from recsys_roi.verdict.known_risks import KNOWN_RISKS


def duties_by_role() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each role with the signs at which it is told, in the order of the register."""
    duties: dict[str, list[str]] = {}
    for risk in KNOWN_RISKS:
        told = f"{risk.title}: {risk.cue.sign[0].lower()}{risk.cue.sign[1:]}, {risk.cue.when}."
        duties.setdefault(risk.cue.to, []).append(told)
    return tuple((role, tuple(told)) for role, told in duties.items())
