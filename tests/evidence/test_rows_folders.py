"""A user is taken out of evidence folders with rows, and their rows go when their time is over."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys

import duckdb
import pytest

from recsys_roi.cli import main
from recsys_roi.demo import write_demo
from recsys_roi.evidence.counting import TABLES, counts_of
from recsys_roi.evidence.folder import open_evidence
from recsys_roi.evidence.kept_rows import ROWS
from recsys_roi.logs.hashing import hashed
from recsys_roi.logs.manifest import read_manifest

KINDS = ("exposures", "outcomes", "assignments")


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """A demo, a user of it with outcomes, and a rejected line that names them."""
    folder = tmp_path_factory.mktemp("logs")
    write_demo(folder, requests=1000, seed=3, lift=0.05)
    outcomes = folder / "outcomes.jsonl"
    user = json.loads(outcomes.read_bytes().splitlines()[5])["user_id"]
    with outcomes.open("ab") as file:
        file.write(json.dumps({"request_id": "x", "colour": f"of {user}"}).encode() + b"\n")
    return folder, user


@pytest.fixture
def day(logs, tmp_path):
    """An evidence folder with rows."""
    folder, _ = logs
    main(
        [
            "evidence",
            *(str(folder / f"{kind}.jsonl") for kind in KINDS),
            "--with-rows",
            "--to",
            str(tmp_path / "day"),
        ]
    )
    return tmp_path / "day"


def held(folder):
    """All that is in the rows and rejected lines of a folder."""
    parts = [str(part) for part in (folder / ROWS).glob("*.parquet")]
    users = {user for (user,) in duckdb.read_parquet(parts, union_by_name=True).project("user_id").fetchall()}
    return users, b"".join(part.read_bytes() for part in folder.glob("*.rejects.jsonl"))


def counts(folder):
    with counts_of(open_evidence(folder)).connect() as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in TABLES
        }


def test_a_user_is_forgotten_in_its_place(logs, day, tmp_path, capsys):
    folder, user = logs
    assert user in held(day)[0]
    assert user.encode() in held(day)[1]
    assert main(["forget", "--evidence", str(day), user]) == 0
    said = capsys.readouterr().out
    assert "were taken out, and 1 values of rejected lines; its counts were made anew" in said
    users, rejected = held(day)
    assert user not in users
    assert user.encode() not in rejected
    for kind in KINDS:
        lines = (folder / f"{kind}.jsonl").read_bytes().splitlines(keepends=True)
        (tmp_path / f"{kind}.jsonl").write_bytes(
            b"".join(line for line in lines if json.loads(line).get("user_id") != user)
        )
    main(
        ["evidence", *(str(tmp_path / f"{kind}.jsonl") for kind in KINDS), "--to", str(tmp_path / "without")]
    )
    found, wanted = counts(day), counts(tmp_path / "without")
    del found["reject_days"], wanted["reject_days"]  # rows are no lines any more where some were taken out
    assert found == wanted
    stems = {file.hash.removeprefix("blake3:") for file in read_manifest(day).files}
    assert {name.partition(".")[0].partition("-r")[0] for name in names(day / ROWS)} == stems
    assert len(names(day / ROWS)) == len(names(day / "counts")) + 2 == 3
    assert main(["forget", "--evidence", str(day), user]) == 0
    assert "Nothing of that user is in" in capsys.readouterr().out
    assert main(["evidence", "--merge", str(day), "--to", str(tmp_path / "merged")]) == 0


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_user_is_forgotten_where_ids_are_hashed(logs, tmp_path, capsys):
    folder, user = logs
    salt, day = tmp_path / "salt", tmp_path / "day"
    files = [str(folder / f"{kind}.jsonl") for kind in KINDS]
    main(["evidence", *files, "--with-rows", "--hash-ids", str(salt), "--to", str(day)])
    kept_as = hashed(salt.read_text(encoding="ascii"), user)
    assert kept_as in held(day)[0]
    assert main(["forget", "--evidence", str(day), user]) == 1
    assert "are hashed. Name the file of their salt with --hash-ids" in capsys.readouterr().err
    assert main(["forget", "--evidence", str(day), "--hash-ids", str(tmp_path / "none"), user]) == 1
    assert "is no file of a salt" in capsys.readouterr().err
    assert main(["forget", "--evidence", str(day), "--hash-ids", str(salt), user]) == 0
    assert kept_as not in held(day)[0]
    assert open_evidence(day).counted.kept_rows.salt is not None


def test_rows_go_when_their_time_is_over(day, tmp_path, capsys):
    before = counts(day)
    assert main(["retain", "--evidence", str(day), "--days", "100000"]) == 0
    assert "Nothing was deleted: the oldest event of" in capsys.readouterr().out
    assert main(["retain", "--evidence", str(day), "--days", "1", "--dry-run"]) == 0
    assert "rows of" in capsys.readouterr().out
    assert (day / ROWS).is_dir()
    assert main(["retain", "--evidence", str(day), "--days", "1"]) == 0
    assert "were deleted. Its counts stay." in capsys.readouterr().out
    assert not (day / ROWS).exists()
    assert all(not reject.value for reject in open_evidence(day).rejects())
    assert counts(day) == before
    assert open_evidence(day).counted.rows_deleted is not None
    assert main(["retain", "--evidence", str(day), "--days", "1"]) == 0
    assert "holds no rows" in capsys.readouterr().out
    assert main(["evidence", "--merge", str(day), "--to", str(tmp_path / "to")]) == 1


KILLED = """
import os, signal, sys
from recsys_roi.cli import main
touches = 0
def watch(event, told):
    global touches
    # How often the manifest is read depends on how old it is, so it is no moment to kill at.
    if event == "open" and (isinstance(told[0], int) or str(told[0]).endswith("manifest.json")):
        return
    if event in ("open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.link"):
        touches += 1
        if touches == int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
