"""Without PART: every part with its defaults. `python -m bench PART --help` lists a part's options."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from types import ModuleType

from bench import browser, coverage, estimates, faults, ingest, scale, slider, views

# A part has add_options(parser), and run(arguments), which gives a Table.
PARTS: dict[str, ModuleType] = {
    "browser": browser,
    "coverage": coverage,
    "estimates": estimates,
    "faults": faults,
    "ingest": ingest,
    "scale": scale,
    "slider": slider,
    "views": views,
}


def main(argv: Sequence[str]) -> int:
    """Prints each part's table; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parts = parser.add_subparsers(dest="part", metavar="PART")
    for name, part in PARTS.items():
        part.add_options(parts.add_parser(name, help=part.__doc__, description=part.__doc__))
    given = parser.parse_args(argv)
    chosen = [given] if given.part else [parser.parse_args([name]) for name in PARTS]
    kept = True
    for arguments in chosen:
        started = time.perf_counter()
        table = PARTS[arguments.part].run(arguments)
        print(f"{table}\n({time.perf_counter() - started:.1f} s)\n")
        kept = kept and table.kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
