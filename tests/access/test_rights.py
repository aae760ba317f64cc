"""The table of rights, the ways to sign in, and the door of the pilots."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from recsys_roi.access import rights
from recsys_roi.access.addresses import is_loopback
from recsys_roi.access.door import Door
from recsys_roi.access.people import Person
from recsys_roi.access.signing_in import check_address, person_behind_proxy, sign_in_of
from recsys_roi.errors import AccessError, ConflictError, InputError, SettingError
from recsys_roi.logs.pilot import Pilot, pilot_folder
from recsys_roi.record.members import MemberStore, person_key
from recsys_roi.record.statements import StatementStore

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECRET = "0123456789abcdef" * 2
PROXY = {
    "RECSYS_ROI_AUTH": "proxy",
    "RECSYS_ROI_PROXY_HEADER": "X-Remote-User",
    "RECSYS_ROI_PROXY_SECRET": SECRET,
}


def headers(**given: str | list[str]):
    found = {name.replace("_", "-").lower(): value for name, value in given.items()}

    def get_all(name: str) -> list[str]:
        value = found.get(name.lower(), [])
        return [value] if isinstance(value, str) else value

    return get_all


@pytest.mark.parametrize(
    ("action", "viewer", "analyst", "owner"),
    [
        ("see", True, True, True),
        ("upload", False, True, True),
        ("write", False, True, True),
        ("attest", False, True, True),
        ("lock_plan", False, True, True),
        ("change_locked_plan", False, False, True),
        ("waive", False, False, True),
        ("remove", False, False, True),
        ("members", False, False, True),
    ],
)
def test_what_each_role_may_do(action, viewer, analyst, owner):
    assert [rights.may(role, action) for role in ("viewer", "analyst", "owner")] == [viewer, analyst, owner]
    assert not rights.may(None, action)


def test_every_action_has_its_words_and_its_role():
    assert set(rights.ACTIONS) == set(rights.WHAT) == set(rights.LEAST)


def test_a_refusal_says_who_may():
    with pytest.raises(AccessError, match=r"Only owners of this pilot may waive .*; you are an analyst"):
        rights.check("analyst", "waive")


def test_the_proxy_must_prove_itself():
    sign_in = sign_in_of(PROXY)
    good = headers(X_Remote_User="anna@example.org", X_Recsys_Roi_Secret=SECRET)
    assert person_behind_proxy(sign_in, good).name == "anna@example.org"


@pytest.mark.parametrize(
    "forged",
    [
        {"X_Remote_User": "anna@example.org"},
        {"X_Remote_User": "anna@example.org", "X_Recsys_Roi_Secret": ""},
        {"X_Remote_User": "anna@example.org", "X_Recsys_Roi_Secret": SECRET[:-1]},
        {"X_Remote_User": "anna@example.org", "X_Recsys_Roi_Secret": SECRET + "0"},
        {"X_Remote_User": "anna@example.org", "X_Recsys_Roi_Secret": "\u00e9" * 32},
        {"X_Remote_User": "anna@example.org", "X_Recsys_Roi_Secret": [SECRET, SECRET]},
        {"X_Remote_User": ["anna@example.org", "boss@example.org"], "X_Recsys_Roi_Secret": SECRET},
        {"X_Remote_User": "  ", "X_Recsys_Roi_Secret": SECRET},
        {"X_Recsys_Roi_Secret": SECRET},
        {"X_Remote_User": "anna\u202e@example.org", "X_Recsys_Roi_Secret": SECRET},
        {"X_Remote_User": "a" * 81, "X_Recsys_Roi_Secret": SECRET},
        {},
    ],
)
def test_a_forged_name_gets_nobody_in(forged):
    with pytest.raises(AccessError):
        person_behind_proxy(sign_in_of(PROXY), headers(**forged))


def test_names_in_utf8_are_read_as_such():
    sent = "Zo\u00eb".encode().decode("latin-1")
    found = person_behind_proxy(sign_in_of(PROXY), headers(X_Remote_User=sent, X_Recsys_Roi_Secret=SECRET))
    assert found.name == "Zo\u00eb"


@pytest.mark.parametrize(
    "changed",
    [
        {"RECSYS_ROI_AUTH": "yes"},
        {"RECSYS_ROI_PROXY_HEADER": ""},
        {"RECSYS_ROI_PROXY_HEADER": "X Remote"},
        {"RECSYS_ROI_PROXY_SECRET": "short"},
        {"RECSYS_ROI_PROXY_SECRET": ""},
        {"RECSYS_ROI_PROXY_SECRET_FILE": "nowhere"},
    ],
)
def test_settings_that_cannot_be_followed_are_refused(changed):
    with pytest.raises(SettingError) as told:
        sign_in_of({**PROXY, **changed})
    assert SECRET not in str(told.value)


def test_the_secret_may_be_in_a_file(tmp_path: Path):
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    given = {**PROXY, "RECSYS_ROI_PROXY_SECRET": "", "RECSYS_ROI_PROXY_SECRET_FILE": str(file)}
    assert sign_in_of(given).secret == SECRET


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.9", "::1", "[::1]", "localhost"])
def test_this_machine_alone(address):
    assert is_loopback(address)
    check_address(sign_in_of({}), address)


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "::", "10.0.0.1", "", None, "example.org", "localhost.evil.org"],
)
def test_others_can_reach_it_so_it_is_refused_without_sign_in(address):
    with pytest.raises(AccessError, match="nobody would have to sign in"):
        check_address(sign_in_of({}), address)
    check_address(sign_in_of(PROXY), address)


def test_people_are_told_apart():
    assert person_key("Anna@Example.org") == person_key(" anna@example.ORG ")
    assert person_key("strasse@example.org") != person_key("stra\u00dfe@example.org")
    assert person_key("\u0131van@example.org") != person_key("ivan@example.org")


def made(home: Path, name: str) -> str:
    return Pilot.create_or_open(pilot_folder(home, name)).name


def door(home: Path, name: str | None, makers: str = "") -> Door:
    person = None if name is None else Person(name=name)
    sign_in = sign_in_of({} if name is None else {**PROXY, "RECSYS_ROI_MAKERS": makers})
    return Door(home=home, sign_in=sign_in, person=person, samples=("Sample shop",))


def test_members_see_their_own_pilots_only(tmp_path: Path):
    for name in ("Alpha", "Beta", "Sample shop"):
        made(tmp_path, name)
    MemberStore(tmp_path, "Alpha").put("anna@example.org", "owner", who="op", at=NOON)
    MemberStore(tmp_path, "Beta").put("ben@example.org", "owner", who="op", at=NOON)
    assert door(tmp_path, "Anna@example.org").visible() == ("Alpha", "Sample shop")
    assert door(tmp_path, "ben@example.org").visible() == ("Beta", "Sample shop")
    assert door(tmp_path, "eve@example.org").visible() == ("Sample shop",)
    assert door(tmp_path, None).visible() == ("Alpha", "Beta", "Sample shop")


def test_a_guess_is_answered_alike_whether_the_pilot_is_there_or_not(tmp_path: Path):
    made(tmp_path, "Beta")
    MemberStore(tmp_path, "Beta").put("ben@example.org", "owner", who="op", at=NOON)
    anna = door(tmp_path, "anna@example.org")
    said = []
    for name in ("Beta", "Nope"):
        with pytest.raises(AccessError) as told:
            anna.check(name, "see")
        with pytest.raises(AccessError) as making:
            anna.check_making(name)
        said.append((str(told.value).replace(name, "X"), str(making.value).replace(name, "X")))
    assert said[0] == said[1]


def test_somebody_elses_name_stays_theirs(tmp_path: Path):
    made(tmp_path, "Beta")
    MemberStore(tmp_path, "Beta").put("ben@example.org", "owner", who="op", at=NOON)
    anna = door(tmp_path, "anna@example.org", makers="*")
    assert anna.check_making("Gamma") == "Gamma"
    for name in ("Beta", "beta"):
        with pytest.raises(AccessError, match="cannot be used"):
            anna.check_making(name)
    Pilot.open(tmp_path, "Beta").delete()
    with pytest.raises(AccessError, match="cannot be used"):
        anna.check_making("Beta")
    assert door(tmp_path, "ben@example.org", makers="*").check_making("Beta") == "Beta"


def test_of_two_who_make_a_pilot_at_once_one_gets_it(tmp_path: Path):
    MemberStore(tmp_path, "Gamma").claim("anna@example.org", at=NOON)
    with pytest.raises(ConflictError):
        MemberStore(tmp_path, "Gamma").claim("ben@example.org", at=NOON)
    assert [one.person for one in MemberStore(tmp_path, "Gamma").all()] == ["anna@example.org"]


def test_a_sample_is_for_everybody_to_look_at_and_for_nobody_to_change(tmp_path: Path):
    anna = door(tmp_path, "anna@example.org")
    assert anna.may("Sample shop", "see")
    assert not any(anna.may("Sample shop", action) for action in rights.ACTIONS if action != "see")


def test_a_pilot_keeps_an_owner(tmp_path: Path):
    store = MemberStore(tmp_path, "Alpha")
    store.put("anna@example.org", "owner", who="op", at=NOON)
    with pytest.raises(InputError, match="needs an owner"):
        store.remove("anna@example.org", who="op", at=NOON)
    with pytest.raises(InputError, match="needs an owner"):
        store.put("anna@example.org", "viewer", who="op", at=NOON)
    assert store.role_of("anna@example.org") == "owner"
    assert len(StatementStore(tmp_path, "Alpha").trail()) == 1


def test_changes_of_members_stand_in_the_trail(tmp_path: Path):
    store = MemberStore(tmp_path, "Alpha")
    store.put("anna@example.org", "owner", who="op", at=NOON)
    store.put("ben@example.org", "viewer", who="anna@example.org", at=NOON)
    store.remove("ben@example.org", who="anna@example.org", at=NOON)
    told = [
        (change.who, change.action, change.subject) for change in StatementStore(tmp_path, "Alpha").trail()
    ]
    assert told == [
        ("op", "made", "anna@example.org owner"),
        ("anna@example.org", "made", "ben@example.org viewer"),
        ("anna@example.org", "removed", "member ben@example.org"),
    ]
