"""What each command does; each gives its exit status."""

from __future__ import annotations

import argparse
import errno
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recsys_roi.access.signing_in import check_address, sign_in_of
from recsys_roi.cli.keeping import note_added
from recsys_roi.cli.progress import counting_progress
from recsys_roi.cli.sources import Source, check_map, evidence_folder, ingested, sources, unread_of, validated
from recsys_roi.demo import write_demo
from recsys_roi.errors import InputError, LogError
from recsys_roi.evidence.declared import declared_settings
from recsys_roi.evidence.folder import keep_evidence, open_evidence
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import Validation
from recsys_roi.logs.pilot import LogFile, Pilot, home, pilot_folder, temporary_pilot
from recsys_roi.logs.rejects import rejects_csv
from recsys_roi.logs.room import cause
from recsys_roi.machine import settings_from, take_over
from recsys_roi.places import app_folder
from recsys_roi.record.entries import NOTHING_WRITTEN, Record
from recsys_roi.record.statements import StatementStore
from recsys_roi.render import github, pack, plain
from recsys_roi.render.markdown import one_line
from recsys_roi.render.words.changes import change_rows, change_sentences
from recsys_roi.review.agreed_plan import with_plan
from recsys_roi.review.document import Review, to_json
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.review.saved import open_saved
from recsys_roi.value.scenario import Scenario
from recsys_roi.verdict.log_checks import REJECT_LIMIT
from recsys_roi.whole_file import DOCUMENT_LIMIT, read_small, whole_file, write_whole

DONE, WRONG_INPUT = 0, 1
_ADDED = (
    "The files are in the pilot {name} all the same: take them out on the page Logs, or delete the pilot, "
    "and add them again with the right key."
)
SERVING = {
    "MALLOC_ARENA_MAX": "2",  # else each thread of the C library keeps what its sessions leave behind
    "OPENBLAS_NUM_THREADS": "1",  # products are small; its threads would spin on cores that sessions need
}
NAMED_SETTINGS = ("experiment", "control", "candidate", "surface", "kpi")


def demo(arguments: argparse.Namespace) -> int:
    """Writes a synthetic pilot."""
    write_demo(
        arguments.directory,
        requests=arguments.requests,
        seed=arguments.seed,
        lift=arguments.lift,
        faults=tuple(arguments.fault),
        pre_days=arguments.pre_days,
    )
    print(f"Wrote exposures, outcomes, assignments and truth.json to {arguments.directory}.")
    return DONE


def validate(arguments: argparse.Namespace) -> int:
    """Checks files; a linter, so any rejected line is exit 1."""
    if (counted := evidence_folder(arguments)) is not None:
        raise InputError(
            f"{counted} is an evidence folder, which holds counts and no lines. "
            f"See what was rejected when it was counted with: recsys-roi check {counted}"
        )
    if arguments.format == "github":
        return _annotate(arguments)
    chosen = sources(arguments)
    found = [validated(source) for source in chosen]
    _write_rejects(arguments.rejects, found)
    if arguments.format == "json":
        print(json.dumps({"files": [_validation(one) for one in found]}, indent=1, sort_keys=True))
    else:
        print("\n".join(plain.validation_lines(found)))
    check_map(chosen, found)
    return WRONG_INPUT if any(one.rejected for one in found) else DONE


def _annotate(arguments: argparse.Namespace) -> int:
    """Every file's errors as annotations; one that cannot be read keeps no other from being looked at."""
    found: list[Validation] = []
    read: list[Source] = []
    unread = 0
    for source in sources(arguments):
        try:
            one = validated(source)
        except LogError as problem:
            print(github.command("error", str(problem), file=str(source.path)))
            unread += 1
        else:
            found.append(one)
            read.append(source)
            print("\n".join(github.annotated(str(source.path), one)))
    _write_rejects(arguments.rejects, found)
    check_map(read, found)
    return WRONG_INPUT if unread or any(one.rejected for one in found) else DONE


def _write_rejects(target: Path | None, found: Sequence[Validation]) -> None:
    if target is None:
        return
    try:
        with whole_file(target) as file:
            lines = rejects_csv(reject for one in found for reject in one.rejects)
            file.writelines(line.encode() for line in lines)
    except OSError as problem:
        why = cause(problem, target.absolute().parent)
        raise InputError(f"{target}: the rejected lines could not be written: {why}.") from problem