main(["forget", "--evidence", *sys.argv[2:]])
print(touches, file=sys.stderr)
"""


def test_a_killed_forgetting_is_made_good_by_the_next(logs, day, tmp_path):
    _, user = logs

    def run(kill_at, folder):
        command = [sys.executable, "-c", KILLED, str(kill_at), str(folder), user]
        return subprocess.run(command, capture_output=True, check=False, text=True)

    shutil.copytree(day, tmp_path / "whole")
    touches = int(run(0, tmp_path / "whole").stderr.split()[-1])
    wanted = counts(tmp_path / "whole")
    for moment in (0.6, 0.95, 0.98, 1.0):
        folder = tmp_path / f"killed at {moment}"
        shutil.copytree(day, folder)
        assert run(int(touches * moment), folder).returncode == -signal.SIGKILL
        assert len(counts(folder)["newest"]) == 3  # it opens
        assert run(0, folder).returncode == 0
        assert counts(folder) == wanted
        assert user not in held(folder)[0]
        assert len(names(folder / ROWS)) == 3
        assert not list(folder.glob(".forgetting-*"))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["retain", "--days", "0"], "Rows are kept for 1 day or more; 0 was given"),
        (["retain"], "Say how many days the rows are kept: --days 90"),
        (["forget", "--hash-ids", "SALT", "u"], "The user ids of"),
        (["forget", " "], "Say which user"),
    ],
)
def test_what_cannot_be_done_is_said(day, tmp_path, capsys, command, said):
    (tmp_path / "salt").write_text("0" * 64, encoding="ascii")
    given = [str(tmp_path / "salt") if part == "SALT" else part for part in command]
    assert main([given[0], "--evidence", str(day), *given[1:]]) == 1
    assert said in capsys.readouterr().err


def test_folders_without_rows_and_others_are_said(logs, tmp_path, capsys):
    folder, user = logs
    main(["evidence", str(folder / "outcomes.jsonl"), "--to", str(tmp_path / "counts")])
    assert main(["forget", "--evidence", str(tmp_path / "counts"), user]) == 1
    assert "holds counts and no rows" in capsys.readouterr().err
    assert main(["forget", "--evidence", str(tmp_path / "none"), user]) == 1
    assert "is no evidence folder, or is damaged" in capsys.readouterr().err
    assert main(["forget", "--pilot", "Autumn", "--hash-ids", str(tmp_path / "salt"), user]) == 1
    assert "--hash-ids is for --evidence" in capsys.readouterr().err
