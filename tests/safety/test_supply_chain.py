"""What is installed by hash: every package that running the product needs, in its pinned version."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.making.licences import needed

ROOT = Path(__file__).parents[2]
BUILDS = "hatchling"  # makes the wheel of the checkout
ENTRY = re.compile(r"(?P<name>[a-z0-9.-]+)==(?P<version>[^ ;]+)(?: ; (?P<where>[^\\]+?))?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def locked() -> dict[str, tuple[str, int]]:
    """(version, how many hashes) by the name of each package in requirements.lock."""
    found = {}
    whole = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in whole.splitlines():
        entry, *hashes = re.split(r"\s+(?=--hash)", line.strip())
        told = ENTRY.fullmatch(entry)
        assert told, entry
        assert all(HASH.fullmatch(one) for one in hashes), line  # so no address of a registry either
        found[told["name"]] = (told["version"], len(hashes))
    return found


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    return {
        name.lower().replace("_", "-"): version for name, _, version in (one.partition("==") for one in lines)
    }


@pytest.mark.parametrize("name", [*needed(), BUILDS])
def test_what_is_needed_is_locked_with_hashes(name: str):
    version, hashes = locked()[name]
    assert version == pinned()[name]
    assert hashes >= 1


def test_nothing_else_than_what_is_pinned_is_locked():
    assert {name: version for name, (version, _) in locked().items() if pinned().get(name) != version} == {}


def test_the_container_installs_by_hash_alone():
    steps = (ROOT / "Containerfile").read_text(encoding="utf-8")
    installs = [line for line in steps.replace("\\\n", " ").splitlines() if "pip install" in line]
    assert installs
    for line in installs:
        for command in (one for one in line.split("&&") if "pip install" in one):
            assert "--require-hashes" in command or "--no-deps" in command, command