def _validation(found: Validation) -> dict[str, Any]:
    return {
        "name": found.file,
        "hash": found.hash,
        "kind": found.kind,
        "lines": found.lines,
        "accepted": found.accepted,
        "rejected": found.rejected,
        "extended": found.extended,
        "null_for_absent": found.null_for_absent,
        "notes": list(found.notes),
        "rejects": [
            {"line": reject.line, "field": reject.field, "reason": reject.reason.value, "value": reject.value}
            for reject in found.rejects
        ],
    }


def ingest(arguments: argparse.Namespace) -> int:
    """Adds files to a pilot; too many rejected lines are exit 1, and the files are kept all the same."""
    evidence = evidence_folder(arguments)
    if evidence is not None:
        kept = keep_evidence(evidence, pilot_folder(home(), arguments.pilot))
        note_added(kept, kept.files)
        print(f"{evidence}: kept as the pilot {kept.name}.")
        return rejects_status(kept.files)
    chosen = sources(arguments)
    pilot = Pilot.create_or_open(pilot_folder(home(), arguments.pilot))
    if arguments.hash_ids:
        pilot.hash_ids()
    added, found = [], []
    for result in ingested(pilot, chosen):
        print(plain.ingest_line(result.file, added=result.added))
        if result.added:
            note_added(pilot, [result.file])
        if result.added and isinstance(result.file, LogFile):
            added.append(result.file)
        found.append(result.file)
    status = rejects_status(added)
    if unread := unread_of(chosen, found):
        raise InputError(f"{unread} {_ADDED.format(name=pilot.name)}")
    return status


def review(arguments: argparse.Namespace) -> int:
    """Prints the review."""
    since = None if arguments.since is None else _saved(arguments.since, arguments.format)
    found = review_of(arguments)
    if since is not None:
        print(_changes(since, found))
    print(to_json(found) if arguments.format == "json" else plain.review_text(found), end="")
    return rejects_status(found.inputs.files)


def _saved(path: Path, form: str) -> Review:
    """The review to compare with."""
    if form == "json":
        raise InputError("--since is for text; with --format json the review stands alone.")
    return open_saved(read_small(path, DOCUMENT_LIMIT, pipes=True), path.name)


def _changes(since: Review, found: Review) -> str:
    """What has changed since a saved review, as lines of text."""
    rows = [
        f"{what}: {before}" if before == now else f"{what}: {before} -> {now}"
        for what, before, now in change_rows(since, found)
    ]
    lines = [one_line(f"- {line}") for line in (*change_sentences(since, found), *rows)]
    return "\n".join([f"CHANGED SINCE {since.made_at}", *lines]) + "\n"


def export(arguments: argparse.Namespace) -> int:
    """Writes the review to a file, in the format of its ending."""
    ending = pack.ending_of(arguments.to.name)
    if ending is None:
        endings = ", ".join(pack.WRITERS)
        raise InputError(
            f"{arguments.to}: cannot be written in this format. Choose a name that ends in {endings}."
        )
    look = _look(arguments, ending)
    found = review_of(arguments)
    write_whole(arguments.to, pack.write(found, ending, look))
    print(f"Wrote {arguments.to}.")
    return rejects_status(found.inputs.files)


def _look(arguments: argparse.Namespace, ending: str) -> pack.Look:
    """How the file is to look; an option that its format does not have is refused, not passed over."""
    given = {name: getattr(arguments, name) for name in ("theme", "scale", "pages")}
    for name, only in (("theme", ".png"), ("scale", ".png"), ("pages", ".pdf")):
        if given[name] is not None and ending != only:
            raise InputError(f"--{name} is for {only} files; {arguments.to} is none. Leave it out.")
    return pack.Look(dark=given["theme"] == "dark", scale=given["scale"] or 1, pages=given["pages"] or "all")


def check(arguments: argparse.Namespace) -> int:
    """Prints the integrity checks of a pilot, failures first; exit 1 when one fails."""
    found = review_of(arguments)
    print("\n".join(map(one_line, plain.check_lines(found))))
    return WRONG_INPUT if any(one.status == "fail" for one in found.integrity) else DONE


