"""Logs by their path on the machine that runs the app: only within the allowed folder."""

import pytest

from recsys_roi.dashboard.server_files import VARIABLE, allowed_folder, files_within
from recsys_roi.errors import InputError, LogError


@pytest.fixture
def folder(tmp_path):
    """logs/ that may be read, with a link out of it, and secret/ that may not."""
    for name in ("logs/day=1", "logs/day=2", "secret"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("logs/day=1/a.jsonl", "logs/day=2/a.jsonl", "secret/a.jsonl"):
        (tmp_path / name).write_text("{}\n", encoding="utf-8")
    (tmp_path / "logs" / "out").symlink_to(tmp_path / "secret")
    (tmp_path / "logs" / "day=1" / "out.jsonl").symlink_to(tmp_path / "secret" / "a.jsonl")
    (tmp_path / "logs" / "ring").symlink_to(tmp_path / "logs" / "ring")
    return tmp_path / "logs"


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("day=2/a.jsonl", ["day=2/a.jsonl"]),
        ("day=2", ["day=2/a.jsonl"]),
        ("day=*/a.jsonl", ["day=1/a.jsonl", "day=2/a.jsonl"]),
        ("day=[2-9]/*", ["day=2/a.jsonl"]),
    ],
)
def test_a_path_a_folder_or_a_pattern(folder, given, names):
    for form in (given, str(folder / given)):
        assert [str(path.relative_to(folder)) for path in files_within(form, folder)] == names


@pytest.mark.parametrize(
    "given",
    [
        "../secret/a.jsonl",
        "../secret",
        "../*",
        "*/../../secret/*",
        "day=1/../../secret/a.jsonl",
        "/etc/passwd",
        "/etc/*",
        "/",
        "out/a.jsonl",
        "out",
        "out/*",
        "out/nothing.jsonl",
        "ring/a.jsonl",
        "a\x00b",
    ],
)
def test_what_leads_outside_is_refused_before_it_is_looked_up(folder, given):
    with pytest.raises(InputError) as refused:
        files_within(given, folder)
    assert str(refused.value) == f"{given}: lies outside {folder}, the folder that logs may be read from."


def test_a_link_among_the_matches_is_refused(folder):
    for given in ("day=1", "day=*/*", "**/*.jsonl", "."):
        with pytest.raises(LogError, match="lies outside"):
            files_within(given, folder)


def test_nothing_there_is_said(folder):
    with pytest.raises(LogError, match="does not exist"):
        files_within("day=9", folder)
    with pytest.raises(LogError, match="matches no file"):
        files_within("day=9/*", folder)
    with pytest.raises(InputError, match=f"{VARIABLE} names .*, which is no folder"):
        files_within("a", folder / "gone")


@pytest.mark.parametrize("given", [None, "", "  "])
def test_off_unless_a_folder_is_named(monkeypatch, given):
    if given is None:
        monkeypatch.delenv(VARIABLE, raising=False)
    else:
        monkeypatch.setenv(VARIABLE, given)
    assert allowed_folder() is None
