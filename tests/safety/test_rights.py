"""Folders and files that the account may not read or write: a sentence with the place and the way on."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from recsys_roi.cli import main
from recsys_roi.demo import write_demo
from recsys_roi.errors import RIGHTS
from tests.safety.without_rights import WITHOUT_RIGHTS

PAGES = ("summary", "logs", "risks")
PILOT, LOGS = "Pilot", ("exposures", "outcomes", "assignments")
SECONDS = 90
NOTHING, READ_ONLY = 0o000, 0o555
ON_RECORD = "Check the rights on its folder"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a counted pilot, its logs, evidence of them, settings of the machine and a scenario."""
    folder = tmp_path_factory.mktemp("rights")
    write_demo(folder / "logs", requests=1000, seed=3, lift=0.05)
    with (folder / "logs" / "outcomes.jsonl").open("a") as file:
        file.write("{broken\n")
    (folder / "out").mkdir()
    (folder / "settings.env").write_text("RECSYS_ROI_LOG=json\n")
    (folder / "scenario.json").write_text('{"margin": 0.4}')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_ROI_HOME", str(folder / "home"))
        assert main(["ingest", "--pilot", PILOT, *logs(folder)]) == 0
        assert main(["review", "--pilot", PILOT]) == 0
    assert main(["evidence", *logs(folder), "--to", str(folder / "evidence")]) == 0
    return folder


@pytest.fixture
def place(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "place", symlinks=True)


def logs(folder: Path) -> list[str]:
    return [str(folder / "logs" / f"{name}.jsonl") for name in LOGS]


@contextmanager
def mode(path: Path, rights: int) -> Iterator[None]:
    """A file or folder with other rights, and its own again."""
    before = path.stat().st_mode & 0o7777
    path.chmod(rights)
    try:
        yield
    finally:
        path.chmod(before)


def surroundings(place: Path) -> dict[str, str]:
    home, path = str(place / "home"), os.pathsep.join(sys.path)
    return {**os.environ, "RECSYS_ROI_HOME": home, "PYTHONPATH": path}