def app(arguments: argparse.Namespace) -> int:
    """Starts the dashboard and stays until it is stopped."""
    if arguments.settings is not None:
        take_over(settings_from(arguments.settings), os.environ)
    check_address(sign_in_of(os.environ), arguments.address)
    family = socket.AF_INET6 if ":" in arguments.address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((arguments.address, arguments.port))
        except OSError as problem:
            raise InputError(_not_listening(problem, arguments.address, arguments.port)) from problem
    host = f"[{arguments.address}]" if ":" in arguments.address else arguments.address
    print(f"RecSys ROI is at http://{host}:{arguments.port} (stop it with Ctrl-C).", flush=True)
    command = [sys.executable, "-m", "recsys_roi.dashboard.serving"]
    command += ["--address", arguments.address, "--port", str(arguments.port)]
    try:
        environment = {**SERVING, **os.environ}
        return subprocess.run(command, env=environment, cwd=app_folder(), check=False).returncode  # noqa: S603 - our own app
    except KeyboardInterrupt:
        return DONE


def _not_listening(problem: OSError, address: str, port: int) -> str:
    """Why nothing can listen there, and what to do."""
    if problem.errno == errno.EADDRINUSE:
        return f"Port {port} is taken. Stop the program that uses it, or choose another (--port)."
    if problem.errno == errno.EACCES:
        return f"Port {port} is not for every account. Choose one above 1023 (--port)."
    return f"{address} is no address of this machine. Choose one that it has (--address)."


def rejects_status(files: Sequence[LogFile | Any]) -> int:
    """Exit 1 when the rejected lines pass the limit, said with what to do."""
    lines, rejected = (sum(getattr(file, name) for file in files) for name in ("lines", "rejected"))
    if rejected <= REJECT_LIMIT * lines:
        return DONE
    print(
        f"recsys-roi: {rejected:,} of {lines:,} lines were rejected, more than the limit of "
        f"{REJECT_LIMIT * 100:.0f} %. See them with: recsys-roi validate FILE --rejects OUT.csv",
        file=sys.stderr,
    )
    return WRONG_INPUT


def review_of(arguments: argparse.Namespace) -> Review:
    """The review that the options ask for; where they are silent, as the pilot's locked plan has it."""
    record = _record(arguments)
    given = scenario_of(arguments)
    as_of = arguments.made_at or datetime.now(UTC).replace(microsecond=0)
    with _source(arguments) as pilot:
        scenario = with_plan(given, record, declared_settings(pilot, arguments.view))
        evidence = None
        if pilot is not None and pilot.files:
            with counting_progress() as on_step:
                evidence = evidence_of(pilot, view_of(scenario), on_step)
    return evaluate(evidence, scenario, record, as_of=as_of)


def _record(arguments: argparse.Namespace) -> Record:
    """What people stated of a pilot that is kept; nothing of files."""
    if arguments.pilot is None:
        return NOTHING_WRITTEN
    folder = home()
    return StatementStore(folder, pilot_folder(folder, arguments.pilot).name).record()


@contextmanager
def _source(arguments: argparse.Namespace) -> Iterator[Pilot | None]:
    """The pilot that is meant; None for a plan without logs."""
    if arguments.pilot is not None:
        if arguments.named or arguments.contract != "auto":
            raise InputError("--map and --contract are for FILE; a pilot has read its files already.")
        yield Pilot.open(home(), arguments.pilot)
    elif (evidence := evidence_folder(arguments)) is not None:
        yield open_evidence(evidence)
    elif arguments.files:
        chosen = sources(arguments)
        with temporary_pilot() as pilot:
            check_map(chosen, [result.file for result in ingested(pilot, chosen)])
            yield pilot
    else:
        yield None


def scenario_of(arguments: argparse.Namespace) -> Scenario:
    """The scenario file, then the single settings, then the names: the later wins."""
    scenario = Scenario.of({})
    if arguments.scenario is not None:
        try:
            scenario = Scenario.from_json(
                read_small(arguments.scenario, DOCUMENT_LIMIT, pipes=True).decode("utf-8")
            )
        except UnicodeDecodeError:
            raise InputError(f"{arguments.scenario}: is not UTF-8 text, so it is no scenario.") from None
    scenario = scenario.updated(Scenario.from_pairs(arguments.pairs).given)
    named = {name: getattr(arguments, name) for name in NAMED_SETTINGS}
    return scenario.updated({name: value for name, value in named.items() if value is not None})
