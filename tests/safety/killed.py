"""Does one step many times, each time killed at another moment.

`python -m tests.safety.killed STEP FROM TO POINTS`: FROM is a home folder that is copied for each run; TO
gets one folder a run, named after the moment. A moment is the call of something that touches the disk.
Prints how many moments the step has.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import recsys_roi
from recsys_roi.evidence.counting import counts_of
from recsys_roi.evidence.retaining import retain
from recsys_roi.logs.forgetting import forget_user
from recsys_roi.logs.pilot import Pilot
from recsys_roi.record.scenarios import ScenarioStore

PILOT, SCENARIO = "Pilot", "Base"
NOW = datetime(2027, 12, 1, tzinfo=UTC)
TOUCHES = frozenset(
    {
        "execute",
        "rename",
        "replace",
        "fsync",
        "unlink",
        "mkdir",
        "open",
        "backup",
        "write_parquet",
        "write",
        "rmdir",
    }
)


def _pilot(home: Path) -> Pilot:
    return Pilot.open(home, PILOT)


def save(home: Path) -> None:
    """A scenario over one that is there."""
    store = ScenarioStore(home, PILOT)
    store.save(SCENARIO, {"margin": 0.5}, fingerprint="sha256:2", who="Anna", at=NOW, seen_version=1)


def export(home: Path) -> None:
    """A review as a file over one that is there."""
    review = recsys_roi.open_pilot(PILOT, home_folder=home).review(as_of=NOW, flips=False)
    recsys_roi.export(review, home / "review.json")


STEPS: Mapping[str, Callable[[Path], object]] = {
    "count": lambda home: counts_of(_pilot(home)),
    "save": save,
    "export": export,
    "forget": lambda home: forget_user(_pilot(home), (home / "user").read_text()),
    "retain": lambda home: retain(_pilot(home), days=30, now=NOW),
    "migrate": lambda home: ScenarioStore(home, PILOT).all(),
}


def run(step: str, home: Path, kill_at: int) -> int:
    """Runs a step in a child that is killed at a moment, or told to count them; gives its status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    touches = 0

    def watch(frame: FrameType, event: str, called: object) -> None:
        nonlocal touches
        # How often the manifest is read depends on how old it is, so that is no moment to kill at.
        reads = frame.f_code.co_name in {"read_small", "fdopen"}
        if event == "c_call" and getattr(called, "__name__", "") in TOUCHES and not reads:
            touches += 1
            if touches == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)
    STEPS[step](home)
    sys.setprofile(None)
    (home / "touches").write_text(str(touches))
    os._exit(0)


def main(step: str, template: str, to: str, points: str) -> None:
    """See the module."""
    whole = Path(to) / "whole"
    shutil.copytree(template, whole)
    if run(step, whole, 0) != 0:
        raise SystemExit("the step failed by itself")
    touches = int((whole / "touches").read_text())
    for point in range(int(points)):
        moment = 1 + point * (touches - 1) // max(1, int(points) - 1)
        home = Path(to) / f"{point:03d}-at-{moment}"
        shutil.copytree(template, home)
        if os.WTERMSIG(run(step, home, moment)) != signal.SIGKILL:
            raise SystemExit(f"the step was not killed at {moment} of {touches}")
    sys.stdout.write(str(touches))


if __name__ == "__main__":
    main(*sys.argv[1:])
