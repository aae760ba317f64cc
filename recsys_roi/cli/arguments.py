"""What each command takes."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias, get_args

from recsys_roi import __version__
from recsys_roi.cli import commands, counting, keeping, planning
from recsys_roi.demo import FAULT_NAMES
from recsys_roi.errors import shown
from recsys_roi.logs.contracts import KINDS
from recsys_roi.logs.counted import EngineName
from recsys_roi.record.entries import ROLES
from recsys_roi.render.pack import WRITERS

DEFAULT_ADDRESS = "127.0.0.1"
DEFAULT_PORT = 8501
LAST_PORT = 65_535
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
FILES_HELP = "logs: files, folders or patterns"
EVIDENCE_HELP = f"{FILES_HELP}; with Spark any path or URL that it reads; or, for views, one evidence folder"
SOURCE_HELP = f"{FILES_HELP}; or one evidence folder"
ROWS_HELP = "an evidence folder with rows, instead of a pilot"
PILOT_HELP = "a pilot that is kept, instead of files"
NAMES_HELP = {
    "experiment": "the experiment to compare; needed where the logs hold several",
    "control": "the variant to judge against",
    "candidate": "the variant to judge",
    "surface": "the place in the product; needed where the logs hold several",
    "kpi": "the primary KPI",
}


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; each command carries the function that runs it."""
    whole = argparse.ArgumentParser(
        prog="recsys-roi",
        description="From recommender pilot logs to a ship, hold or roll back verdict.",
    )
    whole.add_argument("--version", action="version", version=f"recsys-roi {__version__}")
    names = whole.add_subparsers(required=True, metavar="COMMAND")

    demo = names.add_parser("demo", help="write a synthetic pilot with known truth")
    demo.add_argument("directory", type=Path, metavar="DIR", help="the folder to write into")
    demo.add_argument("--requests", type=int, default=40_000, help="how many lists are shown")
    demo.add_argument("--seed", type=int, default=1, help="the same seed gives the same bytes")
    demo.add_argument("--lift", type=float, default=0.05, help="true relative lift (0.05 = +5 %%)")
    demo.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME",
        help=f"plant a fault; repeatable. One of {', '.join(FAULT_NAMES)}",
    )
    demo.add_argument(
        "--pre-days",
        type=int,
        default=0,
        metavar="N",
        help="also write what users did in the N days before the pilot, without assignments",
    )
    demo.set_defaults(run=commands.demo)

    validate = names.add_parser("validate", help="check logs against their contract, line by line")
    validate.add_argument("files", nargs="+", type=Path, metavar="FILE", help=FILES_HELP)
    _add_reading_options(validate)
    validate.add_argument("--rejects", type=Path, metavar="OUT.csv", help="write the rejected lines here")
    validate.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="how to print what was found; github: errors as annotations of a pull request",
    )
    validate.set_defaults(run=commands.validate)

    ingest = names.add_parser("ingest", help="add logs to a pilot; the same file twice counts once")
    ingest.add_argument(
        "--pilot", required=True, metavar="NAME", help="the pilot to add to; made where it is new"
    )
    ingest.add_argument("files", nargs="+", type=Path, metavar="FILE", help=SOURCE_HELP)
    _add_reading_options(ingest)
    ingest.add_argument(
        "--hash-ids",
        action="store_true",
        help="keep user and session ids of this pilot as salted hashes only, from its first file on",
    )
    ingest.set_defaults(run=commands.ingest)

    _add_evidence(names)

    review = names.add_parser(
        "review", help="lift, guardrails, money and verdict of a pilot or of files; without either, the plan"
    )
    _add_review_options(review)
    review.add_argument(
        "--format", choices=("text", "json"), default="text", help="json: every figure, as review.v1"
    )
    review.add_argument(
        "--since",
        type=Path,
        metavar="REVIEW.json",
        help="a saved review; what has changed since then is said first",
    )
    review.set_defaults(run=commands.review)

    export = names.add_parser("export", help="write the review to a file")
    _add_review_options(export)
    endings = "|".join(ending.removeprefix(".") for ending in WRITERS)
    export.add_argument(
        "--to",
        type=Path,
        required=True,
        metavar=f"OUT.({endings})",
        help="the file to write; its ending chooses the format",
    )
    export.add_argument("--theme", choices=("light", "dark"), help="of a picture (.png)")
    export.add_argument("--scale", type=int, choices=(1, 2), help="of a picture: 1 is 1920 x 1080")
    export.add_argument("--pages", choices=("all", "one"), help="of a .pdf: one is the page to hand round")
    export.set_defaults(run=commands.export)

    _add_plan(names)

    check = names.add_parser(
        "check", help="exit 1 when an integrity check of a pilot fails: for cron and alerts"
    )
    checked = check.add_mutually_exclusive_group(required=True)
    checked.add_argument("--pilot", metavar="NAME", help=PILOT_HELP)
    checked.add_argument("files", nargs="*", type=Path, default=[], metavar="FILE", help=SOURCE_HELP)
    _add_scenario_options(check)
    _add_declared_option(check)
    check.set_defaults(run=commands.check, named=[], contract="auto")

    _add_keeping(names)
    return whole


