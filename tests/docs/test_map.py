"""ARCHITECTURE.md is true: every room stands in it, and everything it names is there."""

from __future__ import annotations

import re

from tests.docs.reading import ROOT, text_of

MAP = ROOT / "ARCHITECTURE.md"
ROW = re.compile(r"^\| (?P<rooms>`[^|]+`) \| (?P<said>[^|]+) \| [^|]+ \|$", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")
NAME = re.compile(r"[a-z_0-9]+(?:/[a-z_0-9]+)*(?:\.py)?")
WORDS = {"import recsys_roi", "make lint", "make docs"}


def test_every_room_is_in_the_map():
    named = {room for row in ROW.finditer(text_of(MAP)) for room in CODE.findall(row["rooms"])}
    rooms = {path.name for path in (ROOT / "recsys_roi").iterdir() if (path / "__init__.py").is_file()}
    assert {f"recsys_roi/{room}/" for room in rooms} <= named
    assert all((ROOT / name).exists() or (ROOT / "recsys_roi" / name).exists() for name in named)


def test_files_named_beside_a_room_are_in_it():
    for row in ROW.finditer(text_of(MAP)):
        (room, *_) = CODE.findall(row["rooms"])
        folder = ROOT / room
        for name in CODE.findall(row["said"]):
            if folder.is_dir() and NAME.fullmatch(name):
                found = [folder / name, folder / f"{name}.py"]
                assert any(path.exists() for path in found), f"{room} has no {name}"


def test_places_to_add_things_exist():
    text = text_of(MAP)
    where = text[text.index("## Where to add what") :]
    folder = ROOT / "recsys_roi"
    for name in set(CODE.findall(where)) - WORDS:
        beside = folder / "verdict" / name
        assert (folder / name).exists() or beside.exists(), f"{name} is not there"