def bound(place: Path, *command: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """A command in a process that rights bind, whoever runs the tests."""
    return subprocess.run(
        [*WITHOUT_RIGHTS, sys.executable, *command],
        input=given,
        env=surroundings(place) | more,
        cwd=place.parent,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def said(place: Path, calls: Sequence[Sequence[str]], **more: str) -> list[tuple[int, str]]:
    """Status and words of each command line."""
    done = bound(place, "-m", "tests.safety.command", given=json.dumps(calls), **more)
    assert done.returncode == 0, done.stderr[-2000:]
    return [(status, text) for status, text in json.loads(done.stdout)]


def everything(folder: Path) -> dict[str, bytes]:
    """All files of a folder but for SQLite's own beside the record, and who wrote last."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "record.sqlite-" not in path.name and path.name != ".lock"
    }


OF_PILOT = (
    ["review", "--pilot", PILOT],
    ["export", "--pilot", PILOT, "--to", "{}/out/x.md"],
    ["ingest", "--pilot", PILOT, "{}/more.jsonl"],
    ["forget", "--pilot", PILOT, "nobody"],
    ["retain", "--pilot", PILOT, "--days", "9000"],
    ["plan", "--pilot", PILOT],
)
READING = (
    ["validate", "{}/logs/exposures.jsonl"],
    ["review", "{}/logs"],
    ["ingest", "--pilot", "New", "{}/logs"],
    ["evidence", "{}/logs", "--to", "{}/out/counted"],
)
OF_EVIDENCE = (
    ["review", "{}/evidence"],
    ["ingest", "--pilot", "New", "{}/evidence"],
    ["evidence", "--merge", "{}/evidence", "--to", "{}/out/merged"],
    ["forget", "--evidence", "{}/evidence", "nobody"],
)
WRITING = (
    ["export", "--pilot", PILOT, "--to", "{}/out/x.md"],
    ["export", "--pilot", PILOT, "--to", "{}/out/x.pdf"],
    ["evidence", "{}/logs", "--to", "{}/out/counted"],
    ["demo", "{}/out/demo"],
    ["validate", "{}/logs/exposures.jsonl", "--rejects", "{}/out/rejects.csv"],
    ["plan", "--to", "{}/out/plan.md"],
)
CASES = {
    "home unreadable": ("home", NOTHING, OF_PILOT, RIGHTS),
    "pilots unreadable": ("home/pilots", NOTHING, OF_PILOT, RIGHTS),
    "pilot unreadable": (f"home/pilots/{PILOT}", NOTHING, OF_PILOT, RIGHTS),
    "manifest unreadable": (f"home/pilots/{PILOT}/manifest.json", NOTHING, OF_PILOT, RIGHTS),
    "counts unreadable": (f"home/pilots/{PILOT}/counts", NOTHING, OF_PILOT[:2], RIGHTS),
    "pilot unwritable": (f"home/pilots/{PILOT}", READ_ONLY, OF_PILOT[2:4], RIGHTS),
    "pilots unwritable": ("home/pilots", READ_ONLY, READING[2:3], RIGHTS),
    "home unwritable": ("home", READ_ONLY, OF_PILOT[:2], ON_RECORD),
    "record unreadable": ("home/record.sqlite", NOTHING, OF_PILOT[:2], ON_RECORD),
    "log unreadable": ("logs/exposures.jsonl", NOTHING, READING, RIGHTS),
    "logs unreadable": ("logs", NOTHING, READING, RIGHTS),
    "logs without a way in": ("logs", 0o444, READING, RIGHTS),
    "evidence unreadable": ("evidence", NOTHING, OF_EVIDENCE, RIGHTS),
    "manifest of evidence unreadable": ("evidence/manifest.json", NOTHING, OF_EVIDENCE, RIGHTS),
    "counts of evidence unreadable": ("evidence/counts", NOTHING, OF_EVIDENCE[:2], RIGHTS),
    "settings unreadable": ("settings.env", NOTHING, (["app", "--settings", "{}/settings.env"],), RIGHTS),
    "scenario unreadable": (
        "scenario.json",
        NOTHING,
        (["review", "{}/logs", "--scenario", "{}/scenario.json"],),
        RIGHTS,
    ),
    "out unwritable": ("out", READ_ONLY, WRITING, RIGHTS),
}


@pytest.mark.parametrize("case", CASES)
def test_commands_say_what_and_where_and_lose_nothing(place: Path, case: str):
    within, rights, commands, way_on = CASES[case]
    (place / "more.jsonl").write_text(Path(logs(place)[0]).read_text().replace('"r', '"q'))
    before = everything(place)
    with mode(place / within, rights):
        answers = said(place, [[word.format(place) for word in command] for command in commands])
    for command, (status, text) in zip(commands, answers, strict=True):
        last = text.splitlines()[-1]
        assert status == 1, (command, text)
        assert "Traceback" not in text
        assert last.startswith("recsys-roi: "), (command, text)
        assert way_on in last, (command, text)
        assert str(place) in last, (command, text)
        assert "Delete" not in last, (command, text)
    after = everything(place)
    assert {name: after.get(name) for name in before} == before


@pytest.mark.parametrize(
    ("within", "rights", "found"),
    [
        (
            "home",
            NOTHING,
            "fail home: {}/home cannot be read. Give its rights to the account that runs this.",
        ),
        ("home/pilots", NOTHING, "fail pilots: The pilots in {}/home/pilots cannot be read"),
        (
            f"home/pilots/{PILOT}",
            NOTHING,
            f"fail {PILOT}: The pilot {PILOT} cannot be read: permission denied",
        ),
        (
            f"home/pilots/{PILOT}/counts",
            NOTHING,
            f"fail {PILOT}: Its counts in {{}}/home/pilots/{PILOT}/counts",
        ),
        ("home", READ_ONLY, "fail home: {}/home cannot be written."),
        ("home/record.sqlite", NOTHING, "fail record: {}/home/record.sqlite: cannot be written here."),
    ],
)
def test_the_doctor_names_it_and_goes_on(place: Path, within: str, rights: int, found: str):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_ROI_HOME", str(place / "home"))
        main(["ingest", "--pilot", "Another", *logs(place)])
    with mode(place / within, rights):
        ((status, text),) = said(place, [["doctor"]])
    assert status == 1
    assert found.format(place) in text
    assert "Delete" not in text
    if within.startswith(f"home/pilots/{PILOT}"):
        assert "ok Another: 3 files as the manifest says." in text


@pytest.mark.parametrize("ending", ["parquet", "rejects.jsonl"])
def test_nobody_is_told_to_delete_what_only_lacks_rights(place: Path, ending: str):
    files = sorted((place / "home" / "pilots" / PILOT).glob(f"*.{ending}"))
    for file in files:
        file.chmod(NOTHING)
    answers = said(place, [["doctor"], ["forget", "--pilot", PILOT, "nobody"]])
    for status, text in answers:
        assert status == 1
        assert RIGHTS in text
        assert "Delete" not in text
        assert "damaged" not in text


def test_one_pilot_that_cannot_be_read_keeps_no_other_from_its_retention(place: Path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_ROI_HOME", str(place / "home"))
        main(["ingest", "--pilot", "Zeta", *logs(place)])
        main(["retain", "--pilot", "Zeta", "--days", "9000"])
    with mode(place / "home" / "pilots" / PILOT, NOTHING):
        ((status, text),) = said(place, [["retain"]])
    assert status == 1
    assert text.startswith(f"recsys-roi: The pilot {PILOT} cannot be read: permission denied")


def test_where_the_folder_for_passing_files_is_closed_another_is_taken(place: Path):
    closed = place / "closed"
    closed.mkdir(mode=READ_ONLY)
    ((status, text),) = said(place, [["review", f"{place}/logs"]], TMPDIR=str(closed))
    assert status == 0, text
    assert list(closed.iterdir()) == []


@pytest.mark.parametrize(
    ("within", "rights", "shown"),
    [
        ("home", NOTHING, "cannot be read: permission denied"),
        (f"home/pilots/{PILOT}", NOTHING, f"The pilot {PILOT} cannot be read: permission denied"),
        (f"home/pilots/{PILOT}/counts", NOTHING, "The counts cannot be read: permission denied"),
        ("home", READ_ONLY, "record.sqlite: cannot be written here"),
    ],
)
def test_pages_say_it(place: Path, within: str, rights: int, shown: str):
    with mode(place / within, rights):
        asked = json.dumps({PILOT: PAGES})
        done = bound(place, "-m", "tests.safety.pages_said", str(place / "said.json"), given=asked)
    assert done.returncode == 0, done.stderr[-2000:]
    for page, said_there in json.loads((place / "said.json").read_text())[PILOT].items():
        assert said_there["faults"] == "", page
        assert shown in said_there["problems"], page
        assert "Traceback" not in said_there["text"]


def test_the_app_starts_where_its_home_is_closed(place: Path):
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*WITHOUT_RIGHTS, sys.executable, "-m", "recsys_roi.dashboard.serving"]
    command += ["--address", "127.0.0.1", "--port", str(port)]
    with mode(place / "home", NOTHING):
        app = subprocess.Popen(
            command, env=surroundings(place), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            assert healthy(port)
        finally:
            app.kill()
            app.wait()


def healthy(port: int) -> bool:
    """Whether the app answers before too long."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(OSError), closing(HTTPConnection("127.0.0.1", port, timeout=5)) as asked:
            asked.request("GET", "/_stcore/health")
            return asked.getresponse().read() == b"ok"
        time.sleep(0.2)
    return False
