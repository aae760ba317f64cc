"""Hashed user ids, forgetting a user, and rows that are deleted when their time is over."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import recsys_roi
from recsys_roi.demo import write_demo
from recsys_roi.errors import InputError, PilotError
from recsys_roi.evidence.retaining import retain, rows_left
from recsys_roi.logs.finding import logs_in
from recsys_roi.logs.forgetting import forget_user
from recsys_roi.logs.hashing import SALT, hashed
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, pilot_folder
from recsys_roi.review.document import Review

AS_OF = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    write_demo(folder, requests=3000, seed=5, lift=0.1)
    return folder


@pytest.fixture
def plain(tmp_path: Path, logs: Path) -> Pilot:
    return filled(tmp_path / "home", "Plain", logs)


def filled(home: Path, name: str, logs: Path, *, hash_ids: bool = False) -> Pilot:
    pilot = Pilot.create_or_open(pilot_folder(home, name))
    if hash_ids:
        pilot.hash_ids()
    ingest_files(pilot, logs_in(logs).files)
    return pilot


def reviewed(pilot: Pilot) -> Review:
    home = pilot.folder.parent.parent
    return recsys_roi.open_pilot(pilot.name, home_folder=home).review(as_of=AS_OF, flips=False)


def everything_kept(pilot: Pilot) -> bytes:
    """Every byte of the pilot, Parquet unpacked."""
    kept = [path.read_bytes() for path in pilot.folder.rglob("*") if path.is_file()]
    with pilot.connect() as connection:
        for table in ("exposures", "outcomes", "assignments"):
            kept.append(repr(connection.table(table).fetchall()).encode())
    return b"\n".join(kept)


def users_of(logs: Path) -> list[str]:
    lines = (logs / "exposures.jsonl").read_text(encoding="utf-8").splitlines()
    return sorted({json.loads(line)["user_id"] for line in lines})


def agree(one: object, other: object, where: str = "") -> None:
    """Equal, numbers to the last digits that the order of summing may change."""
    if isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for key in one:
            agree(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), where
        for place, (left, right) in enumerate(zip(one, other, strict=True)):
            agree(left, right, f"{where}[{place}]")
    elif isinstance(one, float):
        assert other == pytest.approx(one, rel=1e-6, abs=1e-9), where
    else:
        assert one == other, where


def test_hashed_ids_give_the_same_review(plain: Pilot, logs: Path):
    hidden = filled(plain.folder.parent.parent, "Hidden", logs, hash_ids=True)
    agree(reviewed(plain).model_dump(mode="json"), reviewed(hidden).model_dump(mode="json"))


def test_with_hashed_ids_no_plain_id_is_kept_anywhere(plain: Pilot, logs: Path):
    hidden = filled(plain.folder.parent.parent, "Hidden", logs, hash_ids=True)
    users = users_of(logs)
    kept = everything_kept(hidden)
    assert not any(user.encode() in kept for user in users)
    assert f"'{users[0]}'".encode() in everything_kept(plain)
    salt = (hidden.folder / SALT).read_text()
    assert f"'{hashed(salt, users[0])}'".encode() in kept


def test_rejected_lines_keep_no_id_where_ids_are_hashed(tmp_path: Path):
    log = tmp_path / "exposures.jsonl"
    good = {"request_id": "r1", "user_id": "u-77777", "ts": "2026-11-01T10:00:00Z", "items": []}
    bad = [
        '{"request_id": "r2", "user_id": "u-77777"',
        json.dumps({**good, "user_id": 77777, "request_id": "r3"}),
    ]
    log.write_text("\n".join([json.dumps(good), *bad]) + "\n")
    pilot = Pilot.create_or_open(pilot_folder(tmp_path / "home", "Hidden"))
    pilot.hash_ids()
    ingest_files(pilot, [log], "exposure.v1")
    assert [reject.line for reject in pilot.rejects()] == [2, 3]
    assert "77777" not in "".join(pilot.rejects_csv())


def test_the_id_of_a_session_is_hashed_too_for_it_may_hold_that_of_the_user(tmp_path: Path):
    log = tmp_path / "exposures.jsonl"
    good = {"request_id": "r1", "user_id": "u-77777", "ts": "2026-11-01T10:00:00Z", "items": []}
    contexts = [{"surface": "home", "session_id": "u-77777-1"}, {"surface": "home"}, {}, None]
    bad = [{"session_id": 77777}, {"session_id": ["u-77777"]}, "u-77777"]
    lines = [{**good, "request_id": f"r{n}", "context": one} for n, one in enumerate([*contexts, *bad])]
    log.write_text("\n".join(map(json.dumps, [good, *lines])) + "\n")
    pilot = Pilot.create_or_open(pilot_folder(tmp_path / "home", "Hidden"))
    pilot.hash_ids()
    ingest_files(pilot, [log])
    with pilot.connect() as connection:
        kept = [context for (context,) in connection.table("exposures").project("context").fetchall()]
    session = hashed((pilot.folder / SALT).read_text(), "u-77777-1")
    assert kept == [None, {"surface": "home", "session_id": session}, {"surface": "home"}, {}, None]
    assert [reject.line for reject in pilot.rejects()] == [6, 7, 8]
    assert "77777" not in "".join(pilot.rejects_csv())
    assert b"77777" not in everything_kept(pilot)


def test_the_salt_is_its_owners_only_and_differs_by_pilot(tmp_path: Path):
    salts = []
    for name in ("One", "Two"):
        pilot = Pilot.create_or_open(pilot_folder(tmp_path, name))
        pilot.hash_ids()
        assert (pilot.folder / SALT).stat().st_mode & 0o777 == 0o600
        salts.append((pilot.folder / SALT).read_text())
    assert salts[0] != salts[1]


def test_hashing_begins_with_the_first_file_or_not_at_all(plain: Pilot):
    with pytest.raises(PilotError, match="plain user ids"):
        plain.hash_ids()


def test_without_its_salt_a_pilot_takes_no_logs_and_opens_as_before(tmp_path: Path, logs: Path):
    hidden = filled(tmp_path, "Hidden", logs, hash_ids=True)
    before = reviewed(hidden)
    (hidden.folder / SALT).unlink()
    more = tmp_path / "exposures.jsonl"
    more.write_text('{"request_id": "x", "user_id": "u", "ts": "2026-11-01T10:00:00Z", "items": []}\n')
    with pytest.raises(PilotError, match="salt of Hidden is gone"):
        ingest_files(hidden, [more])
    assert reviewed(hidden) == before


@pytest.mark.parametrize("hash_ids", [False, True])
def test_a_forgotten_user_is_as_one_who_never_came(tmp_path: Path, logs: Path, hash_ids: bool):
    user = users_of(logs)[3]
    without = tmp_path / "without"
    without.mkdir()
    rows = 0
    for file in logs_in(logs).files:
        lines = file.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if json.loads(line)["user_id"] != user]
        rows += len(lines) - len(kept)
        (without / file.name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    never = filled(tmp_path / "home", "Never", without)
    pilot = filled(tmp_path / "home", "Pilot", logs, hash_ids=hash_ids)
    reviewed(pilot)
    assert forget_user(pilot, user).rows == rows > 0
    one, other = (reviewed(found).model_dump(mode="json") for found in (pilot, never))
    for part in ("experiment", "kpis", "guardrails", "decision", "roi", "waiting"):  # lines read stay as read
        agree(one[part], other[part])
    assert f"'{user}'".encode() not in everything_kept(pilot)
    assert forget_user(pilot, user).files == 0


def test_what_names_the_user_in_rejected_lines_goes_too(tmp_path: Path):
    log = tmp_path / "exposures.jsonl"
    log.write_text('{"request_id": "r2", "user_id": "u-77777"\n{"request_id": "r3", "user_id": "u-8"\n')
    pilot = Pilot.create_or_open(pilot_folder(tmp_path / "home", "Pilot"))
    ingest_files(pilot, [log], "exposure.v1")
    assert forget_user(pilot, "u-77777").values == 1
    told = "".join(pilot.rejects_csv())
    assert "u-77777" not in told
    assert "u-8" in told


def test_rows_stay_until_their_time_is_over(plain: Pilot):
    oldest = min(span for span in [reviewed(plain).experiment.window.start])
    early = datetime.fromisoformat(oldest) + timedelta(days=29)
    found = retain(plain, days=30, now=early)
    assert not found.deleted
    assert found.due > early
    assert plain.counted is None


def test_after_their_time_the_rows_are_gone_and_the_review_opens_marked(plain: Pilot, logs: Path):
    before = reviewed(plain)
    user = users_of(logs)[0]
    assert retain(plain, days=30, now=AS_OF + timedelta(days=400)).deleted
    after = reviewed(plain)
    assert after.inputs.rows_deleted == (AS_OF + timedelta(days=400)).isoformat().replace("+00:00", "Z")
    same = after.inputs.model_copy(update={"rows_deleted": None})
    age = {risk.id: risk for risk in before.risks}["kept_too_long"]  # of rows that are gone no age is told
    risks = tuple(age if risk.id == age.id else risk for risk in after.risks)
    assert after.model_copy(update={"inputs": same, "risks": risks}) == before
    assert rows_left(plain) == ()
    kept = b"".join(path.read_bytes() for path in plain.folder.rglob("*") if path.is_file())
    assert user.encode() not in kept
    with pytest.raises(PilotError):
        ingest_files(plain, [logs / "exposures.jsonl"])


def test_a_deletion_that_was_killed_is_finished_by_the_next(plain: Pilot):
    rows = [path for file in plain.files for path in [plain.kept_of(file)[0]]]
    kept = {path: path.read_bytes() for path in rows}
    retain(plain, days=30, now=AS_OF + timedelta(days=400))
    rows[0].write_bytes(kept[rows[0]])
    assert rows_left(plain) == (rows[0].name,)
    retain(plain, days=30, now=AS_OF + timedelta(days=401))
    assert rows_left(plain) == ()


def test_days_below_one_are_refused(plain: Pilot):
    with pytest.raises(InputError, match="Rows are kept for 1 day or more; 0 was given"):
        retain(plain, days=0, now=AS_OF)
