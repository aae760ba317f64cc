"""The manifest is read once while it does not change, and anew after any change."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from recsys_roi.logs.manifest import MANIFEST, Manifest, read_manifest, write_manifest

LONG_AGO = time.time_ns() - 60_000_000_000


def settled(folder: Path, manifest: Manifest) -> None:
    """Written, as far as the file says, a minute ago."""
    write_manifest(folder, manifest)
    os.utime(folder / MANIFEST, ns=(LONG_AGO, LONG_AGO))


def test_what_has_not_changed_is_read_once(tmp_path: Path):
    settled(tmp_path, Manifest())
    assert read_manifest(tmp_path) is read_manifest(tmp_path)


def test_what_was_just_written_is_read_each_time(tmp_path: Path):
    write_manifest(tmp_path, Manifest())
    assert read_manifest(tmp_path) is not read_manifest(tmp_path)


def test_a_change_is_seen_though_it_bears_the_same_time(tmp_path: Path):
    settled(tmp_path, Manifest())
    assert read_manifest(tmp_path).ids is None
    settled(tmp_path, Manifest(ids="hashed"))
    assert read_manifest(tmp_path).ids == "hashed"


def test_damage_in_place_is_seen_though_size_and_time_stay(tmp_path: Path):
    settled(tmp_path, Manifest())
    read_manifest(tmp_path)
    path = tmp_path / MANIFEST
    with path.open("r+b") as file:
        file.write(b"[")
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    with pytest.raises(ValueError, match="JSON"):
        read_manifest(tmp_path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        read_manifest(tmp_path)
