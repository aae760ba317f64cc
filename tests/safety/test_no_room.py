"""Forgetting a user and deleting rows on a full or read-only disk: a sentence, nothing lost, a way on."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from recsys_roi.demo import write_demo
from recsys_roi.doctor.examining import examine
from recsys_roi.errors import RIGHTS, PilotError
from recsys_roi.evidence.counting import counts_of
from recsys_roi.evidence.retaining import retain
from recsys_roi.logs.finding import logs_in
from recsys_roi.logs.forgetting import forget_user
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, pilot_folder
from tests.safety.killed import NOW, PILOT
from tests.safety.without_rights import WITHOUT_RIGHTS

USER = "somebody-to-forget"
PARTING = "rejected-value-of-somebody-to-forget"
LIMITS = (10, 300)  # bytes that one file may have
WRITES = frozenset({"rename", "replace", "fsync", "mkdir", "write", "write_parquet", "unlink"})
STEPS: dict[str, Callable[[Pilot], object]] = {
    "forget": lambda pilot: forget_user(pilot, USER),
    "retain": lambda pilot: retain(pilot, days=30, now=NOW),
}
steps = pytest.mark.parametrize("step", STEPS)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a pilot that is counted, in which one user is to be forgotten."""
    home, logs = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("logs")
    write_demo(logs, requests=1200, seed=3, lift=0.05)
    user = json.loads((logs / "exposures.jsonl").read_text(encoding="utf-8").splitlines()[0])["user_id"]
    for file in logs.glob("*.jsonl"):
        lines = file.read_text(encoding="utf-8").replace(f'"{user}"', f'"{USER}"')
        file.write_text(f'{lines}{{"user_id": "{PARTING}"\n', encoding="utf-8")
    pilot = Pilot.create_or_open(pilot_folder(home, PILOT))
    ingest_files(pilot, logs_in(logs).files)
    counts_of(pilot)
    return home


@pytest.fixture
def pilot(template: Path, tmp_path: Path) -> Pilot:
    shutil.copytree(template, tmp_path / "home")
    return Pilot.open(tmp_path / "home", PILOT)


def contents(folder: Path) -> dict[Path, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")  # names a process
    return {path.relative_to(folder): path.read_bytes() for path in files}


def well(pilot: Pilot) -> bool:
    found = list(examine(pilot.folder.parent.parent, pilot=PILOT, now=NOW, sign_in=False))
    return not [one for one in found if one.status == "fail"]


def rows_and_values(pilot: Pilot) -> tuple[int, int]:
    rows = sum(file.records for file in pilot.files)
    return rows, sum(bool(reject.value) for reject in pilot.rejects())


def done_after_all(pilot: Pilot, step: str) -> None:
    """With room again the step is done, and nothing is left of what it takes away."""
    STEPS[step](pilot)
    assert well(pilot)
    if step == "forget":
        assert forget_user(pilot, USER).files == 0
    left = b"".join(contents(pilot.folder).values())
    assert USER.encode() not in left
    assert step == "forget" or not list(pilot.folder.glob("*.parquet"))


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """A real limit of the system, which DuckDB meets too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def disk_that_fills(at: int, code: int) -> Iterator[Callable[[], int]]:
    """The call with that number, of those that write, fails as the system says it; gives their number."""
    writes = 0

    def watch(_: FrameType, event: str, called: object) -> None:
        nonlocal writes
        text = isinstance(getattr(called, "__self__", None), str)  # str.replace writes nothing
        if event == "c_call" and getattr(called, "__name__", "") in WRITES and not text:
            writes += 1
            if writes == at:
                raise OSError(code, os.strerror(code))

    sys.setprofile(watch)
    try:
        yield lambda: writes
    finally:
        sys.setprofile(None)


@steps
@pytest.mark.parametrize("limit", LIMITS)
def test_a_file_that_may_not_grow_leaves_the_pilot_as_it_was(pilot: Pilot, step: str, limit: int):
    before, had = contents(pilot.folder), rows_and_values(pilot)
    with (
        no_file_larger_than(limit),
        pytest.raises(PilotError, match="nothing was changed: no file in") as told,
    ):
        STEPS[step](pilot)
    assert USER not in str(told.value)
    assert before.items() <= contents(pilot.folder).items()
    assert rows_and_values(pilot) == had
    assert well(pilot)
    done_after_all(pilot, step)


@steps
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_fills_at_any_write_loses_nothing(template: Path, tmp_path: Path, step: str, code: int):
    at, failed = 0, 0
    while True:
        at += 1
        home = shutil.copytree(template, tmp_path / f"{at}")
        pilot = Pilot.open(home, PILOT)
        had = rows_and_values(pilot)
        try:
            with disk_that_fills(at, code) as writes:
                STEPS[step](pilot)
        except PilotError as problem:
            failed += 1
            told = str(problem)
            assert USER not in told
            assert any(said in told for said in ("cannot be", "could not be", "not all could be")), told
            if "nothing was changed" in told:
                assert rows_and_values(pilot) == had, told
        if writes() < at:
            break
        done_after_all(pilot, step)
        shutil.rmtree(home)
    assert failed >= 8
    assert at > failed


RUN = "import sys; from recsys_roi.cli import main; sys.exit(main())"


@steps
def test_a_folder_that_may_not_be_written_is_a_sentence(pilot: Pilot, step: str):
    words = {"forget": [USER], "retain": ["--days", "30"]}[step]
    command = [sys.executable, "-c", RUN, step, "--pilot", PILOT, *words]
    before = contents(pilot.folder)
    pilot.folder.chmod(0o500)
    home = str(pilot.folder.parent.parent)
    try:
        done = subprocess.run(
            [*WITHOUT_RIGHTS, *command],
            env={**os.environ, "RECSYS_ROI_HOME": home},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        pilot.folder.chmod(0o700)
    assert done.returncode == 1, done.stderr
    assert done.stderr == (
        f"recsys-roi: The pilot {PILOT} cannot be written: permission denied ({pilot.folder}). {RIGHTS}.\n"
    )
    assert contents(pilot.folder) == before
    done_after_all(pilot, step)
