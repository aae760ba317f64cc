"""A file is written whole or not at all, and an error names the file that was asked for."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from recsys_roi import whole_file
from recsys_roi.whole_file import write_whole


def test_what_stood_there_stays_until_all_is_written(tmp_path: Path):
    place = tmp_path / "review.md"
    place.write_bytes(b"before")
    place.chmod(0o640)
    with pytest.raises(ZeroDivisionError), whole_file.whole_file(place) as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert place.read_bytes() == b"before"
    write_whole(place, b"after")
    assert place.read_bytes() == b"after"
    assert place.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["review.md"]


def test_a_link_stays_a_link(tmp_path: Path):
    place, link = tmp_path / "review.md", tmp_path / "newest.md"
    link.symlink_to(place)
    write_whole(link, b"text")
    assert link.is_symlink()
    assert place.read_bytes() == b"text"


def test_the_file_and_its_name_are_brought_onto_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(os.fstat(handle).st_ino), real(handle)))
    write_whole(tmp_path / "review.md", b"text")
    assert synced == [(tmp_path / "review.md").stat().st_ino, tmp_path.stat().st_ino]


@pytest.mark.parametrize("folder", ["none", "."])
def test_an_error_names_the_file_that_was_asked_for(
    tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch
):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    place = tmp_path / folder / "review.md"
    with pytest.raises(OSError, match=r"review\.md") as caught:
        write_whole(place, b"text")
    assert caught.value.filename == str(place)
    assert list(tmp_path.iterdir()) == []
