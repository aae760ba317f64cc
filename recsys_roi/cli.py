"""The command line: `recsys-roi demo | validate | ingest | review | export | app`.

Exit status: 0 done; 1 the input was read and something in it is wrong; 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from recsys_roi import __version__
from recsys_roi.errors import InputError, RecsysRoiError

DONE, WRONG_INPUT, WRONG_USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; every error that a person can cause ends as one or two sentences."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except RecsysRoiError as error:
        return _say(str(error))
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except KeyboardInterrupt:
        return _say("Stopped. Nothing half-read was kept.")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _say(f"{where}{error.strerror or error}.")


def _say(sentence: str) -> int:
    print(f"recsys-roi: {sentence}", file=sys.stderr)
    return WRONG_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="recsys-roi",
        description="From recommender pilot logs to a ship, hold or roll back verdict.",
    )
    parser.add_argument("--version", action="version", version=f"recsys-roi {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="write a synthetic pilot with known truth")
    demo.add_argument("directory", type=Path, metavar="DIR")
    demo.add_argument("--requests", type=int, default=40_000)
    demo.add_argument("--seed", type=int, default=1)
    demo.add_argument("--lift", type=float, default=0.05, help="true relative lift (0.05 = +5 %%)")
    demo.add_argument("--fault", action="append", default=[], metavar="NAME", help="plant a fault; repeatable")
    demo.set_defaults(run=_demo)

    validate = commands.add_parser("validate", help="check logs against their contract, line by line")
    validate.add_argument("files", nargs="+", metavar="FILE")
    validate.add_argument(
        "--contract", choices=("exposure.v1", "outcome.v1", "assignment.v1", "auto"), default="auto"
    )
    validate.add_argument("--rejects", type=Path, metavar="OUT.csv", help="write the rejected lines here")
    validate.add_argument("--format", choices=("text", "json"), default="text")
    validate.set_defaults(run=_validate)

    ingest = commands.add_parser("ingest", help="add logs to a pilot; the same file twice counts once")
    ingest.add_argument("--pilot", required=True, metavar="NAME")
    ingest.add_argument("files", nargs="+", metavar="FILE")
    ingest.set_defaults(run=_ingest)

    review = commands.add_parser("review", help="evaluate a pilot or files: lift, guardrails, money, verdict")
    _add_review_options(review)
    review.add_argument("--format", choices=("text", "json"), default="text")
    review.set_defaults(run=_review)

    export = commands.add_parser("export", help="write the review as .json or .md")
    _add_review_options(export)
    export.add_argument("--to", type=Path, required=True, metavar="OUT.(json|md)")
    export.set_defaults(run=_export)

    app = commands.add_parser("app", help="start the dashboard on 127.0.0.1:8501")
    app.add_argument("--port", type=int, default=8501)
    app.set_defaults(run=_app)
    return parser


def _add_review_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("files", nargs="*", metavar="FILE")
    command.add_argument("--pilot", metavar="NAME")
    for name in ("experiment", "control", "candidate", "surface", "kpi"):
        command.add_argument(f"--{name}", metavar="ID")
    command.add_argument("--scenario", type=Path, metavar="FILE.json")
    command.add_argument("--set", action="append", default=[], metavar="key=value", dest="settings")
    command.add_argument("--made-at", metavar="TIME", help="RFC 3339; fixes the review's clock")


def _demo(arguments: argparse.Namespace) -> int:
    from recsys_roi.demo import write_demo

    write_demo(
        arguments.directory,
        requests=arguments.requests,
        seed=arguments.seed,
        lift=arguments.lift,
        faults=tuple(arguments.fault),
    )
    print(f"Wrote exposures, outcomes, assignments and truth.json to {arguments.directory}.")
    return DONE


def _validate(arguments: argparse.Namespace) -> int:
    from recsys_roi.logs.ingest import validate_files
    from recsys_roi.logs.rejects import rejects_csv

    reports = validate_files(_paths(arguments.files), kind=arguments.contract)
    if arguments.rejects:
        arguments.rejects.write_text(
            rejects_csv(reject for report in reports for reject in report.rejects), encoding="utf-8", newline=""
        )
    if arguments.format == "json":
        print(json.dumps({"files": [report.as_dict() for report in reports]}, indent=1, sort_keys=True))
    else:
        for report in reports:
            print(report.as_text())
    return WRONG_INPUT if any(report.rejected for report in reports) else DONE
