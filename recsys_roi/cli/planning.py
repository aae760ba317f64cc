"""The command `plan`: the measurement plan on the terminal or as a file, locked, or opened from a file."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from recsys_roi.cli.commands import DONE, review_of, scenario_of
from recsys_roi.errors import InputError
from recsys_roi.logs.pilot import Pilot, home, pilot_folder
from recsys_roi.record.entries import LockedPlan
from recsys_roi.record.plans import PlanStore
from recsys_roi.render.plan.document import plan_markdown
from recsys_roi.render.plan.kit import starter_kit
from recsys_roi.review.agreed_plan import scenario_to_lock
from recsys_roi.review.document import Review
from recsys_roi.review.plan_file import from_file, to_file
from recsys_roi.whole_file import DOCUMENT_LIMIT, read_small, write_whole

ENDINGS = (".md", ".zip", ".json")


def plan(arguments: argparse.Namespace) -> int:
    """Prints or writes the plan; with --lock or --open keeps it as what was agreed."""
    target: Path | None = arguments.to
    if target is not None and target.suffix.lower() not in ENDINGS:
        raise InputError(f"{target}: a plan is written to a name that ends in {', '.join(ENDINGS)}.")
    if arguments.lock or arguments.open is not None:
        print(_kept(arguments, datetime.now(UTC).replace(microsecond=0)))
        if target is None:
            return DONE
    if target is None:
        print(plan_markdown(review_of(arguments)), end="")
    else:
        write_whole(target, _content(arguments, target.suffix.lower()))
        print(f"Wrote {target}.")
    return DONE


def _content(arguments: argparse.Namespace, ending: str) -> bytes:
    if ending == ".json":
        return to_file(_last_lock(arguments), arguments.pilot).encode()
    review = review_of(arguments)
    return starter_kit(review) if ending == ".zip" else plan_markdown(review).encode()


def _last_lock(arguments: argparse.Namespace) -> LockedPlan:
    locks = _store(arguments).all()
    if not locks:
        raise InputError(f"No plan of {arguments.pilot} is locked yet. Lock one with --lock --who NAME.")
    return locks[-1]


def _store(arguments: argparse.Namespace) -> PlanStore:
    if arguments.pilot is None:
        raise InputError(
            "A locked plan belongs to a pilot. Name it with --pilot; a new name makes a new one."
        )
    return PlanStore(home(), pilot_folder(home(), arguments.pilot).name)


def _kept(arguments: argparse.Namespace, now: datetime) -> str:
    """Keeps what was agreed; the sentence that says so."""
    store = _store(arguments)
    if not arguments.who:
        raise InputError("Say who locks the plan, or brings it: --who NAME.")
    brought = None if arguments.open is None else _read(arguments.open)
    scenario_of(arguments)  # what is wrong in it is said before a pilot is made
    Pilot.create_or_open(pilot_folder(home(), arguments.pilot))
    if brought is not None:
        kept = store.bring(brought, who=arguments.who, at=now)
        return f"Kept the plan that {kept.who} locked: {kept.fingerprint}."
    locked = _lock(store, review_of(arguments), arguments, now)
    return f"Locked by {locked.who} at {locked.at:%Y-%m-%d %H:%M} UTC: {locked.fingerprint}."


def _lock(store: PlanStore, review: Review, arguments: argparse.Namespace, now: datetime) -> LockedPlan:
    if not arguments.why and store.all():
        raise InputError(
            f"A plan of {arguments.pilot} is locked already. Say why it is locked again: --why TEXT."
        )
    chosen = scenario_to_lock(review)
    return store.lock(
        chosen.dump(), fingerprint=chosen.fingerprint, who=arguments.who, at=now, why=arguments.why
    )


def _read(path: Path) -> LockedPlan:
    try:
        return from_file(read_small(path, DOCUMENT_LIMIT, pipes=True).decode("utf-8"), path.name)
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not UTF-8 text, so it is no locked plan.") from None
