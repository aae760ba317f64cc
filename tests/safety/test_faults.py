"""Killed at any moment, on a read-only or full disk, of another version: a sentence, and nothing lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

import recsys_roi
from recsys_roi.demo import write_demo
from recsys_roi.doctor.examining import examine
from recsys_roi.errors import ConflictError, PilotError, RecordError, UnknownNameError
from recsys_roi.evidence.counting import counts_folder, counts_of
from recsys_roi.evidence.reading import open_counts
from recsys_roi.evidence.retaining import retain
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.finding import logs_in
from recsys_roi.logs.forgetting import forget_user
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, pilot_folder
from recsys_roi.record import file as record_file
from recsys_roi.record.scenarios import ScenarioStore
from recsys_roi.record.statements import StatementStore
from recsys_roi.review.evaluate import view_of
from recsys_roi.value.scenario import Scenario
from tests.safety.killed import NOW, PILOT, SCENARIO

POINTS = {"count": 12, "save": 8, "export": 10, "forget": 16, "retain": 16, "migrate": 12}
EXPORTED = b"what was exported before\n"
OLD_SCHEMAS = 2


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a pilot, a saved scenario and an exported file."""
    home, logs = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("logs")
    write_demo(logs, requests=1200, seed=3, lift=0.05)
    pilot = Pilot.create_or_open(pilot_folder(home, PILOT))
    ingest_files(pilot, logs_in(logs).files)
    store = ScenarioStore(home, PILOT)
    store.save(SCENARIO, {"margin": 0.3}, fingerprint="sha256:1", who="Anna", at=NOW)
    (home / "review.json").write_bytes(EXPORTED)
    first = (logs / "exposures.jsonl").read_text(encoding="utf-8").splitlines()[0]
    (home / "user").write_text(json.loads(first)["user_id"])
    return home


def killed(step: str, template: Path, to: Path) -> list[Path]:
    """The homes in which a step was killed, each at another moment."""
    command = [sys.executable, "-m", "tests.safety.killed", step, str(template), str(to), str(POINTS[step])]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    homes = sorted(path for path in to.iterdir() if path.name != "whole")
    assert len(homes) == POINTS[step]
    return homes


def well(home: Path) -> bool:
    """Whether the doctor finds nothing lost or broken."""
    found = list(examine(home, pilot=None, now=NOW, sign_in=False))
    return not [one for one in found if one.status == "fail"]


def reviewed(home: Path) -> recsys_roi.Review:
    return recsys_roi.open_pilot(PILOT, home_folder=home).review(as_of=NOW, flips=False)


def test_killed_while_counting(template: Path, tmp_path: Path):
    whole = reviewed(shutil.copytree(template, tmp_path / "by-itself"))
    for home in killed("count", template, tmp_path / "runs"):
        assert well(home), home.name
        assert reviewed(home) == whole, home.name


def test_killed_while_saving(template: Path, tmp_path: Path):
    versions = set()
    for home in killed("save", template, tmp_path / "runs"):
        assert well(home), home.name
        found = ScenarioStore(home, PILOT).named(SCENARIO)
        assert (found.version, found.settings) in ((1, {"margin": 0.3}), (2, {"margin": 0.5})), home.name
        assert len(StatementStore(home, PILOT).trail()) == found.version
        versions.add(found.version)
    assert 1 in versions


def test_killed_while_exporting(template: Path, tmp_path: Path):
    for home in killed("export", template, tmp_path / "runs"):
        content = (home / "review.json").read_bytes()
        assert content == EXPORTED or json.loads(content)["version"] == "review.v1", home.name
        assert well(home), home.name


def test_killed_while_forgetting(template: Path, tmp_path: Path):
    user = (template / "user").read_text()
    rows = sum(file.records for file in Pilot.open(template, PILOT).files)
    for home in killed("forget", template, tmp_path / "runs"):
        pilot = Pilot.open(home, PILOT)
        gone = sum(file.forgotten for file in pilot.files)
        assert sum(file.records for file in pilot.files) == rows - gone, home.name
        assert well(home), home.name
        forget_user(pilot, user)
        assert forget_user(pilot, user).rows == 0, home.name
        assert well(home), home.name
        stems = {path.name for file in pilot.files for path in pilot.kept_of(file)}
        left = {path.name for path in pilot.folder.iterdir()} - stems
        assert left <= {"manifest.json", ".lock", "counts", "cut-off.jsonl"}, home.name