def _add_evidence(names: Commands) -> None:
    evidence = names.add_parser(
        "evidence", help="count logs into an evidence folder, here or on Spark; it opens like a pilot"
    )
    evidence.add_argument("files", nargs="+", metavar="FILE", help=EVIDENCE_HELP)
    evidence.add_argument(
        "--merge",
        action="store_true",
        help="FILE are evidence folders with rows, such as one a day: their rows are counted as one",
    )
    _add_reading_options(evidence)
    evidence.add_argument(
        "--engine", choices=get_args(EngineName), default="duckdb", help="duckdb counts on this machine"
    )
    evidence.add_argument(
        "--view",
        action="append",
        default=[],
        metavar="'key=value ...'",
        dest="declared",
        help="keep the sums of this view only, small and without rows or ids; repeatable, the first is shown",
    )
    evidence.add_argument(
        "--views", type=Path, metavar="FILE.json", help="the same from a list of JSON objects of settings"
    )
    evidence.add_argument(
        "--with-rows",
        action="store_true",
        help="keep the checked rows too, with user ids, so that folders can be merged",
    )
    evidence.add_argument(
        "--hash-ids",
        type=Path,
        metavar="SALT",
        help="ids of users and sessions are salted hashes only, by the salt in this file, made if new",
    )
    evidence.add_argument(
        "--to", required=True, metavar="DIR", help="the new folder to write; with Spark a path or URL"
    )
    evidence.set_defaults(run=counting.evidence)


def _add_keeping(names: Commands) -> None:
    """The commands of whoever looks after the machine."""
    members = names.add_parser(
        "members", help="who may see a pilot and what they may do there, where people sign in"
    )
    members.add_argument("--pilot", required=True, metavar="NAME", help="the pilot; it may be made later")
    change = members.add_mutually_exclusive_group()
    change.add_argument("--add", metavar="PERSON", help="add a member, or give them another role")
    change.add_argument("--remove", metavar="PERSON", help="take a member out")
    members.add_argument("--role", choices=ROLES, help="of the member to add; viewer where it is left out")
    members.set_defaults(run=keeping.members)

    retain = names.add_parser(
        "retain", help="delete rows that are old enough, every day from cron; counts, record and trail stay"
    )
    rows_of = retain.add_mutually_exclusive_group()
    rows_of.add_argument(
        "--pilot", metavar="NAME", help="one pilot; where it is left out, each that has days set"
    )
    rows_of.add_argument("--evidence", type=Path, metavar="DIR", help=ROWS_HELP)
    retain.add_argument(
        "--days",
        type=int,
        metavar="N",
        help="rows go when the oldest event is so old; else as set on Logs",
    )
    retain.add_argument("--dry-run", action="store_true", help="only say what would be deleted today")
    retain.set_defaults(run=keeping.retain)

    forget = names.add_parser(
        "forget", help="take what was logged of one user out of a pilot, or of an evidence folder"
    )
    logs_of = forget.add_mutually_exclusive_group(required=True)
    logs_of.add_argument("--pilot", metavar="NAME", help="a pilot that is kept")
    logs_of.add_argument("--evidence", type=Path, metavar="DIR", help=ROWS_HELP)
    forget.add_argument(
        "--hash-ids", type=Path, metavar="SALT", help="of an evidence folder with hashed ids: their salt"
    )
    forget.add_argument(
        "user",
        metavar="USER",
        help="the user_id as it stands in the logs; - reads it from standard input, so that no list of "
        "commands or processes shows it",
    )
    forget.set_defaults(run=keeping.forget)

    doctor = names.add_parser(
        "doctor",
        help="check pilots and record, say what to do; exit 1 where something is lost, broken or open",
    )
    doctor.add_argument("--pilot", metavar="NAME", help="one pilot; all of them where it is left out")
    doctor.set_defaults(run=keeping.doctor)

    app = names.add_parser("app", help=f"start the dashboard on 127.0.0.1:{DEFAULT_PORT}")
    app.add_argument(
        "--address",
        default=DEFAULT_ADDRESS,
        help="where to listen; others than this machine need sign-in (RECSYS_ROI_AUTH)",
    )
    app.add_argument("--port", type=_port, default=DEFAULT_PORT, help="another port on this machine")
    app.add_argument(
        "--settings", type=Path, metavar="FILE", help="settings of the machine, NAME=value a line"
    )
    app.set_defaults(run=commands.app)


