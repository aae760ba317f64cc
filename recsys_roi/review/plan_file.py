"""A locked plan as a file that opens on another machine, sealed so that a change to it is seen."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from recsys_roi.errors import InputError
from recsys_roi.record.entries import LockedPlan
from recsys_roi.review.agreed_plan import plan_scenario
from recsys_roi.value.scenario import Scenario, fingerprint_of

VERSION: Literal["plan.v1"] = "plan.v1"
SEAL = "seal"


class _PlanFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal["plan.v1"]
    pilot: str  # where it was locked
    locked_by: str
    locked_at: AwareDatetime
    why: str
    fingerprint: str  # of the settings
    settings: dict[str, Any]
    seal: str  # hash of all the rest


def to_file(plan: LockedPlan, pilot: str) -> str:
    """The plan as JSON: its settings, who locked them when, and a hash over all of it."""
    content = {
        "version": VERSION,
        "pilot": pilot,
        "locked_by": plan.who,
        "locked_at": plan.at.isoformat(),
        "why": plan.why,
        "fingerprint": plan.fingerprint,
        "settings": dict(plan.settings),
    }
    sealed = {**content, SEAL: fingerprint_of(content)}
    return json.dumps(sealed, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def from_file(text: str, name: str) -> LockedPlan:
    """The plan of such a file; InputError, with the file's name, where it is none or was changed."""
    try:
        content = json.loads(text)
        found = _PlanFile.model_validate(content)
    except (ValueError, RecursionError):  # pydantic's own is a ValueError
        raise InputError(
            f"{name}: is no locked plan. Get one from the page Plan, or with recsys-roi plan --to plan.json."
        ) from None
    written = {key: value for key, value in content.items() if key != SEAL}
    if fingerprint_of(written) != found.seal or fingerprint_of(found.settings) != found.fingerprint:
        raise InputError(
            f"{name}: was changed after the plan was locked. Ask {found.locked_by} for the file."
        )
    plan = LockedPlan(
        settings=found.settings,
        fingerprint=found.fingerprint,
        who=found.locked_by,
        why=found.why,
        at=found.locked_at,
    )
    try:
        Scenario.of(found.settings)
        plan_scenario(plan)
    except InputError as problem:
        raise InputError(f"{name}: was locked with another version of recsys-roi. {problem}") from None
    return plan