def test_killed_while_deleting_rows(template: Path, tmp_path: Path):
    before = reviewed(shutil.copytree(template, tmp_path / "by-itself"))
    for home in killed("retain", template, tmp_path / "runs"):
        pilot = Pilot.open(home, PILOT)
        assert reviewed(home).kpis == before.kpis, home.name
        retain(pilot, days=30, now=NOW)
        assert well(home), home.name
        assert reviewed(home).kpis == before.kpis, home.name
        assert not list(pilot.folder.glob("*.parquet")), home.name


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose record is of an older layout."""
    home = tmp_path / "older"
    with monkeypatch.context() as then:
        then.setattr(record_file, "SCHEMAS", record_file.SCHEMAS[:OLD_SCHEMAS])
        then.setattr(record_file, "VERSION", OLD_SCHEMAS)
        store = ScenarioStore(home, PILOT)
        store.save(SCENARIO, {"margin": 0.3}, fingerprint="sha256:1", who="Anna", at=NOW)
    return home


def layout_of(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_record_of_an_older_layout_is_copied_before_it_is_changed(older: Path):
    assert ScenarioStore(older, PILOT).named(SCENARIO).settings == {"margin": 0.3}
    copy = older / f"record.layout-{OLD_SCHEMAS}.sqlite"
    assert layout_of(copy) == OLD_SCHEMAS
    assert layout_of(older / "record.sqlite") == record_file.VERSION
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT name FROM scenarios").fetchall() == [(SCENARIO,)]


def test_killed_while_the_record_is_brought_to_a_new_layout(older: Path, tmp_path: Path):
    for home in killed("migrate", older, tmp_path / "runs"):
        assert layout_of(home / "record.sqlite") in (OLD_SCHEMAS, record_file.VERSION), home.name
        assert ScenarioStore(home, PILOT).named(SCENARIO).settings == {"margin": 0.3}, home.name
        assert well(home), home.name


def test_where_no_copy_can_be_made_the_record_stays_as_it_is(older: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(record_file, "_keep_copy", full)
    with pytest.raises(RecordError, match="No space left"):
        ScenarioStore(older, PILOT).all()
    assert layout_of(older / "record.sqlite") == OLD_SCHEMAS


def test_a_read_only_record_is_a_sentence(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    home = shutil.copytree(template, tmp_path / "home")
    before = (home / "record.sqlite").read_bytes()

    def connect(path: object, *_: object, **options: object) -> sqlite3.Connection:
        return real(f"file:{path}?mode=ro", uri=True, **options)  # type: ignore[arg-type]

    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", connect)
    with pytest.raises(RecordError, match=r"cannot be written here\. Check the rights"):
        ScenarioStore(home, PILOT).save("New", {}, fingerprint="x", who="Anna", at=NOW)
    assert (home / "record.sqlite").read_bytes() == before


def test_a_clock_that_goes_back_loses_nothing_and_is_told(template: Path, tmp_path: Path):
    home = shutil.copytree(template, tmp_path / "home")
    store = ScenarioStore(home, PILOT)
    store.save("Later", {}, fingerprint="x", who="Anna", at=NOW + timedelta(days=400))
    store.save("Earlier", {}, fingerprint="x", who="Anna", at=NOW)
    trail = StatementStore(home, PILOT).trail()
    assert [change.subject for change in trail][-2:] == ["scenario Later", "scenario Earlier"]
    assert StatementStore(home, PILOT).first_broken_change() is None
    told = [one for one in examine(home, pilot=None, now=NOW, sign_in=False) if one.what == "clock"]
    assert [one.status for one in told] == ["warn"]


def test_of_two_who_save_one_scenario_the_second_is_told(template: Path, tmp_path: Path):
    home = shutil.copytree(template, tmp_path / "home")
    store = ScenarioStore(home, PILOT)
    store.save(SCENARIO, {"margin": 0.4}, fingerprint="x", who="Anna", at=NOW, seen_version=1)
    with pytest.raises(ConflictError, match="by Anna"):
        store.save(SCENARIO, {"margin": 0.5}, fingerprint="y", who="Ben", at=NOW, seen_version=1)
    assert store.named(SCENARIO).settings == {"margin": 0.4}


def doctored(home: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in examine(home, pilot=None, now=NOW, sign_in=False):
        found.setdefault(one.status, []).append(f"{one.found} {one.todo}")
    return found


def test_the_doctor_finds_rows_that_are_gone(template: Path, tmp_path: Path):
    home = shutil.copytree(template, tmp_path / "home")
    pilot = Pilot.open(home, PILOT)
    pilot.kept_of(pilot.files[0])[0].unlink()
    (told,) = doctored(home)["fail"]
    assert "its rows cannot be read" in told
    assert "read its logs in again" in told


def test_the_doctor_finds_counts_of_other_rows(template: Path, tmp_path: Path):
    home = shutil.copytree(template, tmp_path / "home")
    pilot = Pilot.open(home, PILOT)
    folder = counts_of(pilot).folder
    (file,) = (one for one in pilot.files if one.kind == "exposure.v1")
    forget_user(pilot, (home / "user").read_text())
    assert not folder.is_dir()
    whole = counts_of(Pilot.open(template, PILOT)).folder
    shutil.copytree(whole, counts_of(pilot).folder, dirs_exist_ok=True)
    (told,) = doctored(home)["fail"]
    assert f"The counts are of {file.records:,} exposures" in told


@pytest.mark.parametrize("harm", ["cut off", "gone", "another text"])
def test_damaged_counts_are_made_anew_from_the_rows(template: Path, tmp_path: Path, harm: str):
    home = shutil.copytree(template, tmp_path / "home")
    pilot, view = Pilot.open(home, PILOT), view_of(Scenario.of({}))
    before = evidence_of(pilot, view)
    for table in counts_of(pilot).folder.glob("*.parquet"):
        if harm == "gone":
            table.unlink()
        else:
            table.write_bytes(table.read_bytes()[:-20] if harm == "cut off" else b"no table")
    open_counts.cache_clear()  # as another program that opens it
    assert evidence_of(pilot, view).kpis == before.kpis
    assert well(home)


def test_damaged_counts_without_rows_are_a_sentence(template: Path, tmp_path: Path):
    home = shutil.copytree(template, tmp_path / "home")
    pilot = Pilot.open(home, PILOT)
    retain(pilot, days=1, now=NOW)
    for table in counts_folder(pilot.folder, pilot.fingerprint).glob("*.parquet"):
        table.write_bytes(b"no table")
    open_counts.cache_clear()
    with pytest.raises(PilotError, match="its counts cannot be read"):
        evidence_of(pilot, view_of(Scenario.of({})))
    (told,) = doctored(home)["fail"]
    assert "Put a copy of the pilot back" in told


@pytest.mark.parametrize("damage", ["damaged", "{}", '{"version": "pilot.v2"}'])
def test_the_doctor_looks_at_a_pilot_whose_manifest_is_damaged(template: Path, tmp_path: Path, damage: str):
    home = shutil.copytree(template, tmp_path / "home")
    (home / "pilots" / PILOT / "manifest.json").write_text(damage)
    found = [one for one in examine(home, pilot=PILOT, now=NOW, sign_in=False) if one.status == "fail"]
    assert [(one.what, one.todo) for one in found] == [(PILOT, "")]
    assert "Put a copy of them back, or delete the pilot and ingest its logs again" in found[0].found
    with pytest.raises(UnknownNameError, match="Unknown pilot 'Another'"):
        list(examine(home, pilot="Another", now=NOW, sign_in=False))


def test_the_doctor_says_that_the_home_is_a_file(tmp_path: Path):
    home = tmp_path / "home"
    home.write_text("a file")
    (told,) = doctored(home)["fail"]
    assert "is no folder. Name another one in RECSYS_ROI_HOME." in told


def test_the_doctor_finds_a_change_that_was_altered(template: Path, tmp_path: Path):
    home = shutil.copytree(template, tmp_path / "home")
    with closing(sqlite3.connect(home / "record.sqlite")) as connection:
        connection.execute("UPDATE changes SET who = 'Somebody else'")
        connection.commit()
    assert any("was altered" in told for told in doctored(home)["fail"])


def test_the_doctor_finds_what_others_can_read(template: Path, tmp_path: Path):
    home = shutil.copytree(template, tmp_path / "home")
    (home / "record.sqlite").chmod(0o644)
    (home / "pilots" / PILOT).chmod(0o755)
    told = " ".join(doctored(home)["fail"])
    assert "Others can read record.sqlite" in told
    assert "Others can look into its folder" in told


def test_the_doctor_says_who_cannot_see_a_pilot(template: Path):
    found = [one for one in examine(template, pilot=PILOT, now=NOW, sign_in=True) if one.status == "warn"]
    assert "no owner" in found[0].found