def _add_plan(names: Commands) -> None:
    plan = names.add_parser(
        "plan", help="the measurement plan: what to log, how long, by which rule; printed, written or locked"
    )
    plan.add_argument("--pilot", metavar="NAME", help="the pilot that it is the plan of")
    _add_scenario_options(plan)
    plan.add_argument(
        "--to",
        type=Path,
        metavar="OUT.(md|zip|json)",
        help="write the plan (.md), the starter kit for the loggers (.zip), or the plan locked last (.json)",
    )
    keeping = plan.add_mutually_exclusive_group()
    keeping.add_argument("--lock", action="store_true", help="keep every setting as agreed")
    keeping.add_argument(
        "--open", type=Path, metavar="PLAN.json", help="keep a plan that was locked elsewhere"
    )
    plan.add_argument("--who", metavar="NAME", help="who locks the plan, or brings it")
    plan.add_argument("--why", default="", metavar="TEXT", help="why it is locked again")
    plan.set_defaults(run=planning.plan, files=[], named=[], contract="auto", view=None)


def _add_review_options(command: argparse.ArgumentParser) -> None:
    source = command.add_mutually_exclusive_group()
    source.add_argument("files", nargs="*", type=Path, default=[], metavar="FILE", help=SOURCE_HELP)
    source.add_argument("--pilot", metavar="NAME", help=PILOT_HELP)
    _add_reading_options(command)
    _add_scenario_options(command)
    _add_declared_option(command)


def _add_reading_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--contract", choices=(*KINDS, "auto"), default="auto", help="what FILE holds, where that is unclear"
    )
    command.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="field=column",
        dest="named",
        help="what a field of the contract is called in FILE; repeatable",
    )


def _add_declared_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--view", type=int, metavar="N", help="of a folder of declared views: its N-th instead of the first"
    )


def _add_scenario_options(command: argparse.ArgumentParser) -> None:
    for name in commands.NAMED_SETTINGS:
        command.add_argument(f"--{name}", metavar="ID", help=NAMES_HELP[name])
    command.add_argument("--scenario", type=Path, metavar="FILE.json", help="settings as a JSON object")
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="key=value",
        dest="pairs",
        help="one setting; repeatable",
    )
    command.add_argument(
        "--made-at", type=_moment, metavar="TIME", help="RFC 3339 with offset; fixes the review's clock"
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise argparse.ArgumentTypeError(
            f"must be a time with its offset, such as 2026-11-24T09:00:00Z; {shown(text)} was given"
        )
    return moment.astimezone(UTC)


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= port <= LAST_PORT:
        raise argparse.ArgumentTypeError(
            f"must be a whole number from 1 to {LAST_PORT}; {shown(text)} was given"
        )
    return port
