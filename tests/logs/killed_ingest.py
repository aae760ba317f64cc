"""Ingests files into a pilot and kills itself at the nth touch of the file system.

`python -m tests.logs.killed_ingest PILOT KILL_AT FILE...`; KILL_AT 0 lets it live and prints the touches.
"""

import os
import signal
import sys
from pathlib import Path

from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.manifest import MANIFEST
from recsys_roi.logs.pilot import Pilot

WATCHED = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.symlink"})


def main(folder: str, kill_at: str, *files: str) -> None:
    """See the module."""
    pilot = Pilot.create_or_open(Path(folder))
    touches = 0

    def watch(event: str, told: tuple[object, ...]) -> None:
        nonlocal touches
        # How often the manifest is read depends on how old it is, so it is no moment to kill at.
        reads = event == "open" and (isinstance(told[0], int) or str(told[0]).endswith(MANIFEST))
        if event in WATCHED and not reads:
            touches += 1
            if touches == int(kill_at):
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    ingest_files(pilot, files)
    sys.stdout.write(str(touches))


if __name__ == "__main__":
    main(*sys.argv[1:])
