"""The record: what people wrote is kept, told apart by version, and every change can be followed."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.errors import ConflictError, InputError, RecordError, UnknownNameError
from recsys_roi.record import file
from recsys_roi.record.entries import NOTHING_WRITTEN, Waiver
from recsys_roi.record.file import writing
from recsys_roi.record.given import FILE_NAME
from recsys_roi.record.plans import PlanStore
from recsys_roi.record.scenarios import ScenarioStore
from recsys_roi.record.statements import StatementStore

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BASE = {"margin": 0.4, "eligible_requests_per_month": 3_000_000}


def save(store, name="Base", settings=BASE, who="Anna", **more):
    return store.save(name, settings, fingerprint="sha256:1", who=who, at=AT, **more)


def test_a_saved_scenario_is_there_for_another_reader(tmp_path):
    saved = save(ScenarioStore(tmp_path, "shop"))
    other = ScenarioStore(tmp_path, "shop")
    assert other.named("Base") == saved
    assert (saved.version, dict(saved.settings), saved.who, saved.at) == (1, BASE, "Anna", AT)
    assert other.all() == (saved,)
    assert ScenarioStore(tmp_path, "another pilot").all() == ()


def test_the_second_of_two_who_save_is_told_and_nothing_is_lost(tmp_path):
    anna, ben = ScenarioStore(tmp_path, "shop"), ScenarioStore(tmp_path, "shop")
    seen = save(anna)
    first = save(anna, settings={"margin": 0.3}, seen_version=seen.version)
    with pytest.raises(ConflictError) as told:
        save(ben, settings={"margin": 0.9}, who="Ben", seen_version=seen.version)
    assert str(told.value).startswith("Scenario 'Base' was saved since you opened it: version 2, by Anna at")
    assert ben.named("Base") == first
    assert save(ben, settings={"margin": 0.9}, who="Ben", seen_version=first.version).version == 3


def test_two_at_the_same_moment_one_is_told(tmp_path):
    save(ScenarioStore(tmp_path, "shop"))
    outcomes: list[str] = []
    ready = threading.Barrier(6)

    def run(number):
        ready.wait()
        try:
            save(ScenarioStore(tmp_path, "shop"), settings={"margin": number / 10}, seen_version=1)
            outcomes.append("saved")
        except ConflictError:
            outcomes.append("told")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved", *["told"] * 5]
    assert ScenarioStore(tmp_path, "shop").named("Base").version == 2


def test_many_who_save_at_the_first_use_all_succeed(tmp_path):
    problems: list[Exception] = []
    ready = threading.Barrier(6)

    def run(number):
        ready.wait()
        try:
            save(ScenarioStore(tmp_path, "shop"), name=f"Number {number}")
        except Exception as problem:  # noqa: BLE001 - a thread's failure must reach the test
            problems.append(problem)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(ScenarioStore(tmp_path, "shop").all()) == 6
    assert StatementStore(tmp_path, "shop").first_broken_change() is None


def test_a_name_that_is_taken_or_gone_is_said(tmp_path):
    store = ScenarioStore(tmp_path, "shop")
    saved = save(store)
    with pytest.raises(ConflictError, match="called 'Base' exists already"):
        save(store)
    store.delete("Base", who="Anna", at=AT, seen_version=saved.version)
    assert store.all() == ()
    with pytest.raises(ConflictError, match="was deleted or renamed since you opened it"):
        save(store, seen_version=saved.version)
    with pytest.raises(UnknownNameError, match=r"Unknown scenario 'Base'\. Known: none\."):
        store.named("Base")


def test_a_version_that_was_not_seen_is_not_deleted(tmp_path):
    store = ScenarioStore(tmp_path, "shop")
    save(store)
    save(store, settings={"margin": 0.1}, seen_version=1)
    with pytest.raises(ConflictError):
        store.delete("Base", who="Ben", at=AT, seen_version=1)
    assert store.named("Base").version == 2


def test_a_copy_has_its_own_life(tmp_path):
    store = ScenarioStore(tmp_path, "shop")
    save(store)
    copied = store.duplicate("Base", "base with less margin", who="Ben", at=AT)
    save(store, name=copied.name, settings={"margin": 0.1}, seen_version=copied.version)
    assert dict(store.named("Base").settings) == BASE
    assert [one.name for one in store.all()] == ["Base", "base with less margin"]


HOSTILE = "'); DROP TABLE scenarios; -- <script>\u202e"


@given(
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=60).filter(
        lambda text: text.strip().isprintable() and text.strip()
    )
)
def test_any_printable_name_comes_back_as_it_was(tmp_path_factory, name):
    store = ScenarioStore(tmp_path_factory.mktemp("record"), name)
    saved = save(store, name=name, who=name)
    assert store.named(saved.name) == saved


def test_hostile_text_is_data(tmp_path):
    statements, scenarios = StatementStore(tmp_path, HOSTILE), ScenarioStore(tmp_path, HOSTILE)
    statements.attest("rollback_practised", who="Anna", at=AT, note=HOSTILE)
    save(scenarios, settings={"experiment": HOSTILE})
    assert statements.record().attestations[0].note == HOSTILE
    assert scenarios.named("Base").settings == {"experiment": HOSTILE}


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "x" * 81, "bell\x07"])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="one line of 1 to 80 characters"):
        save(ScenarioStore(tmp_path, "shop"), name=name)
    with pytest.raises(InputError, match="one line of 1 to 80 characters"):
        save(ScenarioStore(tmp_path, "shop"), who=name)


def test_a_plan_keeps_its_hash_and_a_later_lock_needs_a_reason_and_hides_nothing(tmp_path):
    store = PlanStore(tmp_path, "shop")
    store.lock({"min_days": 14}, fingerprint="sha256:a", who="Anna", at=AT)
    with pytest.raises(InputError, match="Why the plan is locked again must be said"):
        store.lock({"min_days": 7}, fingerprint="sha256:b", who="Ben", at=AT)
    store.lock({"min_days": 7}, fingerprint="sha256:b", who="Ben", at=AT, why="A holiday week")
    assert PlanStore(tmp_path, "another pilot").all() == ()
    first, second = PlanStore(tmp_path, "shop").all()
    assert StatementStore(tmp_path, "shop").record().plans == (first, second)
    assert (first.fingerprint, dict(first.settings), first.why) == ("sha256:a", {"min_days": 14}, "")
    assert (second.fingerprint, second.who, second.why) == ("sha256:b", "Ben", "A holiday week")


def test_attestations_and_waivers_stand_until_they_are_withdrawn(tmp_path):
    store = StatementStore(tmp_path, "shop")
    end = AT + timedelta(days=90)
    drill = store.attest(
        "rollback_practised", who="Ben", at=AT, note="12 minutes", link="https://wiki/drill", expires=end
    )
    waiver = store.waive("p95_latency", who="Carla", why="Cache comes in May", at=AT, up_to=0.12)
    record = store.record()
    assert [(one.id, one.kind, one.who, one.expires) for one in record.attestations] == [
        (drill, "rollback_practised", "Ben", end)
    ]
    assert [(one.id, one.guardrail, one.up_to) for one in record.waivers] == [(waiver, "p95_latency", 0.12)]
    store.withdraw_waiver(waiver, who="Carla", at=AT)
    store.withdraw_attestation(drill, who="Ben", at=AT)
    assert (store.record().attestations, store.record().waivers) == ((), ())
    with pytest.raises(InputError, match="No waiver 1 stands here"):
        store.withdraw_waiver(waiver, who="Carla", at=AT)
    other = StatementStore(tmp_path, "other")
    again = store.waive("p95_latency", who="Carla", why="Again", at=AT)
    with pytest.raises(InputError, match="stands here"):
        other.withdraw_waiver(again, who="Mallory", at=AT)


def test_a_plan_that_was_locked_elsewhere_keeps_its_own_time_and_says_who_brought_it(tmp_path):
    there, here = PlanStore(tmp_path, "there"), PlanStore(tmp_path, "here")
    locked = there.lock({"min_days": 14}, fingerprint="sha256:a", who="Anna", at=AT)
    here.lock({"min_days": 7}, fingerprint="sha256:b", who="Carla", at=AT + timedelta(days=3))
    brought = here.bring(locked, who="Ben", at=AT + timedelta(days=5))
    first, second = here.all()
    assert first == brought
    assert (first.who, first.at, first.brought_by) == ("Anna", AT, "Ben")
    assert (first.brought_at, second.brought_at) == (AT + timedelta(days=5), None)
    with pytest.raises(ConflictError, match="here already: locked by Anna"):
        here.bring(locked, who="Ben", at=AT + timedelta(days=6))
    trail = StatementStore(tmp_path, "here").trail()
    assert [(one.who, one.action) for one in trail] == [("Carla", "locked"), ("Ben", "brought")]
    assert json.loads(trail[1].detail)["locked_by"] == "Anna"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"link": "javascript:alert(1)"}, "must begin with https:// or http://"),
        ({"link": "https://"}, "must begin with https:// or http://"),
        ({"link": "https://["}, "must begin with https:// or http://"),
        ({"expires": AT}, "must expire after it begins"),
        ({"note": "x" * 2001}, "at most 2,000 characters; 2,001 were given"),
    ],
)
def test_what_cannot_be_attested_is_said(tmp_path, arguments, said):
    with pytest.raises(InputError, match=said):
        StatementStore(tmp_path, "shop").attest("on_call", who="Ben", at=AT, **arguments)


def test_a_waiver_needs_its_reason(tmp_path):
    with pytest.raises(InputError, match="Why it is accepted must be said"):
        StatementStore(tmp_path, "shop").waive("error_rate", who="Ben", why="  ", at=AT)


@pytest.mark.parametrize(
    ("harm", "day", "covered"),
    [
        (0.1, 0, True),
        (0.12, 0, True),
        (0.1201, 0, False),
        (None, 0, False),
        (0.1, 30, False),
        (0.1, -1, False),
    ],
)
def test_a_waiver_covers_only_the_harm_that_was_accepted_and_only_for_its_time(harm, day, covered):
    waiver = Waiver(
        id=1, guardrail="p95_latency", who="C", why="w", at=AT, up_to=0.12, expires=AT + timedelta(days=30)
    )
    assert waiver.covers(harm, AT + timedelta(days=day)) is covered
    unlimited = Waiver(id=2, guardrail="x", who="C", why="w", at=AT, up_to=None, expires=None)
    assert unlimited.covers(None, AT)


def test_the_trail_holds_every_change_in_order_with_what_was_written(tmp_path):
    scenarios, statements = ScenarioStore(tmp_path, "shop"), StatementStore(tmp_path, "shop")
    assert statements.record() == NOTHING_WRITTEN
    save(scenarios)
    scenarios.delete("Base", who="Ben", at=AT, seen_version=1)
    PlanStore(tmp_path, "shop").lock(BASE, fingerprint="sha256:a", who="Anna", at=AT)
    number = statements.waive("error_rate", who="Carla", why="Known bug", at=AT)
    statements.withdraw_waiver(number, who="Carla", at=AT)
    trail = statements.trail()
    assert [(one.who, one.action, one.subject) for one in trail] == [
        ("Anna", "saved", "scenario Base"),
        ("Ben", "deleted", "scenario Base"),
        ("Anna", "locked", "plan"),
        ("Carla", "waived", "waiver 1"),
        ("Carla", "withdrawn", "waiver 1"),
    ]
    assert json.loads(trail[1].detail)["settings"] == BASE
    assert statements.record().audit_head == trail[-1].hash
    assert statements.first_broken_change() is None
    assert StatementStore(tmp_path, "other").trail() == ()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE changes SET who = 'Mallory' WHERE id = 2",
        "UPDATE changes SET detail = '{}' WHERE id = 2",
        "DELETE FROM changes WHERE id = 1",
    ],
)
def test_a_trail_that_was_altered_is_seen(tmp_path, tampering):
    store = StatementStore(tmp_path, "shop")
    for why in ("one", "two", "three"):
        store.waive("error_rate", who="Carla", why=why, at=AT)
    with writing(tmp_path / FILE_NAME) as connection:
        connection.execute(tampering)
    assert store.first_broken_change() == (0 if tampering.startswith("DELETE") else 1)


def test_an_error_in_the_middle_keeps_nothing(tmp_path):
    store = StatementStore(tmp_path, "shop")
    store.waive("error_rate", who="Carla", why="one", at=AT)
    with pytest.raises(ValueError, match="JSON"):
        PlanStore(tmp_path, "shop").lock({"margin": float("nan")}, fingerprint="sha256:a", who="Anna", at=AT)
    assert len(store.trail()) == 1
    assert store.record().plans == ()


def test_a_damaged_file_is_a_sentence_and_stays_as_it_is(tmp_path):
    file = tmp_path / FILE_NAME
    file.write_bytes(b"this is no database, whatever its name says, and it is long enough" * 20)
    before = file.read_bytes()
    with pytest.raises(RecordError, match=r"damaged or no record.*the logs are not touched"):
        StatementStore(tmp_path, "shop").record()
    assert file.read_bytes() == before


def test_a_file_of_a_newer_version_is_left_alone(tmp_path):
    StatementStore(tmp_path, "shop").record()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(RecordError, match="newer version of recsys-roi"):
        ScenarioStore(tmp_path, "shop").all()


def test_reading_goes_on_while_somebody_saves(tmp_path):
    store = ScenarioStore(tmp_path, "shop")
    saved = save(store)
    with writing(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE scenarios SET version = 7")
        assert store.all() == (saved,)
    assert store.named("Base").version == 7


def test_only_its_owner_may_read_it(tmp_path):
    home = tmp_path / "home"
    save(ScenarioStore(home, "shop"))
    assert (home / FILE_NAME).stat().st_mode & 0o077 == 0
    assert home.stat().st_mode & 0o077 == 0


def test_a_record_that_rests_is_read_once_and_a_change_by_anybody_is_seen_at_once(tmp_path):
    store = StatementStore(tmp_path, "shop")
    store.attest("rollback_drill", who="Anna", at=AT)
    for kept in tmp_path.glob(f"{FILE_NAME}*"):
        os.utime(kept, (1_700_000_000, 1_700_000_000))
    resting = store.record()
    assert store.record() is resting
    held = sqlite3.connect(tmp_path / FILE_NAME)  # so that what comes stays in the write-ahead log
    held.execute("SELECT * FROM changes").fetchall()
    StatementStore(tmp_path, "shop").attest("rollback_drill", who="Ben", at=AT)
    assert [made.who for made in store.record().attestations] == ["Anna", "Ben"]
    held.close()
    store.withdraw_attestation(1, who="Anna", at=AT)
    assert [made.who for made in store.record().attestations] == ["Ben"]


def test_a_disk_that_fills_while_saving_is_said_and_keeps_what_was_there(tmp_path):
    save(ScenarioStore(tmp_path, "shop"))
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:  # as SQLite does: it takes all back by itself
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON changes BEGIN "
            "SELECT RAISE(ROLLBACK, 'database or disk is full'); END"
        )
    with pytest.raises(RecordError, match="the disk is full"):
        save(ScenarioStore(tmp_path, "shop"), name="Another")
    assert [one.name for one in ScenarioStore(tmp_path, "shop").all()] == ["Base"]


@pytest.mark.parametrize("layout", [0, 1])
def test_a_record_that_many_open_while_it_is_made_or_brought_up_to_date(tmp_path, layout):
    first = (Path(file.__file__).parent / "schema.sql").read_text(encoding="utf-8")
    for number in range(8):
        home = tmp_path / str(number)
        home.mkdir()
        if layout:
            with closing(sqlite3.connect(home / FILE_NAME)) as connection:
                connection.executescript(first)
                connection.execute(f"PRAGMA user_version = {layout}")
        with ThreadPoolExecutor(8) as people:
            saved = [
                people.submit(save, ScenarioStore(home, "shop"), name=f"Number {one}") for one in range(8)
            ]
        assert [one.exception() for one in saved] == [None] * 8
        assert len(ScenarioStore(home, "shop").all()) == 8


def test_a_record_that_a_newer_version_has_changed_meanwhile_is_left_alone(tmp_path, monkeypatch):
    save(ScenarioStore(tmp_path, "shop"))
    place = tmp_path / FILE_NAME
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("PRAGMA user_version = 1")

    def changed_meanwhile(connection):
        connection.execute("PRAGMA user_version = 99")

    monkeypatch.setattr(file, "_write_ahead", changed_meanwhile)
    with pytest.raises(RecordError, match="newer version"):
        ScenarioStore(tmp_path, "shop").all()
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (99,)
